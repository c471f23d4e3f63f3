use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/tool-added",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do; a new tool costs tokens in every conversation",
    documentation: r#"
A tool is new.

## Why
Nobody is broken by a tool that was not there. It calls for a minor version, and it is in front of
every model from now on.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
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
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    },
    {"name": "list_orders", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
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
- Specification 2026-07-28, server/tools
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    (change.fact == Fact::ToolAdded).then(|| DiffHit::of(change, "the tool is new"))
}
