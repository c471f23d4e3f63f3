use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording::grouped},
    surface::Surface,
    usage::Usage,
};

pub(super) const RULE: Rule = Rule {
    id: "usage/never-called",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "take the tool out, or say in its description when it is the right one; if it is needed \
           rarely and on purpose, allow this finding with that reason",
    documentation: r#"
A tool is never called in recorded traffic.

## Why
Every tool is put before the model with every request and costs tokens whether it is called or not. A
tool that nobody calls is also one more that can be taken for the right one. Either it is not needed, or
the model does not find out from its name and description that it is.

Judged only with `--traffic FILE`, and only where the recordings have 100 calls of this server's tools or
more. Tools that are marked as deprecated in their `_meta` should not be called, and a tool for
emergencies may be right to have: what was recorded is not all there is.

## Bad
```traffic
{"tools": [{"name": "search_orders"}, {"name": "export_ledger"}],
 "recorded": [{"call": "search_orders", "times": 120}]}
```

## Good
```traffic
{"tools": [{"name": "search_orders"}, {"name": "export_ledger"}],
 "recorded": [{"call": "search_orders", "times": 120}, {"call": "export_ledger"}]}
```

Too little was recorded to say anything:

```traffic
{"tools": [{"name": "search_orders"}, {"name": "export_ledger"}],
 "recorded": [{"call": "search_orders", "times": 12}]}
```

## References
- `mcp-kit usage FILE` has the figures
"#,
    check: Check::Traffic(check),
};

/// Fewer calls say nothing about what is never called.
const LEAST_CALLS: u64 = 100;

fn check(surface: &Surface, usage: &Usage) -> Vec<Hit> {
    let calls = |name: &str| usage.tool(name).map_or(0, |tool| tool.calls);
    let all: u64 = surface.tools.iter().map(|tool| calls(&tool.name)).sum();
    if all < LEAST_CALLS {
        return Vec::new();
    }
    let is_deprecated = |value: &serde_json::Value| {
        value
            .get("_meta")
            .and_then(serde_json::Value::as_object)
            .is_some_and(|meta| meta.keys().any(|key| key.rsplit('/').next() == Some("deprecated")))
    };
    let never = surface.tools.iter().filter(|tool| calls(&tool.name) == 0);
    let never = never.filter(|tool| !is_deprecated(tool.value()));
    let message = format!("is never called in {} recorded calls", grouped(all as usize));
    never.map(|tool| Hit::new(tool.pointer.clone(), message.clone())).collect()
}
