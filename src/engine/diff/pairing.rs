//! Which tool of the new surface is which tool of the old one.

use std::{collections::HashMap, mem};

use super::{
    change::{Change, Fact},
    context::{Context, Ground},
    deprecation::Notice,
    rename, router, tool,
};
use crate::engine::{
    contract::Mark,
    finding::Subject,
    spread::{self, Threads},
    surface::Tool,
};

/// Compares the lists of tools.
pub(super) fn compare(context: &mut Context<'_>, threads: Threads<'_>) {
    let (old, new) = (context.old, context.new);
    let (by_old_name, by_new_name) = (by_name(&old.tools), by_name(&new.tools));
    duplicates(context, &by_old_name, &by_new_name);
    let mut removed: Vec<&Tool> = Vec::new();
    let mut pairs: Vec<(&Tool, Option<&Tool>)> = Vec::new();
    let mut taken: HashMap<&str, usize> = HashMap::new();
    for before in &old.tools {
        // Of a name that stands twice, the first is the first and the second the second.
        let nth = taken.entry(before.name.as_str()).or_default();
        let others = by_new_name.get(before.name.as_str());
        let after = others.and_then(|others| others.get(*nth).copied());
        *nth += 1;
        pairs.push((before, after));
        // One of several of the same name is not the end of the name.
        if others.is_none() {
            removed.push(before);
        }
    }
    let changes = changes(context.ground, &pairs, threads);
    let mut changed: Vec<&Tool> = Vec::new();
    for ((_, after), changes) in pairs.iter().zip(changes) {
        changed.extend(after.filter(|_| !changes.is_empty()));
        context.changes.extend(changes);
    }
    let is_added = |tool: &&Tool| !by_old_name.contains_key(tool.name.as_str());
    let added: Vec<&Tool> = new.tools.iter().filter(is_added).collect();
    for tool in &added {
        tool::find_unparsable(context, None, Some(tool));
    }
    settle(context, removed, added, &changed);
}

/// The changes of each pair, in the order of the pairs. No pair depends on another one.
fn changes(
    ground: &Ground<'_>,
    pairs: &[(&Tool, Option<&Tool>)],
    threads: Threads<'_>,
) -> Vec<Vec<Change>> {
    spread::over(
        threads,
        pairs.len(),
        || Context::new(ground),
        |context, index| {
            let (before, after) = pairs[index];
            tool::find_unparsable(context, Some(before), after);
            if let Some(after) = after {
                tool::compare(context, before, after);
            }
            mem::take(&mut context.changes)
        },
    )
}

type ByName<'a> = HashMap<&'a str, Vec<&'a Tool>>;

fn by_name(tools: &[Tool]) -> ByName<'_> {
    let mut by_name: ByName<'_> = HashMap::with_capacity(tools.len());
    for tool in tools {
        by_name.entry(tool.name.as_str()).or_default().push(tool);
    }
    by_name
}

fn duplicates(context: &mut Context<'_>, old: &ByName<'_>, new: &ByName<'_>) {
    let twice = |names: &ByName<'_>, name: &str| {
        names.get(name).filter(|tools| tools.len() > 1).map(|tools| tools[1].pointer.clone())
    };
    let mut names: Vec<&str> = [old, new]
        .into_iter()
        .flatten()
        .filter(|(_, tools)| tools.len() > 1)
        .map(|(name, _)| *name)
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let count = [old, new].map(|names| names.get(name).map_or(0, Vec::len)).into_iter().max();
        context.changes.push(Change {
            subject: Subject::Tool(name.to_owned()),
            old: twice(old, name),
            new: twice(new, name),
            fact: Fact::DuplicateName(count.unwrap_or_default()),
        });
    }
}

/// Tells what became of the tools that are gone, and which of the others are new.
fn settle(
    context: &mut Context<'_>,
    removed: Vec<&Tool>,
    mut added: Vec<&Tool>,
    changed: &[&Tool],
) {
    let routers: Vec<&Tool> = added.iter().chain(changed).copied().collect();
    let moves = router::find(&removed, &routers);
    let mut gone = Vec::new();
    for (tool, moved) in removed.into_iter().zip(moves) {
        match moved {
            Some(moved) => {
                let fact = Fact::ToolMoved(moved);
                let subject = Subject::Tool(tool.name.clone());
                let old = Some(tool.pointer.clone());
                context.changes.push(Change { subject, old, new: None, fact });
            }
            None => gone.push(tool),
        }
    }
    // Whoever marked a tool deprecated has said what replaces it; there is nothing to guess.
    let keys = &context.options.policy.keys;
    let (marked, unmarked): (Vec<_>, Vec<_>) =
        gone.into_iter().partition(|tool| Mark::of(tool, keys).is_some());
    let renames = rename::pair(&unmarked, &added);
    let renamed: Vec<usize> = renames.iter().map(|(from, _, _)| *from).collect();
    let taken: Vec<usize> = renames.iter().map(|(_, to, _)| *to).collect();
    for (from, to, rename) in renames {
        let (old, new) = (unmarked[from], added[to]);
        context.changes.push(Change {
            subject: Subject::Tool(new.name.clone()),
            old: Some(old.pointer.clone()),
            new: Some(new.pointer.clone()),
            fact: Fact::ToolRenamed(rename),
        });
        // Whoever accepts the new name has not yet accepted what else has changed.
        tool::compare(context, old, new);
    }
    let unmarked = unmarked.iter().enumerate().filter(|(index, _)| !renamed.contains(index));
    for tool in marked.iter().chain(unmarked.map(|(_, tool)| tool)) {
        let notice: Notice = context.deprecations.of_tool(tool);
        context.changes.push(Change {
            subject: Subject::Tool(tool.name.clone()),
            old: Some(tool.pointer.clone()),
            new: None,
            fact: Fact::ToolRemoved(notice),
        });
    }
    let mut index = 0;
    added.retain(|_| {
        index += 1;
        !taken.contains(&(index - 1))
    });
    for tool in added {
        context.changes.push(Change {
            subject: Subject::Tool(tool.name.clone()),
            old: None,
            new: Some(tool.pointer.clone()),
            fact: Fact::ToolAdded,
        });
    }
}
