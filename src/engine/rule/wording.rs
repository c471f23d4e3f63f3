//! How values and names stand in a message: quoted, short, and the same way in every rule.

use serde_json::Value;

/// Most names that are spelled out; the rest is counted.
const MAX_NAMES: usize = 6;
/// Most characters of a value that are shown.
const MAX_CHARACTERS: usize = 48;

/// Names as they are listed in a sentence: `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and 4 more ``.
pub fn names<T: AsRef<str>>(names: &[T]) -> String {
    let shown = if names.len() > MAX_NAMES { MAX_NAMES - 1 } else { names.len() };
    let mut parts: Vec<String> =
        names[..shown].iter().map(|name| format!("`{}`", shorten(name.as_ref()))).collect();
    if names.len() > shown {
        parts.push(format!("{} more", names.len() - shown));
    }
    match parts.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// A noun for so many things: `the argument` for one, `the arguments` for more.
pub fn the(noun: &str, count: usize) -> String {
    if count == 1 { format!("the {noun}") } else { format!("the {noun}s") }
}

/// A value as JSON, cut where it is too long for a message.
pub fn value(value: &Value) -> String {
    shorten(&value.to_string())
}

/// A text on one line, cut where it is too long for a message.
pub fn shorten(text: &str) -> String {
    shorten_to(text, MAX_CHARACTERS)
}

/// A text on one line, of at most so many characters.
pub fn shorten_to(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        None => line,
        Some(_) => line.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A number with its thousands apart: `12,345`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{grouped, names, shorten, shorten_to};

    #[test]
    fn many_names_are_cut_short() {
        assert_eq!(names(&["a"]), "`a`");
        assert_eq!(names(&["a", "b"]), "`a` and `b`");
        assert_eq!(names(&["a", "b", "c", "d", "e", "f"]), "`a`, `b`, `c`, `d`, `e` and `f`");
        let seven = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(names(&seven), "`a`, `b`, `c`, `d`, `e` and 2 more");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 913_000].map(grouped), ["0", "999", "1,000", "913,000"]);
    }

    #[test]
    fn a_long_text_becomes_one_short_line() {
        assert_eq!(shorten("a\n  b"), "a b");
        assert_eq!(shorten(&"x".repeat(60)).chars().count(), 48);
        assert_eq!(shorten_to("名 前\t x", 4), "名 前…");
        assert_eq!(shorten_to("abcd", 4), "abcd");
    }
}
