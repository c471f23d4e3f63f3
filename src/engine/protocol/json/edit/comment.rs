//! Comments beside what is changed, in texts that may have them: they stay, and with what they are
//! about.

use super::{
    super::View,
    layout::{Shape, Style},
};

/// What stands between the last member of a container and its closing bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    /// Whether there is a comma on the line of the member.
    pub(super) has_comma: bool,
    /// How many bytes belong to the member: up to the end of the comments on its line.
    pub(super) length: usize,
    /// Whether the last of these comments goes on to the end of the line.
    pub(super) ends_line: bool,
}

impl Tail {
    /// Of the text behind a member; none where no comment stands on its line.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut tail = Self { has_comma: false, length: 0, ends_line: false };
        let mut at = 0;
        while !tail.ends_line {
            let rest = &text[at..];
            at += match rest.as_bytes() {
                [b' ' | b'\t' | b'\r', ..] => 1,
                [b',', ..] => {
                    tail.has_comma = true;
                    1
                }
                [b'/', b'/', ..] => {
                    tail.ends_line = true;
                    tail.length = at + rest.lines().next().unwrap_or_default().len();
                    0
                }
                [b'/', b'*', ..] => {
                    let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
                    tail.length = at + length;
                    length
                }
                _ => break,
            };
        }
        (tail.length > 0).then_some(tail)
    }
}

/// The blanks of a text between two values: where comments are among them, the line break and the
/// indentation behind it.
pub(super) fn blanks(between: &str, otherwise: &str) -> String {
    if between.chars().all(char::is_whitespace) {
        return between.to_owned();
    }
    let Some((before, line)) = between.rsplit_once('\n') else { return otherwise.to_owned() };
    let newline = if before.ends_with('\r') { "\r\n" } else { "\n" };
    format!("{newline}{}", indentation(line))
}

/// What a line begins with.
pub(super) fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Where and how members are put into a container that has nothing but comments; none where it has
/// not even those. Returns the byte behind the comments, and the shape of the members: each on a line
/// of its own, or on that of the last comment.
pub(super) fn behind_comments(container: View<'_>, style: &Style) -> Option<(usize, Shape)> {
    let text = container.text();
    let inside = &text[1..text.len() - 1];
    let comments = inside.trim_end();
    if comments.is_empty() {
        return None;
    }
    let at = container.span().start + 1 + comments.len();
    let Some((_, closing)) = inside[comments.len()..].rsplit_once('\n') else {
        return Some((at, Shape::Inline));
    };
    let own = comments.lines().skip(1).find(|line| !line.trim().is_empty()).map(indentation);
    let added = own.and_then(|own| own.strip_prefix(closing)).filter(|added| !added.is_empty());
    let unit = added.unwrap_or(if closing.starts_with('\t') { "\t" } else { "  " });
    let indent = own.map_or_else(|| format!("{closing}{unit}"), str::to_owned);
    let newline = style.newline.unwrap_or("\n").to_owned();
    Some((at, Shape::Lines { newline, indent, unit: unit.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::{Tail, blanks};

    #[test]
    fn what_is_on_the_line_of_a_member_belongs_to_it() {
        let tail = |text| Tail::of(text).map(|it| (it.has_comma, it.length, it.ends_line));
        assert_eq!(tail("\n  // below\n}"), None);
        assert_eq!(tail(" // a, b\r\n}"), Some((false, 8, true)));
        assert_eq!(tail(", /* a\n b */ // c\n}"), Some((true, 17, true)));
        assert_eq!(tail(" /* a */ , }"), Some((true, 8, false)));
    }

    #[test]
    fn a_comment_between_two_values_is_not_said_again() {
        assert_eq!(blanks("\n\t", " "), "\n\t");
        assert_eq!(blanks(" // a\r\n  ", " "), "\r\n  ");
        assert_eq!(blanks("\n  /* a */ ", " "), "\n  ");
        assert_eq!(blanks(" /* a */ ", " "), " ");
    }
}
