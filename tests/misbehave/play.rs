//! `misbehave play FILE`: a server whose every line was written beforehand.
//!
//! Each request consumes the next line of the file, which is written as it stands; notifications
//! and answers consume nothing. A line that begins with `!` is written as soon as its turn comes,
//! without waiting for a request, and without the `!`. After the last line the server stays silent
//! until standard input closes.

use std::collections::VecDeque;
use std::fs;
use std::io;

use crate::life;
use crate::message::Message;
use crate::stdio::{LIMIT, Stdio};

pub(crate) fn play(file: &str) -> io::Result<()> {
    let text = fs::read(file)?;
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    let mut lines: VecDeque<&[u8]> = text.split(|byte| *byte == b'\n').collect();

    life::limit(LIMIT);
    let mut stdio = Stdio::new();
    write_unasked(&mut lines, &mut stdio);
    while let Some(message) = stdio.hear() {
        if let Message::Request(_) = message {
            if let Some(line) = lines.pop_front() {
                stdio.line(line);
            }
            write_unasked(&mut lines, &mut stdio);
        }
    }
    Ok(())
}

/// Writes the lines with `!` that come before the next ordinary line.
fn write_unasked(lines: &mut VecDeque<&[u8]>, stdio: &mut Stdio) {
    while let Some(line) = lines.front().and_then(|line| line.strip_prefix(b"!")) {
        stdio.line(line);
        lines.pop_front();
    }
}
