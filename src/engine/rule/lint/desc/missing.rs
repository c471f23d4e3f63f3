use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "desc/missing",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "say in one or two sentences what the tool does, when to use it, and what comes back",
    documentation: r#"
A tool has no description.

## Why
The description is all a model knows of a tool beside its name and arguments. It chooses by it:
among competing tools, the one whose description says what it should was picked 72 % of the time,
260 % above the baseline (a study of more than 10,000 servers, arXiv 2602.18914).

## Bad
```json
{"tools": [{"name": "get_order", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "get_order", "description": " ", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order with its items and its delivery state, by the order number.",
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema, `Tool.description`: "can be used by clients to improve the LLM's
  understanding of available tools"
- arXiv 2602.18914: what a good description is worth among competitors
- arXiv 2602.14878: descriptions of 856 tools; 97 % lack something
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    if is_silent(tool) { vec![hit(tool)] } else { Vec::new() }
}

/// A description of another type than a string is reported as such, not as missing.
fn is_silent(tool: &Tool) -> bool {
    match &tool.description {
        Some(text) => text.trim().is_empty(),
        None => tool.value().get("description").is_none(),
    }
}

fn hit(tool: &Tool) -> Hit {
    Hit::new(tool.pointer.clone(), "no description")
}
