use crate::engine::{
    diff::{Change, Diff, Fact, Notice},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/tool-removed",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the tool and mark it deprecated, with its replacement, for as long as callers need",
    documentation: r#"
A tool is gone.

## Why
A call of it now fails with "unknown tool". Clients keep lists, hosts keep approvals by tool name,
and prompts name tools: whoever used it learns of it at the next call. A tool that was marked
deprecated, with a replacement, for as long as the policy asks has said so in time, and its removal
is only a warning. It calls for a major version all the same.

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
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
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
    {"name": "list_orders", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, "Calling Tools": an unknown tool is a protocol error
- The policy: `[deprecation]` in `mcp-kit.toml`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::ToolRemoved(notice) = &change.fact else { return None };
    let hit = DiffHit::of(change, "the tool is gone");
    Some(match notice {
        Notice::Given(text) => hit.severity(Severity::Warning).note(text),
        Notice::TooShort(text) => hit.note(text),
        Notice::WithoutReplacement => hit.note("deprecated, without a replacement"),
        Notice::NotGiven => hit,
    })
}
