use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/cache-outlives-deprecation",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "shorten `ttlMs`, or leave more time until the sunset",
    documentation: r#"
A list may be kept until after a deprecated tool has gone.

## Why
A client may use a list for as long as `ttlMs` says. Longer than the time that a deprecated tool has
left, and a client still calls it when it is gone, having done nothing wrong.

## Bad
```json
{
  "old": {"ttlMs": 60000, "cacheScope": "private", "tools": [
    {"name": "find_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"ttlMs": 1209600000, "cacheScope": "private", "tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {"dev.mcp-kit/deprecated": {"sunset": "2026-11-29"}}
    }
  ]},
  "options": {"today": "2026-11-22"}
}
```

## Good
```json
{
  "old": {"ttlMs": 60000, "cacheScope": "private", "tools": [
    {"name": "find_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"ttlMs": 60000, "cacheScope": "private", "tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {"dev.mcp-kit/deprecated": {"sunset": "2026-11-29"}}
    }
  ]},
  "options": {"today": "2026-11-22"}
}
```

## References
- Specification 2026-07-28, "Caching": a client MAY use a result until `ttlMs` is over
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::CacheOutlives(milliseconds, days) = &change.fact else { return None };
    let hours = milliseconds / 3_600_000;
    let message =
        format!("lists may be kept for {hours} hours, the tool may be gone in {days} days");
    Some(DiffHit::of(change, message))
}
