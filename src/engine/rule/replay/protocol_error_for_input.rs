use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/protocol-error-for-input",
    Aspect::Errors,
    gates(4),
    "answer wrong arguments with a result with `isError: true` instead of a JSON-RPC error",
    r#"
Wrong arguments are answered with an error of the protocol.

## Why
An error of the protocol is for the client: many do not show it to the model, and some end the turn. So
the one who has to put the arguments right never hears of it. Since 2025-11-25 the specification says that
wrong input is an error of the tool.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "error": {"code": -32602, "message": "`amount` must be a whole number of cents, got \"ten\""}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "content": [{"type": "text", "text":
   "`amount` must be a whole number of cents, got \"ten\""}]}}
```

## References
- Specification 2025-11-25, changelog (SEP-1303); 2026-07-28, server/tools, "Error Handling"
- `error/protocol-error-for-input`: the same with one question by `mcp-kit lint`
"#,
);
