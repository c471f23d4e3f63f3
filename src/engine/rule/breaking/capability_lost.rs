use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/capability-lost",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "declare the capability, and keep what it stands for",
    documentation: r#"
The server does not offer a capability any more.

## Why
A client asks only for what is declared. Without `prompts` or `resources` nothing of the kind is
reached; a flag that is gone (`listChanged`, `subscribe`) only stops what was sent unasked, which is a
warning.

## Bad
```json
{
  "old": {"capabilities": {"tools": {}, "resources": {}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"capabilities": {"tools": {}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```
```json
{
  "old": {"capabilities": {"tools": {"listChanged": true}}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"capabilities": {"tools": {}}, "tools": [
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
  "new": {"capabilities": {"tools": {}, "resources": {}}, "tools": [
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
    let Fact::CapabilityLost(name, is_whole) = &change.fact else { return None };
    let severity = if *is_whole { Severity::Error } else { Severity::Warning };
    let message = format!("the capability {} is gone", names(&[name]));
    Some(DiffHit::of(change, message).severity(severity))
}
