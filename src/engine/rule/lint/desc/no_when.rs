use std::collections::{HashMap, HashSet};

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    semantics::word::{stem, words},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "desc/no-when",
    severity: Severity::Info,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "end both descriptions with when to take which: \"Use search_orders to find orders by their \
           text; use list_orders for all of one customer\"",
    documentation: r#"
Two tools look for the same things, and neither says when to take which.

## Why
Between `list_orders` and `search_orders` a model has to choose each time, and what they do is no help:
both find orders. GitHub's server explains the difference between its `list_…` and `search_…` tools in
its instructions for that reason. When to use a tool is the part that most descriptions lack, and the
part that decides here.

Only tools that list, search, find or query the same noun are reported. That every description should
say when to use the tool is not asked for: completing descriptions in all respects raised the share of
solved tasks by 5.9 points, and also took 67 % more steps and did worse in one case of six (arXiv
2602.14878).

## Bad
```json
{"tools": [
  {"name": "list_orders", "description": "Lists orders.", "inputSchema": {"type": "object"}},
  {"name": "search_orders", "description": "Searches orders.", "inputSchema": {"type": "object"}}
]}
```

## Good
```json
{"tools": [
  {"name": "list_orders", "description": "Lists the orders of one customer. Use search_orders for words in them."},
  {"name": "search_orders", "description": "Searches orders by their text."},
  {"name": "search_customers", "description": "Searches customers."},
  {"name": "list_contacts", "description": "Lists contacts. Use it when the customer is known."},
  {"name": "find_contacts", "description": "Finds contacts."}
]}
```

## References
- arXiv 2602.14878: what descriptions of 856 tools lack
- github/github-mcp-server: its instructions tell `list_*` from `search_*`
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut groups: Vec<Vec<&Tool>> = Vec::new();
    let mut group_of: HashMap<String, usize> = HashMap::new();
    for tool in &surface.tools {
        let Some(object) = object(&tool.name) else { continue };
        let group = *group_of.entry(object).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(tools) => tools.push(tool),
            None => groups.push(vec![tool]),
        }
    }
    let instructions = surface.server.instructions.as_deref().unwrap_or_default();
    let is_part = |character: char| character.is_alphanumeric() || "_-.*".contains(character);
    let instructions: HashSet<&str> = instructions.split(|character| !is_part(character)).collect();
    groups.iter().filter_map(|tools| judge(tools, &instructions)).collect()
}

/// A hit at the first of several tools that look for the same.
fn judge(tools: &[&Tool], instructions: &HashSet<&str>) -> Option<Hit> {
    let mut names: Vec<&String> = tools.iter().map(|tool| &tool.name).collect();
    names.dedup();
    let is_told = tools.iter().any(|tool| {
        let description = tool.description.as_deref().unwrap_or_default();
        says_when(description) || instructions.contains(tool.name.as_str())
    });
    let is_told_of_all = ["list_*", "search_*"].iter().any(|all| instructions.contains(*all));
    if names.len() < 2 || is_told || is_told_of_all {
        return None;
    }
    let message = format!("no word on when to take which of {}", wording::names(&names));
    Some(Hit::new(tools[0].pointer.join("description"), message))
}

/// What a tool looks for: the words of its name without the verb, if that is one of looking for
/// many.
fn object(name: &str) -> Option<String> {
    let words = words(name);
    let at = words.iter().take(2).position(|word| LOOKING.contains(&word.as_str()))?;
    let rest =
        words.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, word)| stem(word));
    let object: Vec<String> = rest.collect();
    (!object.is_empty()).then(|| object.join(" "))
}

const LOOKING: &[&str] = &["browse", "filter", "find", "list", "query", "search"];

/// Whether a description says anything about choosing it.
fn says_when(description: &str) -> bool {
    let lower = description.to_lowercase();
    WHEN.iter().any(|phrase| lower.contains(phrase))
}

const WHEN: &[&str] = &[
    "use it ", "use this", "use list", "use search", "use find", "use query", "used to",
    "used for", "when ", "instead", "unlike", "rather than", "prefer", "if you", "in contrast",
    "useful for", "for a full", "alternative", "best for", "ideal for", "suited", "meant for",
    "works better",
];
