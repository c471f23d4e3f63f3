//! rmcp's macros, and schemars for the arguments.

use std::collections::BTreeMap;

use serde_json::{Number, Value, json};

use super::{
    Part, lost,
    shape::{Shape, say},
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
            let plain = schema.plain(|_| true).unwrap_or_default();
            let (shape, mut said) = Shape::of(&plain, |_| false);
            let (shape, may_be_null) = shape.without_null();
            let kind = kind(&shape);
            if kind.contains(ANYTHING) {
                said = match plain.get("type").filter(|_| matches!(shape, Shape::List(_))) {
                    Some(name) => json!({"type": name}),
                    None => json!({}),
                };
            }
            let mut lines = attributes(name, identifier, &plain, &mut said);
            let lost = lost(schema, *before);
            lines.extend((!lost.is_empty()).then(|| super::without("//", &lost)));
            let unsaid = super::unsaid("//", schema, &said);
            lines.extend((!unsaid.is_empty()).then_some(unsaid));
            let is_optional = !is_required || may_be_null;
            let kind = if is_optional { format!("Option<{kind}>") } else { kind };
            let raw = if KEYWORDS.contains(&identifier) { "r#" } else { "" };
            lines.push(format!("pub {raw}{identifier}: {kind},"));
            lines
        }
        Part::Gone { name } => vec![format!("// without the argument {}", text(name))],
        Part::Rest(_) => Vec::new(),
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

/// The attributes of a field: what its type does not say. `extend` takes any keyword.
fn attributes(name: &str, identifier: &str, schema: &Value, said: &mut Value) -> Vec<String> {
    let mut lines = Vec::new();
    if identifier != name {
        lines.push(format!("#[serde(rename = {})]", text(name)));
    }
    let mut given = Vec::new();
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        if said.get(keyword) == Some(value) {
            continue;
        }
        say(said, keyword, value);
        given.push(match (keyword.as_str(), value) {
            ("description" | "title", Value::String(_)) => {
                format!("{keyword} = {}", literal(value))
            }
            _ => format!("extend({} = {})", text(keyword), literal(value)),
        });
    }
    if !given.is_empty() {
        lines.push(format!("#[schemars({})]", given.join(", ")));
    }
    lines
}

const ANYTHING: &str = "serde_json::Value";

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text => "String".to_owned(),
        Shape::Integer => "i64".to_owned(),
        Shape::Number => "f64".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::List(items) => format!("Vec<{}>", kind(items)),
        _ => ANYTHING.to_owned(),
    }
}

/// A value as `serde_json::json!` and schemars take it.
fn literal(value: &Value) -> String {
    Literals { null: "null", booleans: ["false", "true"], number, key: text, text }.write(value)
}

/// An integer without a suffix is an `i32`.
fn number(number: &Number) -> String {
    match (number.as_i64(), number.as_u64()) {
        (Some(small), _) if i32::try_from(small).is_ok() => small.to_string(),
        (Some(long), _) => format!("{long}_i64"),
        (None, Some(long)) => format!("{long}_u64"),
        (None, None) => number.to_string(),
    }
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
