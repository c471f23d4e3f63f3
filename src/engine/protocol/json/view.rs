//! Walking a [`Document`].

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use super::{Document, Node};
use crate::engine::protocol::pointer::Pointer;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// A number; its text is kept.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A container nested deeper than the limit, read as a leaf.
    TooDeep,
}

impl Kind {
    /// The kind as it is named in a sentence: `an object`, `a string`, `null`.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::True | Self::False => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::TooDeep => "nested too deep to be read",
        }
    }
}

/// A value's place in its document: the way back to a [`View`] without a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor(u32);

impl Document {
    /// The value an anchor of this document stands for.
    pub fn view(&self, anchor: Anchor) -> View<'_> {
        View::new(self, anchor.0)
    }
}

/// One value of a [`Document`], cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    document: &'a Document,
    index: u32,
}

impl<'a> View<'a> {
    pub(super) fn new(document: &'a Document, index: u32) -> Self {
        Self { document, index }
    }

    fn node(self) -> Node {
        self.document.nodes[self.index as usize]
    }

    /// What this value is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// A way back to this value.
    pub fn anchor(self) -> Anchor {
        Anchor(self.index)
    }

    /// The document it stands in.
    pub fn document(self) -> &'a Document {
        self.document
    }

    /// Its byte range in [`Document::text`].
    pub fn span(self) -> Range<usize> {
        self.node().start as usize..self.node().end as usize
    }

    /// Its text exactly as it was sent.
    pub fn text(self) -> &'a str {
        &self.document.text[self.span()]
    }

    /// The decoded string, if this is one.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::String).then(|| decode_string(self.text()))
    }

    /// Where bytes of the decoded string stand in [`Document::text`], for a string and places in it
    /// that ascend.
    pub fn offsets(self, decoded: &[usize]) -> Vec<usize> {
        let start = self.span().start + 1;
        let inner = &self.text()[1..self.text().len() - 1];
        // How far both texts were gone through.
        let (mut read, mut written) = (0, 0);
        let offset = |place: &usize| {
            while written < *place {
                let rest = &inner[read..];
                let plain = rest.find('\\').unwrap_or(rest.len());
                if plain > 0 {
                    let step = plain.min(*place - written);
                    (read, written) = (read + step, written + step);
                    continue;
                }
                let Some(escape) = rest.strip_prefix('\\') else { break };
                let (character, length) = decode_escape(escape);
                (read, written) = (read + 1 + length, written + character.len_utf8());
            }
            start + read
        };
        decoded.iter().map(offset).collect()
    }

    /// The boolean, if this is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The elements, if this is an array; nothing otherwise.
    pub fn items(self) -> impl Iterator<Item = View<'a>> {
        let node = self.node();
        let end = if node.kind == Kind::Array { node.next } else { self.index };
        let mut index = self.index + 1;
        std::iter::from_fn(move || {
            let view = (index < end).then(|| View::new(self.document, index))?;
            index = view.node().next;
            Some(view)
        })
    }

    /// Keys and values in source order, duplicates included, if this is an object; nothing
    /// otherwise.
    pub fn members(self) -> impl Iterator<Item = (View<'a>, View<'a>)> {
        let node = self.node();
        let end = if node.kind == Kind::Object { node.next } else { self.index };
        let mut index = self.index + 1;
        std::iter::from_fn(move || {
            let key = (index < end).then(|| View::new(self.document, index))?;
            let value = View::new(self.document, index + 1);
            index = value.node().next;
            Some((key, value))
        })
    }

    /// The member of that name; the last one where the key stands twice, as nearly all readers
    /// have it.
    pub fn get(self, name: &str) -> Option<View<'a>> {
        self.members()
            .filter(|(key, _)| decode_string(key.text()) == name)
            .map(|(_, value)| value)
            .last()
    }

    /// The value a pointer leads to, from this value (RFC 6901).
    pub fn at(self, pointer: &Pointer) -> Option<View<'a>> {
        pointer.tokens().try_fold(self, |view, token| match view.kind() {
            Kind::Array => view.items().nth(token.parse().ok()?),
            _ => view.get(&token),
        })
    }

    /// The same value without positions, key order or number text. A number that no 64-bit type
    /// holds becomes the largest one and a value that was nested too deep an empty object; both are
    /// oddities of the document, and must not look like other mistakes of the server.
    /// The recursion is bounded by the depth limit of the document.
    ///
    /// The members come in the order of their keys in every build: `serde_json` keeps the order in
    /// which they are put in where its feature `preserve_order` is on, which a dependency of the
    /// serving side switches on for all.
    pub fn to_value(self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::TooDeep => Value::Object(serde_json::Map::new()),
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => number(self.text()),
            Kind::String => Value::String(decode_string(self.text()).into_owned()),
            Kind::Array => Value::Array(self.items().map(View::to_value).collect()),
            Kind::Object => {
                let member = |(key, value): (View<'_>, View<'_>)| {
                    (decode_string(key.text()).into_owned(), value.to_value())
                };
                let mut members: Vec<(String, Value)> = self.members().map(member).collect();
                // Stable: of a key that stands more than once, the last one stays the last one.
                members.sort_by(|(left, _), (right, _)| left.cmp(right));
                Value::Object(members.into_iter().collect())
            }
        }
    }
}

fn number(text: &str) -> Value {
    let integer =
        text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from));
    integer.unwrap_or_else(|_| {
        let float = text.parse::<f64>().unwrap_or_default();
        Value::from(float.clamp(f64::MIN, f64::MAX))
    })
}

/// Decodes a string literal, quotes included, that the reader has accepted.
pub(super) fn decode_string(literal: &str) -> Cow<'_, str> {
    let inner = &literal[1..literal.len() - 1];
    let Some(first) = inner.find('\\') else { return Cow::Borrowed(inner) };
    let mut decoded = String::with_capacity(inner.len());
    decoded.push_str(&inner[..first]);
    let mut rest = &inner[first..];
    while let Some(escape) = rest.strip_prefix('\\') {
        let (character, length) = decode_escape(escape);
        decoded.push(character);
        rest = &escape[length..];
        let plain = rest.find('\\').unwrap_or(rest.len());
        decoded.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(decoded)
}

/// The character an escape stands for and the length of the escape after its backslash.
pub(super) fn decode_escape(escape: &str) -> (char, usize) {
    let unit = |at: usize| escape.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match escape.as_bytes().first() {
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b't') => ('\t', 1),
        Some(b'u') => {
            let high = unit(1).unwrap_or(0xFFFD);
            let low = if escape[5..].starts_with("\\u") { unit(7) } else { None };
            match (high, low) {
                (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
                    let scalar = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    (char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
                }
                _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
            }
        }
        _ => (escape.chars().next().unwrap_or('\\'), 1),
    }
}
