use std::collections::HashSet;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording::shorten},
    semantics::word::{stem, words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "desc/repeats-name",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "say what the name does not: which ones, found by what, with what in the answer, and when \
           to use another tool",
    documentation: r#"
The description of a tool says nothing that its name does not say.

## Why
The model has read the name already. A description that repeats it costs tokens and answers none of
the questions a choice depends on: what exactly, from where, limited how, and when rather not. In a
study of more than 10,000 servers, 73 % repeat the name of a tool in its description (arXiv 2602.18914);
how many of these say nothing else, which is what is reported here, it does not tell.

A long name says much by itself (`get_mailing_list_settings`). Reported are names of up to two words
that mean something, and descriptions of up to three.

## Bad
```json
{"tools": [{"name": "get_order", "description": "Get order", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "listOrders", "description": "Tool to list the orders.", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order by its number, with items and delivery state.",
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{
  "name": "get_mailing_list_settings",
  "description": "Gets the settings of one mailing list.",
  "inputSchema": {"type": "object"}
}]}
```

## References
- arXiv 2602.18914: how often descriptions repeat the name
- arXiv 2602.14878: what descriptions lack, and what it costs
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let text = tool.description.as_deref()?.trim();
    let name: HashSet<String> = words(&tool.name).iter().map(|word| stem(word)).collect();
    let said = words(text);
    let content: Vec<&String> = said.iter().filter(|word| is_content(word)).collect();
    let named = words(&tool.name).iter().filter(|word| is_content(word)).count();
    let is_short = named <= LONGEST_NAME || content.len() <= LONGEST_DESCRIPTION;
    if content.is_empty() || !is_short || !content.iter().all(|word| name.contains(&stem(word))) {
        return None;
    }
    let note = format!("\"{}\"", shorten(text));
    let message = "the description only repeats the name";
    Some(Hit::new(tool.pointer.join("description"), message).note(note))
}

/// A name of more words than this says enough to be repeated…
const LONGEST_NAME: usize = 2;
/// …unless the description has no more words than this.
const LONGEST_DESCRIPTION: usize = 3;

fn is_content(word: &str) -> bool {
    !FILLERS.contains(&word)
}

/// Words that tell nothing.
const FILLERS: &[&str] = &[
    "a", "all", "allows", "an", "api", "by", "can", "for", "from", "function", "given", "in", "is",
    "it", "method", "of", "on", "one", "single", "specific", "that", "the", "this", "to", "tool",
    "use", "used", "using", "which", "with", "you",
];
