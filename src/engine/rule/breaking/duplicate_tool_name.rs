use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/duplicate-tool-name",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "give each tool a name of its own",
    documentation: r#"
A name stands more than once in the list of tools.

## Why
Which of the two is called, and which of the two an entry of the other list is to be compared with,
nobody can tell. They are compared in the order in which they stand; that is a guess, so a
comparison with this finding never passes, changed or not.

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
    {
      "name": "get_order",
      "inputSchema": {"type": "object", "properties": {"number": {"type": "integer"}}}
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
      }
    },
    {"name": "get_invoice", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Specification 2026-07-28, server/tools: the name is the unique identifier of a tool
- The lint rule `name/duplicate`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::DuplicateName(count) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("the name stands {count} times in the list")))
}
