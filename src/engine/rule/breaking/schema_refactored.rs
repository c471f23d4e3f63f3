use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/schema-refactored",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
A schema is written differently and means the same.

## Why
Both directions were proved: what the old schema accepts the new one accepts, and the other way round.
References instead of copies, `anyOf` instead of a list of types, another order: no caller can tell.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "tag_order",
      "inputSchema": {"type": "object", "properties": {"tag": {"type": ["string", "null"]}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "tag_order",
      "inputSchema": {
        "type": "object",
        "properties": {"tag": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
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
        "properties": {"tag": {"type": "string", "description": "Any text."}}
      }
    }
  ]}
}
```

## References
- JSON Schema 2020-12
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Refactored(member) = &change.fact else { return None };
    let message = format!("`{}` is written differently and means the same", member.as_str());
    Some(DiffHit::of(change, message))
}
