//! The decorator of the Python SDK (`MCPServer`, `FastMCP`) and of FastMCP, and pydantic for the
//! arguments. `ToolAnnotations` takes the names of the specification in every version.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Part, lost, nullable,
    word::{self, Literals, quoted},
};

pub(super) fn identifiers<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
) -> BTreeMap<&'a str, String> {
    word::identifiers(names, is_identifier)
}

pub(super) fn lines(part: &Part<'_>, identifiers: &BTreeMap<&str, String>) -> Vec<String> {
    match part {
        Part::Head { members, .. } => {
            let given: Vec<String> = members.iter().filter_map(member).collect();
            vec![format!(
                "@mcp.tool({}){}",
                given.join(", "),
                super::without("  #", &gone(members))
            )]
        }
        Part::Argument { name, schema, is_required, before } => {
            let identifier = identifiers.get(name).map_or("argument", String::as_str);
            let field = field(name, identifier, schema);
            let kind = match schema.get("default") {
                None if !is_required && !nullable(schema).1 => format!("{} | None", kind(schema)),
                _ => kind(schema),
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
            let without = super::without("  #", &lost(schema, *before));
            vec![format!("{identifier}: {kind}{default},{without}")]
        }
        Part::Gone { name } => vec![format!("# without the argument {}", text(name))],
    }
}

fn gone<'a>(members: &[(&'a str, &Value)]) -> Vec<&'a str> {
    members.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| *name).collect()
}

fn member((name, value): &(&str, &Value)) -> Option<String> {
    if let (&"annotations", Value::Object(hints)) = (name, value) {
        let (plain, others): (Vec<_>, Vec<_>) =
            hints.iter().partition(|(hint, _)| is_identifier(hint));
        let mut given: Vec<String> =
            plain.iter().map(|(hint, value)| format!("{hint}={}", literal(value))).collect();
        if !others.is_empty() {
            let pairs: Vec<String> = others
                .iter()
                .map(|(hint, value)| format!("{}: {}", text(hint), literal(value)))
                .collect();
            given.push(format!("**{{{}}}", pairs.join(", ")));
        }
        return Some(format!("annotations=ToolAnnotations({})", given.join(", ")));
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

fn field(name: &str, identifier: &str, schema: &Value) -> String {
    let alias = (name != identifier).then(|| format!("alias={}", text(name)));
    let mut given: Vec<String> = alias.into_iter().collect();
    let mut used: Vec<&str> = Vec::new();
    for (keyword, word) in FIELDS {
        let Some(value) = schema.get(keyword) else { continue };
        // The same word for a text and a list.
        if !used.contains(word) {
            used.push(word);
            given.push(format!("{word}={}", literal(value)));
        }
    }
    if let Some(values) = schema.get("enum").filter(|values| !are_literals(values)) {
        given.push(format!("json_schema_extra={{\"enum\": {}}}", literal(values)));
    }
    given.join(", ")
}

/// Whether `Literal` takes these values.
fn are_literals(values: &Value) -> bool {
    let takes = |value: &Value| match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => !number.is_f64(),
        Value::Array(_) | Value::Object(_) => false,
    };
    values.as_array().is_some_and(|values| !values.is_empty() && values.iter().all(takes))
}

fn kind(schema: &Value) -> String {
    if let Some(values) = schema.get("enum").filter(|values| are_literals(values)) {
        let values: Vec<String> = values.as_array().into_iter().flatten().map(literal).collect();
        return format!("Literal[{}]", values.join(", "));
    }
    let (name, may_be_null) = nullable(schema);
    let kind = match name {
        Some("string") => "str".to_owned(),
        Some("integer") => "int".to_owned(),
        Some("number") => "float".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => format!("list[{}]", kind(schema.get("items").unwrap_or(&Value::Null))),
        Some("object") => "dict[str, Any]".to_owned(),
        _ => "Any".to_owned(),
    };
    if may_be_null { format!("{kind} | None") } else { kind }
}

fn literal(value: &Value) -> String {
    Literals { null: "None", booleans: ["False", "True"], key: text, text }.write(value)
}

fn text(text: &str) -> String {
    quoted(text, |character| match u32::from(character) {
        code @ 0..=0xFF => format!("\\x{code:02x}"),
        code @ 0x100..=0xFFFF => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    })
}

/// Whether a name can be that of an argument. Neither SDK takes one that begins with an underscore.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
        && !KEYWORDS.contains(&name)
}

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];
