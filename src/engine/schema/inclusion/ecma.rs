//! ECMA-262 patterns in the notation of the `regex` family, as far as both can say the same.
//!
//! Everything is written out: escapes become code points, classes become lists of ranges, groups
//! lose their names. What is not regular (look-around, back references) or has no equal (lone
//! surrogates) is refused.

use std::{iter::Peekable, str::Chars};

/// Why a pattern was not translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Irregular;

/// White space and line terminators (ECMA-262, CharacterClassEscape `s`).
const SPACE: &str = r"\x{9}-\x{D}\x{20}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const WORD: &str = "A-Za-z0-9_";

/// Translates a pattern that an ECMA-262 engine accepts.
pub(super) fn translate(pattern: &str) -> Result<String, Irregular> {
    let mut translator = Translator { rest: pattern.chars().peekable(), text: String::new() };
    translator.run()?;
    Ok(translator.text)
}

/// The look-aheads at the start of `^(?=A)(?!B)rest`, each with whether it must hold, and `^rest`.
/// None where there are none, where an alternative stands beside them, or where a group inside may
/// be referred to.
pub(super) fn leading_lookaheads(pattern: &str) -> Option<(Vec<(bool, String)>, String)> {
    let mut rest = pattern.strip_prefix('^')?;
    if !rest.starts_with("(?") || refers_to_group(pattern) {
        return None;
    }
    let mut conditions = Vec::new();
    loop {
        let must_hold = if rest.starts_with("(?=") {
            true
        } else if rest.starts_with("(?!") {
            false
        } else {
            break;
        };
        let length = group_length(rest)?;
        if rest[length..].starts_with(['*', '+', '?', '{']) {
            return None;
        }
        conditions.push((must_hold, format!("^(?:{})", &rest[3..length - 1])));
        rest = &rest[length..];
    }
    let has_alternative = top_level(rest).any(|(_, character)| character == '|');
    (!conditions.is_empty() && !has_alternative).then(|| (conditions, format!("^{rest}")))
}

fn refers_to_group(pattern: &str) -> bool {
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && matches!(characters.next(), Some('1'..='9' | 'k')) {
            return true;
        }
    }
    false
}

