//! What ties two tools together, however little their words are alike: a word that both names have,
//! a thing that one is about and the other takes, a field that one answers and the other takes.
//!
//! A vector says how much of two tools is the same, and a name of one rare word makes it unlike
//! everything; a bond only asks for the strongest tie. That is too little to build groups by, for
//! single ties chain whole lists together, and enough to find a place for the few tools that are
//! left ([`super::fragment`]).

use rustc_hash::FxHashMap;

use super::{
    MOST_TOOLS,
    edge::{Edges, may_be_thing, thing},
    name::Names,
};
use crate::engine::{semantics::word::stem, surface::Tool};

/// How much a word counts at its place. Two tools are tied by the product: both are about it (1),
/// one is and the other takes it (0.7), it is somewhere in both names (0.36).
const FIRST: f32 = 1.0;
const FURTHER: f32 = 0.6;
const ARGUMENT: f32 = 0.7;
/// The same for a field that goes from tool to tool.
const ANSWERED: f32 = 1.2;
const TAKEN: f32 = 0.8;
/// What more tools than this have ties nobody.
const MOST_TIED: usize = 2 * MOST_TOOLS;
const MAX_ARGUMENTS: usize = 64;

/// The ties of all tools.
#[derive(Debug)]
pub(super) struct Bonds {
    /// For each tool, what ties it and how strongly.
    rows: Vec<Vec<(u32, f32)>>,
}

/// The roots of words as numbers. The same nouns and arguments stand at many tools, and are taken
/// apart once.
#[derive(Default)]
struct Numbers<'a> {
    of_roots: FxHashMap<String, u32>,
    of_nouns: FxHashMap<&'a str, Vec<u32>>,
    of_arguments: FxHashMap<&'a str, Vec<u32>>,
}

impl<'a> Numbers<'a> {
    fn of_noun(&mut self, noun: &'a str) -> &[u32] {
        let roots = &mut self.of_roots;
        self.of_nouns.entry(noun).or_insert_with(|| numbers(noun.split('-'), roots))
    }

    fn of_argument(&mut self, argument: &'a str) -> &[u32] {
        let roots = &mut self.of_roots;
        self.of_arguments.entry(argument).or_insert_with(|| {
            let thing = thing(argument);
            let thing = thing.strip_suffix("_id").unwrap_or(&thing);
            numbers(thing.split('_'), roots)
        })
    }
}

fn numbers<'w>(
    words: impl Iterator<Item = &'w str>,
    roots: &mut FxHashMap<String, u32>,
) -> Vec<u32> {
    let number = |word: &str| {
        let next = u32::try_from(roots.len()).expect("fewer words than bytes are read");
        *roots.entry(root(word)).or_insert(next)
    };
    words.map(number).collect()
}

impl Bonds {
    pub(super) fn of(tools: &[Tool], names: &Names, edges: &Edges) -> Self {
        let mut numbers = Numbers::default();
        let mut tied: Vec<Vec<(usize, f32)>> = Vec::new();
        let mut tie = |words: &[u32], tool: usize, weight: f32| {
            for (place, number) in words.iter().enumerate() {
                // The first of joined words is what they are about: a DNS zone, a DNS record.
                let weight = if place == 0 { weight } else { weight * FURTHER };
                let number = *number as usize;
                tied.resize_with(tied.len().max(number + 1), Vec::new);
                match tied[number].last_mut() {
                    Some((last, strongest)) if *last == tool => *strongest = strongest.max(weight),
                    _ => tied[number].push((tool, weight)),
                }
            }
        };
        for tool in names.by_name() {
            if names.is_about_everything(*tool) {
                continue;
            }
            for (place, noun) in names.nouns(*tool).iter().enumerate() {
                let weight = if place == 0 { FIRST } else { FURTHER };
                tie(numbers.of_noun(noun), *tool, weight);
            }
            for (argument, schema) in tools[*tool].arguments().take(MAX_ARGUMENTS) {
                if may_be_thing(schema) {
                    tie(numbers.of_argument(argument), *tool, ARGUMENT);
                }
            }
        }
        for (field, (_, ends)) in (numbers.of_roots.len()..).zip(edges.fields()) {
            let field = u32::try_from(field).expect("fewer words than bytes are read");
            for tool in ends.producers.union(&ends.consumers) {
                let weight = if ends.producers.contains(tool) { ANSWERED } else { TAKEN };
                tie(&[field], *tool, weight);
            }
        }
        let mut rows = vec![Vec::new(); tools.len()];
        for (number, tied) in (0_u32..).zip(&tied) {
            let is_of_use = (2..=MOST_TIED).contains(&tied.len());
            for (tool, weight) in tied.iter().filter(|_| is_of_use) {
                // What a whole server has in common is worth less the more have it besides.
                let share = (MOST_TOOLS as f32 / tied.len() as f32).min(1.0);
                rows[*tool].push((number, weight * share.sqrt()));
            }
        }
        Self { rows }
    }

    /// How strongly the members of a portion are tied, each with each: a table by rows.
    pub(super) fn table(&self, portion: &[usize]) -> Vec<f32> {
        let count = portion.len();
        let mut with: Vec<(u32, u32, f32)> = Vec::new();
        for (member, tool) in (0_u32..).zip(portion) {
            with.extend(self.rows[*tool].iter().map(|(what, weight)| (*what, member, *weight)));
        }
        with.sort_unstable_by_key(|(what, member, _)| (*what, *member));
        let mut table = vec![0.0_f32; count * count];
        for same in with.chunk_by(|one, other| one.0 == other.0) {
            for (place, (_, first, weight)) in same.iter().enumerate() {
                for (_, second, other) in &same[place + 1..] {
                    let strength = (weight * other).min(1.0);
                    for (row, column) in [(first, second), (second, first)] {
                        let cell = &mut table[*row as usize * count + *column as usize];
                        *cell = cell.max(strength);
                    }
                }
            }
        }
        table
    }
}

/// What words of one kind begin with: `shipping` and `shipment`. Rough, and only good for comparing
/// words with each other.
fn root(word: &str) -> String {
    const LEAST: usize = 4;
    let stem = stem(word);
    let endings = ["ment", "ion", "er", "or"].iter();
    let mut shorter = endings.filter_map(|ending| stem.strip_suffix(ending));
    let root = shorter.find(|rest| rest.chars().count() >= LEAST).unwrap_or(&stem);
    let mut characters = root.chars();
    let is_doubled = characters.next_back() == characters.next_back();
    // `shipping` without its ending has one letter more than `ship`.
    let undoubled = characters.as_str().len() + 1;
    if is_doubled && root.is_ascii() && undoubled >= LEAST {
        root[..undoubled].to_owned()
    } else {
        root.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn words_of_one_kind_have_one_root() {
        for (one, other, is_same) in [
            ("shipping", "shipment", true),
            ("shipping", "ship", true),
            ("deployment", "deploy", true),
            ("translation", "translator", true),
            ("comment", "commit", false),
            ("company", "compartment", false),
            ("\u{e9}\u{e9}\u{e9}\u{e9}ss", "", false),
        ] {
            assert_eq!(root(one) == root(other), is_same, "{one} {other}");
        }
    }
}
