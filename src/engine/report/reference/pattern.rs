//! A short text that a regular expression matches.
//!
//! For example values only. Reads the simple expressions that schemas have (literals, classes,
//! groups, repetition, outer anchors) and gives up on the rest. The text is built along the
//! expression, so a hostile one costs nothing: no expression is ever executed.

/// Longest text that is built, and the steps taken for it.
const MAX_CHARACTERS: usize = 512;
const MAX_STEPS: usize = 10_000;
/// Deepest nesting of groups.
const MAX_NESTING: usize = 8;
/// Characters of a class that are told apart.
const MAX_CLASS: usize = 64;

/// A text that matches `pattern` and is `least` to `most` characters long.
pub(super) fn matching_text(pattern: &str, least: usize, most: usize) -> Option<String> {
    let mut parser = Parser { rest: pattern.strip_prefix('^').unwrap_or(pattern).chars().as_str() };
    let parts = parser.sequence(0)?;
    // What follows the first of several alternatives need not be understood.
    if !matches!(parser.rest, "" | "$")
        && !parser.rest.starts_with('|')
        && !parser.rest.starts_with("$|")
    {
        return None;
    }
    let texts = (0..=MAX_CLASS).filter_map(|stretch| {
        let mut builder = Builder { text: String::new(), characters: 0, steps: 0, stretch };
        builder.sequence(&parts)?;
        Some((builder.characters, builder.text))
    });
    texts.into_iter().find(|(count, _)| (least..=most).contains(count)).map(|(_, text)| text)
}

/// A piece of an expression with how often it stands there.
#[derive(Debug)]
struct Part {
    piece: Piece,
    least: usize,
    most: usize,
}

#[derive(Debug)]
enum Piece {
    /// Any one of these.
    Character(Vec<char>),
    /// The first alternative of a group.
    Group(Vec<Part>),
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next()?;
        self.rest = characters.as_str();
        Some(character)
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Parts up to the end, `$`, `|` or `)`.
    fn sequence(&mut self, nesting: usize) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['$', '|', ')']) {
            let piece = match self.next()? {
                '(' => self.group(nesting + 1)?,
                '[' => Piece::Character(self.class()?),
                '\\' => Piece::Character(self.escape()?),
                '.' => Piece::Character(vec!['a']),
                '^' | '*' | '+' | '?' | '{' => return None,
                character => Piece::Character(vec![character]),
            };
            let (least, most) = self.repetition()?;
            parts.push(Part { piece, least, most });
        }
        Some(parts)
    }

    fn group(&mut self, nesting: usize) -> Option<Piece> {
        if nesting > MAX_NESTING || (self.rest.starts_with('?') && !self.take("?:")) {
            return None;
        }
        let first = self.sequence(nesting)?;
        while self.take("|") {
            self.sequence(nesting)?;
        }
        self.take(")").then_some(Piece::Group(first))
    }

    fn escape(&mut self) -> Option<Vec<char>> {
        Some(match self.next()? {
            'd' => ('0'..='9').collect(),
            'w' => ('a'..='z').collect(),
            's' => vec![' '],
            character if character.is_ascii_alphanumeric() => return None,
            character => vec![character],
        })
    }

    fn class(&mut self) -> Option<Vec<char>> {
        let is_negated = self.take("^");
        let mut members: Vec<char> = Vec::new();
        loop {
            let first = match self.next()? {
                ']' => break,
                '\\' => self.escape()?,
                character => vec![character],
            };
            match first.as_slice() {
                [start] if self.rest.starts_with('-') && !self.rest.starts_with("-]") => {
                    self.next();
                    let end = match self.next()? {
                        '\\' => self.escape()?,
                        character => vec![character],
                    };
                    let [end] = end.as_slice() else { return None };
                    let room = if is_negated { usize::MAX } else { MAX_CLASS };
                    members.extend((*start..=*end).take(room.min(0x1_0000)));
                }
                _ => members.extend(first),
            }
        }
        if is_negated {
            let candidates = ('a'..='z').chain('A'..='Z').chain('0'..='9');
            members = candidates.filter(|candidate| !members.contains(candidate)).collect();
        }
        members.truncate(MAX_CLASS);
        (!members.is_empty()).then_some(members)
    }

    /// How often the piece before stands there; once where nothing is said.
    fn repetition(&mut self) -> Option<(usize, usize)> {
        let bounds = if self.take("*") {
            (0, usize::MAX)
        } else if self.take("+") {
            (1, usize::MAX)
        } else if self.take("?") {
            (0, 1)
        } else if self.take("{") {
            let (inside, rest) = self.rest.split_once('}')?;
            self.rest = rest;
            match inside.split_once(',') {
                None => (inside.parse().ok()?, inside.parse().ok()?),
                Some((least, "")) => (least.parse().ok()?, usize::MAX),
                Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
            }
        } else {
            return Some((1, 1));
        };
        // A lazy repetition matches the same texts.
        self.take("?");
        (bounds.0 <= bounds.1).then_some(bounds)
    }
}

struct Builder {
    text: String,
    characters: usize,
    steps: usize,
    /// How much more often than it has to a piece stands there.
    stretch: usize,
}

impl Builder {
    /// None when the text or the way to it gets too long.
    fn sequence(&mut self, parts: &[Part]) -> Option<()> {
        for part in parts {
            for index in 0..part.least.saturating_add(self.stretch).min(part.most) {
                self.steps += 1;
                if self.steps > MAX_STEPS || self.characters >= MAX_CHARACTERS {
                    return None;
                }
                match &part.piece {
                    Piece::Character(members) => {
                        self.text.push(members[index % members.len()]);
                        self.characters += 1;
                    }
                    Piece::Group(parts) => self.sequence(parts)?,
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::matching_text;

    #[test]
    fn texts_are_built_along_the_expression() {
        let cases = [
            ("^[A-Za-z0-9_-]{16,64}$", 0, 100, Some("ABCDEFGHIJKLMNOP")),
            ("^cus_[0-9a-z]{4}$", 0, 100, Some("cus_0123")),
            (r"^\d{4}-\d{2}$", 0, 100, Some("0123-01")),
            ("^(asc|desc)$", 0, 100, Some("asc")),
            ("^[^/]+$", 3, 100, Some("abc")),
            ("^a$|^b$", 0, 100, Some("a")),
            (r"^\w+@\w+\.com$", 0, 100, Some("a@a.com")),
            ("^[a-z]+(?:-[a-z]+)*$", 6, 6, None),
            ("^[a-z]+(?:-[a-z]+)*$", 4, 9, Some("ab-ab")),
            ("^(?=a)b$", 0, 100, None),
            (r"^(a)\1$", 0, 100, None),
            ("^(a", 0, 100, None),
            ("a^b", 0, 100, None),
            ("^[]$", 0, 100, None),
            ("^a{9999999999}$", 0, 100, None),
            ("^(((a*)*)*)*$", 2_000, 3_000, None),
            ("", 0, 100, Some("")),
        ];
        for (pattern, least, most, expected) in cases {
            assert_eq!(matching_text(pattern, least, most).as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn hostile_expressions_cost_nothing() {
        for pattern in
            ["(".repeat(100_000), "(a*)".repeat(100_000), "[\u{0}-\u{10ffff}]".repeat(999)]
        {
            matching_text(&pattern, 0, 9);
        }
    }
}
