use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/tool-renamed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the old name beside the new one, marked deprecated with the new one as its \
           replacement",
    documentation: r#"
A tool has another name.

## Why
For a caller a renamed tool is a removed one: the name is what is called, allowed and prompted for.
Renames are what users of real servers report as the change that broke them; the one server that
went through 25 of them keeps a table of aliases for it. Old and new are paired by their names,
arguments and descriptions, each tool once; the confidence says how sure the pairing is.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "getOrder",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "getOrder",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "getOrder",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0", "replacement": "get_order"}}
    },
    {
      "name": "get_order",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools: a tool is identified by its name
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ToolRenamed(rename) = &change.fact else { return None };
    let how = match (rename.is_spelling, rename.has_same_input) {
        (true, _) => "the spelling alone",
        (false, true) => "with the same input schema",
        (false, false) => "with another input schema",
    };
    let message = format!("{} is now called {}", names(&[&rename.from]), names(&[&rename.to]));
    Some(DiffHit::of(change, message).note(how).confidence(rename.confidence))
}
