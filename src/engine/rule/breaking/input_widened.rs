use super::wording;
use crate::engine::rule::wording::{names, shorten};
use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/input-widened",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
The input accepts more than before.

## Why
Every call that was accepted is accepted still; the example is one that is accepted now. It calls for
a minor version.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"q": {"type": "string"}, "limit": {"type": "integer"}}
      }
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {"type": "object", "properties": {"q": {"type": "string", "maxLength": 10}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {"type": "object", "properties": {"q": {"type": "string", "maxLength": 100}}}
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"q": {"type": "string"}, "limit": {"type": "integer"}},
        "required": ["q", "limit"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"q": {"type": "string"}, "limit": {"type": "integer"}},
        "required": ["limit", "q"]
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
    match &change.fact {
        Fact::PropertyAdded(Member::Input, label) => {
            Some(DiffHit::of(change, format!("{} is a new argument", names(&[label]))))
        }
        Fact::Eased(fact) if fact.member == Member::Input => {
            let text = match fact.summary.as_str() {
                "" => "more is accepted than before".to_owned(),
                summary => format!("accepts more: {}", shorten(summary)),
            };
            let message = wording::located(&fact.label, &text);
            Some(DiffHit::of(change, message).witness(fact.witness.clone()))
        }
        Fact::EaseUndecided(Member::Input) => {
            Some(DiffHit::of(change, "whether more is accepted could not be decided"))
        }
        _ => None,
    }
}
