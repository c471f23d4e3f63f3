use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/malformed-cursor",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send a non-empty string, or leave `nextCursor` out of the last page",
    documentation: r#"
A cursor is not a non-empty string.

## Why
The specification makes a cursor an opaque string and lets its absence mean the end. A number or an
empty string is neither: one client sends it back and gets the first page again, one stops and
misses the rest, one refuses the answer. `null` for "no more" is refused by clients that check
types.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}],"nextCursor":2}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}],"nextCursor":"page-2"}}
{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"list_orders","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, server/utilities/pagination: "The cursor is an opaque string token"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::MalformedCursor)
}
