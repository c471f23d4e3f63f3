use crate::engine::rule::wording::shorten;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/sunset-moved",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the day that was announced; a later one is always possible",
    documentation: r#"
A deprecated tool is to go earlier than was announced.

## Why
Somebody has planned with the day that was announced. A later sunset costs nobody anything; an earlier
one takes back a promise.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {
        "dev.mcp-kit/deprecated": {"sunset": "2027-06-30", "replacement": "search_orders"}
      }
    },
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {
        "dev.mcp-kit/deprecated": {"sunset": "2027-01-31", "replacement": "search_orders"}
      }
    },
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {
        "dev.mcp-kit/deprecated": {"sunset": "2027-01-31", "replacement": "search_orders"}
      }
    },
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {
        "dev.mcp-kit/deprecated": {"sunset": "2027-06-30", "replacement": "search_orders"}
      }
    },
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- `docs/formats.md`, "`_meta` of a tool"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::SunsetMoved(old, new) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("sunset {} → {}", shorten(old), shorten(new))))
}
