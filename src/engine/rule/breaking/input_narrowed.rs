use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact, Member, Notice},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/input-narrowed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "accept what was accepted before; if it cannot be, take a new tool name or a major \
           version",
    documentation: r#"
A call that was accepted before is refused now.

## Why
The old input schema accepts the arguments shown and the new one refuses them; a validator has
confirmed both. Callers send what their copy of the schema lets them: clients cache lists for as long
as `ttlMs` says, and scripts have no list at all. All kinds of narrowing are found, however they are
spelled: a new required argument, a smaller enum or range, a closed object, a branch less in a union,
another dialect. Only what a caller that knows the old schema would send counts: a new optional
argument of an open object breaks nobody.

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
        "required": ["q"]
      }
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"state": {"enum": ["open", "paid", "on_hold"]}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"state": {"enum": ["open", "paid"]}}}
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"limit": {"type": "number"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"limit": {"type": "integer"}}}
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
      "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "search_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"q": {"type": "string"}, "limit": {"type": "integer"}}
      }
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {"type": "object", "properties": {"state": {"type": ["string", "null"]}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "list_orders",
      "inputSchema": {
        "type": "object",
        "properties": {"state": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, `Tool.inputSchema`
- JSON Schema 2020-12, Validation
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Broken(broken) = &change.fact else { return None };
    if broken.member != Member::Input {
        return None;
    }
    let code = broken.kind.code(broken.member);
    let hit = DiffHit::of(change, wording::broken(broken)).witness(Some(broken.witness.clone()));
    Some(match &broken.notice {
        Notice::Given(text) => hit.severity(Severity::Info).note(format!("{code}; {text}")),
        Notice::TooShort(text) => hit.note(format!("{code}; {text}")),
        Notice::WithoutReplacement | Notice::NotGiven => hit.note(code),
    })
}
