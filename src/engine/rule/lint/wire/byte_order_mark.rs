use crate::engine::{
    finding::{Confidence, Fix, ObservationKind, Severity},
    protocol::json::{OddityKind, edit::Edit},
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/byte-order-mark",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "write UTF-8 without a signature (`utf-8`, not `utf-8-sig`; `new \
           UTF8Encoding(false)` in .NET)",
    documentation: concat!(
        r#"
A message starts with a byte order mark.

## Why
`JSON.parse`, Go, Python and Rust all refuse a text that starts with U+FEFF, so the client sees no
server at all. It is added by output streams of .NET and PowerShell in their default setting, and by
editors in a file; it cannot be seen in a terminal.

## Bad
The first character of this block is U+FEFF, which cannot be seen here:
```json
"#,
        "\u{feff}",
        r#"{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```

## References
- RFC 8259 §8.1: implementations "MUST NOT add a byte order mark" to text they send
"#,
    ),
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair =
    Repair { rule: RULE.id, safe: Some("the mark goes"), not_safe: None, propose };

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::ByteOrderMark))
}

fn propose(_occurrence: &Occurrence<'_>) -> Option<Fix> {
    Some(Fix::safe("take out the byte order mark", vec![Edit::DropMark]))
}
