use crate::engine::rule::wording::shorten;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/task-support-narrowed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep `taskSupport` at \"optional\"",
    documentation: r#"
A way to run a tool is refused that was allowed.

## Why
With `taskSupport` "required" a plain call is refused, with "forbidden", which is also what nothing
means, a call as a task. From "optional" both ways lead to a refusal, and from one to the other all
callers are refused. The member belongs to revision 2025-11-25.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "execution": {"taskSupport": "optional"}
    }
  ]},
  "new": {"tools": [
    {
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "execution": {"taskSupport": "required"}
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "execution": {"taskSupport": "optional"}
    }
  ]},
  "new": {"tools": [
    {
      "name": "export_orders",
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
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "execution": {"taskSupport": "optional"}
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "export_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "execution": {"taskSupport": "forbidden"}
    }
  ]}
}
```

## References
- Specification 2025-11-25, basic/utilities/tasks, "Tool-Level Negotiation"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::TaskSupport(old, new) = &change.fact else { return None };
    if new == "optional" {
        return None;
    }
    let refused = if new == "required" { "a plain call" } else { "a call as a task" };
    let message = format!("taskSupport {} → {}: {refused} is refused", shorten(old), shorten(new));
    Some(DiffHit::of(change, message))
}
