//! A text of some length that matches some patterns, does not match others, and is not one of a
//! list.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashSet, VecDeque},
};

use rustc_hash::FxHashSet;

use super::{Literal, Outcome, Search};
use crate::engine::schema::inclusion::{
    instance::Instance,
    language::{Language, Progress},
    node::Node,
};

/// Most states of the product of all automata.
const MAX_STATES: usize = 250_000;
/// Longest text that is written out.
const MAX_LENGTH: u64 = 1_000_000;
/// Bytes a reader likes best.
const READABLE: &[u8] = b"xabcyz10ABXYZ -_./:@,";

/// What is asked of a text.
#[derive(Debug, Default)]
struct Wanted<'a> {
    min: u64,
    max: Option<u64>,
    patterns: Vec<(&'a Language, bool)>,
    excluded: BTreeSet<&'a str>,
    doubt: Option<&'static str>,
    /// How many states were looked at.
    states: Cell<u64>,
}

impl Search<'_> {
    pub(super) fn string(&mut self, atoms: &[Literal]) -> Outcome {
        let mut wanted = Wanted::default();
        for literal in atoms {
            match (self.arena.node(literal.node), literal.is_positive) {
                (Node::MinLength(least), true) => wanted.min = wanted.min.max(*least),
                (Node::MaxLength(most), true) => wanted.limit(*most),
                (Node::MaxLength(most), false) => {
                    wanted.min = wanted.min.max(most.saturating_add(1));
                }
                (Node::MinLength(least), false) => match least.checked_sub(1) {
                    Some(most) => wanted.limit(most),
                    None => return Outcome::Empty,
                },
                (Node::Pattern(pattern), is_positive) => {
                    let language = self.arena.language(*pattern);
                    if language.is_regular() {
                        wanted.patterns.push((language, is_positive));
                    } else {
                        wanted.doubt = Some("a `pattern` that is not regular or too large");
                    }
                }
                (Node::Format(_), _) => wanted.doubt = Some("a `format` that is asserted"),
                (Node::Enumeration(index), _) => {
                    let texts = self.arena.members(*index).iter().filter_map(|it| match it {
                        Instance::String(text) => Some(text.as_str()),
                        _ => None,
                    });
                    wanted.excluded.extend(texts);
                }
                _ => {}
            }
        }
        let (outcome, doubt) = (wanted.find(), wanted.doubt);
        self.work += wanted.states.get();
        match doubt {
            Some(reason) => self.best_guess(atoms, outcome, reason),
            None => outcome,
        }
    }

    /// With a constraint that no automaton stands for: the first text among a few that an engine
    /// accepts, or else the one that was found without the constraint.
    fn best_guess(&self, atoms: &[Literal], outcome: Outcome, reason: &str) -> Outcome {
        let Outcome::Found(found) = outcome else { return outcome };
        let guesses = GUESSES.iter().map(|guess| Instance::String((*guess).to_owned()));
        let mut all = std::iter::once(found.clone()).chain(guesses);
        match all.find(|guess| self.holds(atoms, guess) == Some(true)) {
            Some(guess) => Outcome::Found(guess),
            None => Outcome::Found(found).doubted(reason),
        }
    }
}

/// Texts that irregular patterns and formats are likely to tell apart.
const GUESSES: &[&str] = &[
    "x",
    "",
    "a",
    "aa",
    "ab",
    "aba",
    "abc",
    "A",
    "Aa",
    "1",
    "11",
    "12",
    "0",
    "-",
    "_",
    " ",
    "x y",
    "a1",
    "A1",
    "Aa1",
    "Aa1!",
    "Password1!",
    "aaaaaaaa",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "12:00:00",
    "a@b.cc",
    "example.com",
    "https://example.com",
    "/a/b",
    "127.0.0.1",
    "::1",
    "123e4567-e89b-12d3-a456-426614174000",
    "#",
    "$1",
    "a.b",
    "foo bar",
    "foobar",
    "xx",
    "xyx",
];

