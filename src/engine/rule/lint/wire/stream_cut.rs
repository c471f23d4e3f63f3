use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/stream-cut",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "send the answer before the stream is closed; raise the idle limit of the proxy, or \
           send comment lines as keep-alive",
    documentation: r#"
A stream ends before the answer it carries is complete.

## Why
The client has waited and gets nothing, and it cannot tell whether the work was done: resuming a
stream left the protocol in 2026-07-28, so it must ask again, which does a write twice. A handler
that crashed, a proxy with an idle limit below the tool's running time, and a `Content-Length` that
does not fit are the usual causes.

## Bad
```http
HTTP/1.1 200 OK
Content-Type: text/event-stream

data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":0.5}}

(the connection closes)
```

## Good
```http
HTTP/1.1 200 OK
Content-Type: text/event-stream

data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":0.5}}

data: {"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","content":[]}}
```

## References
- Specification 2026-07-28, basic/transports/streamable-http, "Receiving Messages": "The final JSON-RPC
  response SHOULD terminate the stream"
- Specification 2026-07-28, changelog: a broken response stream loses the request
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::StreamCut)
}
