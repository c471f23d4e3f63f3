use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/missing-list",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send an array, an empty one where there is nothing to list",
    documentation: r#"
The answer to a list request holds no list.

## Why
`tools/list` is answered with an object that holds the array `tools`, and the other list requests
likewise. Anything else there (nothing, null, one object, an object keyed by name) fails to decode,
and the client shows a server without tools.

## Bad
```json
{"tools": {"get_order": {"inputSchema": {"type": "object"}}}}
```

## Good
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```

## References
- Specification 2026-07-28, schema, `ListToolsResult.tools`: required, an array
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::MissingList)
}
