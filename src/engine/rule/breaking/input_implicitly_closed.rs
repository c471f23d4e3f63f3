use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/input-implicitly-closed",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "say in the release notes that undeclared arguments are refused now",
    documentation: r#"
An object that said nothing about undeclared properties refuses them now.

## Why
A caller that sends what the schema declares notices nothing; one that sends more, and was let
through, is refused. It usually comes with a new version of an SDK and for all tools at once. With
`--strict` it is a break.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"q": {"type": "string"}},
        "additionalProperties": false
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
      "name": "search_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"q": {"type": "string"}},
        "additionalProperties": false
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}}
    }
  ]}
}
```

## References
- JSON Schema 2020-12, Core §10.3.2.3: `additionalProperties`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ImplicitlyClosed(fact) = &change.fact else { return None };
    if fact.member != Member::Input {
        return None;
    }
    let what = match fact.summary.as_str() {
        "" => "undeclared properties are refused now",
        summary => summary,
    };
    let message = wording::located(&fact.label, what);
    let severity = if diff.options.strict { Severity::Error } else { Severity::Warning };
    Some(DiffHit::of(change, message).witness(fact.witness.clone()).severity(severity))
}