impl Wanted<'_> {
    fn limit(&mut self, most: u64) {
        self.max = Some(self.max.map_or(most, |max| max.min(most)));
    }

    fn find(&self) -> Outcome {
        if self.max.is_some_and(|max| max < self.min) {
            return Outcome::Empty;
        }
        if self.patterns.is_empty() { self.any_text() } else { self.matching_text() }
    }

    /// Without patterns there are more texts of every length above zero than lists can exclude.
    fn any_text(&self) -> Outcome {
        if self.max == Some(0) {
            return if self.excluded.contains("") {
                Outcome::Empty
            } else {
                Outcome::Found(Instance::String(String::new()))
            };
        }
        let length = self.min.max(1);
        if length > MAX_LENGTH {
            return Outcome::unknown("a text of more than a million characters");
        }
        let run = "x".repeat(length as usize);
        let short = &run[1..];
        let first = (0x21..0x1_0000).filter_map(char::from_u32);
        let texts = std::iter::once(run.clone()).chain(
            READABLE
                .iter()
                .map(|byte| char::from(*byte))
                .chain(first)
                .map(|character| format!("{character}{short}")),
        );
        let free =
            texts.take(self.excluded.len() + 2).find(|it| !self.excluded.contains(it.as_str()));
        free.map_or_else(
            || Outcome::unknown("a list of very many texts"),
            |text| Outcome::Found(Instance::String(text)),
        )
    }

    /// Breadth first through the product of all automata, so that the shortest text comes first.
    fn matching_text(&self) -> Outcome {
        let trie = Trie::of(&self.excluded);
        let bytes = self.representatives();
        let start = self.start();
        // Lengths beyond this are all alike.
        let cap = self.max.map_or(self.min, |max| max.saturating_add(1).max(self.min));
        if cap > MAX_LENGTH {
            return Outcome::unknown("a text of more than a million characters");
        }
        let mut seen = FxHashSet::from_iter([start.clone()]);
        let mut steps: Vec<(usize, u8)> = vec![(usize::MAX, 0)];
        let mut open = VecDeque::from([(start, 0)]);
        let mut empty_text = None;
        while let Some((state, index)) = open.pop_front() {
            self.states.set(self.states.get() + 1);
            if self.accepts(&state, &trie) {
                let text = spell(&steps, index);
                // Some engines take `$` for the end of a line as well; a text that goes on after
                // the line is a witness for all of them.
                let longer = format!("{text}x");
                if text.ends_with('\n') && self.accepts_text(&longer, &trie, cap) {
                    return Outcome::Found(Instance::String(longer));
                }
                if !text.is_empty() {
                    return Outcome::Found(Instance::String(text));
                }
                empty_text = Some(text);
            }
            for byte in &bytes {
                let Some(next) = self.step(&state, *byte, &trie, cap) else { continue };
                if !seen.insert(next.clone()) {
                    continue;
                }
                if seen.len() > MAX_STATES {
                    let outcome = Outcome::unknown("patterns with too many states together");
                    return empty_text.map_or(outcome, |it| Outcome::Found(Instance::String(it)));
                }
                steps.push((index, *byte));
                open.push_back((next, steps.len() - 1));
            }
        }
        empty_text.map_or(Outcome::Empty, |text| Outcome::Found(Instance::String(text)))
    }

    fn accepts_text(&self, text: &str, trie: &Trie, cap: u64) -> bool {
        let mut bytes = text.bytes();
        let end = bytes.try_fold(self.start(), |state, byte| self.step(&state, byte, trie, cap));
        end.is_some_and(|state| self.accepts(&state, trie))
    }

    fn start(&self) -> State {
        State {
            progress: self.patterns.iter().map(|(language, _)| language.start()).collect(),
            utf8: Utf8::Start,
            excluded: Some(0),
            length: 0,
        }
    }

    fn accepts(&self, state: &State, trie: &Trie) -> bool {
        let patterns = self.patterns.iter().zip(&state.progress);
        state.utf8 == Utf8::Start
            && state.length >= self.min
            && self.max.is_none_or(|max| state.length <= max)
            && !state.excluded.is_some_and(|node| trie.ends[node])
            && patterns.into_iter().all(|((language, wanted), at)| language.ends(*at) == *wanted)
    }

    /// The state after one more byte; none where nothing that follows can be accepted.
    fn step(&self, state: &State, byte: u8, trie: &Trie, cap: u64) -> Option<State> {
        let utf8 = state.utf8.next(byte)?;
        let starts_character = state.utf8 == Utf8::Start;
        let length = (state.length + u64::from(starts_character)).min(cap);
        if self.max.is_some_and(|max| length > max) {
            return None;
        }
        let mut progress = Vec::with_capacity(self.patterns.len());
        for ((language, wanted), at) in self.patterns.iter().zip(&state.progress) {
            let next = language.next(*at, byte);
            let is_lost = match next {
                Progress::Matched => !wanted,
                Progress::Dead => *wanted,
                Progress::At(_) => false,
            };
            if is_lost {
                return None;
            }
            progress.push(next);
        }
        let excluded = state.excluded.and_then(|node| trie.next(node, byte));
        Some(State { progress, utf8, excluded, length })
    }

    /// One byte of each class that no automaton tells apart, readable ones first.
    fn representatives(&self) -> Vec<u8> {
        let mut taken: FxHashSet<Vec<u8>> = FxHashSet::default();
        let in_lists: HashSet<u8> = self.excluded.iter().flat_map(|text| text.bytes()).collect();
        let readable = READABLE.iter().copied().chain(b'!'..=b'~').chain(0..=u8::MAX);
        let mut bytes = Vec::new();
        let mut classes = Vec::with_capacity(self.patterns.len() + 2);
        for byte in readable {
            classes.clear();
            classes.extend(self.patterns.iter().map(|(language, _)| language.class_of(byte)));
            classes.push(Utf8::class(byte));
            // A byte of an excluded text is a class of its own.
            if in_lists.contains(&byte) {
                classes.push(byte);
            }
            if !taken.contains(&classes) {
                taken.insert(classes.clone());
                bytes.push(byte);
            }
        }
        bytes
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    progress: Vec<Progress>,
    utf8: Utf8,
    /// The node of the trie, while the text is the beginning of an excluded one.
    excluded: Option<usize>,
    length: u64,
}

