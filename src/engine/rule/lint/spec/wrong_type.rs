use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/wrong-type",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send the type that the schema of the specification gives for this member",
    documentation: r#"
A member has a type that the specification does not allow there.

## Why
Clients that decode the list into types (most SDKs do) fail on the first member of another type, and
with it the whole list: one description that is null takes every tool away. Clients that are lenient
drop the member, so a hint given as `"true"` protects nobody.

## Bad
```json
{"tools": [{"name": "get_order", "description": null, "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": "true"},
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order by its number.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema: `Tool`, `ToolAnnotations`, `Prompt`, `Resource`
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::WrongType)
}
