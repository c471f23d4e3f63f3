use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/output-schema-added",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
A tool has an output schema now.

## Why
A new promise: results can be checked and read by programs. Nobody relied on it before.

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
      },
      "outputSchema": {"type": "object", "properties": {"total": {"type": "integer"}}}
    }
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
      },
      "outputSchema": {"type": "object", "properties": {"total": {"type": "integer"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {"type": "object", "properties": {"total": {"type": "integer"}}}
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, "Output Schema"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    (change.fact == Fact::OutputSchemaAdded)
        .then(|| DiffHit::of(change, "results have a schema now"))
}
