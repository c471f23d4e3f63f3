use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/resource-type-changed",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "offer the new type under another address",
    documentation: r#"
A resource has another content type.

## Why
Readers parse by `mimeType`. One that expects Markdown and gets HTML shows the markup, or nothing.

## Bad
```json
{
  "old": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"}
  ], "resourceTemplates": []},
  "new": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/html"}
  ], "resourceTemplates": []}
}
```

## Good
```json
{
  "old": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"}
  ], "resourceTemplates": []},
  "new": {"tools": [], "resources": [
    {
      "name": "levels",
      "uri": "orders://levels",
      "mimeType": "text/markdown",
      "title": "Service levels"
    }
  ], "resourceTemplates": []}
}
```

## References
- Specification 2026-07-28, server/resources
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ResourceType(edit) = &change.fact else { return None };
    Some(DiffHit::of(change, wording::edit("mimeType", edit)))
}
