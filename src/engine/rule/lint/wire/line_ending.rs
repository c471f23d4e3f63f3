use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/line-ending",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "end each message with one line feed; on Windows, put standard output into binary \
           mode",
    documentation: concat!(
        r#"
A line on standard output ends in something other than a single line feed.

## Why
Messages on stdio are divided by newlines, and every client takes a line feed. A carriage return before
it is blank space to a JSON decoder and mostly goes unnoticed, until a client splits at `\n` and
compares, counts or signs bytes. A lone carriage return divides nothing at all.

## Bad
Each of these lines ends in a carriage return and a line feed, which cannot be seen here:
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}"#,
        "\r",
        r#"
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}"#,
        "\r",
        r#"
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}"#,
        "\r",
        r#"
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, basic/transports/stdio: messages "are delimited by newlines"
"#,
    ),
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::LineEnding)
}
