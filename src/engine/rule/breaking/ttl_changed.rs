use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/ttl-changed",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
Lists may be kept for longer or shorter, or for other users.

## Why
`ttlMs` says for how long a client may use a list without asking, `cacheScope` whether it may be shown
to others. From "private" to "public" is worth a second look where lists depend on who asks.

## Bad
```json
{
  "old": {"ttlMs": 60000, "cacheScope": "private", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"ttlMs": 3600000, "cacheScope": "private", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"ttlMs": 60000, "cacheScope": "private", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"ttlMs": 60000, "cacheScope": "private", "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Specification 2026-07-28, "Caching"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::CacheHint(name, edit) = &change.fact else { return None };
    Some(DiffHit::of(change, wording::edit(name, edit)))
}
