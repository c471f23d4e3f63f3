//! Byte-pair encoding of one piece: how many tokens it becomes.
//!
//! A piece starts as single bytes. Over and over, the two neighbours whose joined bytes have the
//! lowest rank become one, the leftmost pair where two are equal, until no neighbours make a token.
//! Only the number is kept, because nobody here asks for the tokens themselves.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::table::rank;

/// The longest piece in bytes that is merged by scanning. From about 150 bytes on a heap is quicker,
/// and without one a single long run of letters in a description would take quadratic time.
const LONGEST_SCAN: usize = 96;

/// The longest piece in bytes that is merged as one. No text has words that long; a hostile one may
/// have a run of millions of letters, which is counted in parts, at most one token a part too high.
const LONGEST_PIECE: usize = 1 << 18;
const PART: usize = 1 << 12;

/// A rank after all others: these bytes are no token.
const NONE: u32 = u32::MAX;

/// Counts pieces; keeps its memory from one to the next.
#[derive(Default)]
pub(super) struct Merger {
    parts: Vec<Part>,
}

/// One token so far of the piece being merged.
struct Part {
    /// Where it starts in the piece. It ends where the next one starts.
    start: usize,
    /// The rank of this part and the next joined.
    joined: u32,
}

impl Merger {
    /// The number of tokens of a piece.
    pub(super) fn count(&mut self, piece: &[u8]) -> usize {
        match piece.len() {
            // Every single byte is a token.
            1 => 1,
            _ if rank(piece).is_some() => 1,
            length if length <= LONGEST_SCAN => self.scan(piece),
            length if length <= LONGEST_PIECE => heap(piece),
            _ => piece.chunks(PART).map(heap).sum(),
        }
    }

    fn scan(&mut self, piece: &[u8]) -> usize {
        let pairs = piece.windows(2).map(|pair| rank(pair).unwrap_or(NONE)).chain([NONE]);
        self.parts.clear();
        self.parts.extend(pairs.enumerate().map(|(start, joined)| Part { start, joined }));
        // The first of several equal minima is the leftmost pair.
        while let Some((index, best)) =
            self.parts.iter().enumerate().min_by_key(|(_, part)| part.joined)
            && best.joined != NONE
        {
            self.parts.remove(index + 1);
            self.parts[index].joined = self.joined(piece, index);
            if let Some(before) = index.checked_sub(1) {
                self.parts[before].joined = self.joined(piece, before);
            }
        }
        self.parts.len()
    }

    fn joined(&self, piece: &[u8], index: usize) -> u32 {
        if index + 1 == self.parts.len() {
            return NONE;
        }
        let end = self.parts.get(index + 2).map_or(piece.len(), |part| part.start);
        rank(&piece[self.parts[index].start..end]).unwrap_or(NONE)
    }
}

/// The same with a heap of possible merges. Entries are not removed when a merge makes them
/// impossible; they are recognised when they come up.
fn heap(piece: &[u8]) -> usize {
    // For the part that starts at a byte: where it ends, and where the part before it starts. A
    // part that was joined to the one before it ends where it starts.
    let mut end: Vec<usize> = (1..=piece.len()).collect();
    let mut before: Vec<usize> = (0..piece.len()).map(|start| start.saturating_sub(1)).collect();
    let candidate = |start: usize, end: &[usize]| {
        let joined_end = *end.get(end[start])?;
        Some(Reverse((rank(&piece[start..joined_end])?, start, joined_end)))
    };
    let mut candidates: BinaryHeap<_> =
        (0..piece.len()).filter_map(|start| candidate(start, &end)).collect();
    let mut count = piece.len();
    while let Some(Reverse((_, start, joined_end))) = candidates.pop() {
        let middle = end[start];
        // Whichever parts they were when it was pushed: two neighbours that cover these bytes now
        // are this merge, and anything else means that it was overtaken.
        if end.get(middle) != Some(&joined_end) {
            continue;
        }
        count -= 1;
        end[middle] = middle;
        end[start] = joined_end;
        if let Some(next) = before.get_mut(joined_end) {
            *next = start;
        }
        candidates.extend(candidate(start, &end));
        if start > 0 {
            candidates.extend(candidate(before[start], &end));
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{Merger, heap};

    #[test]
    fn scanning_and_the_heap_agree_on_pieces_of_any_length() {
        let mut state = 1_u32;
        for length in (2..200).chain([1_000]) {
            // The fewer the letters, the more the ties.
            for letters in [1, 2, 4, 26] {
                let mut letter = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    b'a' + (state >> 24) as u8 % letters
                };
                let piece: Vec<u8> = (0..length).map(|_| letter()).collect();
                let text = String::from_utf8_lossy(&piece);
                assert_eq!(Merger::default().scan(&piece), heap(&piece), "{text}");
            }
        }
    }
}
