use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/eras-differ",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "build both answers from one list; where a tool cannot work in an era, say so in \
           its description",
    documentation: r#"
The server advertises different things to old and to new clients.

## Why
A server that speaks both 2026-07-28 and the revisions before it has two ways in, and one of them is
tested less. When the lists differ, the same prompt works in one client and fails in the other, and
a review of one list says nothing about the other.

## Bad
```text
2025-11-25, after initialize:   cancel_order, get_order, list_orders
2026-07-28, stateless:          get_order, list_orders
```

## Good
```text
2025-11-25, after initialize:   cancel_order, get_order, list_orders
2026-07-28, stateless:          cancel_order, get_order, list_orders
```

## References
- Specification 2026-07-28, basic/versioning, "Backward Compatibility"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::ErasDiffer)
}
