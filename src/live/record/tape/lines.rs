//! Bytes to lines, however they come.

use memchr::memchr;

use super::MAX_MESSAGE_BYTES;

/// The line that has begun.
#[derive(Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    /// Of a line that is too long to be kept: how long it is so far.
    left_out: usize,
}

/// A line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whole<'a> {
    /// Its bytes.
    Line(&'a [u8]),
    /// One that was too long to be kept, with its length.
    TooLong(usize),
}

impl Lines {
    /// Takes in more bytes and hands over each line that they complete.
    pub(super) fn push<E>(
        &mut self,
        mut bytes: &[u8],
        mut line: impl FnMut(Whole<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = memchr(b'\n', bytes) {
            let (rest, after) = (&bytes[..end], &bytes[end + 1..]);
            if self.partial.is_empty() && self.left_out == 0 {
                line(Whole::Line(rest))?;
            } else {
                self.add(rest);
                self.hand_over(&mut line)?;
            }
            bytes = after;
        }
        self.add(bytes);
        Ok(())
    }

    /// Hands over what was begun when the stream ended.
    pub(super) fn end<E>(
        &mut self,
        mut line: impl FnMut(Whole<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.partial.is_empty() && self.left_out == 0 {
            Ok(())
        } else {
            self.hand_over(&mut line)
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.left_out > 0 || self.partial.len() + bytes.len() > MAX_MESSAGE_BYTES {
            self.left_out += self.partial.len() + bytes.len();
            self.partial = Vec::new();
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn hand_over<E>(&mut self, line: &mut impl FnMut(Whole<'_>) -> Result<(), E>) -> Result<(), E> {
        let partial = std::mem::take(&mut self.partial);
        match std::mem::take(&mut self.left_out) {
            0 => line(Whole::Line(&partial)),
            length => line(Whole::TooLong(length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, MAX_MESSAGE_BYTES, Whole};

    #[test]
    fn lines_come_out_whole_however_they_come_in() {
        let text = b"one\ntwo\r\n\nthree\nfour";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            let mut keep = |line: Whole<'_>| {
                let Whole::Line(line) = line else { panic!("{line:?}") };
                found.push(String::from_utf8(line.to_vec()).unwrap());
                Ok::<_, ()>(())
            };
            for chunk in text.chunks(size) {
                lines.push(chunk, &mut keep).unwrap();
            }
            lines.end(&mut keep).unwrap();
            assert_eq!(found, ["one", "two\r", "", "three", "four"], "{size}");
        }
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut lines = Lines::default();
        let chunk = vec![b'x'; MAX_MESSAGE_BYTES / 2];
        let mut found = Vec::new();
        for _ in 0..3 {
            lines.push(&chunk, |_| Ok::<_, ()>(())).unwrap();
        }
        assert!(lines.partial.capacity() < chunk.len());
        let keep = |line: Whole<'_>| {
            found.push(match line {
                Whole::Line(line) => line.len(),
                Whole::TooLong(length) => length,
            });
            Ok::<_, ()>(())
        };
        lines.push(b"\nnext\n", keep).unwrap();
        assert_eq!(found, [3 * (MAX_MESSAGE_BYTES / 2), 4]);
    }
}
