use serde_json::Value;

use super::spot::list_offenders;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::{Subschema, types},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/json-in-string",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "take the object or array itself, with its properties in the schema",
    documentation: r#"
An argument is a string that has to hold JSON.

## Why
What is inside the string has no schema, so nothing checks it before the server parses it, and the
model has to escape quotes inside quotes, where one forgotten backslash spoils the call. Arguments are
JSON already: an object can be passed as an object.

The rule goes by the words of the description ("JSON string", "JSON-encoded", "stringified") and by
`contentMediaType` and `format`. Text that merely happens to be JSON is not meant: the content of a
file to write, or what a formatter or validator is to work on.

## Bad
```json
{"tools": [{"name": "create_chart", "inputSchema": {
  "type": "object",
  "properties": {"series": {"type": "string", "description": "JSON-encoded array of numbers"}}
}}]}
```
```json
{"tools": [{"name": "draw_floor_plan", "inputSchema": {
  "type": "object",
  "properties": {"rooms": {"type": "string", "description": "Rooms; must be valid JSON, an array"}}
}}]}
```

## Good
```json
{"tools": [{"name": "create_chart", "inputSchema": {
  "type": "object",
  "properties": {
    "series": {"type": "array", "items": {"type": "number"}, "description": "Values to draw"},
    "template": {"type": "string", "description": "Path to a JSON file with the layout"}
  }
}}]}
```
```json
{"tools": [{"name": "format_config", "inputSchema": {
  "type": "object",
  "properties": {"text": {"type": "string", "description": "JSON string to pretty-print"}}
}}]}
```

## References
- Specification 2026-07-28, server/tools: "inputSchema: JSON Schema defining expected parameters"
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    list_offenders(tool, holds_json, "a string argument that must hold JSON")
}

fn holds_json(schema: Subschema<'_, '_>) -> bool {
    let types = types::named_in_branches(schema.value());
    // Where an object or array is accepted as well, the string is a courtesy to weak clients.
    let is_string =
        types.contains(&"string") && types.iter().all(|name| matches!(*name, "string" | "null"));
    if schema.property().is_none() || !is_string {
        return false;
    }
    let text = |keyword| schema.get(keyword).and_then(Value::as_str).unwrap_or_default();
    let is_declared = schema.get("contentSchema").is_none()
        && (text("contentMediaType") == "application/json" || text("format") == "json");
    is_declared || says_so(&text("description").to_lowercase())
}

fn says_so(description: &str) -> bool {
    const SAYING: &[&str] = &[
        "json string", "json-string", "json-encoded", "json encoded", "json-formatted",
        "json formatted", "json-serialized", "json serialized", "stringified", "serialized json",
        "encoded as json", "serialized as json", "string of json", "json array of",
        "json object with", "as a json object", "as a json array", "as json object",
        "as json array", "must be valid json", "must be json",
    ];
    // Some other text about JSON: where it is, how to find something in it, or JSON that is itself
    // what the tool works on.
    const OTHERWISE: &[&str] = &[
        "json file", "jsonpath", "json path", "json pointer", ".json", "to pretty", "to format",
        "to validate", "to parse", "to minify", "to beautify", "to indent", "to lint", "to check",
        "to compare", "to repair", "to convert",
    ];
    let is_said_last = [" as json", "(json)", "in json format", "json payload"]
        .iter()
        .any(|phrase| description.trim_end_matches('.').ends_with(phrase));
    (is_said_last || SAYING.iter().any(|phrase| description.contains(phrase)))
        && !OTHERWISE.iter().any(|phrase| description.contains(phrase))
}
