use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::json::OddityKind,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/number-out-of-range",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "leave a bound out where there is none, and send large identifiers as strings",
    documentation: r#"
A number is too large for any client to hold.

## Why
JSON sets no limit to numbers, decoders do: a number that neither a 64-bit integer nor a 64-bit
float holds becomes infinity in one client, null in the second, and makes the third refuse the whole
message. It is mostly a bound such as `1e999` that was meant as "no limit".

## Bad
```json
{"tools": [{
  "name": "list_orders",
  "inputSchema": {"type": "object", "properties": {"limit": {"type": "integer", "maximum": 1e999}}}
}]}
```

## Good
```json
{"tools": [{
  "name": "list_orders",
  "inputSchema": {"type": "object", "properties": {"limit": {"type": "integer", "maximum": 100}}}
}]}
```

## References
- RFC 8259 §6: implementations may limit the range and precision of the numbers they accept
- RFC 7493 (I-JSON) §2.2
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::NumberOutOfRange))
}
