use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/hint-safer",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do, if it is true",
    documentation: r#"
An annotation now promises more safety.

## Why
The effective value of a hint went the safe way: hosts may run or repeat the tool with fewer questions
than before. True, it is an improvement; untrue, it is how a dangerous tool gets past an approval.

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
      "annotations": {"readOnlyHint": true}
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
      "annotations": {"readOnlyHint": false}
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
    if hint.is_less_safe {
        return None;
    }
    let hit = DiffHit::of(change, format!("{} {} → {}", hint.name, !hint.new, hint.new));
    Some(if hint.is_default { hit.note("the default, as nothing is said") } else { hit })
}
