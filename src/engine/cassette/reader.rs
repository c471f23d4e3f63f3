//! Reading a cassette, one line at a time.

use std::{
    borrow::Cow,
    io::{self, BufRead},
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Body, Event, FORMAT, Header, Http, Line, Message, Party, Sse, line::End};

/// The longest line that is read, in bytes.
pub const MAX_LINE_BYTES: usize = 128 << 20;

/// A line that cannot be read. The lines after it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The number of the line in the file, from 1.
    pub line: u64,
    /// What is wrong with it, as a lowercase fragment.
    pub reason: String,
    /// Whether the file ends in the middle of it: whoever wrote it was stopped.
    pub is_torn: bool,
}

/// Why a file is no cassette that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("it is no cassette: its first line is no header of `{FORMAT}`")]
    NotACassette,
    /// A later version has written it.
    #[error("it is of the format `{0}`, and this version reads `{FORMAT}`")]
    Newer(String),
}

/// Reads a cassette, in as much memory as its longest line takes.
pub struct Reader<R> {
    source: R,
    header: Header,
    buffer: Vec<u8>,
    line: u64,
    offset: u64,
}

/// Every member that a line of ours may have.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    n: u64,
    at_us: Option<u64>,
    from: Option<Party>,
    #[serde(default)]
    channel: u64,
    #[serde(default)]
    session: u64,
    http: Option<Http>,
    sse: Option<Sse>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When there is none of a version that this one reads.
    pub fn open(mut source: R) -> Result<Self, ReadError> {
        let mut buffer = Vec::new();
        // What is not a cassette may be one line of any length.
        let mut limited = io::Read::take(&mut source, 1 << 20);
        limited.read_until(b'\n', &mut buffer)?;
        let header: Header =
            serde_json::from_slice(&buffer).map_err(|_| ReadError::NotACassette)?;
        if header.format != FORMAT {
            let is_ours = header.format.starts_with("mcp-kit.cassette/");
            return Err(if is_ours {
                ReadError::Newer(header.format)
            } else {
                ReadError::NotACassette
            });
        }
        let offset = buffer.len() as u64;
        Ok(Self { source, header, buffer, line: 1, offset })
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where the next line begins, in bytes from the beginning of the file: for whoever comes back to
    /// a line instead of keeping it.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line; none at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read. What is wrong with one line is no error.
    pub fn next_line(&mut self) -> io::Result<Option<Result<Line<'_>, Damage>>> {
        self.buffer.clear();
        self.line += 1;
        let mut limited = io::Read::take(&mut self.source, MAX_LINE_BYTES as u64);
        let length = limited.read_until(b'\n', &mut self.buffer)?;
        self.offset += length as u64;
        if length == 0 {
            return Ok(None);
        }
        let line = self.line;
        let is_whole = self.buffer.last() == Some(&b'\n');
        let damage = |reason: String, is_torn| Ok(Some(Err(Damage { line, reason, is_torn })));
        if !is_whole && length == MAX_LINE_BYTES {
            self.offset += skip_line(&mut self.source)?;
            return damage(format!("it is longer than {} MiB", MAX_LINE_BYTES >> 20), false);
        }
        match Line::read(&self.buffer) {
            Ok(line) => Ok(Some(Ok(line))),
            Err(_) if !is_whole => damage("the file ends in it".to_owned(), true),
            Err(reason) => damage(reason, false),
        }
    }
}

/// Passes over the rest of a line, of so many bytes.
fn skip_line(source: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let available = source.fill_buf()?;
        let end = available.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(available.len(), |end| end + 1);
        source.consume(length);
        skipped += length as u64;
        if end.is_some() || length == 0 {
            return Ok(skipped);
        }
    }
}

impl<'a> Line<'a> {
    /// Reads one line by itself.
    ///
    /// # Errors
    /// When it is none, with the reason as a lowercase fragment.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let in_words = |error: serde_json::Error| {
            let text = error.to_string();
            text.split(" at line ").next().unwrap_or_default().to_owned()
        };
        let written: Written<'_> = serde_json::from_slice(bytes).map_err(in_words)?;
        let body = match (written.message, written.text) {
            (Some(message), _) => Some(Body::Json(Cow::Borrowed(message))),
            (None, text) => text.map(Body::Text),
        };
        match (&*written.kind, written.from, body) {
            ("message", Some(from), Some(body)) => Ok(Line::Message(Message {
                n: written.n,
                at_us: written.at_us,
                from,
                channel: written.channel,
                session: written.session,
                http: written.http,
                sse: written.sse,
                body,
            })),
            ("message", None, _) => Err("missing field `from`".to_owned()),
            ("message", _, None) => Err("missing field `message`".to_owned()),
            ("event", ..) => {
                Ok(Line::Event(serde_json::from_slice::<Event>(bytes).map_err(in_words)?))
            }
            ("end", ..) => Ok(Line::End(serde_json::from_slice::<End>(bytes).map_err(in_words)?)),
            // A file that was put together of two goes on with a header.
            ("header", ..) => {
                let header: Header = serde_json::from_slice(bytes).map_err(in_words)?;
                Ok(Line::Header(Box::new(header)))
            }
            _ => Ok(Line::Unknown),
        }
    }
}
