use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/undeclared-capability",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "declare it, for example \"capabilities\": {\"tools\": {}}",
    documentation: r#"
A list is answered although no capability says that it exists.

## Why
A client asks only for what the capabilities promise. Tools without the capability `tools` are
never listed, never seen by a model and never called, and nobody gets an error: the server looks as
if it were empty. It is noticed late, because debugging tools ask for the list all the same.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, server/tools, "Capabilities": servers that support tools MUST declare
  the `tools` capability
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::UndeclaredList)
}
