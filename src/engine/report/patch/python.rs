//! The decorator of the Python SDK (`MCPServer`, `FastMCP`) and of FastMCP, and pydantic for the
//! arguments. `ToolAnnotations` takes the names of the specification in every version.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::{
    Part,
    exact::Exact,
    lost,
    shape::{Shape, say},
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
            vec![argument(name, identifier, schema, *is_required, *before)]
        }
        Part::Gone { name } => vec![format!("# without the argument {}", text(name))],
        Part::Rest(_) => Vec::new(),
    }
}

fn argument(
    name: &str,
    identifier: &str,
    schema: &Exact,
    is_required: bool,
    before: Option<&Exact>,
) -> String {
    let plain = schema.plain(|_| true).unwrap_or_default();
    let (shape, mut said) = Shape::of(&plain, is_literal);
    let field = field(name, identifier, &plain, &shape, &mut said);
    let mut kind = kind(&shape);
    let default = match (schema.get("default"), plain.get("default")) {
        (_, Some(default)) => {
            say(&mut said, "default", default);
            format!(" = {}", literal(default))
        }
        // The comment has it.
        (Some(_), None) => " = …".to_owned(),
        (None, None) if is_required => String::new(),
        (None, None) => {
            if !shape.takes_null() {
                kind.push_str(" | None");
            }
            " = None".to_owned()
        }
    };
    if !field.is_empty() {
        kind = format!("Annotated[{kind}, Field({field})]");
    }
    let without = super::without("  #", &lost(schema, before));
    let unsaid = super::unsaid("  #", schema, &said);
    format!("{identifier}: {kind}{default},{without}{unsaid}")
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

/// The names that pydantic has for keywords that say more about a type.
const CONSTRAINTS: &[(&str, &str)] = &[
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

/// The arguments of `Field`; what they say is added to `said`.
fn field(name: &str, identifier: &str, schema: &Value, shape: &Shape, said: &mut Value) -> String {
    let alias = (name != identifier).then(|| format!("alias={}", text(name)));
    let mut given: Vec<String> = alias.into_iter().collect();
    let mut give = |keyword: &str, word: &str, value: &Value| {
        say(said, keyword, value);
        given.push(format!("{word}={}", literal(value)));
    };
    for keyword in ["description", "title", "examples", "deprecated"] {
        let is_fit = |value: &&Value| match keyword {
            "examples" => value.is_array(),
            "deprecated" => value.is_boolean(),
            _ => value.is_string(),
        };
        if let Some(value) = schema.get(keyword).filter(is_fit) {
            give(keyword, keyword, value);
        }
    }
    for (keyword, word) in CONSTRAINTS {
        if let Some(value) = shape.constraint(schema, keyword) {
            give(keyword, word, value);
        }
    }
    if let Some(values) = schema.get("enum").filter(|_| !matches!(shape, Shape::Listed(_))) {
        say(said, "enum", values);
        given.push(format!("json_schema_extra={{\"enum\": {}}}", literal(values)));
    }
    given.join(", ")
}

/// Whether `Literal` takes a value.
fn is_literal(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => !number.is_f64(),
        Value::Array(_) | Value::Object(_) => false,
    }
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text => "str".to_owned(),
        Shape::Integer => "int".to_owned(),
        Shape::Number => "float".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Null => "None".to_owned(),
        Shape::List(items) => format!("list[{}]", kind(items)),
        Shape::Object => "dict[str, Any]".to_owned(),
        Shape::Listed(values) => {
            format!("Literal[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Shape::Either(shapes) => shapes.iter().map(kind).collect::<Vec<_>>().join(" | "),
        Shape::Any => "Any".to_owned(),
    }
}

fn literal(value: &Value) -> String {
    Literals {
        null: "None",
        booleans: ["False", "True"],
        number: Number::to_string,
        key: text,
        text,
    }
    .write(value)
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
