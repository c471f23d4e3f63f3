use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/http-mismatch",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "answer requests with 200 and `application/json` or `text/event-stream`, and errors \
           with the status the specification names",
    documentation: r#"
The HTTP status or content type of an answer does not fit what is in it.

## Why
Clients and everything between them and the server decide by status and content type before they
read the body. An error under status 200 is counted as a success; JSON under `text/html`
is not read at all; a modern server that answers an unknown method with 400 instead of 404 is taken
for a legacy one, and the client starts over with `initialize`.

## Bad
```http
POST /mcp HTTP/1.1
Mcp-Method: tools/list

HTTP/1.1 200 OK
Content-Type: text/html

{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"method not found"}}
```

## Good
```http
POST /mcp HTTP/1.1
Mcp-Method: tools/list

HTTP/1.1 404 Not Found
Content-Type: application/json

{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"method not found"}}
```

## References
- Specification 2026-07-28, basic/transports/streamable-http, "Sending Messages": "the server MUST return
  either `Content-Type: application/json` … or `Content-Type: text/event-stream`"
- The same page, "Protocol Version Header": 404 with -32601 for a method that is not implemented
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::HttpMismatch)
}
