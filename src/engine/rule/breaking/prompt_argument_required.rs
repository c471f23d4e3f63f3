use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/prompt-argument-required",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "make the argument optional, with what was done before as its default",
    documentation: r#"
An argument of a prompt is required that was not.

## Why
Whoever fills in what was asked for before is refused now.

## Bad
```json
{
  "old": {"tools": [], "prompts": [
    {"name": "triage", "arguments": [{"name": "ticket", "required": true}]}
  ]},
  "new": {"tools": [], "prompts": [
    {
      "name": "triage",
      "arguments": [{"name": "ticket", "required": true}, {"name": "language", "required": true}]
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
    {
      "name": "triage",
      "arguments": [{"name": "ticket", "required": true}, {"name": "language"}]
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/prompts
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::PromptArgumentRequired(name) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("the argument {} is required now", names(&[name]))))
}
