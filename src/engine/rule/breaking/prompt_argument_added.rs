use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/prompt-argument-added",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
An argument of a prompt is new, or optional now.

## Why
Whoever leaves it out gets what they got before.

## Bad
```json
{
  "old": {"tools": [], "prompts": [
    {"name": "triage", "arguments": [{"name": "ticket", "required": true}]}
  ]},
  "new": {"tools": [], "prompts": [
    {
      "name": "triage",
      "arguments": [{"name": "ticket", "required": true}, {"name": "language"}]
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [], "prompts": [
    {"name": "triage", "arguments": [{"name": "ticket", "required": true}]}
  ]},
  "new": {"tools": [], "prompts": [
    {"name": "triage", "arguments": [{"name": "ticket", "required": true}]}
  ]}
}
```

## References
- Specification 2026-07-28, server/prompts
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::PromptArgumentAdded(name, is_new) = &change.fact else { return None };
    let what = if *is_new { "new" } else { "optional now" };
    Some(DiffHit::of(change, format!("the argument {} is {what}", names(&[name]))))
}
