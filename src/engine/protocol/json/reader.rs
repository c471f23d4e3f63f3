//! From bytes to nodes: one pass, one explicit stack, no recursion (RFC 8259).

use std::{borrow::Cow, collections::HashSet};

use super::{Document, Kind, Limits, MAX_ODDITIES, Node, Oddity, OddityKind, Position, ReadError};

/// Which dialect of JSON a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// RFC 8259.
    Json,
    /// RFC 8259 with comments and trailing commas, as editors accept in their configuration.
    JsonWithComments,
}

pub(super) fn read(bytes: &[u8], limits: &Limits, syntax: Syntax) -> Result<Document, ReadError> {
    // Offsets are stored in 32 bits, which halves a node; a text that long is refused either way.
    let max_bytes = limits.max_bytes.min(u32::MAX as usize);
    if bytes.len() > max_bytes {
        let message = format!("{} bytes long, more than the limit of {max_bytes}", bytes.len());
        return Err(ReadError { message, position: None });
    }
    let (text, oddities) = decode(bytes);
    let mut reader = Reader {
        text: &text,
        offset: 0,
        syntax,
        limits,
        nodes: Vec::with_capacity(text.len() / 12),
        oddities,
        open: Vec::new(),
    };
    reader.read_document()?;
    let Reader { nodes, mut oddities, .. } = reader;
    oddities.sort_by_key(|oddity| oddity.span.start);
    let text = text.into_owned();
    Ok(Document { text, nodes, oddities, ..Document::default() })
}

/// Drops a byte order mark and replaces what is not UTF-8.
fn decode(bytes: &[u8]) -> (Cow<'_, str>, Vec<Oddity>) {
    let mut oddities = Vec::new();
    let without_mark = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if without_mark.len() < bytes.len() {
        oddities.push(Oddity { kind: OddityKind::ByteOrderMark, span: 0..0 });
    }
    let text = match std::str::from_utf8(without_mark) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(without_mark.len());
            for chunk in without_mark.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    let start = text.len();
                    text.push(char::REPLACEMENT_CHARACTER);
                    let span = start..text.len();
                    if oddities.len() < MAX_ODDITIES {
                        oddities.push(Oddity { kind: OddityKind::InvalidUtf8, span });
                    }
                }
            }
            Cow::Owned(text)
        }
    };
    (text, oddities)
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
    syntax: Syntax,
    limits: &'a Limits,
    nodes: Vec<Node>,
    oddities: Vec<Oddity>,
    open: Vec<Open>,
}

/// A container whose end has not been seen. `node` is none where it is nested too deep to be kept.
#[derive(Clone, Copy)]
struct Open {
    kind: Kind,
    node: Option<u32>,
    start: usize,
}

