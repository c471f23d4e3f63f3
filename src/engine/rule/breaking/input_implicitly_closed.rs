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
    let (fact, text, severity) = match &change.fact {
        Fact::ImplicitlyClosed(fact) => {
            let severity = if diff.options.strict { Severity::Error } else { Severity::Warning };
            (fact, "undeclared properties are refused now", severity)
        }
        Fact::BranchesParted(fact) => {
            let text = "what different branches declare is refused together now";
            (fact, text, Severity::Warning)
        }
        Fact::UndeclaredRefused(fact) => {
            (fact, "something that is not declared is refused now", Severity::Info)
        }
        _ => return None,
    };
    if fact.member != Member::Input {
        return None;
    }
    let hit = DiffHit::of(change, wording::located(&fact.label, text));
    Some(hit.witness(fact.witness.clone()).severity(severity))
}
