use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/prompt-argument-removed",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep taking the argument",
    documentation: r#"
An argument of a prompt is gone.

## Why
Whoever still sends it is ignored or refused; which, the specification leaves to the server.

## Bad
```json
{
  "old": {"tools": [], "prompts": [
    {
      "name": "triage",
      "arguments": [{"name": "ticket", "required": true}, {"name": "language"}]
    }
  ]},
  "new": {"tools": [], "prompts": [
    {"name": "triage", "arguments": [{"name": "ticket", "required": true}]}
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
    let Fact::PromptArgumentRemoved(name) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("the argument {} is gone", names(&[name]))))
}
