use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::json::OddityKind,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/invalid-utf8",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "write UTF-8: set the encoding of the output stream, or encode text from another \
           source before it is sent",
    documentation: r#"
A message holds bytes that are not UTF-8.

## Why
JSON that is exchanged must be UTF-8, and MCP says so once more for its messages. Strict clients
refuse the whole message, so one wrong byte in one description takes every tool away; lenient ones
put a replacement character there, and a model reads a damaged word. The usual cause is a process
that writes in the locale of the machine, which works on one machine and not on the next.

## Bad
The `é` of this description was written in Latin-1, as the single byte E9:
```text
{"tools": [{"name": "get_caf\xE9", "inputSchema": {"type": "object"}}]}
```

## Good
The same in UTF-8, as the two bytes C3 A9:
```text
{"tools": [{"name": "get_caf\xC3\xA9", "inputSchema": {"type": "object"}}]}
```

## References
- RFC 8259 §8.1: "JSON text exchanged between systems … MUST be encoded using UTF-8"
- Specification 2026-07-28, basic/transports: "JSON-RPC messages MUST be UTF-8 encoded"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::InvalidUtf8))
}
