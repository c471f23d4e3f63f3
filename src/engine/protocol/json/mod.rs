//! The one JSON reader of the program.
//!
//! A [`Document`] keeps the text it was read from and a flat list of nodes pointing into it, so
//! nothing is lost: key order, duplicate keys, the text of numbers, and where each value stands.
//! [`View`] walks it. Reading never recurses and never exceeds its [`Limits`]; what is odd but
//! readable becomes an [`Oddity`], and only text that no reader could make sense of is a
//! [`ReadError`].
//!
//! [`edit`] changes a text and leaves the rest of it as it is.
//!
//! Not for: writing JSON for other programs (see [`canonical`](super::canonical)), or validation.

pub mod edit;
mod order;
mod reader;
mod view;

use std::{fmt, ops::Range, sync::OnceLock};

pub use order::ordered;
pub use reader::Syntax;
pub use view::{Anchor, Kind, View};

use super::pointer::Pointer;

/// What one call of [`Document::read`] may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting that is kept. A deeper value is checked for syntax, reported as
    /// [`OddityKind::TooDeep`] and read as a leaf. 128 is where the most common decoders
    /// (`serde_json`, and with it every client built on it) refuse a message.
    pub max_depth: usize,
    /// Most values and keys; a bound on memory, 16 bytes each.
    pub max_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::for_bytes(32 << 20)
    }
}

impl Limits {
    /// Limits for a text of so many bytes. One value for every 24 bytes is more than real surfaces
    /// have and keeps memory within ten times the text.
    pub fn for_bytes(max_bytes: usize) -> Self {
        Self { max_bytes, max_depth: 128, max_nodes: max_bytes / 24 + 1024 }
    }
}

/// A JSON text together with the tree found in it.
#[derive(Debug, Default)]
pub struct Document {
    text: String,
    nodes: Vec<Node>,
    oddities: Vec<Oddity>,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters stand before each block of [`BLOCK`] bytes.
    blocks: OnceLock<Vec<usize>>,
}

/// Bytes that are counted through at most to find a column.
const BLOCK: usize = 256;

/// One value or key, in document order. `next` is the index after the node's whole subtree, so a
/// sibling is one step away and no child list has to be stored.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
    next: u32,
}

/// How many oddities of one document are kept; a hostile text could hold millions.
pub const MAX_ODDITIES: usize = 256;

/// Something a strict reader would refuse or silently repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// What is odd.
    pub kind: OddityKind,
    /// Where, as a byte range of [`Document::text`].
    pub span: Range<usize>,
}

/// The kinds of [`Oddity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OddityKind {
    /// An object has the same key twice; readers disagree on which one counts.
    DuplicateKey,
    /// Bytes that are not UTF-8, read as U+FFFD.
    InvalidUtf8,
    /// A `\uD800`–`\uDFFF` escape without its partner, read as U+FFFD.
    LoneSurrogate,
    /// A raw control character inside a string.
    ControlCharacter,
    /// The text starts with a byte order mark.
    ByteOrderMark,
    /// A number that no 64-bit integer or float holds; it reads as the largest one.
    NumberOutOfRange,
    /// A value nested deeper than [`Limits::max_depth`].
    TooDeep,
}

/// Why a text could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong, for example ``expected `,` or `}`, found `]` ``.
    pub message: String,
    /// Where, if it is in one place.
    pub position: Option<Position>,
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        match self.position {
            Some(position) => write!(formatter, " at {position}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ReadError {}

/// A place in a text: line and column, both counted from one, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from one.
    pub line: usize,
    /// Column in Unicode scalar values, from one.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

impl Document {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// When the text is not JSON, is longer than `limits.max_bytes`, or has more than
    /// `limits.max_nodes` values.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, ReadError> {
        reader::read(bytes, limits, Syntax::Json)
    }

    /// Reads JSON as editors write it, with `//` and `/* */` comments and trailing commas.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read_with_comments(bytes: &[u8], limits: &Limits) -> Result<Self, ReadError> {
        reader::read(bytes, limits, Syntax::JsonWithComments)
    }

    /// The outermost value.
    pub fn root(&self) -> View<'_> {
        View::new(self, 0)
    }

    /// Every string in the document, keys included, in document order.
    pub fn strings(&self) -> impl Iterator<Item = View<'_>> {
        let strings = self.nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::String);
        strings.map(|(index, _)| View::new(self, index as u32))
    }

    /// The text as read: valid UTF-8, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a strict reader would have refused or repaired, in document order; the first
    /// [`MAX_ODDITIES`] of them.
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// The innermost value around a byte offset, as a pointer from the root. A key counts as the
    /// value it names.
    pub fn pointer_at(&self, offset: usize) -> Pointer {
        let mut view = self.root();
        let mut pointer = Pointer::root();
        loop {
            let item = view.items().enumerate().find(|(_, item)| item.span().end > offset);
            let member = view.members().find(|(_, value)| value.span().end > offset);
            let (token, next, start) = match (item, member) {
                (Some((index, item)), _) => (index.to_string(), item, item.span().start),
                (_, Some((key, value))) => {
                    let name = key.as_str().expect("a key is a string");
                    (name.into_owned(), value, key.span().start)
                }
                (None, None) => return pointer,
            };
            if start > offset {
                return pointer;
            }
            pointer.push(token);
            view = next;
        }
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts.get_or_init(|| line_starts(&self.text));
        let line = starts.partition_point(|&start| start as usize <= offset);
        let start = starts[line - 1] as usize;
        let offset = self.text.floor_char_boundary(offset);
        Position {
            line,
            column: self.characters_before(offset) - self.characters_before(start) + 1,
        }
    }

    /// How many characters stand before a byte offset. A whole surface may be one line, so they are
    /// not counted from its start for every question.
    fn characters_before(&self, offset: usize) -> usize {
        let is_start = |byte: &&u8| !matches!(**byte, 0x80..0xC0);
        let count = |bytes: &[u8]| bytes.iter().filter(is_start).count();
        let bytes = self.text.as_bytes();
        let blocks = self.blocks.get_or_init(|| {
            let mut total = 0;
            let ends = bytes.chunks(BLOCK).map(|block| {
                total += count(block);
                total
            });
            std::iter::once(0).chain(ends).collect()
        });
        let block = offset / BLOCK;
        blocks[block] + count(&bytes[block * BLOCK..offset])
    }

    /// The text of one line, counted from one, without its line ending.
    pub fn line(&self, line: usize) -> &str {
        self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default()
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let after_newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0).chain(after_newlines.map(|(index, _)| index as u32 + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Document, Limits, Position};

    #[test]
    fn columns_count_characters_wherever_the_line_starts() {
        let words = "ä€𝄞x".repeat(700);
        let text = format!("[\"{words}\",\n  \"{words}\", 1]");
        let document = Document::read(text.as_bytes(), &Limits::default()).unwrap();
        let number = document.root().items().nth(2).unwrap();
        let position = document.position(number.span().start);
        assert_eq!(position, Position { line: 2, column: 2 + 2802 + 2 + 1 });
        let first = document.root().items().next().unwrap();
        assert_eq!(document.position(first.span().start), Position { line: 1, column: 2 });
    }
}
