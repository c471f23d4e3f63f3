use std::collections::HashMap;

use serde_json::Value;

use super::sign::{is_marked, says_deprecated};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "deprecate/alias-still-listed",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "take the old name off the list and go on answering calls to it; or say in `_meta` on which \
           day it goes: `\"dev.mcp-kit/deprecated\": {\"sunset\": \"2027-01-31\"}`",
    documentation: r#"
An old name of a tool is still on the list, beside the new one.

## Why
A list of tools is read anew in each session, so nothing keeps a model at the old name but the list
itself. It pays for both definitions on every request and picks one of them, now and then the
old one: "DEPRECATED" in a description is advice, not a switch. A server can answer calls to a name
that is not on its list; whoever has the name in a script goes on working.

Reported are tools that say they are deprecated or an alias, name another tool of the list, and take the
same arguments. One with a day on which it goes (`sunset`) is left alone.

## Bad
```json
{"tools": [
  {"name": "find_orders", "description": "Finds orders. DEPRECATED: use search_orders instead.",
   "inputSchema": {"type": "object", "properties": {"query": {"type": "string"}}}},
  {"name": "search_orders", "description": "Searches orders.",
   "inputSchema": {"type": "object", "properties": {"query": {"type": "string"}}}}
]}
```
```json
{"tools": [
  {"name": "delete_order", "description": "Alias of cancel_order."},
  {"name": "cancel_order", "description": "Cancels one order."}
]}
```

## Good
```json
{"tools": [
  {"name": "find_orders", "description": "Finds orders. Deprecated, use search_orders.",
   "_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0", "sunset": "2027-01-31", "replacement": "search_orders"}}},
  {"name": "search_orders", "description": "Searches orders."}
]}
```
```json
{"tools": [
  {"name": "old_search", "description": "DEPRECATED: use list_orders. Searches orders.",
   "inputSchema": {"type": "object", "properties": {"words": {"type": "string"}}}},
  {"name": "list_orders", "description": "Lists orders of one customer.",
   "inputSchema": {"type": "object", "properties": {"customer_id": {"type": "string"}}}}
]}
```

## References
- Specification 2026-07-28, server/tools: a list is what a server offers now
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let candidates: Vec<&Tool> = surface.tools.iter().filter(|tool| is_old(tool)).collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let by_name: HashMap<&str, &Tool> =
        surface.tools.iter().map(|tool| (tool.name.as_str(), tool)).collect();
    let hit = |tool: &&Tool| {
        let name = replacement(tool, &by_name)?;
        let message = format!("an old name of `{name}`, which is listed as well");
        Some(Hit::new(tool.pointer.clone(), message))
    };
    candidates.iter().filter_map(hit).collect()
}

/// Whether a tool says it is deprecated or an alias, and not when it goes.
fn is_old(tool: &Tool) -> bool {
    let description = tool.description.as_deref().unwrap_or_default();
    let is_planned =
        tool.value().get("_meta").is_some_and(|meta| meta.to_string().contains("sunset"));
    !is_planned && (is_marked(tool) || says_deprecated(description) || says_alias(description))
}

fn says_alias(description: &str) -> bool {
    let lower = description.to_lowercase();
    ["alias of ", "alias for ", "synonym of ", "synonym for ", "same as `", "old name of "]
        .iter()
        .any(|phrase| lower.starts_with(phrase) || lower.contains(&format!("an {phrase}")))
}

/// The tool of the list that a tool names, and whose arguments it has.
fn replacement<'a>(tool: &Tool, by_name: &HashMap<&'a str, &Tool>) -> Option<&'a str> {
    let description = tool.description.as_deref().unwrap_or_default();
    let meta = tool.value().get("_meta").map(Value::to_string).unwrap_or_default();
    let is_part = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    let texts = [description, meta.as_str()];
    let named = texts.iter().flat_map(|text| text.split(|character| !is_part(character)));
    named.map(|word| word.trim_end_matches('.')).find_map(|word| {
        let (name, other) = by_name.get_key_value(word)?;
        (*name != tool.name && arguments(tool) == arguments(other)).then_some(*name)
    })
}

fn arguments(tool: &Tool) -> Vec<(&String, Option<&Value>)> {
    tool.arguments().map(|(name, schema)| (name, schema.get("type"))).collect()
}
