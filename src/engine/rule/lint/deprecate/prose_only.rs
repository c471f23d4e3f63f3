use super::sign::{is_marked, mentions, says_deprecated};
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
    help: r#"say so in `_meta` as well, for example `"dev.mcp-kit/deprecated": {"since": "1.4.0", "sunset": "2027-01-31"}`"#,
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
    let pointer = tool.pointer.join("description");
    let Some(name) = replacement else {
        let message = "deprecated in prose only, and no other tool is named as replacement";
        return Some(Hit::new(pointer, message));
    };
    let message = format!("deprecated in prose only, in favour of `{name}`");
    let help = format!(
        r#"say so in `_meta` as well: `"dev.mcp-kit/deprecated": {{"replacement": "{name}"}}`, with `since` and `sunset` where they are known"#
    );
    Some(Hit::new(pointer, message).help(help))
}
