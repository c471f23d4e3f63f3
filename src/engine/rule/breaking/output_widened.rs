use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/output-widened",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the promise of the old output schema; put what is new into a field of its own",
    documentation: r#"
A result may come that the old output schema refuses.

## Why
The new schema allows the result shown and the old one refuses it; a validator has confirmed both.
Servers must send what their output schema says and clients should check it, with the copy they have:
a client of yesterday refuses the whole result, or a program that reads it meets a value that it was
promised never to see. A field that may be missing now, one more enum value, null, a number where
there were integers, a new field where the old object was closed.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "state": {"type": "string"}},
        "required": ["total", "state"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "state": {"type": "string"}},
        "required": ["total"]
      }
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {"type": "object", "properties": {"state": {"enum": ["open", "paid"]}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {
        "type": "object",
        "properties": {"state": {"enum": ["open", "paid", "void"]}}
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
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {"type": "object", "properties": {"total": {"type": "integer"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      },
      "outputSchema": {
        "type": "object",
        "properties": {"total": {"type": "integer"}},
        "required": ["total"]
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, "Output Schema": servers MUST conform, clients SHOULD validate
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    match &change.fact {
        Fact::Broken(broken) if broken.member == Member::Output => {
            let hit = DiffHit::of(change, wording::broken(broken));
            let code = broken.kind.code(broken.member);
            Some(hit.witness(Some(broken.witness.clone())).note(code))
        }
        // Only a server that sends what it does not declare breaks anybody here.
        Fact::ImplicitlyClosed(fact) if fact.member == Member::Output => {
            let message =
                wording::located(&fact.label, "undeclared fields are not ruled out any more");
            let hit = DiffHit::of(change, message).severity(Severity::Warning);
            Some(hit.witness(fact.witness.clone()).note("object-opened"))
        }
        Fact::BranchesParted(fact) | Fact::UndeclaredRefused(fact)
            if fact.member == Member::Output =>
        {
            let text = "something that is not declared is not ruled out any more";
            let hit = DiffHit::of(change, wording::located(&fact.label, text));
            Some(hit.severity(Severity::Info).witness(fact.witness.clone()))
        }
        _ => None,
    }
}
