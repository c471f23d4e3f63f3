use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/prompt-added",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
A prompt is new.

## Why
Nobody is broken by a prompt that was not there.

## Bad
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

## Good
```json
{
  "old": {"tools": [], "prompts": [
    {"name": "triage", "arguments": []}
  ]},
  "new": {"tools": [], "prompts": [
    {"name": "triage", "arguments": []}
  ]}
}
```

## References
- Specification 2026-07-28, server/prompts
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    (change.fact == Fact::PromptAdded).then(|| DiffHit::of(change, "the prompt is new"))
}
