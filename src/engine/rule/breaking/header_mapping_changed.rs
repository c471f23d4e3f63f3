use serde_json::Value;

use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};
use crate::engine::{protocol::pointer::Pointer, rule::lint};

pub(super) const RULE: Rule = Rule {
    id: "breaking/header-mapping-changed",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the header, or tell the operators of your gateways",
    documentation: r#"
An argument is sent in another header, or in none.

## Why
With `x-mcp-header` a client repeats an argument as an HTTP header, for gateways that route by it. A
client with an old list sends the old header: the server answers 400 (HeaderMismatch), the client is
to list again and repeat. An annotation that is not right makes clients leave out the whole tool over
HTTP, so one that has become wrong is a removal, and a break.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Sales-Region"}}
      }
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Sales Region"}}
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
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters"
- The lint rule `spec/x-mcp-header-invalid`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Header(edit) = &change.fact else { return None };
    let hit = DiffHit::of(change, wording::edit("x-mcp-header", edit));
    let name = |value: &Option<Value>| value.as_ref()?.as_str().map(str::to_ascii_lowercase);
    let is_same = name(&edit.old).is_some() && name(&edit.old) == name(&edit.new);
    // Names of header fields have no case (RFC 9110 §5.1).
    let hit = if is_same { hit.severity(Severity::Info) } else { hit };
    let pointer = change.new.as_ref();
    let is_wrong = pointer.is_some_and(|pointer| is_wrong(change, diff, pointer));
    Some(if is_wrong {
        hit.severity(Severity::Error).note("not right: clients leave the tool out over HTTP")
    } else {
        hit
    })
}

/// Whether the lint rule about such annotations has something against this one.
fn is_wrong(change: &Change, diff: &Diff<'_>, pointer: &Pointer) -> bool {
    let name = change.subject.tool().unwrap_or_default();
    let Some(tool) = diff.new.tools.iter().find(|tool| tool.name == name) else { return false };
    let rule = lint::find("spec/x-mcp-header-invalid").expect("is a rule of ours");
    let Check::Tool(check) = rule.check else { return false };
    check(tool).iter().any(|hit| hit.pointer == *pointer)
}
