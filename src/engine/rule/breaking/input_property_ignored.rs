use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact, Notice},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/input-property-ignored",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep reading it, or refuse it so that callers notice; mark it `deprecated` first",
    documentation: r#"
An argument is gone, and callers that send it are not told.

## Why
The object is open, so the argument is still accepted and nothing happens with it: a filter that does
not filter, a dry run that is none. 9 of 14 arguments that one real server dropped went this way. An
argument that was marked `deprecated` for as long as the policy asks is only mentioned.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"state": {"type": "string"}, "dry_run": {"type": "boolean"}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"state": {"type": "string"}}}
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"state": {"type": "string"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"state": {"type": "string"}, "limit": {"type": "integer"}}
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, `Tool.inputSchema`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::PropertyIgnored(label, notice) = &change.fact else { return None };
    let message = format!("{} is gone; callers that send it are ignored", names(&[label]));
    let hit = DiffHit::of(change, message);
    Some(match notice {
        Notice::Given(text) => hit.severity(Severity::Info).note(text),
        Notice::TooShort(text) => hit.note(text),
        Notice::WithoutReplacement | Notice::NotGiven => hit,
    })
}
