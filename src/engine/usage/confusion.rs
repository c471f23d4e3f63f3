//! Which tools are called where another one was meant.

use rustc_hash::FxHashMap;

use super::MAX_PAIRS;

/// Occurrences by pair of tools, each by its number.
#[derive(Debug, Default)]
pub(super) struct Confusions {
    counts: FxHashMap<(u32, u32), Occurrences>,
    /// Those of pairs beyond the bound.
    pub(super) beyond: u64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Occurrences {
    pub(super) after_failure: u64,
    pub(super) same_values: u64,
}

impl Confusions {
    /// The occurrences of a pair, to be added to.
    pub(super) fn of(&mut self, first: u32, then: u32) -> Option<&mut Occurrences> {
        let is_full = self.counts.len() >= MAX_PAIRS;
        if is_full && !self.counts.contains_key(&(first, then)) {
            self.beyond += 1;
            return None;
        }
        Some(self.counts.entry((first, then)).or_default())
    }

    pub(super) fn into_pairs(self) -> impl Iterator<Item = (u32, u32, Occurrences)> {
        self.counts.into_iter().map(|((first, then), counts)| (first, then, counts))
    }
}
