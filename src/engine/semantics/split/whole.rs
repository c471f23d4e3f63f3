//! What to do with too many tools of one domain: merge those that differ in one thing, which then
//! becomes an argument, and leave out those that are on their way out. What is left out in any case
//! is said of lists that split too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{name::Names, sibling};
use crate::engine::{
    semantics::{Effect, effect},
    surface::Tool,
};

/// What to do with some of the tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Make one tool of several that say the same of different things: an argument says which.
    Merge {
        /// The tools.
        tools: Vec<String>,
        /// A name for the one.
        into: String,
    },
    /// Make one tool of several that act on the same thing: an argument `action` says how, and the
    /// other arguments are a union over it.
    Act {
        /// The tools.
        tools: Vec<String>,
        /// The arguments they have in common.
        arguments: Vec<String>,
    },
    /// Leave it out.
    Drop {
        /// The tool.
        tool: String,
        /// Why.
        reason: DropReason,
    },
}

/// Why a tool should be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// It is deprecated.
    Deprecated,
    /// Another tool has its name, so that one of the two cannot be called.
    Duplicate,
}

/// Longer lists are not read tool by tool.
const MOST_TOOLS: usize = 256;
/// Most arguments of a tool that are looked at.
const MAX_ARGUMENTS: usize = 32;

/// What to leave out of any list, by name.
pub(super) fn drops(tools: &[Tool], names: &Names) -> Vec<Proposal> {
    let drop = |index: &usize, reason| Proposal::Drop { tool: tools[*index].name.clone(), reason };
    let mut drops: Vec<Proposal> = Vec::new();
    for same in names.by_name().chunk_by(|one, other| tools[*one].name == tools[*other].name) {
        let gone = same.iter().find(|index| is_deprecated(&tools[**index]));
        if let Some(gone) = gone {
            drops.push(drop(gone, DropReason::Deprecated));
        } else if let [first, _, ..] = same {
            drops.push(drop(first, DropReason::Duplicate));
        }
    }
    drops
}

/// Proposals for a list that does not split: what to leave out, then what to merge.
pub(super) fn proposals(tools: &[Tool], names: &Names) -> Vec<Proposal> {
    let mut proposals = drops(tools, names);
    if tools.len() > MOST_TOOLS {
        return proposals;
    }
    let name = |index: &usize| tools[*index].name.clone();
    let mut rest: Vec<usize> = names.by_name().to_vec();
    rest.retain(|index| !is_deprecated(&tools[*index]));
    rest.dedup_by_key(|index| &tools[*index].name);
    let variants = variants(&rest, tools, names);
    rest.retain(|index| !variants.iter().flatten().any(|merged| merged == index));
    proposals.extend(variants.iter().map(|group| Proposal::Merge {
        tools: group.iter().map(name).collect(),
        into: common_name(group, tools, names),
    }));
    for (group, into) in sibling::doing_the_same(&mut rest, tools, names) {
        proposals.push(Proposal::Merge { tools: group.iter().map(name).collect(), into });
    }
    for (group, arguments) in sibling::acting(&mut rest, tools) {
        proposals.push(Proposal::Act { tools: group.iter().map(name).collect(), arguments });
    }
    proposals
}

fn is_deprecated(tool: &Tool) -> bool {
    let marks = ["dev.mcp-kit/deprecated", "deprecated"];
    let meta = tool.value().get("_meta");
    let is_marked = marks.iter().any(|mark| {
        meta.and_then(|meta| meta.get(mark)).is_some_and(|mark| *mark != Value::Bool(false))
    });
    let description = tool.description.as_deref().unwrap_or_default();
    let mut sentences = description.split(['.', '\n', ';', '(', '[']).map(str::trim_start);
    is_marked || sentences.any(|sentence| sentence.starts_with("DEPRECATED"))
}

/// Tools whose names say the same but for a part: one continues the other (`diff`, `diff_staged`),
/// or both do the same to kinds of one thing (`read_text_file`, `read_media_file`). None of them
/// writes where another one reads, and they take something in common: what takes a path and what
/// takes nothing (`list_directory`, `list_allowed_directories`) do not speak of the same.
fn variants(tools: &[usize], all: &[Tool], names: &Names) -> Vec<Vec<usize>> {
    let mut group_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, one) in tools.iter().enumerate() {
        for other in &tools[place + 1..] {
            if is_variant(*one, *other, names) && may_be_one(&all[*one], &all[*other]) {
                let group = *group_of.get(one).unwrap_or(one);
                let old = group_of.insert(*other, group).filter(|old| *old != group);
                group_of.insert(*one, group);
                for place in group_of.values_mut().filter(|place| Some(**place) == old) {
                    *place = group;
                }
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    // In the order of the names, which `tools` has and the numbers of the tools do not.
    for tool in tools {
        if let Some(group) = group_of.get(tool) {
            groups.entry(*group).or_default().push(*tool);
        }
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    let place = |tool: &usize| tools.iter().position(|it| it == tool);
    groups.sort_by_key(|group| group.first().and_then(place));
    groups
}

fn is_variant(one: usize, other: usize, names: &Names) -> bool {
    let (short, long) = (names.words(one), names.words(other));
    let continues = !short.is_empty() && (long.starts_with(short) || short.starts_with(long));
    let does_the_same = names.verb(one).is_some() && names.verb(one) == names.verb(other);
    continues && !long.is_empty()
        || (does_the_same && head(short).is_some() && head(short) == head(long))
}

/// The noun that a name ends with, before `with`, `by` and what they bring.
fn head(words: &[String]) -> Option<&String> {
    const BEFORE: [&str; 7] = ["by", "for", "from", "in", "of", "to", "with"];
    let end = words.iter().position(|word| BEFORE.contains(&word.as_str())).unwrap_or(words.len());
    words[..end].get(1..)?.last()
}

fn may_be_one(one: &Tool, other: &Tool) -> bool {
    let is_mixed = matches!(
        (effect(one), effect(other)),
        (Effect::Reads, Effect::Writes) | (Effect::Writes, Effect::Reads)
    );
    let has_none = one.arguments().next().is_none() && other.arguments().next().is_none();
    let mut first = one.arguments().take(MAX_ARGUMENTS);
    let is_common =
        |(argument, _): (&String, &Value)| other.arguments().any(|(name, _)| name == argument);
    !is_mixed && (has_none || first.any(is_common))
}

/// What the tools of a group have in common, verb and noun; the shortest of their names where that
/// is the name of another tool, for a name should not change its meaning.
fn common_name(group: &[usize], tools: &[Tool], names: &Names) -> String {
    let length = |tool: &&usize| (names.words(**tool).len(), tools[**tool].name.len());
    let shortest = group.iter().min_by_key(length);
    let Some(shortest) = shortest else { return String::new() };
    let words = names.words(*shortest);
    let is_beginning = group.iter().all(|tool| names.words(*tool).starts_with(words));
    let own = &tools[*shortest].name;
    let common = match (names.verb(*shortest), head(words)) {
        (Some(verb), Some(head)) if !is_beginning => {
            let separator = if own.contains('-') { '-' } else { '_' };
            format!("{verb}{separator}{head}")
        }
        _ => own.clone(),
    };
    let is_taken = tools
        .iter()
        .enumerate()
        .any(|(index, tool)| tool.name == common && !group.contains(&index));
    if is_taken { own.clone() } else { common }
}
