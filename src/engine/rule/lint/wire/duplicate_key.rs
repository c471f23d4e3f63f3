use crate::engine::{
    finding::{Confidence, Fix, ObservationKind, Severity},
    protocol::{
        canonical::{Layout, write},
        json::{OddityKind, edit::Edit},
    },
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
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

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("of equal values one stays"),
    not_safe: Some("of different values the last one stays, which nearly all readers take"),
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::DuplicateKey))
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let pointer = occurrence.pointer();
    let (around, key) = (occurrence.surface.view(&pointer.parent()?)?, pointer.last()?);
    let members = around.members().filter(|(name, _)| name.as_str().is_some_and(|it| it == key));
    let mut values: Vec<_> = members.map(|(_, value)| write(value, Layout::Canonical)).collect();
    values.dedup();
    let edits = vec![Edit::KeepLast(pointer.clone())];
    Some(match values.len() {
        1 => Fix::safe("leave the key in once; its values are equal", edits),
        _ => Fix::not_safe("keep the last value of the key, which nearly all readers take", edits),
    })
}
