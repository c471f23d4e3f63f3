//! A tool as the words it is described in, each with a weight.
//!
//! The weights were fixed on the surfaces in `fixtures/splits`, over which results hardly move when
//! one of them is halved or doubled: names say what a tool is about, and the rest only decides
//! between tools whose names say little.

use rustc_hash::FxHashMap;

use super::{
    LEAST_TOOLS,
    edge::Edges,
    name::{Names, cut, is_known_verb},
};
use crate::engine::{
    semantics::word::{singular, words},
    surface::Tool,
};

/// A noun of the name.
const NAME: f32 = 3.0;
/// How much more the first noun counts than those behind it: `review_comment` is about reviews.
const FIRST: f32 = 2.0;
/// How much less the first of two joined words counts than both: a DNS zone and a DNS record are
/// not the same, and both are of the DNS. The same for a word that only says which.
const PART: f32 = 0.4;
/// A word of the description; more (0.6) was measured to draw unlike tools together.
const DESCRIPTION: f32 = 0.3;
/// A word of an argument's name.
const ARGUMENT: f32 = 0.15;
/// A field that another tool answers or takes: as much as being about the same.
const EDGE: f32 = 6.0;
/// One that is called like what so many tools are about: they belong together without it, and who
/// else takes an `order_id` is a customer of the orders and has its own domain.
const EDGE_OF_DOMAIN: f32 = 3.0;
const DOMAIN: usize = LEAST_TOOLS;
/// A word on more than this share of the tools (per cent) tells none from the others.
const COMMON_SHARE: usize = 60;
/// Budgets: a description of five megabytes is read at its beginning only.
const MAX_DESCRIPTION: usize = 600;
const MAX_ARGUMENTS: usize = 64;

/// The vectors of all tools, of length one (or zero where nothing is known).
#[derive(Debug)]
pub(super) struct Vectors {
    /// For each tool, features and weights; features ascend.
    pub(super) rows: Vec<Vec<(u32, f32)>>,
}

/// Words as numbers.
#[derive(Default)]
struct Vocabulary {
    numbers: FxHashMap<String, u32>,
    /// For each number, whether the word is a verb: asked once, for the lists are long.
    is_verb: Vec<bool>,
}

impl Vocabulary {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).expect("fewer words than bytes are read");
        self.numbers.insert(word.to_owned(), number);
        self.is_verb.push(is_known_verb(word));
        number
    }
}

impl Vectors {
    pub(super) fn of(tools: &[Tool], names: &Names, edges: &Edges) -> Self {
        let mut vocabulary = Vocabulary::default();
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); tools.len()];
        // Numbers are given out in the order of the names: what is added up in the order of the
        // numbers must not depend on the order of the list.
        for index in names.by_name() {
            let nouns = names.nouns(*index).iter().enumerate();
            for (place, noun) in nouns {
                let weight = if place == 0 { NAME * FIRST } else { NAME };
                rows[*index].push((vocabulary.number(noun), weight));
                if let Some((first, _)) = noun.split_once('-') {
                    rows[*index].push((vocabulary.number(first), weight * PART));
                }
            }
            if let Some(adjective) = names.adjective(*index) {
                rows[*index].push((vocabulary.number(adjective), NAME * PART));
            }
        }
        // From here on a verb is a word only where some name has it as a noun.
        let nouns = vocabulary.numbers.len();
        let mut arguments: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for index in names.by_name() {
            let (tool, row) = (&tools[*index], &mut rows[*index]);
            if names.is_about_everything(*index) {
                // A search over everything is like everything, and a part of nothing.
                continue;
            }
            let description = cut(tool.description.as_deref().unwrap_or_default(), MAX_DESCRIPTION);
            let mut numbers = |text: &str| -> Vec<u32> {
                let words = names.joined(content(text, names));
                let mut numbers: Vec<u32> =
                    words.iter().map(|word| vocabulary.number(word)).collect();
                numbers.retain(|number| {
                    let place = *number as usize;
                    place < nouns || !vocabulary.is_verb[place]
                });
                numbers
            };
            row.extend(numbers(description).into_iter().map(|number| (number, DESCRIPTION)));
            for (argument, _) in tool.arguments().take(MAX_ARGUMENTS) {
                // The same arguments stand at many tools, and are taken apart once.
                let numbers =
                    arguments.entry(argument).or_insert_with(|| numbers(cut(argument, 64)));
                row.extend(numbers.iter().map(|number| (*number, ARGUMENT)));
            }
        }
        let mut tools_about: FxHashMap<&str, usize> = FxHashMap::default();
        for noun in names.by_name().iter().filter_map(|tool| names.nouns(*tool).first()) {
            *tools_about.entry(noun).or_default() += 1;
        }
        for (field, ends) in edges.fields() {
            let thing = field.rsplit_once('_').map_or(field.as_str(), |(thing, _)| thing);
            let about = tools_about.get(thing.replace('_', "-").as_str());
            let is_of_domain = about.is_some_and(|tools| *tools >= DOMAIN);
            let weight = if is_of_domain { EDGE_OF_DOMAIN } else { EDGE };
            // A blank keeps it apart from all words.
            let number = vocabulary.number(&format!("{field} "));
            for tool in ends.producers.union(&ends.consumers) {
                rows[*tool].push((number, weight));
            }
        }
        weigh(&mut rows, vocabulary.numbers.len());
        Self { rows }
    }
}

