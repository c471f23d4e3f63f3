use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "output/untyped-schema",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "declare the `properties` of the result and which of them are `required`",
    documentation: r#"
An output schema says nothing about the result.

## Why
`{"type": "object"}` accepts every object. Whoever reads the tool list sees that there is an output
schema and may rely on nothing; a field can be renamed without any check noticing. It is what
frameworks emit for a function that returns a dictionary.

A result that is a map by nature says so with a schema for its values.

## Bad
```json
{"tools": [{
  "name": "list_orders", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{
  "name": "list_orders",
  "inputSchema": {"type": "object"},
  "outputSchema": {"type": "object", "additionalProperties": true}
}]}
```
```json
{"tools": [{
  "name": "measure_room",
  "inputSchema": {"type": "object"},
  "outputSchema": {"type": "object", "properties": {"result": {}}, "required": ["result"]}
}]}
```

## Good
```json
{"tools": [
  {
    "name": "list_orders",
    "inputSchema": {"type": "object"},
    "outputSchema": {
      "type": "object",
      "properties": {"orders": {"type": "array", "items": {"type": "string"}}},
      "required": ["orders"]
    }
  },
  {
    "name": "count_orders_by_state",
    "inputSchema": {"type": "object"},
    "outputSchema": {"type": "object", "additionalProperties": {"type": "integer"}}
  }
]}
```

## References
- Specification 2026-07-28, server/tools, "Output Schema"
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

/// Keywords that say something about the result, or let another schema say it.
const SAYING: &[&str] = &[
    "properties", "patternProperties", "propertyNames", "$ref", "$dynamicRef", "anyOf", "oneOf",
    "allOf", "enum", "const", "unevaluatedProperties",
];

fn judge(tool: &Tool) -> Option<Hit> {
    let says_something = match tool.output_schema()? {
        Value::Bool(accepts_all) => !accepts_all,
        Value::Object(schema) => {
            let is_of_another_type = schema.get("type").is_some_and(|name| name != "object");
            let says = |keyword: &&str| match schema.get(*keyword) {
                Some(Value::Object(members)) => members.len() > 1 || !members.values().all(is_open),
                other => other.is_some(),
            };
            let has_typed_members = match schema.get("additionalProperties") {
                Some(Value::Object(members)) => !members.is_empty(),
                other => other == Some(&Value::Bool(false)),
            };
            is_of_another_type || has_typed_members || SAYING.iter().any(says)
        }
        _ => return None,
    };
    let message = "`outputSchema` says nothing about the result";
    (!says_something).then(|| Hit::new(tool.pointer.join("outputSchema"), message))
}

/// Whether a schema accepts everything: `{"result": {}}` is an envelope around anything.
fn is_open(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(|schema| schema.is_empty())
}
