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
    id: "wire/control-character",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "escape it (a line break is \\n, a tab is \\t); build the JSON with a library \
           instead of joining strings",
    documentation: r#"
A string holds a control character that is not escaped.

## Why
JSON wants characters below U+0020 escaped, and strict decoders refuse the whole message otherwise.
On stdio an unescaped line break does more: the line is the message, so the client sees two broken
ones. It is the mark of JSON that was put together by joining strings.

## Bad
The line break stands in the string itself:
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order.
Fails when there is none.",
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order.\nFails when there is none.",
  "inputSchema": {"type": "object"}
}]}
```

## References
- RFC 8259 §7: "the control characters (U+0000 through U+001F)" must be escaped
- Specification 2026-07-28, basic/transports/stdio: messages "MUST NOT contain embedded newlines"
"#,
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("the character is written as an escape; the text stays what it was"),
    not_safe: None,
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::ControlCharacter))
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let edits = vec![Edit::Escape(occurrence.pointer().clone())];
    Some(Fix::safe("write control characters as escapes", edits))
}
