use crate::engine::rule::wording::shorten;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/revision-dropped",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "go on speaking the older revisions beside the new one",
    documentation: r#"
A revision of the protocol is not spoken any more, or an older one is settled on.

## Why
A client that knows only that revision cannot connect. What one conversation settled on says less than
the list of what is supported; both are looked at where the surface has them.

## Bad
```json
{
  "old": {"protocolVersion": "2026-07-28", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"protocolVersion": "2025-06-18", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"protocolVersion": "2025-06-18", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"protocolVersion": "2026-07-28", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Specification 2026-07-28, basic/lifecycle: `supportedVersions`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::RevisionDropped(old, new) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("revision {} → {}", shorten(old), shorten(new))))
}
