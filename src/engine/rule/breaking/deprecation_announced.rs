use crate::engine::rule::wording::shorten;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/deprecation-announced",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "nothing to do; the clock of the policy runs from the next contract on",
    documentation: r#"
Something is marked deprecated now, or its mark is another one.

## Why
Callers have been told, in a form a program can read. `contract.json` keeps the version and the day at
which it was first seen, so that a policy can be checked when it goes. A sunset that is no date cannot
be checked, which is a warning.

## Bad
```json
{
  "old": {"tools": [
    {"name": "find_orders", "inputSchema": {"type": "object"}},
    {"name": "search_orders", "inputSchema": {"type": "object"}}
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
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"page": {"type": "integer"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"page": {"type": "integer", "deprecated": true}}
      }
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
      "_meta": {"example.com/team": "orders"}
    }
  ]}
}
```

## References
- `docs/formats.md`, "`_meta` of a tool"
- JSON Schema 2020-12, Validation §9.3: `deprecated`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    match &change.fact {
        Fact::DeprecationAnnounced(text) => Some(DiffHit::of(change, text.as_str())),
        Fact::SunsetUnreadable(sunset) => {
            let message =
                format!("the sunset `{}` is no date, and does not count", shorten(sunset));
            let hit = DiffHit::of(change, message).severity(Severity::Warning);
            Some(hit.help("write the day from which the tool may be gone, such as 2027-01-31"))
        }
        _ => None,
    }
}
