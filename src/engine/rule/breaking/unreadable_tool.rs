use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/unreadable-tool",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "list tools as objects, each with a name that is a string",
    documentation: r#"
Something in a list has no name to be called by, or is hidden by a key that stands twice.

## Why
It is left out of the comparison, because nothing identifies it or nobody can say which of the two
counts, and so nothing can be said about what became of it. A comparison with this finding never passes, changed or not; the rest is compared.

## Bad
```json
{
  "old": {"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]},
  "new": {"tools": [{"name": 3, "inputSchema": {"type": "object"}}]}
}
```

## Good
```json
{
  "old": {"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]},
  "new": {"tools": [{"name": "get_order", "inputSchema": {"type": "object"}, "title": "Order"}]}
}
```

## References
- Specification 2026-07-28, server/tools, `Tool.name`
- The lint rule `surface/unreadable-item`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Unreadable(detail) = &change.fact else { return None };
    let side = if change.new.is_some() { "" } else { " (in the old surface)" };
    Some(DiffHit::of(change, format!("{detail}{side}")))
}
