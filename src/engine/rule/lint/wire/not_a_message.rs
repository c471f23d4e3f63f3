use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/not-a-message",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "write logs to standard error; standard output carries messages only",
    documentation: r#"
The server writes something that is not a message where a message belongs.

## Why
On stdio every line of standard output is a JSON-RPC message. A greeting, a log line or a stack
trace there is read as a broken message: some clients skip it, others close the connection. It shows
up when a library prints something once, on a machine that is not the developer's. Over HTTP it is a
body that is an error page of a proxy, say, instead of JSON.

## Bad
```stdout
!Orders server listening on stdio
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
The greeting goes to standard error, and standard output holds this:
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, basic/transports/stdio: "The server MUST NOT write anything to its `stdout`
  that is not a valid MCP message"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::NotAMessage)
}
