use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/schema-undecided",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "look at the two schemas yourself, or write the keyword named here in a simpler way",
    documentation: r#"
Whether a changed schema breaks anybody could not be decided.

## Why
For nearly every pair of schemas it is proved that nothing breaks, or a call is shown that does. What
is left are references to other documents, which are never fetched, patterns that are not regular, and
a few combinations of keywords. It is not a pass: with `--strict` it is a break.

## Bad
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
        "properties": {"tag": {"$ref": "https://schemas.example/tag.json"}}
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
      "inputSchema": {"type": "object", "properties": {"tag": {"type": "string", "minLength": 0}}}
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools and basic, "JSON Schema Usage": references are not fetched
"#,
    check: Check::Change(check),
};

fn check(change: &Change, diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Undecided(member, reason) = &change.fact else { return None };
    let severity = if diff.options.strict { Severity::Error } else { Severity::Warning };
    let message = match member {
        Member::Input => format!("old calls may be refused; not decided: {reason}"),
        Member::Output => format!("old readers may be surprised; not decided: {reason}"),
    };
    Some(DiffHit::of(change, message).severity(severity))
}
