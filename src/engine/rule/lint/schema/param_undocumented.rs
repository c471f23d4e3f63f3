use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::reference,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/param-undocumented",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "say in `description` what the value means, its unit or format, and where to get it: \
           \"id of the order, as `find_orders` returns it\"",
    documentation: r##"
An argument has no description.

## Why
The name and the type are all the model has to go by: `from` may be a date, an offset or an address.
Tool arguments are an API that is called without anyone reading the manual first, and an argument
with a meaning, a format and a source is called right the first time. Of 998 arguments on public
servers, 142 say nothing.

Descriptions cost tokens in every request, and longer is not better: completed descriptions raised
task success by 5.85 points and the number of steps by 67 % (arXiv 2602.14878), while compact ones
kept the gain. One clause for each argument is enough.

An argument that the tool's own description explains, in a line that starts with its name and a
colon, counts as documented. An argument that can only have one value, or that the schema `false`
forbids, is left alone.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"from": {"type": "string"}}
}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"from": {
    "type": "string", "format": "date", "description": "first day to list, in UTC"
  }}
}}]}
```
```json
{"tools": [{
  "name": "list_orders",
  "description": "Lists orders.\n\nArgs:\n  from: first day to list, in UTC",
  "inputSchema": {"type": "object", "properties": {"from": {"type": "string"}}}
}]}
```
```json
{"tools": [{"name": "print_tree", "inputSchema": {
  "type": "object",
  "properties": {"root": {"$dynamicRef": "#node"}, "legacy_code": false},
  "$defs": {"Node": {"$dynamicAnchor": "node", "type": "object", "description": "where to begin"}}
}}]}
```

## References
- JSON Schema 2020-12, validation §9.1 `description`
- arXiv 2602.14878, tool description smells: opaque parameters
"##,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let root = tool.input_schema()?;
    let is_silent = |(name, schema): &(&String, &Value)| {
        **schema != Value::Bool(false)
            && schema.get("const").is_none()
            && !is_described(root, schema)
            && !is_explained(tool, name)
    };
    let names: Vec<&String> = tool.arguments().filter(is_silent).map(|(name, _)| name).collect();
    if names.is_empty() {
        return None;
    }
    let place = tool.pointer.join("inputSchema").join("properties");
    let hit = Hit::new(place, "an argument without a description");
    Some(hit.note(wording::names(&names)).parts(names))
}

/// Whether a schema, what it refers to, or one of its branches has a description.
fn is_described(root: &Value, schema: &Value) -> bool {
    let says = |schema: &Value| {
        let text = schema.get("description").and_then(Value::as_str);
        text.is_some_and(|text| !text.trim().is_empty())
    };
    let is_said =
        |schema: &Value| says(schema) || reference::follow(root, schema).is_some_and(says);
    let branches = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|name| schema.get(name));
    is_said(schema) || branches.filter_map(Value::as_array).flatten().any(is_said)
}

/// Whether a line of the tool's description starts with the argument's name and a colon, as
/// docstrings have it: `- owner (str): who it belongs to`.
fn is_explained(tool: &Tool, name: &str) -> bool {
    let lines = tool.description.as_deref().unwrap_or_default().lines();
    lines.into_iter().any(|line| {
        let line = line.trim_start_matches(|character: char| " \t-*•`\"'".contains(character));
        line.strip_prefix(name).is_some_and(|rest| {
            let rest = rest.trim_start_matches(['`', '*', '"', '\'', ' ']);
            let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                Some((_, rest)) => rest.trim_start_matches(['*', ' ']),
                None => rest,
            };
            rest.starts_with([':', '–', '—']) || rest.starts_with("- ")
        })
    })
}
