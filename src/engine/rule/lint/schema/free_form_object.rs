use serde_json::Value;

use super::spot::{ELSEWHERE, is_in_place, list_offenders, says_any};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::{Subschema, types},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/free-form-object",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "declare its `properties`; for a map with free keys, give `additionalProperties` the \
           schema of its values",
    documentation: r#"
An argument is an object of which nothing is said.

## Why
`{"type": "object"}` accepts every object. The model invents keys, and the server ignores them or
fails on them. OpenAI's strict mode demands `additionalProperties: false` and Gemini refuses an
object without properties ("properties: should be non-empty for OBJECT type").

An object that is a map by nature (labels, headers) says so with a schema for its values.

## Bad
```json
{"tools": [{"name": "create_ticket", "inputSchema": {
  "type": "object",
  "properties": {"fields": {"type": "object", "description": "Fields of the ticket"}}
}}]}
```

## Good
```json
{"tools": [{"name": "create_ticket", "inputSchema": {
  "type": "object",
  "properties": {
    "fields": {
      "type": "object",
      "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
      "required": ["title"]
    },
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "defaults": {"type": "object", "maxProperties": 0}
  }
}}]}
```

## References
- OpenAI, structured outputs: "additionalProperties: false must always be set in objects"
- Gemini API: `should be non-empty for OBJECT type` (MarkusPfundstein/mcp-obsidian#21)
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    list_offenders(tool, is_free, "an object argument that takes any keys")
}

/// Keywords that say something of an object's members.
const MEMBERS: &[&str] =
    &["properties", "patternProperties", "propertyNames", "enum", "const", "unevaluatedProperties"];

fn is_free(schema: Subschema<'_, '_>) -> bool {
    let is_object = types::named(schema.value()).contains(&"object");
    let is_condition = is_in_place(schema) && !matches!(schema.keyword(), "anyOf" | "oneOf");
    // The branches of a choice are looked at on their own.
    let is_left_to_others = ELSEWHERE.iter().any(|keyword| schema.get(keyword).is_some());
    let members_are_typed = match schema.get("additionalProperties") {
        None => false,
        Some(Value::Object(members)) => !members.is_empty(),
        Some(other) => *other == Value::Bool(false),
    };
    let is_empty = schema.get("maxProperties").and_then(Value::as_f64) == Some(0.0);
    is_object
        && !is_empty
        && !is_condition
        && !is_left_to_others
        && !members_are_typed
        && !says_any(schema, MEMBERS)
}
