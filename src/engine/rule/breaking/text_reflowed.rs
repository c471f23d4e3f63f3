use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/text-reflowed",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
A text differs in white space, in upper and lower case or in punctuation only.

## Why
No word changed, so it means the same; the list of tools has other bytes, which an exact cache sees.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
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
      "description": "Reads  one order. ",
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
      "description": "Reads one invoice.",
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
- Specification 2026-07-28, server/tools, `Tool.description`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Text(text) = &change.fact else { return None };
    let message = format!("{} differs in white space, case or punctuation only", text.member);
    text.is_reflow.then(|| DiffHit::of(change, wording::located(&text.label, &message)))
}