/// How much of a character has been read (RFC 3629 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Utf8 {
    Start,
    One,
    Two,
    Three,
    AfterE0,
    AfterEd,
    AfterF0,
    AfterF4,
}

impl Utf8 {
    fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Start, 0..=0x7F) | (Self::One, 0x80..=0xBF) => Self::Start,
            (Self::Start, 0xC2..=0xDF)
            | (Self::Two, 0x80..=0xBF)
            | (Self::AfterE0, 0xA0..=0xBF)
            | (Self::AfterEd, 0x80..=0x9F) => Self::One,
            (Self::Start, 0xE0) => Self::AfterE0,
            (Self::Start, 0xED) => Self::AfterEd,
            (Self::Start, 0xE1..=0xEF)
            | (Self::Three, 0x80..=0xBF)
            | (Self::AfterF0, 0x90..=0xBF)
            | (Self::AfterF4, 0x80..=0x8F) => Self::Two,
            (Self::Start, 0xF0) => Self::AfterF0,
            (Self::Start, 0xF1..=0xF3) => Self::Three,
            (Self::Start, 0xF4) => Self::AfterF4,
            _ => return None,
        })
    }

    /// Bytes of one class are treated alike above.
    fn class(byte: u8) -> u8 {
        match byte {
            0..=0x7F => 0,
            0x80..=0x8F => 1,
            0x90..=0x9F => 2,
            0xA0..=0xBF => 3,
            0xC2..=0xDF => 4,
            0xE0 => 5,
            0xED => 6,
            0xE1..=0xEF => 7,
            0xF0 => 8,
            0xF1..=0xF3 => 9,
            0xF4 => 10,
            _ => 11,
        }
    }
}

/// The excluded texts, byte by byte.
#[derive(Debug, Default)]
struct Trie {
    children: Vec<Vec<(u8, usize)>>,
    ends: Vec<bool>,
}

impl Trie {
    fn of(texts: &BTreeSet<&str>) -> Self {
        let mut trie = Self { children: vec![Vec::new()], ends: vec![false] };
        for text in texts {
            let mut node = 0;
            for byte in text.bytes() {
                node = trie.next(node, byte).unwrap_or_else(|| {
                    trie.children.push(Vec::new());
                    trie.ends.push(false);
                    let child = trie.ends.len() - 1;
                    trie.children[node].push((byte, child));
                    child
                });
            }
            trie.ends[node] = true;
        }
        trie
    }

    fn next(&self, node: usize, byte: u8) -> Option<usize> {
        self.children[node].iter().find(|(own, _)| *own == byte).map(|(_, child)| *child)
    }
}

fn spell(steps: &[(usize, u8)], mut index: usize) -> String {
    let mut bytes = Vec::new();
    while steps[index].0 != usize::MAX {
        bytes.push(steps[index].1);
        index = steps[index].0;
    }
    bytes.reverse();
    String::from_utf8(bytes).expect("the product contains the automaton of valid UTF-8")
}
