use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/unexpected-response",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "answer each request once, with the id it came with, and answer no notification",
    documentation: r#"
The server answers something that was not asked, or answers twice.

## Why
A client finds the waiting request by the id of the answer. An answer with an unknown id is dropped
or logged as an error; a second answer to the same request may be taken for the answer to a later
one if the client counts its ids from the start again. The usual causes are an answer to a
notification and a constant id.

## Bad
Nobody has asked anything under the id 7:
```stdout
!{"jsonrpc":"2.0","id":7,"result":{}}
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, basic, "Responses": responses "MUST include the same ID as the request they
  correspond to"
- Specification 2026-07-28, basic, "Notifications": "The receiver MUST NOT send a response"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::UnexpectedResponse)
}
