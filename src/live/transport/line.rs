//! Lines of bytes, bounded, whatever they end with.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// One line without its ending.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The content.
    pub(super) bytes: Vec<u8>,
    /// How it ended.
    pub(super) ending: Ending,
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With LF, as it should.
    LineFeed,
    /// With CR LF.
    CarriageReturnLineFeed,
    /// With the end of the stream.
    EndOfStream,
}

/// Why there is no line.
#[derive(Debug)]
pub(super) enum NoLine {
    /// The stream ended.
    End,
    /// The line is longer than the limit; what was read of it is gone.
    TooLong,
    /// Reading failed.
    Broken(io::Error),
}

/// Reads lines and survives being dropped in the middle of one: what has come in stays in
/// `partial` for the next call.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    reader: R,
    partial: Vec<u8>,
    max_bytes: usize,
}

impl<R: AsyncBufRead + Unpin> LineReader<R> {
    pub(super) fn new(reader: R, max_bytes: usize) -> Self {
        Self { reader, partial: Vec::new(), max_bytes }
    }

    /// The next line.
    pub(super) async fn next(&mut self) -> Result<Line, NoLine> {
        loop {
            let available = self.reader.fill_buf().await.map_err(NoLine::Broken)?;
            if available.is_empty() {
                if self.partial.is_empty() {
                    return Err(NoLine::End);
                }
                let bytes = std::mem::take(&mut self.partial);
                return Ok(Line { bytes, ending: Ending::EndOfStream });
            }
            let newline = available.iter().position(|byte| *byte == b'\n');
            let length = newline.unwrap_or(available.len());
            if self.partial.len() + length > self.max_bytes {
                return Err(NoLine::TooLong);
            }
            self.partial.extend_from_slice(&available[..length]);
            self.reader.consume(length + usize::from(newline.is_some()));
            if newline.is_some() {
                let mut bytes = std::mem::take(&mut self.partial);
                let ending = if bytes.last() == Some(&b'\r') {
                    bytes.pop();
                    Ending::CarriageReturnLineFeed
                } else {
                    Ending::LineFeed
                };
                return Ok(Line { bytes, ending });
            }
        }
    }

    /// Throws away what is left of a line that was too long.
    pub(super) async fn skip_line(&mut self) {
        self.partial.clear();
        while let Ok(available) = self.reader.fill_buf().await {
            let newline = available.iter().position(|byte| *byte == b'\n');
            let length = newline.map_or(available.len(), |index| index + 1);
            if length == 0 {
                return;
            }
            self.reader.consume(length);
            if newline.is_some() {
                return;
            }
        }
    }
}
