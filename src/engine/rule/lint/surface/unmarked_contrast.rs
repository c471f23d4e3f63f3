use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap, HashSet},
};

use super::synonym::{canonical, meaning};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::word::{stem, words},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/unmarked-contrast",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "say in both descriptions what the other tool is for, naming it: \"For a list with sizes use \
           list_files_with_sizes\"; or make one tool of the two, with an argument for the difference",
    documentation: r#"
Two tools differ, and their descriptions do not say in what.

## Why
A model reads all descriptions at once and looks for what sets one apart. Where two descriptions are the
same but for a word or two, it takes the first, or the longer, or both. One sentence that names the other
tool settles it. It is also the cheapest finding to act on.

Three kinds of pairs are reported: a name that is another name with something added
(`list_files`, `list_files_with_sizes`), names that differ only in verbs of one meaning (`get_order`,
`fetch_order`), and the same description twice; in each case only if the arguments differ or the
descriptions are nearly the same, and neither names the other or says when to use it. Tools that do not
differ at all are the business of `surface/near-duplicate`.

## Bad
```json
{"tools": [
  {"name": "list_files", "description": "Get a listing of all files in a folder. Folders are marked.",
   "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}},
  {"name": "list_files_with_sizes", "description": "Get a listing of all files in a folder, with sizes. Folders are marked.",
   "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}, "sort": {"type": "string"}}}}
]}
```
```json
{"tools": [
  {"name": "get_customer", "description": "Gets the data of one customer.",
   "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}}},
  {"name": "fetch_customer", "description": "Fetches data of a customer.",
   "inputSchema": {"type": "object", "properties": {"email": {"type": "string"}}}}
]}
```

## Good
```json
{"tools": [
  {"name": "list_files", "description": "Get a listing of all files in a folder. Folders are marked. For sizes use list_files_with_sizes.",
   "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}},
  {"name": "list_files_with_sizes", "description": "Get a listing of all files in a folder, with sizes. Folders are marked.",
   "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}, "sort": {"type": "string"}}}},
  {"name": "get_order", "description": "Gets one order by its number."},
  {"name": "get_order_items", "description": "Lists what was bought in an order, with prices."},
  {"name": "get_order_invoice", "description": "Gets the invoice of an order as a file."}
]}
```

## References
- arXiv 2505.10570 (LongFuncEval): more tools to choose from, more wrong choices
- mcp-contrast on PyPI: the idea of looking for what is not contrasted
"#,
    check: Check::Surface(check),
};

/// How much of two descriptions has to be the same, in per cent of the words in either.
const SAME_SHARE: usize = 65;
/// Descriptions of fewer words tell nothing about likeness.
const FEWEST_WORDS: usize = 3;
/// Longer names are no names, and have too many beginnings.
const LONGEST_NAME: usize = 256;
/// In a description of fewer words, the one that differs is plain to see.
const LONG: usize = 5;

fn check(surface: &Surface) -> Vec<Hit> {
    let boilerplate = OnceCell::new();
    let names: Vec<String> = surface.tools.iter().map(|tool| words(&tool.name).join(" ")).collect();
    let mut pairs: BTreeMap<usize, usize> = BTreeMap::new();
    let extended = extended(&names).into_iter().map(|pair| (pair, LONG));
    let reworded = reworded(surface).into_iter().map(|pair| (pair, FEWEST_WORDS - 1));
    for ((later, earlier), fewest) in extended.chain(reworded) {
        let (one, other) = (&surface.tools[earlier], &surface.tools[later]);
        let is_alike = |one: &str, other: &str| {
            let boilerplate = boilerplate.get_or_init(|| words_of_most(surface));
            are_alike(one, other, fewest, boilerplate)
        };
        if one.name != other.name && is_unmarked(one, other, is_alike) {
            pairs.entry(later).or_insert(earlier);
        }
    }
    let hit = |(later, earlier): (usize, usize)| {
        let twin = &surface.tools[earlier].name;
        let message = format!("described nearly as `{twin}`, and neither says when to take which");
        Hit::new(surface.tools[later].pointer.join("description"), message)
    };
    pairs.into_iter().map(hit).collect()
}

