//! rmcp's macros, and schemars for the arguments.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Part, lost, nullable,
    word::{self, Literals, quoted},
};

pub(super) fn identifiers<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
) -> BTreeMap<&'a str, String> {
    word::identifiers(names, is_field)
}

pub(super) fn lines(part: &Part<'_>, identifiers: &BTreeMap<&str, String>) -> Vec<String> {
    match part {
        Part::Head { members, .. } => {
            let given: Vec<String> = members.iter().filter_map(member).collect();
            let hints = members.iter().find(|(name, _)| *name == "annotations");
            let hints = hints.and_then(|(_, hints)| hints.as_object()).into_iter().flatten();
            let mut without: Vec<&str> =
                hints.map(|(hint, _)| hint.as_str()).filter(|it| hint(it).is_none()).collect();
            without.extend(members.iter().filter(|(_, it)| it.is_null()).map(|(name, _)| *name));
            vec![format!("#[tool({})]{}", given.join(", "), super::without(" //", &without))]
        }
        Part::Argument { name, schema, is_required, before } => {
            let identifier = identifiers.get(name).map_or("argument", String::as_str);
            let mut lines = attributes(name, identifier, schema, *before);
            let kind = kind(schema);
            let is_optional = !is_required || nullable(schema).1;
            let kind = if is_optional { format!("Option<{kind}>") } else { kind };
            let raw = if KEYWORDS.contains(&identifier) { "r#" } else { "" };
            lines.push(format!("pub {raw}{identifier}: {kind},"));
            lines
        }
        Part::Gone { name } => vec![format!("// without the argument {}", text(name))],
    }
}

fn member((name, value): &(&str, &Value)) -> Option<String> {
    if let (&"annotations", Value::Object(hints)) = (name, value) {
        let given = |(name, value): (&String, &Value)| {
            Some(format!("{} = {}", hint(name)?, literal(value)))
        };
        let hints: Vec<String> = hints.iter().filter_map(given).collect();
        return Some(format!("annotations({})", hints.join(", ")));
    }
    (!value.is_null()).then(|| format!("{name} = {}", literal(value)))
}

/// The names that rmcp has for hints; it takes no others.
fn hint(name: &str) -> Option<&'static str> {
    match name {
        "title" => Some("title"),
        "readOnlyHint" => Some("read_only_hint"),
        "destructiveHint" => Some("destructive_hint"),
        "idempotentHint" => Some("idempotent_hint"),
        "openWorldHint" => Some("open_world_hint"),
        _ => None,
    }
}

/// The attributes of a field: what is new about its schema. `extend` takes any keyword.
fn attributes(name: &str, identifier: &str, schema: &Value, before: Option<&Value>) -> Vec<String> {
    let mut lines = Vec::new();
    if identifier != name {
        lines.push(format!("#[serde(rename = {})]", text(name)));
    }
    let members = schema.as_object().into_iter().flatten();
    let is_new = |keyword: &str, value: &Value| {
        keyword != "type" && before.and_then(|before| before.get(keyword)) != Some(value)
    };
    let given: Vec<String> = members
        .filter(|(keyword, value)| is_new(keyword, value))
        .map(|(keyword, value)| match (keyword.as_str(), value) {
            ("description" | "title", Value::String(_)) => {
                format!("{keyword} = {}", literal(value))
            }
            _ => format!("extend({} = {})", text(keyword), literal(value)),
        })
        .collect();
    if !given.is_empty() {
        lines.push(format!("#[schemars({})]", given.join(", ")));
    }
    let lost = lost(schema, before);
    if !lost.is_empty() {
        lines.push(super::without("//", &lost));
    }
    lines
}

fn kind(schema: &Value) -> String {
    match nullable(schema).0 {
        Some("string") => "String".to_owned(),
        Some("integer") => "i64".to_owned(),
        Some("number") => "f64".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => format!("Vec<{}>", kind(schema.get("items").unwrap_or(&Value::Null))),
        _ => "serde_json::Value".to_owned(),
    }
}

/// A value as `serde_json::json!` and schemars take it.
fn literal(value: &Value) -> String {
    Literals { null: "null", booleans: ["false", "true"], key: text, text }.write(value)
}

fn text(text: &str) -> String {
    quoted(text, |character| format!("\\u{{{:x}}}", u32::from(character)))
}

/// Whether a name can be that of a field, as `r#name` at least.
fn is_field(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
        && !["self", "super", "crate"].contains(&name)
        && name.contains(|it| it != '_')
}

/// Words of the language, now or some day, that a field can be called after `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];
