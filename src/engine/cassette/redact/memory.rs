//! Values that were secrets before: a server that is given a password may well repeat it in a
//! sentence where nothing tells what it is.

use aho_corasick::AhoCorasick;

use super::{shape, text::Hit};

/// The secrets of a recording that are recognised by their value alone.
#[derive(Default)]
pub(super) struct Memory {
    values: Vec<String>,
    /// Of each value its longest run of characters that JSON writes in one way only.
    runs: Option<AhoCorasick>,
    finder: Option<AhoCorasick>,
}

/// The most values that are remembered.
const MOST: usize = 1_024;
/// A shorter value would be found in the middle of harmless words.
const SHORTEST: usize = 8;
const LONGEST: usize = 8_192;

impl Memory {
    /// Remembers a value, if it is one that cannot be taken for a word.
    pub(super) fn learn(&mut self, value: &str) {
        let is_fit = (SHORTEST..=LONGEST).contains(&value.len()) && !shape::is_word(value);
        if !is_fit || self.values.len() == MOST || self.values.iter().any(|known| known == value) {
            return;
        }
        self.values.push(value.to_owned());
        let runs: Vec<&str> = self.values.iter().map(|value| longest_run(value)).collect();
        // Too many or too long for an automaton cannot happen within the bounds above.
        self.runs = AhoCorasick::new(runs).ok();
        self.finder = AhoCorasick::new(&self.values).ok();
    }

    /// Whether one of the values may stand in a JSON text, however that is escaped.
    pub(super) fn may_be_in(&self, raw: &str) -> bool {
        self.runs.as_ref().is_some_and(|runs| runs.is_match(raw))
    }

    /// Where values stand in a text.
    pub(super) fn find(&self, text: &str, hits: &mut Vec<Hit>) {
        let Some(finder) = &self.finder else { return };
        hits.extend(finder.find_iter(text).map(|found| Hit { range: found.range(), learn: false }));
    }
}

/// An empty run is found in every text, which is right for a value that can be written in any way.
fn longest_run(value: &str) -> &str {
    let is_plain = |it: char| it.is_ascii_graphic() && !matches!(it, '"' | '\\' | '/');
    value.split(|it| !is_plain(it)).max_by_key(|run| run.len()).unwrap_or_default()
}