impl Reader<'_> {
    fn read_document(&mut self) -> Result<(), ReadError> {
        self.skip_blank()?;
        self.read_value()?;
        while let Some(&container) = self.open.last() {
            self.skip_blank()?;
            match (container.kind, self.peek()) {
                (Kind::Object, Some(b'}')) | (Kind::Array, Some(b']')) => self.close(),
                _ => self.read_member(container.kind)?,
            }
            self.finish_member()?;
        }
        self.skip_blank()?;
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    /// A value, or a key with its value; the cursor stands on its first byte.
    fn read_member(&mut self, container: Kind) -> Result<(), ReadError> {
        if container == Kind::Object {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes or `}`"));
            }
            self.read_string()?;
            self.skip_blank()?;
            if self.peek() != Some(b':') {
                return Err(self.unexpected("`:` after the key"));
            }
            self.offset += 1;
            self.skip_blank()?;
        }
        self.read_value()
    }

    /// After a complete value: takes the comma that leads to the next one, or leaves the closing
    /// bracket to the caller. A container that was just opened has nothing to finish.
    fn finish_member(&mut self) -> Result<(), ReadError> {
        let Some(&container) = self.open.last() else { return Ok(()) };
        if self.offset == container.start + 1 {
            return Ok(());
        }
        self.skip_blank()?;
        let close = if container.kind == Kind::Object { b'}' } else { b']' };
        match self.peek() {
            Some(byte) if byte == close => Ok(()),
            Some(b',') => {
                let comma = self.offset;
                self.offset += 1;
                self.skip_blank()?;
                if self.peek() == Some(close) && self.syntax == Syntax::Json {
                    self.offset = comma;
                    return Err(self.error("trailing comma".to_owned()));
                }
                Ok(())
            }
            _ if close == b'}' => Err(self.unexpected("`,` or `}`")),
            _ => Err(self.unexpected("`,` or `]`")),
        }
    }

    fn read_value(&mut self) -> Result<(), ReadError> {
        let start = self.offset;
        match self.peek() {
            Some(b'{') => self.begin(Kind::Object),
            Some(b'[') => self.begin(Kind::Array),
            Some(b'"') => self.read_string(),
            Some(b'-' | b'0'..=b'9') => self.read_number(),
            Some(b't') => self.read_word("true", Kind::True),
            Some(b'f') => self.read_word("false", Kind::False),
            Some(b'n') => self.read_word("null", Kind::Null),
            _ => {
                self.offset = start;
                Err(self.unexpected("a JSON value"))
            }
        }
    }

    fn begin(&mut self, kind: Kind) -> Result<(), ReadError> {
        let start = self.offset;
        let node = if self.is_kept() {
            let node = self.nodes.len() as u32;
            let kept = if self.open.len() < self.limits.max_depth { kind } else { Kind::TooDeep };
            self.push(kept, start, start)?;
            Some(node)
        } else {
            None
        };
        self.open.push(Open { kind, node, start });
        self.offset += 1;
        Ok(())
    }

    fn close(&mut self) {
        let container = self.open.pop().expect("close is called with a container open");
        self.offset += 1;
        let Some(index) = container.node else { return };
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[index as usize];
        node.end = self.offset as u32;
        node.next = next;
        match node.kind {
            Kind::TooDeep => self.note(OddityKind::TooDeep, container.start, self.offset),
            Kind::Object => self.note_duplicate_keys(index),
            _ => {}
        }
    }

    fn note_duplicate_keys(&mut self, object: u32) {
        let end = self.nodes[object as usize].next;
        let mut duplicates = Vec::new();
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        let mut many: HashSet<Cow<'_, str>> = HashSet::new();
        let mut index = object + 1;
        while index < end {
            let key = self.nodes[index as usize];
            let name = super::view::decode_string(&self.text[key.start as usize..key.end as usize]);
            // Nearly all objects are small, where a scan beats hashing.
            let is_new = if many.is_empty() && seen.len() < 16 {
                let is_new = !seen.contains(&name);
                seen.push(name);
                is_new
            } else {
                many.extend(seen.drain(..));
                many.insert(name)
            };
            if !is_new {
                duplicates.push((key.start as usize, key.end as usize));
            }
            index = self.nodes[index as usize + 1].next;
        }
        for (start, end) in duplicates {
            self.note(OddityKind::DuplicateKey, start, end);
        }
    }

    fn read_string(&mut self) -> Result<(), ReadError> {
        let start = self.offset;
        let bytes = self.text.as_bytes();
        self.offset += 1;
        loop {
            match bytes.get(self.offset) {
                None => {
                    self.offset = start;
                    return Err(self.error("string without an end".to_owned()));
                }
                Some(b'"') => break,
                Some(b'\\') => self.read_escape()?,
                Some(byte) => {
                    if *byte < 0x20 {
                        self.note(OddityKind::ControlCharacter, self.offset, self.offset + 1);
                    }
                    self.offset += 1;
                }
            }
        }
        self.offset += 1;
        self.leaf(Kind::String, start)
    }

    fn read_escape(&mut self) -> Result<(), ReadError> {
        let start = self.offset;
        let bytes = self.text.as_bytes();
        match bytes.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.offset += 2,
            Some(b'u') => {
                let Some(unit) = hex4(bytes, start + 2) else {
                    return Err(self.error("`\\u` without four hexadecimal digits".to_owned()));
                };
                self.offset += 6;
                let is_high = (0xD800..0xDC00).contains(&unit);
                let has_low = bytes.get(start + 6..start + 8) == Some(b"\\u")
                    && hex4(bytes, start + 8).is_some_and(|low| (0xDC00..0xE000).contains(&low));
                if is_high && has_low {
                    self.offset += 6;
                } else if (0xD800..0xE000).contains(&unit) {
                    self.note(OddityKind::LoneSurrogate, start, start + 6);
                }
            }
            _ => return Err(self.error("unknown escape after `\\`".to_owned())),
        }
        Ok(())
    }

    fn read_number(&mut self) -> Result<(), ReadError> {
        let start = self.offset;
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let whole = start + usize::from(bytes[start] == b'-');
        let mut end = digits(whole);
        let mut is_valid = end > whole && (bytes[whole] != b'0' || end == whole + 1);
        if bytes.get(end) == Some(&b'.') {
            let fraction = end + 1;
            end = digits(fraction);
            is_valid &= end > fraction;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = end + 1 + sign;
            end = digits(exponent);
            is_valid &= end > exponent;
        }
        if !is_valid {
            return Err(self.error(format!("`{}` is not a JSON number", &self.text[start..end])));
        }
        self.offset = end;
        if self.text[start..end].parse::<f64>().is_ok_and(f64::is_infinite) {
            self.note(OddityKind::NumberOutOfRange, start, end);
        }
        self.leaf(Kind::Number, start)
    }

    fn read_word(&mut self, word: &'static str, kind: Kind) -> Result<(), ReadError> {
        let start = self.offset;
        if !self.text.as_bytes()[start..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a JSON value"));
        }
        self.offset += word.len();
        self.leaf(kind, start)
    }

    fn leaf(&mut self, kind: Kind, start: usize) -> Result<(), ReadError> {
        if self.is_kept() { self.push(kind, start, self.offset) } else { Ok(()) }
    }

    /// Whether a value at the cursor is shallow enough for a node of its own.
    fn is_kept(&self) -> bool {
        self.open.len() <= self.limits.max_depth
            && self.open.last().is_none_or(|container| {
                container.node.is_some_and(|node| self.nodes[node as usize].kind != Kind::TooDeep)
            })
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) -> Result<(), ReadError> {
        if self.nodes.len() >= self.limits.max_nodes {
            let message = format!("more than {} values", self.limits.max_nodes);
            return Err(ReadError { message, position: None });
        }
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { kind, start: start as u32, end: end as u32, next });
        Ok(())
    }

    fn note(&mut self, kind: OddityKind, start: usize, end: usize) {
        if self.oddities.len() < MAX_ODDITIES {
            self.oddities.push(Oddity { kind, span: start..end });
        }
    }

    fn skip_blank(&mut self) -> Result<(), ReadError> {
        let bytes = self.text.as_bytes();
        loop {
            while matches!(bytes.get(self.offset), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.offset += 1;
            }
            if self.syntax == Syntax::Json || bytes.get(self.offset) != Some(&b'/') {
                return Ok(());
            }
            let rest = &self.text[self.offset..];
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                match rest.find("*/") {
                    Some(end) => end + 2,
                    None => return Err(self.error("comment without an end".to_owned())),
                }
            } else {
                return Ok(());
            };
            self.offset += length;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn unexpected(&self, expected: &str) -> ReadError {
        let found = match self.text[self.offset..].chars().next() {
            Some(found) => format!("`{}`", found.escape_debug()),
            None => "the end of the text".to_owned(),
        };
        self.error(format!("expected {expected}, found {found}"))
    }

    fn error(&self, message: String) -> ReadError {
        let before = &self.text[..self.offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        ReadError { message, position: Some(Position { line, column }) }
    }
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + (*digit as char).to_digit(16)?))
}
