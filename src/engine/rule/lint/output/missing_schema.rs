use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "output/missing-schema",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "declare `outputSchema` with the fields of the result, and return them in \
           `structuredContent`",
    documentation: r#"
A tool does not say what its result looks like.

## Why
Without `outputSchema` the result is prose as far as anybody can tell. The model finds out the fields
by calling, code that calls the tool has nothing to hold on to, and a field that is renamed is a
change that no tool and no test notices. With it the result is part of the contract: clients validate
it, and `mcp-kit diff` can tell a harmless addition from a break.

Most servers are not there yet: 225 of 252 tools on public servers declare none. The schema is sent
to clients and, by most of them, not to the model, so it costs no context.

## Bad
```json
{"tools": [{"name": "count_orders", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{
  "name": "count_orders",
  "inputSchema": {"type": "object"},
  "outputSchema": {
    "type": "object",
    "properties": {"count": {"type": "integer", "description": "orders that match"}},
    "required": ["count"]
  }
}]}
```

## References
- Specification 2026-07-28, server/tools, "Output Schema"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let silent = surface.tools.iter().filter(|tool| tool.output_schema().is_none());
    silent.map(|tool| Hit::new(tool.pointer.clone(), "no `outputSchema`")).collect()
}
