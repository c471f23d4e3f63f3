use crate::engine::finding::Subject;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/resource-removed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the address, or answer it with where the content is now",
    documentation: r#"
A resource template, or a listed resource, is gone.

## Why
A template is a promise about a whole family of addresses; readers build addresses from it. A single
resource in a list may be gone because what it showed is gone, so that is a warning only. Both are
known by their address: another name alone changes nothing.

## Bad
```json
{
  "old": {"tools": [], "resources": [], "resourceTemplates": [
    {"name": "order", "uriTemplate": "orders://{id}", "mimeType": "application/json"}
  ]},
  "new": {"tools": [], "resources": [], "resourceTemplates": []}
}
```
```json
{
  "old": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"},
    {"name": "export", "uri": "orders://export"}
  ], "resourceTemplates": []},
  "new": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"}
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
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"},
    {"name": "export", "uri": "orders://export"}
  ], "resourceTemplates": [
    {"name": "order", "uriTemplate": "orders://{id}", "mimeType": "application/json"}
  ]}
}
```

## References
- Specification 2026-07-28, server/resources
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    if change.fact != Fact::ResourceRemoved {
        return None;
    }
    Some(match change.subject {
        Subject::ResourceTemplate(_) => DiffHit::of(change, "the resource template is gone"),
        _ => DiffHit::of(change, "the resource is gone").severity(Severity::Warning),
    })
}
