use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::word::words,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "name/generic",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "say what is done to what: a verb and the noun of the domain, `process_refund`",
    documentation: r#"
A tool's name could stand for any tool.

## Why
The name is the first thing a model goes by, and clients mix the tools of many servers in one list:
`process` or `get_data` says nothing there, collides with the next server's tool of that name, and is
picked by chance. The description can repair it only for models that read all of them closely.

Only names made up entirely of such words are reported, `handle_request` among them. `search` and `fetch` are names that clients
expect of certain servers, and are fine.

## Bad
```json
{"tools": [{"name": "process", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "get_data", "inputSchema": {"type": "object"}}]}
```

```json
{"tools": [{"name": "handle_request", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [
  {"name": "process_refund", "inputSchema": {"type": "object"}},
  {"name": "search", "inputSchema": {"type": "object"}}
]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names": the note on naming collisions
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let words = words(&tool.name);
    let says_nothing = match words.as_slice() {
        [] => false,
        [only] => is_listed(only, VAGUE) || is_listed(only, VAGUE_ALONE),
        [verb, noun] if is_listed(verb, HANDLING) && is_listed(noun, VAGUE_ALONE) => true,
        [verb, noun] if is_listed(verb, MOVING) && is_listed(noun, VAGUE) => true,
        // A process is a thing where something is done to it: `get_process`.
        [verb, noun] if noun == "process" && is_listed(verb, VAGUE) => false,
        several => several.iter().all(|word| is_listed(word, VAGUE)),
    };
    if !says_nothing {
        return None;
    }
    let message = format!("the name `{}` could stand for any tool", tool.name);
    Some(Hit::new(tool.pointer.join("name"), message))
}

/// Whether a word is on a list, whatever number it ends in.
fn is_listed(word: &str, list: &[&str]) -> bool {
    list.contains(&word.trim_end_matches(|digit: char| digit.is_ascii_digit()))
}

/// Words that say nothing in any company.
const VAGUE: &[&str] = &[
    "", "action", "call", "data", "do", "execute", "generic", "get", "handle", "handler", "helper",
    "info", "information", "invoke", "it", "main", "manage", "my", "operation", "perform",
    "process", "processor", "run", "set", "stuff", "thing", "things", "tool", "update", "use",
    "util", "utility",
];

/// Words that say nothing alone and may be a domain's own beside a verb: `list_tasks`, `get_item`.
const VAGUE_ALONE: &[&str] = &[
    "actions", "function", "go", "item", "items", "misc", "object", "objects", "operations",
    "request", "requests", "submit", "task", "tasks", "tools", "work",
];

/// Verbs beside which those words still say nothing.
const HANDLING: &[&str] = &["do", "execute", "handle", "perform", "process", "run"];

/// Verbs that say something alone and nothing beside a noun that says nothing.
const MOVING: &[&str] =
    &["api", "create", "do", "fetch", "load", "post", "query", "read", "send", "write"];
