//! JSON as text, written one way: for digests, for files that are reviewed, for counting.
//!
//! Canonical JSON follows RFC 8785 (keys sorted by UTF-16 code units, no white space, shortest
//! escapes) with one difference: numbers are normalised from their decimal text instead of through
//! a 64-bit float, so that a large identifier keeps its digits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::json::{Kind, View};

/// How [`write()`] lays a value out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Canonical, on one line.
    Canonical,
    /// Canonical key order and numbers, indented by two spaces, ending with a newline.
    Pretty,
    /// On one line in the order it was sent, keys and numbers as they were, non-ASCII unescaped:
    /// the text that is counted in tokens.
    SourceOrder,
}

/// The text of a value in the given layout. Where a key stands twice, the last one is written.
pub fn write(view: View<'_>, layout: Layout) -> String {
    let mut text = String::with_capacity(view.text().len());
    Writer { layout, text: &mut text }.value(view, 0);
    if layout == Layout::Pretty {
        text.push('\n');
    }
    text
}

/// `sha256:` and the hexadecimal digest of the canonical text of a value.
pub fn digest(view: View<'_>) -> String {
    digest_of(write(view, Layout::Canonical).as_bytes())
}

/// `sha256:` and the hexadecimal digest of some bytes.
pub fn digest_of(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    // Every finding has one: the machinery of formatting would take longer than the digest.
    for byte in Sha256::digest(bytes) {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    text
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

struct Writer<'a> {
    layout: Layout,
    text: &'a mut String,
}

impl Writer<'_> {
    fn value(&mut self, view: View<'_>, depth: usize) {
        match view.kind() {
            Kind::Null | Kind::TooDeep => self.text.push_str("null"),
            Kind::True => self.text.push_str("true"),
            Kind::False => self.text.push_str("false"),
            Kind::Number if self.layout == Layout::SourceOrder => self.text.push_str(view.text()),
            Kind::Number => self.text.push_str(&number(view.text())),
            Kind::String => self.string(view),
            Kind::Array => self.array(view, depth),
            Kind::Object => self.object(view, depth),
        }
    }

    fn array(&mut self, view: View<'_>, depth: usize) {
        self.text.push('[');
        let mut is_empty = true;
        for item in view.items() {
            self.separate(&mut is_empty, depth + 1);
            self.value(item, depth + 1);
        }
        self.end(']', is_empty, depth);
    }

    fn object(&mut self, view: View<'_>, depth: usize) {
        self.text.push('{');
        let mut is_empty = true;
        for (key, value) in self.ordered_members(view) {
            self.separate(&mut is_empty, depth + 1);
            self.string(key);
            self.text.push(':');
            if self.layout == Layout::Pretty {
                self.text.push(' ');
            }
            self.value(value, depth + 1);
        }
        self.end('}', is_empty, depth);
    }

    fn ordered_members<'d>(&self, view: View<'d>) -> Vec<(View<'d>, View<'d>)> {
        let mut members: Vec<_> = view.members().collect();
        if self.layout != Layout::SourceOrder {
            let name = |key: View<'_>| key.as_str().expect("a key is a string").into_owned();
            members.sort_by_cached_key(|(key, _)| name(*key).encode_utf16().collect::<Vec<_>>());
            // The sort is stable, so of two equal keys the later one is the one to keep.
            members.reverse();
            members.dedup_by(|later, earlier| later.0.as_str() == earlier.0.as_str());
            members.reverse();
        }
        members
    }

    fn separate(&mut self, is_empty: &mut bool, depth: usize) {
        if !*is_empty {
            self.text.push(',');
        }
        *is_empty = false;
        self.new_line(depth);
    }

    fn end(&mut self, bracket: char, is_empty: bool, depth: usize) {
        if !is_empty {
            self.new_line(depth);
        }
        self.text.push(bracket);
    }

    fn new_line(&mut self, depth: usize) {
        if self.layout == Layout::Pretty {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", depth));
        }
    }

    fn string(&mut self, view: View<'_>) {
        let literal = view.text();
        let needs_no_work = !literal.contains('\\') && !literal.contains(char::is_control);
        if needs_no_work {
            self.text.push_str(literal);
        } else {
            write_string(&view.as_str().expect("a string was asked for"), self.text);
        }
    }
}

/// Appends a string literal with the escapes of RFC 8785 §3.2.2.2.
pub fn write_string(content: &str, text: &mut String) {
    text.push('"');
    for character in content.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(text, "\\u{:04x}", control as u32);
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// A JSON number in the notation of ECMAScript's `Number::toString` (plain from 1e-6 up to 21
/// digits, scientific outside), computed on the decimal digits: `1.0` → `1`, `12e2` → `1200`.
fn number(text: &str) -> String {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let Ok(exponent) = exponent.parse::<i64>() else { return text.to_owned() };
    let all = format!("{whole}{fraction}");
    let leading_zeros = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    // The value is 0.DIGITS × 10^point.
    let point = whole.len() as i64 - leading_zeros as i64 + exponent;
    let count = digits.len() as i64;
    let body = match point {
        _ if count <= point && point <= 21 => {
            format!("{digits}{}", "0".repeat((point - count) as usize))
        }
        1..=21 => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
        -5..=0 => format!("0.{}{digits}", "0".repeat(-point as usize)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{:+}", point - 1)
        }
    };
    format!("{sign}{body}")
}

#[cfg(test)]
mod tests {
    use super::{Layout, number, write};
    use crate::engine::protocol::json::{Document, Limits};

    #[test]
    fn numbers_are_written_one_way() {
        let cases = [
            ("1.0", "1"),
            ("-0", "0"),
            ("0.000", "0"),
            ("12e2", "1200"),
            ("1E+2", "100"),
            ("0.10", "0.1"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
            ("18446744073709551617", "18446744073709551617"),
            ("-12.340", "-12.34"),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn keys_are_sorted_by_utf16_and_the_last_duplicate_wins() {
        let text = r#"{"b":1,"\ud83d\ude00":2,"\ufb33":3,"a":4,"b":5}"#;
        let document = Document::read(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(
            write(document.root(), Layout::Canonical),
            "{\"a\":4,\"b\":5,\"\u{1F600}\":2,\"\u{FB33}\":3}"
        );
    }
}
