use crate::engine::{
    finding::{Confidence, Severity},
    protocol::revision::{Era, Revision},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/deprecated-feature",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "log to standard error or to OpenTelemetry; take directories as arguments or from the \
           configuration; call a model's own interface where the server needs one",
    documentation: r#"
The server advertises a feature that the specification has deprecated.

## Why
Logging, sampling and roots are deprecated since 2026-07-28 and can be removed from the first
revision after 2027-07-28. They work until then, so there is time; a server that is written now
should do without them, and clients that are written now may never have them.

Nothing is reported when the server has negotiated an older revision.

## Bad
```json
{
  "protocolVersion": "2026-07-28",
  "capabilities": {"tools": {}, "logging": {}},
  "tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]
}
```

## Good
```json
{
  "protocolVersion": "2026-07-28",
  "capabilities": {"tools": {}},
  "tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]
}
```

## References
- Specification 2026-07-28, deprecated: the registry of deprecated features
- SEP-2577
"#,
    check: Check::Surface(check),
};

const DEPRECATED: [&str; 3] = ["logging", "sampling", "roots"];

fn check(surface: &Surface) -> Vec<Hit> {
    if surface.server.revision().map(Revision::era) == Some(Era::Legacy) {
        return Vec::new();
    }
    let advertised =
        DEPRECATED.iter().filter(|name| surface.server.capabilities.get(name).is_some());
    let hit = |name: &&str| {
        let pointer = surface.pointer.join("capabilities").join(name);
        Hit::new(pointer, format!("`{name}` is deprecated since 2026-07-28"))
    };
    advertised.map(hit).collect()
}
