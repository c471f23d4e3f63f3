use serde_json::Value;

use super::spot::{ELSEWHERE, is_in_place, list_offenders};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::Subschema,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/untyped-param",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: r#"give it a type, for example "type": "string"; where several are right, list them: ["string", "null"]"#,
    documentation: r#"
An argument has no type.

## Why
The schema accepts anything, so the model has to guess between a string, a number, an object and a
JSON text, and a wrong guess is found out in the server's code instead of at its door. Clients that
turn schemas into forms or into a vendor's format need the type: Gemini's command line skips the
tool and says so ("it has missing types in its parameter schema").

A schema that says what is allowed in another way (`enum`, `const`, `$ref`, `anyOf`, `oneOf`,
`allOf`, `properties`, `items`) has no need of `type`.

## Bad
```json
{"tools": [{"name": "save_note", "inputSchema": {
  "type": "object",
  "properties": {"note": {"description": "The note"}}
}}]}
```

## Good
```json
{"tools": [{"name": "save_note", "inputSchema": {
  "type": "object",
  "properties": {"note": {"type": "string", "description": "The note, in Markdown"}}
}}]}
```

## References
- JSON Schema 2020-12, validation §6.1.1 `type`
- arben-adm/mcp-sequential-thinking#12: a tool skipped by Gemini CLI for a missing type
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    list_offenders(tool, is_untyped, "an argument without a type")
}

/// Keywords that tell what kind of value is meant.
const KIND: &[&str] = &["type", "enum", "const", "properties", "items", "prefixItems"];

fn is_untyped(schema: Subschema<'_, '_>) -> bool {
    if schema.property().is_none() {
        return false;
    }
    // A branch adds to a property that is declared elsewhere.
    if schema.parent().is_some_and(is_in_place) {
        return false;
    }
    match schema.value() {
        Value::Bool(accepts_all) => *accepts_all,
        Value::Object(members) => {
            !KIND.iter().chain(ELSEWHERE).any(|keyword| members.contains_key(*keyword))
        }
        _ => false,
    }
}
