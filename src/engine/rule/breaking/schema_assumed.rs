use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/schema-assumed",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "have the schema say what it means: no remote references, keywords of its own dialect",
    documentation: r#"
Something in a changed schema was set aside or taken for granted.

## Why
A reference to another document is never fetched; where both sides have the same one it is taken to
mean the same. A keyword whose value is none is left out, and a dialect nobody knows is read as
2020-12. The verdict on the schema holds under that assumption.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "tag_order",
      "inputSchema": {
        "type": "object",
        "properties": {"tag": {"$ref": "https://schemas.example/tag.json"}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "tag_order",
      "inputSchema": {
        "type": "object",
        "properties": {"tag": {"$ref": "https://schemas.example/tag.json"}, "limit": {"type": "integer"}}
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
      "name": "tag_order",
      "inputSchema": {"type": "object", "properties": {"tag": {"type": "string"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "tag_order",
      "inputSchema": {
        "type": "object",
        "properties": {"tag": {"type": "string"}, "limit": {"type": "integer"}}
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, basic, "JSON Schema Usage"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Assumed(member, text) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("`{}`: {text}", member.as_str())))
}
