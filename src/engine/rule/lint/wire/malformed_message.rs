use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/malformed-message",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: r#"send `"jsonrpc": "2.0"`, the id of the request with its type, and either `result` or `error`"#,
    documentation: r#"
A message is not what JSON-RPC 2.0 asks for.

## Why
Clients check `jsonrpc`, `id` and the pair of `result` and `error` before anything else, and drop a
message that fails: the request then waits until it times out, with nothing in the log that says
why. An id of another type than the request's (`"3"` for `3`) is such a failure, and so is an answer
inside an array: batches left the protocol in 2025-06-18.

## Bad
The last answer has no `jsonrpc`:
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- JSON-RPC 2.0 §4 and §5
- Specification 2026-07-28, basic, "Messages": "All messages … MUST follow the JSON-RPC 2.0
  specification"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::MalformedMessage)
}
