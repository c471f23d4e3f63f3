use crate::engine::rule::wording::{names, shorten};
use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/tool-moved-to-router",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the tools; if one tool in front of them is wanted, add it beside them first",
    documentation: r#"
A tool is gone, and another tool takes it as a choice.

## Why
Calls of the old name fail, as with every removal. And more is lost than the name: behind a router
the arguments are free-form, the annotations are those of the worst choice, and an approval for one
action becomes an approval for all. It is told apart from a removal because the way on is another
one: callers have to be rewritten, not redirected.

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
      }
    },
    {
      "name": "cancel_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "run_order_tool",
      "inputSchema": {
        "type": "object",
        "properties": {"tool": {"enum": ["get_order", "cancel_order"]}, "arguments": {"type": "object"}},
        "required": ["tool"]
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
      }
    },
    {
      "name": "cancel_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
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
      }
    },
    {
      "name": "cancel_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    },
    {
      "name": "run_order_tool",
      "inputSchema": {
        "type": "object",
        "properties": {"tool": {"enum": ["get_order", "cancel_order"]}, "arguments": {"type": "object"}},
        "required": ["tool"]
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, "Calling Tools"
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ToolMoved(moved) = &change.fact else { return None };
    let message = format!(
        "the tool is gone; {} does it, chosen by {}",
        names(&[&moved.router]),
        names(&[&moved.selector])
    );
    let hit = DiffHit::of(change, message).confidence(moved.confidence);
    Some(match &moved.choice {
        Some(choice) => hit.note(format!("the choice \"{}\"", shorten(choice))),
        None => hit,
    })
}
