//! Names for proposed servers: the noun that most of a server's tools have and few others do.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{cluster::Group, name::Names};
use crate::engine::{semantics::word::words, surface::Surface};

/// Longer names are cut.
const MAX_CHARACTERS: usize = 40;
/// The name of a server whose tools and whose own name say nothing.
const UNKNOWN: &str = "server";

/// A name for each group, no two the same. Where several groups are about the same noun, the first
/// (the largest) has it for itself and the others say more.
pub(super) fn titles(groups: &[Group], names: &Names) -> Vec<String> {
    let mut tools_with: FxHashMap<&str, usize> = FxHashMap::default();
    for group in groups {
        for noun in group.tools.iter().flat_map(|tool| distinct(names.nouns(*tool))) {
            *tools_with.entry(noun).or_default() += 1;
        }
    }
    let mut taken: FxHashSet<String> = FxHashSet::default();
    // Of ten thousand tools a thousand groups may be about one noun: counting goes on where it ended.
    let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
    let mut titles = Vec::with_capacity(groups.len());
    for group in groups {
        let nouns = telling_nouns(group, names, &tools_with);
        let first = nouns.first().copied().unwrap_or(UNKNOWN);
        let longer = nouns.iter().skip(1).map(|second| format!("{first}-{second}"));
        let number = numbers.entry(first).or_insert(1);
        let numbered = std::iter::repeat_with(|| {
            *number += 1;
            format!("{first}-{number}")
        });
        let candidates = std::iter::once(first.to_owned()).chain(longer).chain(numbered);
        let title = candidates
            .map(|title| title.chars().take(MAX_CHARACTERS).collect::<String>())
            .find(|title| !taken.contains(title))
            .unwrap_or_default();
        taken.insert(title.clone());
        titles.push(title);
    }
    titles
}

/// The nouns of a group, the most telling first: many of its tools have it (counted twice), few
/// others do. One that half of the tools have goes before those that fewer have, and one of a single
/// tool speaks for the group only if there is no other.
fn telling_nouns<'a>(
    group: &Group,
    names: &'a Names,
    tools_with: &FxHashMap<&str, usize>,
) -> Vec<&'a str> {
    let mut here: FxHashMap<&str, usize> = FxHashMap::default();
    for noun in group.tools.iter().flat_map(|tool| distinct(names.nouns(*tool))) {
        *here.entry(noun).or_default() += 1;
    }
    let score = |noun: &str| {
        let count = here[noun];
        let is_of_half = 2 * count >= group.tools.len();
        (is_of_half, count > 1, count * count * 1_000 / tools_with[noun])
    };
    let mut nouns: Vec<&str> = here.keys().copied().collect();
    nouns.sort_by(|one, other| score(other).cmp(&score(one)).then_with(|| one.cmp(other)));
    nouns
}

fn distinct(nouns: &[String]) -> impl Iterator<Item = &str> {
    let is_first = |(index, noun): &(usize, &String)| !nouns[..*index].contains(noun);
    nouns.iter().enumerate().filter(is_first).map(|(_, noun)| noun.as_str())
}

/// A name for all tools of a surface: what the server calls itself, or what its tools have in
/// common.
pub(super) fn of_all(surface: &Surface, names: &Names) -> String {
    let own = surface.server.name.as_deref().map(words).unwrap_or_default().join("-");
    let mut common: Vec<&str> = names.prefix().iter().map(String::as_str).collect();
    common.sort_unstable();
    let candidates = [own, common.join("-"), UNKNOWN.to_owned()];
    let name = candidates.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    name.chars().take(MAX_CHARACTERS).collect()
}