/// The length of the group a text starts with, in bytes.
fn group_length(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (index, character, _) in outside_classes(text) {
        match character {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The characters that stand in no group and no class and are not escaped.
fn top_level(text: &str) -> impl Iterator<Item = (usize, char)> {
    outside_classes(text)
        .filter(|(_, character, depth)| *depth == 0 && *character != ')')
        .map(|(index, character, _)| (index, character))
}

/// Unescaped characters outside classes, with the number of groups around them.
fn outside_classes(text: &str) -> impl Iterator<Item = (usize, char, usize)> {
    let (mut is_escaped, mut is_class, mut depth) = (false, false, 0_usize);
    text.char_indices().filter_map(move |(index, character)| {
        if is_escaped {
            is_escaped = false;
            return None;
        }
        let before = depth;
        match character {
            '\\' => {
                is_escaped = true;
                return None;
            }
            ']' if is_class => is_class = false,
            _ if is_class => return None,
            '[' => is_class = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        Some((index, character, before))
    })
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    text: String,
}

/// One member of a class, or what an escape stands for.
enum Unit {
    Character(char),
    /// The inside of a class, and whether it is everything else that is meant.
    Class(String, bool),
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), Irregular> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '.' => self.text.push_str(r"[^\n\r\x{2028}\x{2029}]"),
                ')' | '|' | '^' | '$' | '*' | '+' | '?' => self.text.push(character),
                '{' => self.brace(),
                other => self.literal(other),
            }
        }
        Ok(())
    }

    fn literal(&mut self, character: char) {
        if character.is_ascii_alphanumeric() {
            self.text.push(character);
        } else {
            self.text.push_str(&code_point(character));
        }
    }

    /// A quantifier, or a brace that stands for itself.
    fn brace(&mut self) {
        let inner: String = self.rest.clone().take_while(|character| *character != '}').collect();
        let is_closed = self.rest.clone().any(|character| character == '}');
        let is_count =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_quantifier = is_closed
            && match inner.split_once(',') {
                None => is_count(&inner),
                Some((min, max)) => is_count(min) && (max.is_empty() || is_count(max)),
            };
        if !is_quantifier {
            return self.literal('{');
        }
        self.text.push('{');
        self.text.push_str(&inner);
        self.text.push('}');
        for _ in 0..=inner.len() {
            self.rest.next();
        }
    }

    fn group(&mut self) -> Result<(), Irregular> {
        self.text.push_str("(?:");
        if self.rest.peek() != Some(&'?') {
            return Ok(());
        }
        self.rest.next();
        match self.rest.next() {
            Some(':') => Ok(()),
            Some('<') if !matches!(self.rest.peek(), Some('=' | '!')) => {
                self.rest.by_ref().find(|character| *character == '>');
                Ok(())
            }
            _ => Err(Irregular),
        }
    }

    fn escape(&mut self) -> Result<(), Irregular> {
        match self.rest.peek() {
            Some('b') => {
                self.rest.next();
                self.text.push_str(r"(?-u:\b)");
                return Ok(());
            }
            Some('B' | 'k' | '1'..='9') => return Err(Irregular),
            _ => {}
        }
        match self.unit()? {
            Unit::Character(character) => self.literal(character),
            Unit::Class(inside, is_negated) => {
                let negation = if is_negated { "^" } else { "" };
                self.text.push_str(&format!("[{negation}{inside}]"));
            }
        }
        Ok(())
    }

    /// What stands behind a backslash.
    fn unit(&mut self) -> Result<Unit, Irregular> {
        let escaped = self.rest.next().ok_or(Irregular)?;
        Ok(match escaped {
            'd' | 'D' => Unit::Class("0-9".to_owned(), escaped == 'D'),
            'w' | 'W' => Unit::Class(WORD.to_owned(), escaped == 'W'),
            's' | 'S' => Unit::Class(SPACE.to_owned(), escaped == 'S'),
            'p' | 'P' => {
                if self.rest.next() != Some('{') {
                    return Err(Irregular);
                }
                let name: String =
                    self.rest.by_ref().take_while(|character| *character != '}').collect();
                Unit::Class(format!("\\p{{{name}}}"), escaped == 'P')
            }
            't' => Unit::Character('\t'),
            'n' => Unit::Character('\n'),
            'v' => Unit::Character('\u{b}'),
            'f' => Unit::Character('\u{c}'),
            'r' => Unit::Character('\r'),
            '0' => Unit::Character('\0'),
            'c' => {
                let letter = self.rest.next().filter(char::is_ascii_alphabetic).ok_or(Irregular)?;
                Unit::Character(char::from(letter as u8 % 32))
            }
            'x' => Unit::Character(self.hexadecimal(2)?),
            'u' if self.rest.peek() == Some(&'{') => {
                self.rest.next();
                let digits: String =
                    self.rest.by_ref().take_while(|character| *character != '}').collect();
                let code = u32::from_str_radix(&digits, 16).map_err(|_| Irregular)?;
                Unit::Character(char::from_u32(code).ok_or(Irregular)?)
            }
            'u' => Unit::Character(self.utf16()?),
            other => Unit::Character(other),
        })
    }

    fn code_unit(&mut self, digits: usize) -> Result<u32, Irregular> {
        let text: String = self.rest.by_ref().take(digits).collect();
        if text.len() != digits {
            return Err(Irregular);
        }
        u32::from_str_radix(&text, 16).map_err(|_| Irregular)
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<char, Irregular> {
        char::from_u32(self.code_unit(digits)?).ok_or(Irregular)
    }

    /// `\uXXXX`, or two of them for one character.
    fn utf16(&mut self) -> Result<char, Irregular> {
        let high = self.code_unit(4)?;
        if let Some(character) = char::from_u32(high) {
            return Ok(character);
        }
        if self.rest.next() != Some('\\') || self.rest.next() != Some('u') {
            return Err(Irregular);
        }
        let low = self.code_unit(4)?;
        if !(0xD800..0xDC00).contains(&high) || !(0xDC00..0xE000).contains(&low) {
            return Err(Irregular);
        }
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        char::from_u32(code).ok_or(Irregular)
    }

    fn class(&mut self) -> Result<(), Irregular> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut inside = String::new();
        loop {
            let first = match self.rest.next().ok_or(Irregular)? {
                ']' => break,
                character => self.member(character)?,
            };
            let is_range = self.rest.peek() == Some(&'-') && {
                let mut ahead = self.rest.clone();
                ahead.next();
                ahead.peek().is_some_and(|character| *character != ']')
            };
            let first = match (first, is_range) {
                (Unit::Character(first), true) => {
                    self.rest.next();
                    let next = self.rest.next().ok_or(Irregular)?;
                    match self.member(next)? {
                        Unit::Character(last) if first <= last => {
                            let (first, last) = (code_point(first), code_point(last));
                            inside.push_str(&format!("{first}-{last}"));
                            continue;
                        }
                        Unit::Character(_) => return Err(Irregular),
                        // `[a-\d]`: without the `u` flag three members.
                        class @ Unit::Class(..) => {
                            inside.push_str(&code_point(first));
                            inside.push_str(&code_point('-'));
                            class
                        }
                    }
                }
                (unit, _) => unit,
            };
            match first {
                Unit::Character(character) => inside.push_str(&code_point(character)),
                Unit::Class(members, false) => inside.push_str(&members),
                Unit::Class(members, true) => inside.push_str(&format!("[^{members}]")),
            }
        }
        let everything = r"\x{0}-\x{10FFFF}";
        match (inside.is_empty(), is_negated) {
            (true, false) => self.text.push_str(&format!("[^{everything}]")),
            (true, true) => self.text.push_str(&format!("[{everything}]")),
            (false, false) => self.text.push_str(&format!("[{inside}]")),
            (false, true) => self.text.push_str(&format!("[^{inside}]")),
        }
        Ok(())
    }

    fn member(&mut self, character: char) -> Result<Unit, Irregular> {
        match character {
            '\\' if self.rest.peek() == Some(&'b') => {
                self.rest.next();
                Ok(Unit::Character('\u{8}'))
            }
            '\\' if matches!(self.rest.peek(), Some('1'..='9')) => Err(Irregular),
            '\\' => self.unit(),
            other => Ok(Unit::Character(other)),
        }
    }
}

