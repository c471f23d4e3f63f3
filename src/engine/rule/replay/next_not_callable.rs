use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/next-not-callable",
    Aspect::Errors,
    gates(6),
    "name in `next` a tool that is listed, with arguments that its input schema accepts, or \
     an action",
    r#"
The next step of an error cannot be done.

## Why
A model does what an error tells it to. A tool that is not there, or arguments that the tool refuses, cost
another error, and after the second one models begin to improvise. A server can check its own next steps
against its own tool list.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number",
   "next": {"action": "call_tool", "tool": "find_account", "arguments": {}}}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number",
   "next": {"action": "call_tool", "tool": "get_account", "arguments": {"account_id": "acct-1"}}}}}}
```

## References
- `usage/improvised-after-error`: what models do after an error
- `error/no-next-step`: the same with one question by `mcp-kit lint`
"#,
);
