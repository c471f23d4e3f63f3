use crate::engine::finding::Subject;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/resource-added",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
A resource or a resource template is new.

## Why
Nobody is broken by an address that was not there.

## Bad
```json
{
  "old": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"}
  ], "resourceTemplates": []},
  "new": {"tools": [], "resources": [
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"},
    {"name": "export", "uri": "orders://export"}
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
    {"name": "levels", "uri": "orders://levels", "mimeType": "text/markdown"}
  ], "resourceTemplates": []}
}
```

## References
- Specification 2026-07-28, server/resources
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    if change.fact != Fact::ResourceAdded {
        return None;
    }
    Some(match change.subject {
        Subject::ResourceTemplate(_) => DiffHit::of(change, "the resource template is new"),
        _ => DiffHit::of(change, "the resource is new"),
    })
}
