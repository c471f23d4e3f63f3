//! Byte offsets to lines and columns, quickly even where the whole file is one line.

use crate::engine::protocol::json::Position;

/// How many bytes lie between two remembered character counts.
const STEP: usize = 256;

/// Answers [`Positions::at`] for one text with a binary search and a count over a few hundred
/// bytes. Counting from the start of the line instead would be quadratic in a minified file.
pub(super) struct Positions<'a> {
    bytes: &'a [u8],
    line_starts: Vec<usize>,
    /// Characters before each multiple of [`STEP`].
    characters: Vec<usize>,
}

impl<'a> Positions<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let newlines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(index, _)| index + 1)).collect();
        let mut characters = vec![0];
        for chunk in bytes.chunks(STEP) {
            let before = characters.last().copied().unwrap_or(0);
            characters.push(before + characters_in(chunk));
        }
        Self { bytes, line_starts, characters }
    }

    /// Line and column of a byte offset inside the text or at its end.
    pub(super) fn at(&self, offset: usize) -> Position {
        let offset = offset.min(self.bytes.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let column = self.characters_before(offset) - self.characters_before(start) + 1;
        Position { line, column }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        self.characters[step] + characters_in(&self.bytes[step * STEP..offset])
    }
}

fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting_from_the_start() {
        for text in
            ["", "ä", "a\n\nbä€c\n", &"äx€\n".repeat(300), &"ä".repeat(128), &"x".repeat(512)]
        {
            let positions = Positions::of(text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..offset];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                assert_eq!(positions.at(offset), Position { line, column }, "{text:?} {offset}");
            }
        }
    }
}
