use crate::engine::{
    diff::{Change, Diff, Fact, Notice},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/deprecation-missing",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "bring it back, mark it deprecated with its replacement, and remove it when the time is \
           over",
    documentation: r#"
A tool is gone sooner, or with less said, than the policy asks for.

## Why
The policy is what callers were promised: so many days or releases between the mark and the end, and a
tool to go to. It is asked for where `mcp-kit.toml` sets one; a mark without a replacement, and a
removal before the tool's own sunset, are told in any case. That the tool is gone is an error of its
own, `breaking/tool-removed`; this one says what would have spared it.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {"dev.mcp-kit/deprecated": {"since": "1.4.0"}}
    },
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]}
}
```
```json
{
  "old": {"tools": [
    {"name": "find_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {"name": "ping", "inputSchema": {"type": "object"}}
  ]},
  "options": {"window_days": 90, "today": "2026-11-22"}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "find_orders",
      "inputSchema": {"type": "object"},
      "_meta": {"dev.mcp-kit/deprecated": {"since": "2026-01-31", "replacement": "search_orders"}}
    },
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]},
  "new": {"tools": [
    {"name": "search_orders", "inputSchema": {"type": "object"}}
  ]},
  "options": {"window_days": 90, "today": "2026-11-22"}
}
```

## References
- The policy: `[deprecation]` in `mcp-kit.toml`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ToolRemoved(notice) = &change.fact else { return None };
    let policy = &diff.options.policy;
    let is_asked = policy.window_days.is_some() || policy.releases.is_some();
    let message = match notice {
        Notice::NotGiven if is_asked => "removed without having been deprecated".to_owned(),
        Notice::TooShort(why) => format!("removed too soon: {why}"),
        Notice::WithoutReplacement => "deprecated without naming a replacement".to_owned(),
        Notice::NotGiven | Notice::Given(_) => return None,
    };
    Some(DiffHit::of(change, message))
}
