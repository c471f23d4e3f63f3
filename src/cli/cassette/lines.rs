//! The lines of a file of somebody else's format, or the file as a whole.

use std::{
    io::{self, BufRead, Read},
    path::Path,
};

use super::file;
use crate::{
    cli::error::CliError,
    engine::cassette::{
        MAX_LINE_BYTES, Reader,
        import::{Format, Shape, detect},
    },
};

/// How many lines are looked at to tell formats apart, and how many bytes of them.
const LOOKED_AT: (usize, usize) = (64, 16 << 20);

/// A file of a known format, before its messages are read.
pub(super) struct Source {
    pub(super) format: &'static Format,
    kind: Kind,
}

enum Kind {
    /// JSON lines, read from the file each time.
    Lines,
    /// JSON lines that came over a pipe.
    Kept(Vec<u8>),
    /// One document.
    Document(Vec<u8>),
}

/// One line, or why it is passed over.
pub(super) type Given<'a> = Result<&'a str, String>;

impl Source {
    /// Looks at a file. The format is the one that is asked for, or the one that it looks like.
    pub(super) fn open(path: &Path, asked: Option<&'static Format>) -> Result<Self, CliError> {
        let name = file::name(path);
        let failed = |error: io::Error| {
            match error.kind() {
            io::ErrorKind::FileTooLarge => CliError::usage(format!(
                "{name} is one document of more than {} MiB, which would have to be read as a whole",
                MAX_LINE_BYTES >> 20
            ))
            .help("export less at a time, or as JSON lines where that is possible"),
            _ => CliError::file("read", &name, &error),
        }
        };
        let mut source = file::source(path)?;
        // Of a pipe everything is kept: it can be read only once.
        let is_file = std::fs::metadata(path).is_ok_and(|it| it.is_file());
        let mut head = Vec::new();
        let mut ends = Vec::new();
        while ends.len() < LOOKED_AT.0 && head.len() < LOOKED_AT.1 {
            let mut limited = (&mut source).take(MAX_LINE_BYTES as u64);
            if limited.read_until(b'\n', &mut head).map_err(failed)? == 0 {
                break;
            }
            ends.push(head.len());
        }
        let text = String::from_utf8_lossy(&head);
        let is_json = |line: &str| {
            line.starts_with(['{', '['])
                && serde_json::from_str::<&serde_json::value::RawValue>(line).is_ok()
        };
        // A first line that is whole by itself is one of several; so is one that was damaged where
        // the next one is.
        let lines: Vec<&str> =
            text.lines().map(|line| line.trim_start_matches('\u{feff}')).collect();
        let first = lines.iter().find(|line| !line.trim().is_empty());
        let is_of_lines = first.is_some_and(|line| is_json(line.trim()))
            || lines.iter().filter(|line| line.starts_with('{') && is_json(line.trim())).count()
                > 1;
        let by_lines = is_of_lines
            .then(|| Shape::of(lines.iter().copied().filter(|line| !line.trim().is_empty())))
            .and_then(|shape| detect(&shape));
        if let Some(format) = asked.or(by_lines).filter(|_| is_of_lines && is_file) {
            return Ok(Self { format, kind: Kind::Lines });
        }
        drop(lines);
        drop(text);
        let room = (MAX_LINE_BYTES + 1).saturating_sub(head.len());
        source.take(room as u64).read_to_end(&mut head).map_err(failed)?;
        if head.len() > MAX_LINE_BYTES {
            return Err(failed(io::ErrorKind::FileTooLarge.into()));
        }
        let by_whole =
            || detect(&Shape::of([String::from_utf8_lossy(without_mark(&head)).as_ref()]));
        if asked.is_none() && Reader::open(head.as_slice()).is_ok() {
            return Err(CliError::usage(format!("{name} is a cassette already"))
                .help("look at it with `mcp-kit cassette show`"));
        }
        let format = asked.or(by_lines).or_else(by_whole).ok_or_else(|| unknown(&name))?;
        Ok(Self { format, kind: if is_of_lines { Kind::Kept(head) } else { Kind::Document(head) } })
    }

    /// Calls a function with each line that is not empty, and its number; a document is line 0.
    pub(super) fn each(
        &self,
        path: &Path,
        mut take: impl FnMut(u64, Given<'_>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let failed = |error: io::Error| CliError::file("read", &file::name(path), &error);
        let mut source: Box<dyn BufRead + '_> = match &self.kind {
            Kind::Lines => file::source(path)?,
            Kind::Kept(text) => Box::new(text.as_slice()),
            Kind::Document(text) => {
                let text = std::str::from_utf8(without_mark(text));
                return take(0, text.map_err(|_| "it is not UTF-8".to_owned()));
            }
        };
        let mut buffer = Vec::new();
        let mut number = 0;
        loop {
            number += 1;
            buffer.clear();
            let mut limited = (&mut source).take(MAX_LINE_BYTES as u64);
            let length = limited.read_until(b'\n', &mut buffer).map_err(failed)?;
            if length == 0 {
                return Ok(());
            }
            if length == MAX_LINE_BYTES && buffer.last() != Some(&b'\n') {
                source.skip_until(b'\n').map_err(failed)?;
                let reason = format!("it is longer than {} MiB", MAX_LINE_BYTES >> 20);
                take(number, Err(reason))?;
                continue;
            }
            match std::str::from_utf8(&buffer) {
                Ok(line) => {
                    let line = line.trim_start_matches('\u{feff}').trim();
                    if !line.is_empty() {
                        take(number, Ok(line))?;
                    }
                }
                Err(_) => take(number, Err("it is not UTF-8".to_owned()))?,
            }
        }
    }
}

/// A text without the mark that some editors put before it.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

fn unknown(name: &str) -> CliError {
    CliError::usage(format!("{name}: none of the formats that are known"))
        .help(super::import::FORMATS)
}
