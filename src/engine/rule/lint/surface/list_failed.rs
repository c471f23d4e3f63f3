use crate::engine::{
    finding::{Confidence, Observation, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/list-failed",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "answer the list request, or leave the capability out",
    documentation: r#"
A list that the capabilities promise cannot be fetched.

## Why
Clients ask for every list a capability promises, most of them when they connect. When one request
fails, some show an error beside the server, some disable it. A capability for something the server
does not have is better left out.

A failing `tools/list` is an error, since the server then has no tools; any other list is a warning.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"error":{"code":-32603,"message":"internal error"}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, server/tools, "Capabilities"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let is_about_tools = |seen: &Observation| seen.detail.starts_with("`tools/list`");
    let severity = |seen| if is_about_tools(seen) { Severity::Error } else { Severity::Warning };
    let seen = surface.observed(ObservationKind::ListFailed);
    seen.zip(Hit::observed(surface, ObservationKind::ListFailed))
        .map(|(seen, hit)| hit.severity(severity(seen)))
        .collect()
}
