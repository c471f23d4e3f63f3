use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/schema-empty",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "look at the keywords that exclude each other",
    documentation: r#"
A schema that accepts nothing was compared.

## Why
No value fits it, so that anything holds for all of its values: nothing is broken because nobody could
call it. That is hardly what was meant, and no verdict on the change.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {"type": "object", "properties": {"id": false}, "required": ["id"]}
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"]
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
        "properties": {"id": {"type": "string"}},
        "required": ["id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "title": "Get an order",
      "inputSchema": {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"]
      }
    }
  ]}
}
```

## References
- JSON Schema 2020-12, Core §4.3.2: boolean schemas
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::EmptySchema(member) = &change.fact else { return None };
    Some(DiffHit::of(
        change,
        match member {
            Member::Input => "the old input schema accepts no call at all",
            Member::Output => "the new output schema allows no result at all",
        },
    ))
}
