use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::revision::Revision,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/revision",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "answer with a revision the client offered, or with the latest one the server knows",
    documentation: r#"
The server settles on a revision that nobody published, that is of another era, or that is old.

## Why
The revision decides how both sides read everything that follows. A client must end the connection
when it does not know the revision it is answered with, and a server that makes one up, or names its
own version number in its place, is cut off by every careful client.

A server may answer with an older published revision than the one it was offered, and a client that
knows it goes on. That is legal and reported as information, for 2024-11-05 and 2025-03-26: what came
later (output schemas, structured results) cannot be used with it.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"1.0.0","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2025-11-25, basic/lifecycle, "Version Negotiation"
- Specification 2026-07-28, basic/versioning, "Protocol Version Negotiation"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let hits = Hit::observed(surface, ObservationKind::Revision);
    // An old revision that was settled on is legal; it is then the revision of the surface.
    if surface.server.revision().is_none_or(|known| known >= Revision::V2025_06_18) {
        return hits;
    }
    let help = "nothing is wrong; support for 2025-06-18 or later gives tools output schemas and \
                structured results";
    hits.into_iter().map(|hit| hit.severity(Severity::Info).help(help)).collect()
}
