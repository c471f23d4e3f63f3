use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/capability-gained",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do",
    documentation: r#"
The server offers a capability that it did not.

## Why
Clients that know it may use it; for the others nothing changes.

## Bad
```json
{
  "old": {"capabilities": {"tools": {}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"capabilities": {"tools": {}, "resources": {}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"capabilities": {"tools": {}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"capabilities": {"tools": {}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Specification 2026-07-28, schema, `ServerCapabilities`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::CapabilityGained(name) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("the capability {} is new", names(&[name]))))
}
