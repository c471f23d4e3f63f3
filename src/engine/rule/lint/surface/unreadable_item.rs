use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/unreadable-item",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "list objects only, each with a `name` that is a string",
    documentation: r#"
A listed item is so malformed that it cannot be called by a name.

## Why
An entry without a usable name cannot be called, and clients that decode the list into types do not
drop that one entry: they refuse the whole list, so the server has no tools at all for them.

## Bad
```json
{"tools": [{"name": 7, "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}, null]}
```

## Good
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```

## References
- Specification 2026-07-28, schema, `BaseMetadata.name`: required, a string
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::UnreadableItem)
}
