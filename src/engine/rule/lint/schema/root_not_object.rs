use serde_json::{Value, json};

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    schema::reference,
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

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some(
        "`\"type\": \"object\"` is added to an input schema that lacks it or lists it beside other types; arguments are always an object",
    ),
    not_safe: Some(
        "a tool without input schema gets one that takes any object, and a schema that refers to itself, so that `type` holds for more than the arguments, gets `\"type\": \"object\"`",
    ),
    propose,
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

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    let schema = tool.pointer.join("inputSchema");
    let object = json!("object");
    let title = "say that the arguments are an object";
    match tool.input_schema() {
        None => {
            let edits =
                vec![Edit::add(tool.pointer.clone(), "inputSchema", json!({"type": object}))];
            Some(Fix::not_safe("add an input schema that takes any object", edits))
        }
        Some(root @ Value::Object(members)) => {
            let edit = match members.get("type") {
                None => {
                    let key = "type".to_owned();
                    Edit::Add { to: schema, key, value: object, is_first: true }
                }
                Some(Value::Array(types)) if types.contains(&object) => {
                    Edit::Replace(schema.join("type"), object)
                }
                Some(_) => return None,
            };
            // A list whose end is null, say, has the same schema as the arguments.
            Some(match reference::may_lead_to_root(root) {
                true => Fix::not_safe(title, vec![edit]),
                false => Fix::safe(title, vec![edit]),
            })
        }
        Some(_) => None,
    }
}
