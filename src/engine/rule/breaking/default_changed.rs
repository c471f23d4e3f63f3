use serde_json::Value;

use super::wording;
use crate::engine::schema::types::equal;
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/default-changed",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the old default, or make it a new argument",
    documentation: r#"
The default of an argument is another one.

## Why
A call that leaves the argument out means something else now, and nothing fails. Nobody notices a
limit of 10 that became 100 until the answers no longer fit. To JSON Schema a default is only an
annotation, so no validator sees it either.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"limit": {"type": "integer", "default": 10}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"limit": {"type": "integer", "default": 100}}
      }
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"limit": {"type": "integer", "default": 10}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"limit": {"type": "integer", "default": 10.0}, "page": {"type": "integer", "default": 1}}
      }
    }
  ]}
}
```

## References
- JSON Schema 2020-12, Validation §9.2: `default`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Default(edit) = &change.fact else { return None };
    let is_same =
        edit.old.as_ref().zip(edit.new.as_ref()).is_some_and(|(old, new)| equal(old, new));
    if is_same {
        return None;
    }
    let hit = DiffHit::of(change, wording::edit("default", edit));
    // A default of null says that nothing is sent, which is what leaving it out says.
    let is_nothing = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_null);
    let says_nothing = is_nothing(&edit.old) && is_nothing(&edit.new);
    Some(if says_nothing { hit.severity(Severity::Info) } else { hit })
}
