use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/list-order-changed",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "list tools in a fixed order, for example by name",
    documentation: r#"
The tools are listed in another order.

## Why
The order means nothing, and a list should have the same one every time: a model's prompt is cached by
its beginning, and a list in another order is paid for again in full.

## Bad
```json
{
  "old": {"tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "list_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {"name": "list_orders", "inputSchema": {"type": "object"}},
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "list_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "list_orders", "inputSchema": {"type": "object"}},
    {"name": "cancel_order", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, "Listing Tools": the order SHOULD be deterministic
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ListOrder(list) = &change.fact else { return None };
    Some(DiffHit::of(change, format!("the {list} are listed in another order")))
}
