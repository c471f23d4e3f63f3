use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/output-schema-removed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the output schema, and conform to it",
    documentation: r#"
A tool has no output schema any more.

## Why
The schema was the promise that a result is JSON of that shape. Programs read `structuredContent` by
it; without it there may be none, and nothing says what is in it.

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

## References
- Specification 2026-07-28, server/tools, "Output Schema"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    (change.fact == Fact::OutputSchemaRemoved)
        .then(|| DiffHit::of(change, "the output schema is gone"))
}
