//! Tools with the same arguments: what does the same to several properties of a thing
//! (`set_brightness`, `set_colour` of a lamp) is one tool with an argument that says which; what does
//! several things to the same (`crop_image`, `rotate_image`) is one tool with an `action`.

use std::{cmp::Reverse, collections::BTreeMap};

use super::name::{Names, cut, is_known_verb};
use crate::engine::{
    semantics::{
        Effect, effect,
        word::{singular, stem, words},
    },
    surface::Tool,
};

/// Tools that act on the same thing have this many arguments in common, or one that is called like
/// it.
const COMMON_ARGUMENTS: usize = 2;
/// Fewer are not worth a union.
const LEAST_SIBLINGS: usize = 3;
/// Most arguments of a tool that are looked at.
const MAX_ARGUMENTS: usize = 32;
/// Arguments that tools of any kind take: to take one of these is nothing in common.
const GENERIC: [&str; 20] = [
    "body", "content", "count", "cursor", "data", "format", "id", "input", "key", "limit", "name",
    "options", "page", "path", "query", "text", "title", "type", "url", "value",
];

/// Groups of tools with one verb and the same arguments, none of which is generic or which have a
/// noun in common besides, and a name for each; takes them out of `rest`.
pub(super) fn doing_the_same(
    rest: &mut Vec<usize>,
    tools: &[Tool],
    names: &Names,
) -> Vec<(Vec<usize>, String)> {
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for index in rest.iter() {
        let tool = &tools[*index];
        if let Some(verb) = verb(tool, names) {
            let does_read = effect(tool) == Effect::Reads;
            alike.entry((verb, arguments(tool), does_read)).or_default().push(*index);
        }
    }
    let mut found = Vec::new();
    for ((verb, arguments, _), group) in alike {
        let common = common_nouns(&group, &verb, tools, names);
        let is_of_one = arguments.iter().any(|argument| !GENERIC.contains(argument));
        if group.len() < LEAST_SIBLINGS || (common.is_empty() && !is_of_one) {
            continue;
        }
        let into = name_for(verb, common, &arguments, &tools[group[0]].name);
        if tools.iter().all(|tool| tool.name != into) {
            rest.retain(|index| !group.contains(index));
            found.push((group, into));
        }
    }
    found
}

/// Groups of tools that do not read and have arguments in common, with these, the largest first;
/// takes them out of `rest`.
pub(super) fn acting(rest: &mut Vec<usize>, tools: &[Tool]) -> Vec<(Vec<usize>, Vec<String>)> {
    let mut found = Vec::new();
    while let Some((group, arguments)) = most_acting(rest, tools) {
        rest.retain(|index| !group.contains(index));
        found.push((group, arguments));
    }
    found
}

fn most_acting(rest: &[usize], tools: &[Tool]) -> Option<(Vec<usize>, Vec<String>)> {
    let mut with: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in rest.iter().filter(|index| effect(&tools[**index]) != Effect::Reads) {
        for argument in arguments(&tools[*index]) {
            with.entry(argument).or_default().push(*index);
        }
    }
    let mut by_tools: BTreeMap<Vec<usize>, Vec<&str>> = BTreeMap::new();
    for (argument, mut takers) in with {
        if !GENERIC.contains(&argument) {
            let mut named = takers.clone();
            named.retain(|index| is_about(&tools[*index], argument));
            by_tools.entry(named).or_default().extend([argument; COMMON_ARGUMENTS]);
        }
        takers.retain(|index| rest.contains(index));
        by_tools.entry(takers).or_default().push(argument);
    }
    let worth = by_tools.into_iter().filter(|(tools, arguments)| {
        tools.len() >= LEAST_SIBLINGS && arguments.len() >= COMMON_ARGUMENTS
    });
    // Of equally many, those that stand first in the order of the names.
    let place = |tools: &[usize]| tools.first().and_then(|it| rest.iter().position(|i| i == it));
    let (tools, mut arguments) = worth
        .max_by_key(|(tools, arguments)| (tools.len(), arguments.len(), Reverse(place(tools))))?;
    arguments.dedup();
    Some((tools, arguments.into_iter().map(str::to_owned).collect()))
}

/// The names of the arguments, in their order.
fn arguments(tool: &Tool) -> Vec<&str> {
    let mut arguments: Vec<&str> =
        tool.arguments().take(MAX_ARGUMENTS).map(|(name, _)| name.as_str()).collect();
    arguments.sort_unstable();
    arguments
}

/// Whether a name has the noun that an argument is called by: `crop_image` takes an `image`.
fn is_about(tool: &Tool, argument: &str) -> bool {
    let about = all_words(&tool.name);
    let thing = all_words(argument);
    let thing = thing.strip_suffix(&["id".to_owned()]).unwrap_or(&thing);
    !thing.is_empty() && about.windows(thing.len()).any(|words| words == thing)
}

fn all_words(name: &str) -> Vec<String> {
    words(cut(name, 64)).iter().map(|word| singular(word).into_owned()).collect()
}

/// What a tool does. A word that every tool has may be that too (`set` of nine tools), if it is known
/// to be a verb or the description says it again.
fn verb(tool: &Tool, names: &Names) -> Option<String> {
    let description = words(cut(tool.description.as_deref().unwrap_or_default(), 64));
    let is_said = |word: &str| description.first().is_some_and(|first| stem(first) == stem(word));
    let is_verb = |word: &str| is_known_verb(word) || is_said(word);
    let words = words(cut(&tool.name, 64));
    let first = words.into_iter().find(|word| is_verb(word) || !names.prefix().contains(word))?;
    is_verb(&first).then_some(first)
}

/// The nouns behind the verb that all tools of a group have, without what only numbers them.
fn common_nouns(group: &[usize], verb: &str, tools: &[Tool], names: &Names) -> Vec<String> {
    let vendor = |word: &String| names.prefix().contains(word) && group.len() < tools.len();
    let [first, others @ ..] = group else { return Vec::new() };
    let mut nouns = all_words(&tools[*first].name);
    nouns.retain(|word| {
        word != verb && !vendor(word) && !word.bytes().all(|it| it.is_ascii_digit())
    });
    for other in others {
        let words = all_words(&tools[*other].name);
        nouns.retain(|noun| words.contains(noun));
    }
    nouns
}

/// The verb and what all are about; a property is one of the thing they take.
fn name_for(verb: String, nouns: Vec<String>, arguments: &[&str], like: &str) -> String {
    const OF_PROPERTIES: [&str; 8] =
        ["adjust", "change", "configure", "get", "read", "reset", "set", "update"];
    let mut parts = vec![verb];
    parts.extend(nouns);
    if let ([verb], [argument]) = (parts.as_slice(), arguments)
        && OF_PROPERTIES.contains(&verb.as_str())
    {
        let thing = all_words(argument);
        parts.extend(thing.strip_suffix(&["id".to_owned()]).unwrap_or(&thing).to_vec());
    }
    parts.join(if like.contains('-') { "-" } else { "_" })
}
