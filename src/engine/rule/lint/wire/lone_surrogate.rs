use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::json::OddityKind,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/lone-surrogate",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "cut text between characters, not between UTF-16 code units; or send the text as \
           UTF-8 without escapes",
    documentation: r#"
A string holds half of a surrogate pair.

## Why
An escape from `\ud800` to `\udfff` is half of a character and means nothing alone. Decoders in Rust,
Go and Python disagree on it: one refuses the message, one puts a replacement character there, one
passes on a string that cannot be written out again. It comes from cutting a text at a fixed number of
UTF-16 units, in the middle of an emoji.

## Bad
```json
{"tools": [{
  "name": "send_greeting",
  "description": "Sends a greeting \ud83d",
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "send_greeting",
  "description": "Sends a greeting \ud83d\udc4b",
  "inputSchema": {"type": "object"}
}]}
```

## References
- RFC 8259 §8.2: the behaviour of software that receives such values is unpredictable
- RFC 7493 (I-JSON) §2.1: strings "MUST NOT include … Surrogates"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::LoneSurrogate))
}
