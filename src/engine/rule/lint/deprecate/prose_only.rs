use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "deprecate/prose-only",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: r#"add `"_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0", "sunset": "2027-01-31", "replacement": "search_orders"}}`"#,
    documentation: r#"
A tool is deprecated in its description only.

## Why
The specification has no field for it, so servers write "DEPRECATED" into the description. A model
reads it and may still call the tool; nothing else reads it at all. Whoever watches the contract of
a server cannot tell since when a tool is on its way out, when it goes and what replaces it, and so
the day it goes is a surprise. In `_meta` the same three facts can be read by a program, and by
`mcp-kit diff`.

Keep the sentence as well: it is the part a model sees.

## Bad
```json
{"tools": [{
  "name": "find_orders",
  "description": "DEPRECATED: use search_orders. Finds orders.",
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{
  "name": "old_tariff",
  "description": "No longer supported; will be removed in March. Gets the tariff of one zone.",
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "find_orders",
  "description": "Finds orders. Deprecated, use search_orders.",
  "_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0", "replacement": "search_orders"}},
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{
  "name": "list_packages",
  "description": "Lists packages; deprecated ones come last.",
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [
  {"name": "find_old_calls", "description": "Finds uses of DEPRECATED functions in a program."},
  {"name": "list_endpoints", "description": "Lists endpoints; names end in [deprecated] where one goes away."},
  {"name": "deprecated_packages", "description": "Deprecated packages of a project."}
]}
```

## References
- Specification 2026-07-28, basic, "`_meta`": keys with a prefix are free to use
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    surface.tools.iter().filter_map(|tool| judge(tool, surface)).collect()
}

fn judge(tool: &Tool, surface: &Surface) -> Option<Hit> {
    let description = tool.description.as_deref()?;
    if !says_deprecated(description) || is_marked(tool) {
        return None;
    }
    let names = surface.tools.iter().map(|other| other.name.as_str());
    let replacement =
        names.filter(|name| *name != tool.name).find(|name| mentions(description, name));
    let message = match replacement {
        Some(name) => format!("deprecated in prose only, in favour of `{name}`"),
        None => "deprecated in prose only, and no other tool is named as replacement".to_owned(),
    };
    Some(Hit::new(tool.pointer.join("description"), message))
}

/// Whether the description speaks of the tool itself: it says so outright, in a sentence that begins
/// with it, or as its last word or bracket. "Lists deprecated packages" does not.
fn says_deprecated(description: &str) -> bool {
    let lower = description.trim().to_lowercase();
    let outright = ["tool is deprecated", "tool has been deprecated", "this tool is no longer"];
    outright.iter().any(|phrase| lower.contains(phrase))
        || lower.split(['.', '\n', ';']).any(begins_with_it)
        || ends_with_it(&lower)
}

fn begins_with_it(sentence: &str) -> bool {
    let is_mark = |character: char| "([*_`!⚠\u{FE0F} ".contains(character);
    let sentence = sentence.trim().trim_start_matches(is_mark);
    if ["no longer supported", "no longer maintained"].iter().any(|it| sentence.starts_with(it)) {
        return true;
    }
    let Some(rest) = sentence.strip_prefix("deprecated") else { return false };
    // "Deprecated packages of a project" goes on with a noun.
    let goes_on = [" use ", " in favo", " since ", " as of ", " and will", " - ", " – ", " — "];
    !rest.starts_with([' ', '-', '_']) || goes_on.iter().any(|words| rest.starts_with(words))
}

fn ends_with_it(text: &str) -> bool {
    let bracket = text.rfind(['(', '[']).filter(|start| {
        let rest = &text[start + 1..];
        let end = rest.find([')', ']']).unwrap_or(rest.len());
        rest.starts_with("deprecated")
            && rest[end..].chars().all(|character| !character.is_alphanumeric())
    });
    let last = text.trim_end_matches(|character: char| !character.is_alphanumeric());
    bracket.is_some() || last.ends_with(" is deprecated") || last.ends_with(", deprecated")
}

/// Whether a program can read it: ours or anybody's key in `_meta`, or a flag on the tool.
fn is_marked(tool: &Tool) -> bool {
    let keys = tool.value().get("_meta").and_then(Value::as_object).into_iter().flatten();
    let in_meta = keys.into_iter().any(|(key, _)| key.to_lowercase().contains("deprecated"));
    in_meta || tool.value().get("deprecated").is_some_and(|value| value != &Value::Bool(false))
}

fn mentions(text: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.split(|character: char| !is_part(character) && character != '-').any(|word| word == name)
}