fn code_point(character: char) -> String {
    format!("\\x{{{:X}}}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::{leading_lookaheads, translate};

    #[test]
    fn escapes_are_written_out() {
        let same = |one: &str, other: &str| assert_eq!(translate(one), translate(other), "{one}");
        assert_eq!(translate(r"\d+[^\d-]"), Ok(r"[0-9]+[^0-9\x{2D}]".to_owned()));
        same(r"\u0041\x42\cJ", "AB\\n");
        same(r"\uD83D\uDE00", "\u{1F600}");
        same(r"\u{1F600}", "\u{1F600}");
        same(r"a\/b", "a/b");
        same("(?<part>a)", "(?:a)");
        same("(a)", "(?:a)");
        same("x{", r"x\{");
        same("[[&&]", r"[\[\&\&]");
        same("a]", r"a\]");
        assert!(translate(r"(a)\1").is_err());
        assert!(translate("(?<=a)b").is_err());
        assert!(translate(r"\uD83D").is_err());
    }

    #[test]
    fn leading_lookaheads_are_taken_off() {
        let (conditions, rest) = leading_lookaheads("^(?=.*[)])(?!x\\))[a-z|]+$").unwrap();
        let expected = [(true, "^(?:.*[)])".to_owned()), (false, "^(?:x\\))".to_owned())];
        assert_eq!(conditions, expected);
        assert_eq!(rest, "^[a-z|]+$");
        assert!(leading_lookaheads("^(?!a)b|c").is_none());
        assert!(leading_lookaheads("^abc").is_none());
        assert!(leading_lookaheads("^(?!a)(b|c)").is_some());
    }
}
