use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/repeated-cursor",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "leave `nextCursor` out of the last page, and give each page a cursor of its own",
    documentation: r#"
A list hands out the same cursor again.

## Why
A client follows `nextCursor` until there is none. A cursor that was handed out before leads back to
a page that was read, and a client without a counter of its own asks for ever, or until memory is
full. Often the server ignores the cursor it is given and sends the first page each time.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}],"nextCursor":"page-2"}}
{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"list_orders","inputSchema":{"type":"object"}}],"nextCursor":"page-2"}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}],"nextCursor":"page-2"}}
{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"list_orders","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, server/utilities/pagination: a missing `nextCursor` is "the end of
  results"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::RepeatedCursor)
}
