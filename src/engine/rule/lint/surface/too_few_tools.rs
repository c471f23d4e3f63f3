use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::split::LEAST_TOOLS,
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/too-few-tools",
    severity: Severity::Info,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "if it belongs to the domain of another server of yours, move it there; if it stands for \
           a whole domain, fine: allow this with that reason",
    documentation: r#"
The server has one or two tools, which is hardly a domain.

## Why
Every server is a process to start, a configuration to keep, a consent to ask for and a version to
release. For one or two tools that is much; they mostly belong to a server that exists already, and
beside the tools of that domain a model finds them where it looks for them.

There are no figures for it. Some domains are that small (the time, fetching a page), which is why
this is advice and no more. It is not said of a server with one tool that is a catalogue, whose
argument selects one of several operations, nor of one that offers resources or prompts as well.

## Bad
```json
{"tools": [{"name": "convert_currency", "inputSchema": {"type": "object", "properties": {
  "amount": {"type": "number"}, "to": {"type": "string"}}}}]}
```

## Good
```json
{"tools": [{"name": "list_rates"}, {"name": "convert_currency"}, {"name": "get_rate_history"}]}
```
```json
{"tools": [{"name": "warehouse", "inputSchema": {"type": "object", "properties": {
  "action": {"type": "string", "enum": ["count", "move", "reserve", "release"]},
  "article": {"type": "string"}}}}]}
```

## References
- Anthropic, "Introducing advanced tool use": keep the three to five tools that are used most loaded
"#,
    check: Check::Surface(check),
};

/// An argument that selects among so many operations makes a catalogue of a tool.
const OPERATIONS: usize = 3;

fn check(surface: &Surface) -> Vec<Hit> {
    let count = surface.tools.len();
    let has_more = !surface.prompts.is_empty()
        || !surface.resources.is_empty()
        || !surface.resource_templates.is_empty();
    if count == 0 || count >= LEAST_TOOLS || has_more || surface.tools.iter().any(is_catalogue) {
        return Vec::new();
    }
    let message = if count == 1 { "a single tool" } else { "only two tools" };
    vec![Hit::new(surface.pointer.clone(), format!("{message}, which is hardly a domain"))]
}

/// Whether an argument of a tool selects what it does, or its arguments are one of several kinds.
fn is_catalogue(tool: &Tool) -> bool {
    const SELECTORS: [&str; 7] =
        ["action", "command", "method", "mode", "op", "operation", "subcommand"];
    let count = |schema: &Value, keyword: &str| {
        schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len)
    };
    let selects = |(name, schema): (&String, &Value)| {
        SELECTORS.contains(&name.to_lowercase().as_str()) && count(schema, "enum") >= OPERATIONS
    };
    let kinds = |schema: &Value| count(schema, "oneOf").max(count(schema, "anyOf"));
    tool.arguments().any(selects) || tool.input_schema().map_or(0, kinds) >= OPERATIONS
}
