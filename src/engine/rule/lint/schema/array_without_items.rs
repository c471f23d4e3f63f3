use super::spot::{is_in_place, list_offenders, says_any};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::{Subschema, types},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/array-without-items",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: r#"add `items` with the schema of one element, for example "items": {"type": "string"}"#,
    documentation: r#"
An argument is an array without a schema for its elements.

## Why
It is valid JSON Schema, and still OpenAI and Google refuse it: "array schema missing items" and
"items: missing field" are answers with status 400 to the whole request, so that one such argument
takes all tools of all servers away from the model. Everywhere else the model has to guess what the
elements are.

## Bad
```json
{"tools": [{"name": "tag_customer", "inputSchema": {
  "type": "object",
  "properties": {"tags": {"type": "array", "description": "Tags"}}
}}]}
```

## Good
```json
{"tools": [{"name": "tag_customer", "inputSchema": {
  "type": "object",
  "properties": {"tags": {"type": "array", "items": {"type": "string"}, "description": "Tags"}}
}}]}
```

## References
- OpenAI API, function parameters: `array schema missing items`
- Gemini API, `Schema.items`
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    list_offenders(tool, lacks_items, "an array argument without `items`")
}

/// Keywords that tell what the elements are, or that another schema does.
const ELEMENTS: &[&str] = &["items", "prefixItems", "$ref", "$dynamicRef", "allOf"];

fn lacks_items(schema: Subschema<'_, '_>) -> bool {
    let is_array = types::named(schema.value()).contains(&"array");
    let is_condition = is_in_place(schema) && !matches!(schema.keyword(), "anyOf" | "oneOf");
    let has_branches = schema.get("anyOf").or_else(|| schema.get("oneOf")).is_some();
    is_array && !is_condition && !has_branches && !says_any(schema, ELEMENTS)
}
