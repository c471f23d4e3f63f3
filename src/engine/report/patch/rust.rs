//! rmcp's macros, and schemars for the arguments.

use serde_json::Value;

use super::{Part, json, lost, shortened};
use crate::engine::semantics::word::words;

pub(super) fn lines(part: &Part<'_>) -> Vec<String> {
    match part {
        Part::Head { members, .. } => {
            let given: Vec<String> = members.iter().filter_map(member).collect();
            vec![format!("#[tool({})]", given.join(", "))]
        }
        Part::Argument { name, schema, is_required, before } => {
            let mut lines = attributes(name, schema, *before);
            let kind = kind(schema);
            let kind = if *is_required { kind } else { format!("Option<{kind}>") };
            lines.push(format!("pub {}: {kind},", identifier(name)));
            lines
        }
    }
}

fn member((name, value): &(&str, &Value)) -> Option<String> {
    if let (&"annotations", Value::Object(hints)) = (name, value) {
        let hints: Vec<String> = hints
            .iter()
            .map(|(hint, value)| format!("{} = {}", words(hint).join("_"), literal(value)))
            .collect();
        return Some(format!("annotations({})", hints.join(", ")));
    }
    (!value.is_null()).then(|| format!("{name} = {}", literal(value)))
}

/// The attributes of a field: what is new about its schema. `extend` takes any keyword.
fn attributes(name: &str, schema: &Value, before: Option<&Value>) -> Vec<String> {
    let mut lines = Vec::new();
    if identifier(name) != *name {
        lines.push(format!("#[serde(rename = {})]", literal(&name.into())));
    }
    let members = schema.as_object().into_iter().flatten();
    let is_new = |keyword: &str, value: &Value| {
        keyword != "type" && before.and_then(|before| before.get(keyword)) != Some(value)
    };
    let given: Vec<String> = members
        .filter(|(keyword, value)| is_new(keyword, value))
        .map(|(keyword, value)| match keyword.as_str() {
            "description" | "title" => format!("{keyword} = {}", literal(value)),
            _ => format!("extend({keyword:?} = {})", json(value)),
        })
        .collect();
    if !given.is_empty() {
        lines.push(format!("#[schemars({})]", given.join(", ")));
    }
    let lost = lost(schema, before);
    if !lost.is_empty() {
        lines.push(format!("// without {}", lost.join(", ")));
    }
    lines
}

fn kind(schema: &Value) -> String {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "String".to_owned(),
        Some("integer") => "i64".to_owned(),
        Some("number") => "f64".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => format!("Vec<{}>", kind(schema.get("items").unwrap_or(&Value::Null))),
        _ => "serde_json::Value".to_owned(),
    }
}

fn identifier(name: &str) -> String {
    let joined = words(name).join("_");
    let is_plain = name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if is_plain { name.to_owned() } else { joined }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", shortened(text)),
        other => json(other),
    }
}
