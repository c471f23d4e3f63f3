use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/root-not-object",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: r#"declare an object schema, for example {"type":"object","properties":{…}}"#,
    documentation: r#"
The input schema of a tool does not describe an object.

## Why
The arguments of a call are always a JSON object, so a schema of anything else can never be
satisfied: every call is rejected. Clients go further and refuse the tool, or the whole list, when
`inputSchema` is missing or its root is not `"type": "object"`.

## Bad
```json
{"tools": [{"name": "search", "inputSchema": ["query"]}]}
```
```json
{"tools": [{"name": "search", "inputSchema": {"type": "string"}}]}
```
```json
{"tools": [{"name": "search"}]}
```

## Good
```json
{"tools": [{"name": "search", "inputSchema": {
  "type": "object",
  "properties": {"query": {"type": "string", "description": "words to look for"}}
}}]}
```
A tool without arguments:
```json
{"tools": [{"name": "ping", "inputSchema": {"type": "object", "additionalProperties": false}}]}
```

## References
- Specification 2026-07-28, server/tools: "inputSchema … MUST be a valid JSON Schema object",
  with `type: "object"` at its root
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let Some(schema) = tool.input_schema() else {
        return Some(Hit::new(
            tool.pointer.clone(),
            "no `inputSchema`, so clients refuse the tool",
        ));
    };
    let problem = match schema {
        Value::Object(members) => match members.get("type") {
            Some(Value::String(name)) if name == "object" => return None,
            Some(other) => {
                format!("the root of `inputSchema` has the type {other}, not \"object\"")
            }
            None => {
                "the root of `inputSchema` has no `type`, where \"object\" must stand".to_owned()
            }
        },
        Value::Null => "`inputSchema` is null, not an object".to_owned(),
        Value::Bool(_) => "`inputSchema` is a boolean, not an object".to_owned(),
        Value::Array(_) => "`inputSchema` is an array, not an object".to_owned(),
        other => format!("`inputSchema` is {other}, not an object"),
    };
    Some(Hit::new(tool.pointer.join("inputSchema"), problem))
}