/// The words of a text that say what it is about, in the singular.
fn content(text: &str, names: &Names) -> Vec<String> {
    let words = words(text).into_iter().filter(|word| {
        word.len() > 2
            && STOP_WORDS.binary_search(&word.as_str()).is_err()
            && !word.bytes().all(|byte| byte.is_ascii_digit())
            && !names.prefix().contains(word)
    });
    words.map(|word| singular(&word).into_owned()).collect()
}

/// Adds up what stands twice, counts a word the less the more tools have it, and makes all vectors
/// equally long.
fn weigh(rows: &mut [Vec<(u32, f32)>], features: usize) {
    let mut tools_with = vec![0_usize; features];
    for row in rows.iter_mut() {
        row.sort_by_key(|(feature, _)| *feature);
        row.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        for (feature, _) in row {
            tools_with[*feature as usize] += 1;
        }
    }
    let count = rows.len();
    let rarity = |feature: u32| {
        let with = tools_with[feature as usize];
        let is_common = with * 100 > count * COMMON_SHARE;
        if is_common { 0.0 } else { ((count + 1) as f32 / with as f32).ln() }
    };
    for row in rows.iter_mut() {
        for (feature, weight) in row.iter_mut() {
            *weight *= rarity(*feature);
        }
        row.retain(|(_, weight)| *weight > 0.0);
        let length = row.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
        row.iter_mut().for_each(|(_, weight)| *weight /= length);
    }
}

/// Words of descriptions that say nothing of a domain.
const STOP_WORDS: [&str; 143] = [
    "about", "after", "all", "and", "another", "any", "are", "based", "been", "before", "being",
    "between", "both", "but", "call", "calls", "can", "contain", "contains", "could", "default",
    "did", "does", "down", "during", "each", "either", "else", "etc", "every", "existing",
    "following", "for", "from", "get", "gets", "given", "had", "has", "have", "her", "his", "how",
    "ids", "include", "included", "includes", "including", "into", "its", "itself", "last",
    "least", "like", "list", "lists", "made", "make", "makes", "many", "may", "might", "more",
    "most", "must", "name", "names", "need", "needs", "new", "newest", "not", "note", "null",
    "off", "once", "one", "only", "optional", "other", "our", "out", "over", "own", "per",
    "provided", "required", "return", "returns", "same", "set", "sets", "several", "shall",
    "should", "shows", "some", "specific", "specified", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "tool", "tools", "true", "two",
    "type", "under", "until", "use", "used", "uses", "using", "value", "values", "via", "was",
    "were", "what", "when", "where", "which", "while", "who", "whom", "whose", "why", "will",
    "with", "within", "without", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::STOP_WORDS;

    #[test]
    fn the_list_of_stop_words_can_be_searched() {
        assert!(STOP_WORDS.is_sorted());
    }
}
