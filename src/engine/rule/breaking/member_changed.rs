use crate::engine::rule::wording::shorten;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/member-changed",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do, unless a client of yours reads it",
    documentation: r#"
A member that no rule knows is another one.

## Why
Servers add members of their own to tools, and revisions add and drop some. What a client makes of
them nobody here can tell, so they are mentioned.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "requiredScopes": ["orders:read"]
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "requiredScopes": ["orders:all"]
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "requiredScopes": ["orders:read"]
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "requiredScopes": ["orders:read"]
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    match &change.fact {
        Fact::UnknownMember(name) => {
            Some(DiffHit::of(change, format!("`{}` is another one", shorten(name))))
        }
        Fact::TaskSupport(old, new) if new == "optional" => {
            Some(DiffHit::of(change, format!("taskSupport {} → optional", shorten(old))))
        }
        _ => None,
    }
}
