use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::json::OddityKind,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/duplicate-key",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send each key once; build the JSON with a library instead of joining strings",
    documentation: r#"
An object has the same key twice.

## Why
RFC 8259 leaves open which of the two counts. Most clients take the last one, some the first, some
refuse the message, so two clients see two different tools. A gateway that checks one value and a
server that acts on the other is a known way around authorization.

## Bad
```json
{"tools": [{"name": "get_order", "name": "delete_order", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```

## References
- RFC 8259 §4: "The names within an object SHOULD be unique"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::DuplicateKey))
}
