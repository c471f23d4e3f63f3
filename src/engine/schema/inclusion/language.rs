//! The texts a pattern matches, as an automaton where the pattern is regular.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use regex_automata::{
    Anchored,
    dfa::{Automaton, StartKind, dense},
    nfa::thompson,
    util::{primitives::StateID, start, syntax},
};

use super::ecma;
use crate::engine::schema::pattern::{self, Sketch};

/// Largest automaton of one pattern, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Patterns that were read before. A surface repeats its patterns in many tools, and building an
/// automaton takes longer than asking it; pairs that are given clones of one value share them.
#[derive(Debug, Clone, Default)]
pub struct Patterns(Rc<RefCell<HashMap<String, Rc<Language>>>>);

impl Patterns {
    pub(super) fn language(&self, text: &str) -> Rc<Language> {
        let mut known = self.0.borrow_mut();
        if let Some(language) = known.get(text) {
            return Rc::clone(language);
        }
        let language = Rc::new(Language::new(text));
        known.insert(text.to_owned(), Rc::clone(&language));
        language
    }
}

/// The language of a pattern that may match anywhere in a text.
#[derive(Debug)]
pub(super) struct Language {
    text: String,
    /// Built when it is first asked for, if the pattern is regular.
    automaton: OnceCell<Option<Box<dense::DFA<Vec<u32>>>>>,
}

/// How far into a text a [`Language`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Progress {
    /// It has matched, whatever comes.
    Matched,
    /// It will not match, whatever comes.
    Dead,
    At(StateID),
}

impl Language {
    /// Reads an ECMA-262 pattern.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), automaton: OnceCell::new() }
    }

    fn automaton(&self) -> Option<&dense::DFA<Vec<u32>>> {
        self.automaton.get_or_init(|| automaton(&self.text).map(Box::new)).as_deref()
    }

    /// Whether the automaton could be built.
    pub(super) fn is_regular(&self) -> bool {
        self.automaton().is_some()
    }

    /// Whether a text matches; none where finding out could take too long.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        if self.automaton().is_none() {
            return self.matches_by_backtracking(text);
        }
        let mut progress = self.start();
        for byte in text.bytes() {
            progress = self.next(progress, byte);
        }
        Some(self.ends(progress))
    }

    fn matches_by_backtracking(&self, text: &str) -> Option<bool> {
        let is_quick = Sketch::of(&self.text).is_cheap() && text.len() <= 1_000;
        let compiled = pattern::compile(&self.text).ok().filter(|_| is_quick)?;
        Some(compiled.find(text).is_some())
    }

    fn dfa(&self) -> &dense::DFA<Vec<u32>> {
        self.automaton().expect("only regular languages are stepped through")
    }

    /// Before the first byte. Only for regular languages, as are the following.
    pub(super) fn start(&self) -> Progress {
        let config = start::Config::new().anchored(Anchored::No);
        let state = self.dfa().start_state(&config).expect("unanchored starts are built");
        self.seen_as(state)
    }

    /// After one more byte.
    pub(super) fn next(&self, progress: Progress, byte: u8) -> Progress {
        match progress {
            Progress::At(state) => self.seen_as(self.dfa().next_state(state, byte)),
            decided => decided,
        }
    }

    /// Whether the text may end here and matches.
    pub(super) fn ends(&self, progress: Progress) -> bool {
        match progress {
            Progress::Matched => true,
            Progress::Dead => false,
            Progress::At(state) => {
                let dfa = self.dfa();
                dfa.is_match_state(dfa.next_eoi_state(state))
            }
        }
    }

    fn seen_as(&self, state: StateID) -> Progress {
        let dfa = self.dfa();
        if dfa.is_match_state(state) {
            Progress::Matched
        } else if dfa.is_dead_state(state) {
            Progress::Dead
        } else {
            Progress::At(state)
        }
    }

    /// Which bytes the automaton never tells apart: equal numbers are one class.
    pub(super) fn class_of(&self, byte: u8) -> u8 {
        self.dfa().byte_classes().get(byte)
    }
}

fn automaton(text: &str) -> Option<dense::DFA<Vec<u32>>> {
    let translated = ecma::translate(text).ok()?;
    dense::Builder::new()
        .configure(
            dense::Config::new()
                .minimize(false)
                .accelerate(false)
                .start_kind(StartKind::Unanchored)
                .dfa_size_limit(Some(MAX_BYTES))
                .determinize_size_limit(Some(4 * MAX_BYTES)),
        )
        .syntax(syntax::Config::new().unicode(true).utf8(true))
        .thompson(thompson::Config::new().utf8(true).nfa_size_limit(Some(MAX_BYTES)))
        .build(&translated)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_pattern_matches_anywhere_unless_it_is_anchored() {
        let matches = |pattern: &str, text: &str| Language::new(pattern).matches(text);
        assert_eq!(matches("b", "abc"), Some(true));
        assert_eq!(matches("^b", "abc"), Some(false));
        assert_eq!(matches("c$", "abc"), Some(true));
        assert_eq!(matches("", ""), Some(true));
        assert_eq!(matches("^$", ""), Some(true));
        assert_eq!(matches("^$", "a"), Some(false));
        assert_eq!(matches(r"^\d+$", "\u{663}"), Some(false));
        assert_eq!(matches("^.$", "\u{1F600}"), Some(true));
        assert_eq!(matches(r"\bto\b", "go to it"), Some(true));
        assert_eq!(matches(r"^(a)\1$", "aa"), Some(true));
    }

    #[test]
    fn an_automaton_that_would_explode_is_not_built() {
        assert!(!Language::new("^(a|b)*a(a|b){20}$").is_regular());
        assert!(Language::new("^[a-z]+@[a-z]+$").is_regular());
    }
}
