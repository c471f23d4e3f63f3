//! The file, or files, of a recording: whole lines, one write each.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::PathBuf,
};

use crate::{
    engine::cassette::{End, Header, Line},
    live::record::destination,
};

/// A cassette that is being written.
pub(super) struct CassetteFile {
    file: File,
    first: PathBuf,
    header: Header,
    rotate_bytes: Option<u64>,
    /// Of the current part.
    bytes: u64,
    header_bytes: u64,
    /// Messages and events so far, in all parts.
    n: u64,
}

impl CassetteFile {
    /// Goes on with a file that is there and empty.
    pub(super) fn begin(
        path: PathBuf,
        header: Header,
        rotate_bytes: Option<u64>,
    ) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(&path)?;
        let mut cassette =
            Self { file, first: path, header, rotate_bytes, bytes: 0, header_bytes: 0, n: 0 };
        cassette.write_header()?;
        Ok(cassette)
    }

    /// The number of the next message or event.
    pub(super) fn next_n(&self) -> u64 {
        self.n + 1
    }

    /// Appends a message or an event, which has the number `next_n`.
    pub(super) fn append(&mut self, line: &Line<'_>) -> io::Result<()> {
        let text = line.to_text();
        let grown = self.bytes + text.len() as u64;
        let is_full = self.rotate_bytes.is_some_and(|limit| grown > limit);
        if is_full && self.bytes > self.header_bytes {
            self.write(&Line::End(End { n: self.n, goes_on: true }).to_text())?;
            self.header.part += 1;
            self.file = destination::create_part(&self.first, self.header.part)?;
            self.bytes = 0;
            self.write_header()?;
        }
        self.write(&text)?;
        self.n += 1;
        Ok(())
    }

    /// Says that the recording was ended in order.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.write(&Line::End(End { n: self.n, goes_on: false }).to_text())
    }

    fn write_header(&mut self) -> io::Result<()> {
        self.write(&Line::Header(Box::new(self.header.clone())).to_text())?;
        self.header_bytes = self.bytes;
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            // What there is of a line that did not fit would be taken for damage.
            let _ = self.file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += text.len() as u64;
        Ok(())
    }
}
