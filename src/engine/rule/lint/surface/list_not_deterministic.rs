use super::listing::differences;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/list-not-deterministic",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "sort the tools, for example by name, before they are sent",
    documentation: r#"
The tools come in another order when they are asked for again.

## Why
The definitions stand at the beginning of every prompt, and providers cache prompts from the
beginning: one tool that changed places makes the rest of the prompt new, which costs the full price
and the full time for every call. Where a client shows or calls only the first tools, the order also
decides which. The usual cause is a hash map.

## Bad
```exchange
{"tools": [{"name": "get_order"}, {"name": "list_orders"}],
 "listed_again": [[{"name": "list_orders"}, {"name": "get_order"}]]}
```

## Good
```exchange
{"tools": [{"name": "get_order"}, {"name": "list_orders"}],
 "listed_again": [[{"name": "get_order"}, {"name": "list_orders"}]]}
```

## References
- Specification 2026-07-28, server/tools, "Capabilities": "Servers SHOULD return tools in a
  deterministic order"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let reordered = differences(surface).into_iter().find(|difference| difference.is_reordered);
    let hit = |when| {
        let message = format!("`tools/list`, asked {when}, has the tools in another order");
        Hit::new(surface.pointer.clone(), message)
    };
    reordered.map(|difference| hit(difference.when)).into_iter().collect()
}