/// Tools whose name is the name of another one with words added behind, with that other one. Each
/// name asks for its beginnings, so that this stays linear.
fn extended(names: &[String]) -> Vec<(usize, usize)> {
    let index_of: HashMap<&str, usize> =
        names.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let mut pairs = Vec::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| name.len() <= LONGEST_NAME) {
        let ends = name.match_indices(' ').map(|(end, _)| end).skip(1);
        pairs.extend(ends.filter_map(|end| Some((index, *index_of.get(&name[..end])?))));
    }
    pairs
}

/// Tools whose name or whole description says the same as that of one before, with that one.
fn reworded(surface: &Surface) -> Vec<(usize, usize)> {
    let mut first_of: HashMap<String, usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (index, tool) in surface.tools.iter().enumerate() {
        let description = tool.description.as_deref().map(|text| text.trim().to_lowercase());
        let description = description.filter(|text| text.split_whitespace().count() > FEWEST_WORDS);
        for key in [meaning(&tool.name), description].into_iter().flatten() {
            let first = *first_of.entry(key).or_insert(index);
            if first != index {
                pairs.push((index, first));
            }
        }
    }
    pairs
}

/// Whether two descriptions are nearly the same and say nothing about each other. Tools that take
/// the same arguments and are of one meaning are duplicates, not contrasts.
fn is_unmarked(one: &Tool, other: &Tool, is_alike: impl Fn(&str, &str) -> bool) -> bool {
    let is_duplicate = arguments(one) == arguments(other)
        && (meaning(&one.name).is_some_and(|it| Some(it) == meaning(&other.name))
            || one.description == other.description);
    let (Some(text), Some(other_text)) = (&one.description, &other.description) else {
        return false;
    };
    let is_marked = text.contains(&other.name)
        || other_text.contains(&one.name)
        || [text, other_text].iter().any(|text| {
            let lower = text.to_lowercase();
            CONTRASTS.iter().any(|phrase| lower.contains(phrase))
        });
    !is_duplicate && !is_marked && is_alike(text, other_text)
}

/// Whether two descriptions have most of their words in common.
fn are_alike(one: &str, other: &str, fewest: usize, boilerplate: &HashSet<String>) -> bool {
    // Texts of such different lengths are not; and thousands of short ones are not each compared
    // with one of megabytes.
    if one.len().max(other.len()) > 4 * one.len().min(other.len()) {
        return false;
    }
    let telling = |text| content(text).difference(boilerplate).cloned().collect::<HashSet<_>>();
    let (one, other) = (telling(one), telling(other));
    let same = one.intersection(&other).count();
    let all = one.union(&other).count();
    one.len().min(other.len()) >= fewest && same * 100 >= all * SAME_SHARE
}

/// Words that stand in the descriptions of most tools: the product, a list of status codes. They
/// make all descriptions alike and tell nothing.
fn words_of_most(surface: &Surface) -> HashSet<String> {
    const FEWEST_TOOLS: usize = 6;
    if surface.tools.len() < FEWEST_TOOLS {
        return HashSet::new();
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for tool in &surface.tools {
        for word in content(tool.description.as_deref().unwrap_or_default()) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let most = counts.into_iter().filter(|(_, count)| count * 2 > surface.tools.len());
    most.map(|(word, _)| word).collect()
}

const CONTRASTS: &[&str] =
    &["instead", "unlike", "rather than", "in contrast", "prefer ", "deprecated"];

/// The words of a description that carry its meaning.
fn content(description: &str) -> HashSet<String> {
    let words = words(description);
    let telling = words.iter().filter(|word| !EMPTY.contains(&word.as_str()));
    telling
        .map(|word| {
            let base = [Some(word.as_str()), word.strip_suffix('s'), word.strip_suffix("es")];
            let verb = base.into_iter().flatten().find(|form| canonical(form) != *form);
            verb.map_or_else(|| stem(word), |verb| stem(canonical(verb)))
        })
        .collect()
}

const EMPTY: &[&str] = &[
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "by", "each", "for", "from", "given",
    "in", "is", "it", "its", "of", "on", "one", "or", "s", "specific", "specified", "that", "the",
    "their", "this", "to", "tool", "with",
];

fn arguments(tool: &Tool) -> Vec<&String> {
    tool.arguments().map(|(name, _)| name).collect()
}
