//! The decorator of the Python SDK (`MCPServer`, `FastMCP`) and of FastMCP, and pydantic for the
//! arguments. `ToolAnnotations` takes the names of the specification in every version.

use serde_json::Value;

use super::{Part, json, lost};

pub(super) fn lines(part: &Part<'_>) -> Vec<String> {
    match part {
        Part::Head { members, .. } => {
            let given: Vec<String> = members.iter().filter_map(member).collect();
            vec![format!("@mcp.tool({})", given.join(", "))]
        }
        Part::Argument { name, schema, is_required, before } => {
            let lost = lost(schema, *before);
            let field = field(schema);
            let kind = match schema.get("default") {
                _ if *is_required => kind(schema),
                Some(_) => kind(schema),
                None => format!("{} | None", kind(schema)),
            };
            let kind = match field.as_str() {
                "" => kind,
                field => format!("Annotated[{kind}, Field({field})]"),
            };
            let default = match schema.get("default") {
                Some(default) => format!(" = {}", literal(default)),
                None if *is_required => String::new(),
                None => " = None".to_owned(),
            };
            let without = match lost.as_slice() {
                [] => String::new(),
                lost => format!("  # without {}", lost.join(", ")),
            };
            vec![format!("{name}: {kind}{default},{without}")]
        }
    }
}

fn member((name, value): &(&str, &Value)) -> Option<String> {
    if let (&"annotations", Value::Object(hints)) = (name, value) {
        let hints: Vec<String> =
            hints.iter().map(|(hint, value)| format!("{hint}={}", literal(value))).collect();
        return Some(format!("annotations=ToolAnnotations({})", hints.join(", ")));
    }
    (!value.is_null()).then(|| format!("{name}={}", literal(value)))
}

/// The names that pydantic has for keywords.
const FIELDS: &[(&str, &str)] = &[
    ("description", "description"),
    ("title", "title"),
    ("examples", "examples"),
    ("minimum", "ge"),
    ("maximum", "le"),
    ("exclusiveMinimum", "gt"),
    ("exclusiveMaximum", "lt"),
    ("multipleOf", "multiple_of"),
    ("minLength", "min_length"),
    ("maxLength", "max_length"),
    ("minItems", "min_length"),
    ("maxItems", "max_length"),
    ("pattern", "pattern"),
];

fn field(schema: &Value) -> String {
    let known =
        |(keyword, name): &(&str, &str)| Some(format!("{name}={}", literal(schema.get(keyword)?)));
    FIELDS.iter().filter_map(known).collect::<Vec<_>>().join(", ")
}

fn kind(schema: &Value) -> String {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().take(super::MAX_PARTS).map(literal).collect();
        return format!("Literal[{}]", values.join(", "));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "str".to_owned(),
        Some("integer") => "int".to_owned(),
        Some("number") => "float".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => format!("list[{}]", kind(schema.get("items").unwrap_or(&Value::Null))),
        Some("object") => "dict[str, Any]".to_owned(),
        _ => "Any".to_owned(),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) if items.len() <= super::MAX_PARTS => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        other => json(other),
    }
}
