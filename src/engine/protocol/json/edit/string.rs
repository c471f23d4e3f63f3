//! Changing string literals, with the spelling of everything else in them kept.

use std::fmt::Write;

use super::super::view::decode_escape;
use crate::engine::protocol::canonical::write_string;

/// A string as a literal.
pub(super) fn literal(content: &str) -> String {
    let mut text = String::new();
    write_string(content, &mut text);
    text
}

/// A literal without the characters of some indices, in ascending order, counted as they are decoded.
pub(super) fn stripped(literal: &str, characters: &[usize]) -> String {
    let mut text = String::with_capacity(literal.len());
    let mut rest = literal;
    // The quotes are characters of the literal and not of the string.
    let mut index = 0;
    while let Some(first) = rest.chars().next() {
        let is_quote = first == '"';
        let length = match rest.strip_prefix('\\') {
            Some(escape) => 1 + decode_escape(escape).1,
            None => first.len_utf8(),
        };
        if is_quote || characters.binary_search(&index).is_err() {
            text.push_str(&rest[..length]);
        }
        index += usize::from(!is_quote);
        rest = &rest[length..];
    }
    text
}

/// A literal with its raw control characters escaped; none where it has none.
pub(super) fn escaped(literal: &str) -> Option<String> {
    let is_raw = |character: char| character < ' ';
    if !literal.contains(is_raw) {
        return None;
    }
    let mut text = String::with_capacity(literal.len() + 8);
    for character in literal.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            raw if is_raw(raw) => {
                // Writing to a string does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(raw));
            }
            other => text.push(other),
        }
    }
    Some(text)
}
