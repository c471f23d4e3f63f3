use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::{Subschema, Walk, types},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/openai-strict-object",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Target,
    help: "set `additionalProperties: false`, list every property in `required`, and let those that \
           may be left out be null as well: `\"type\": [\"string\", \"null\"]`",
    documentation: r#"
An object of an input schema is not written as OpenAI's strict mode wants it.

## Why
With `strict: true` the model can only write arguments that match the schema. For that, every object
has to say `additionalProperties: false` and to name all its properties in `required`; what is optional
is written as a type that may be null. A tool that does not is refused, or the client switches strict
mode off for it, and the arguments are no longer sure to be valid.

Several SDKs rewrite schemas so before they send them. Where yours does, this is nothing to act on. In
force with `--target openai-strict`.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {"type": "string"}, "limit": {"type": "integer"}},
  "required": ["state"],
  "additionalProperties": false
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {"type": "string"}},
  "required": ["state"]
}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {"type": "string"}, "limit": {"type": ["integer", "null"]}},
  "required": ["state", "limit"],
  "additionalProperties": false
}}]}
```

## References
- OpenAI, structured outputs, "Supported schemas" (February 2026)
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    let Some(schema) = tool.input_schema().filter(|schema| schema.is_object()) else {
        return Vec::new();
    };
    let walk = Walk::of(schema);
    let mut open: Vec<String> = Vec::new();
    let mut optional: Vec<String> = Vec::new();
    for subschema in walk.iter().filter(|subschema| is_object(*subschema)) {
        if subschema.get("additionalProperties") != Some(&Value::Bool(false)) {
            open.push(subschema.label());
        }
        if has_optional(subschema) {
            optional.push(subschema.label());
        }
    }
    let problems = [
        (
            open,
            "additionalProperties",
            "an object without `additionalProperties: false`, which OpenAI's strict mode wants",
        ),
        (
            optional,
            "required",
            "an object with optional properties, which OpenAI's strict mode does not take",
        ),
    ];
    let found = problems.into_iter().filter(|(labels, ..)| !labels.is_empty());
    let pointer = tool.pointer.join("inputSchema");
    found
        .map(|(labels, keyword, message)| {
            let parts = labels.iter().map(|label| format!("{label}: {keyword}"));
            Hit::new(pointer.clone(), message).note(wording::names(&labels)).parts(parts)
        })
        .collect()
}

fn is_object(schema: Subschema<'_, '_>) -> bool {
    types::named(schema.value()).contains(&"object") || schema.get("properties").is_some()
}

fn has_optional(schema: Subschema<'_, '_>) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    // Names in `required` that are no properties are another rule's business.
    properties.map_or(0, serde_json::Map::len) > required.map_or(0, Vec::len)
}
