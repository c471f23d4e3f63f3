use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::word::words,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "name/protocol-verb",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "name the task, `update_order` for `patch_order`; keep versions out of names: deprecate the \
           old tool and give the new one a name of its own",
    documentation: r#"
A tool's name speaks of HTTP or of a version.

## Why
`post_order` is how a client of a REST interface thinks. A model thinks of placing an order, and of
`patch_order` and `put_order` it has to find out which one changes a part. A version in a name
(`search_v2`) makes it choose between tools whose difference no name and often no description tells,
and the name stays when the first version has long gone.

It is a small cost, hence advice. A method is reported only where it stands beside `api` or `http`, is
written in capitals, or the description begins with another verb: `post_comment`, "Posts a comment", is
plain English.

## Bad
```json
{"tools": [{"name": "search_orders_v2", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{
  "name": "patch_order",
  "description": "Updates the delivery address of one order.",
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{"name": "API-post-order", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [
  {"name": "update_order", "description": "Updates the address of one order."},
  {"name": "get_order", "description": "Reads one order."},
  {"name": "post_comment", "description": "Posts a comment on one order."},
  {"name": "patch_notes", "description": "Shows what a version has changed."},
  {"name": "call_api", "description": "Calls the interface of one partner."}
]}
```

## References
- Anthropic, "Writing effective tools for agents": tools for tasks, not wrappers of endpoints
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let words = words(&tool.name);
    let (message, note) = match words.last() {
        Some(last) if words.len() > 1 && is_version(last) => {
            ("the name ends in a version", last.clone())
        }
        _ => ("the name says an HTTP method and not the task", method(tool, &words)?.to_owned()),
    };
    Some(Hit::new(tool.pointer.join("name"), message).note(note))
}

/// `v2`, and not the `v` of a volume.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

const METHODS: &[&str] = &["delete", "get", "patch", "post", "put"];

/// The method in a name that is one beyond doubt.
fn method<'a>(tool: &Tool, words: &'a [String]) -> Option<&'a str> {
    let at = words.iter().take(3).position(|word| METHODS.contains(&word.as_str()))?;
    let method = words[at].as_str();
    if at + 1 == words.len() {
        return None;
    }
    let is_of_interface =
        words[..at].iter().any(|word| ["api", "http", "rest"].contains(&word.as_str()));
    let is_shouted = tool.name.contains(&method.to_uppercase());
    let is_beside_the_task = at == 0 && ["patch", "post", "put"].contains(&method) && {
        let description = tool.description.as_deref().unwrap_or_default();
        let first = description.split_whitespace().next().map(str::to_lowercase);
        first.is_some_and(|first| OTHER_VERBS.contains(&first.trim_end_matches(['s', ':', ','])))
    };
    (is_of_interface || is_shouted || is_beside_the_task).then_some(method)
}

/// Verbs by which descriptions say what such a method does here.
const OTHER_VERBS: &[&str] = &[
    "add", "change", "create", "edit", "insert", "make", "modify", "open", "place", "register",
    "replace", "set", "start", "submit", "update", "write",
];
