use crate::engine::rule::wording::names;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/replacement-missing",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "name a tool that is in the list",
    documentation: r#"
The tool that is to be used instead does not exist.

## Why
A caller that follows the mark ends at an unknown tool. Usually a name was mistyped, or the replacement
was renamed in its turn.

## Bad
```json
{
  "old": {"tools": [
    {"name": "find_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0", "replacement": "serch_orders"}}
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {"name": "find_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0", "replacement": "search_orders"}}
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
    let Fact::ReplacementMissing(name) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("the replacement {} does not exist", names(&[name]))))
}
