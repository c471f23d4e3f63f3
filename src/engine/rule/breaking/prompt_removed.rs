use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/prompt-removed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the prompt",
    documentation: r#"
A prompt is gone.

## Why
Users have it in a menu or under a command; the next time it answers with an error.

## Bad
```json
{
  "old": {"tools": [], "prompts": [
    {"name": "triage", "arguments": []},
    {"name": "summarise", "arguments": []}
  ]},
  "new": {"tools": [], "prompts": [
    {"name": "triage", "arguments": []}
  ]}
}
```

## Good
```json
{
  "old": {"tools": [], "prompts": [
    {"name": "triage", "arguments": []}
  ]},
  "new": {"tools": [], "prompts": [
    {"name": "triage", "arguments": []},
    {"name": "summarise", "arguments": []}
  ]}
}
```

## References
- Specification 2026-07-28, server/prompts
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    (change.fact == Fact::PromptRemoved).then(|| DiffHit::of(change, "the prompt is gone"))
}
