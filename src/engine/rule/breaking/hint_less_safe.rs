use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/hint-less-safe",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "check that the tool did change; if it did not, set the hint back",
    documentation: r#"
An annotation now promises less safety.

## Why
Hosts decide by these hints what they run without asking, retry, or show at all. What counts is the
effective value: a hint that is left out has the specification's default, and `destructiveHint` and
`idempotentHint` mean something only where the tool is not read-only. A hint is not a contract, so
this is a warning; that a tool has begun to write is worth a look all the same.

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
      "annotations": {"readOnlyHint": true}
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
      "annotations": {"readOnlyHint": false}
    }
  ]}
}
```
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
      "annotations": {"destructiveHint": false}
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
      },
      "annotations": {"readOnlyHint": true, "destructiveHint": false}
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
      "annotations": {"readOnlyHint": true, "destructiveHint": true}
    }
  ]}
}
```
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
      "annotations": {"destructiveHint": true}
    }
  ]}
}
```

## References
- Specification 2026-07-28, schema, `ToolAnnotations`: readOnlyHint is false, destructiveHint true,
  idempotentHint false and openWorldHint true by default
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Hint(hint) = &change.fact else { return None };
    if !hint.is_less_safe {
        return None;
    }
    let hit = DiffHit::of(change, format!("{} {} → {}", hint.name, !hint.new, hint.new));
    Some(if hint.is_default { hit.note("the default, as nothing is said") } else { hit })
}
