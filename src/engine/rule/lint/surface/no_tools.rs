use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/no-tools",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "check what the list depends on: a missing environment variable, a flag, or the rights \
           of the account the server runs under",
    documentation: r#"
The server offers nothing: no tool, no prompt and no resource.

## Why
An empty list is a valid answer and almost never what was meant. Servers come up empty when a
setting or a credential is missing, when every tool is behind a flag, or when the list is filtered
by rights that the account does not have; and they do it without a word, so the user sees a
connected server and a model that says it cannot help.

## Bad
```json
{"tools": []}
```

## Good
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```
A server of resources alone is fine:
```json
{"tools": [], "resources": [{"uri": "orders://schema", "name": "schema"}]}
```

## References
- Specification 2026-07-28, server/tools, "Listing Tools"
"#,
    check: Check::Surface(check),
};

/// Where the list is empty for another reason, that reason has a rule of its own.
const EXPLAINED_BY: [ObservationKind; 4] = [
    ObservationKind::ListFailed,
    ObservationKind::MissingList,
    ObservationKind::UnreadableItem,
    ObservationKind::Truncated,
];

fn check(surface: &Surface) -> Vec<Hit> {
    let is_empty = surface.tools.is_empty()
        && surface.prompts.is_empty()
        && surface.resources.is_empty()
        && surface.resource_templates.is_empty();
    let is_promised = surface.server.capabilities.get("tools").is_some();
    let is_explained = EXPLAINED_BY.iter().any(|kind| surface.observed(*kind).next().is_some());
    if is_explained || !surface.tools.is_empty() {
        return Vec::new();
    }
    let message = match (is_empty, is_promised) {
        (true, _) => "no tool, no prompt and no resource is listed",
        (false, true) => "the capability `tools` is declared, and no tool is listed",
        (false, false) => return Vec::new(),
    };
    vec![Hit::new(surface.pointer.clone(), message)]
}
