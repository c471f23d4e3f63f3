use super::wording;
use crate::engine::rule::wording::{names, shorten};
use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/output-narrowed",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
The output promises more than before.

## Why
Every result that may come now was allowed before; the example is one that cannot come any more. A
new field of an open object counts as well. It calls for a minor version.

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
      },
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "state": {"type": "string"}}
      }
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
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}},
        "required": ["total"]
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
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "state": {"type": "string"}},
        "required": ["total", "state"]
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
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "state": {"type": "string"}},
        "required": ["state", "total"]
      }
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
    match &change.fact {
        Fact::PropertyAdded(Member::Output, label) => {
            Some(DiffHit::of(change, format!("{} is a new field", names(&[label]))))
        }
        Fact::PropertyDropped(label) => {
            let message = format!("the optional field {} is gone", names(&[label]));
            Some(DiffHit::of(change, message))
        }
        Fact::Eased(fact) if fact.member == Member::Output => {
            let text = match fact.summary.as_str() {
                "" => "less may come than before".to_owned(),
                summary => format!("promises more: {}", shorten(summary)),
            };
            let message = wording::located(&fact.label, &text);
            Some(DiffHit::of(change, message).witness(fact.witness.clone()))
        }
        Fact::EaseUndecided(Member::Output) => {
            Some(DiffHit::of(change, "whether less may come could not be decided"))
        }
        _ => None,
    }
}
