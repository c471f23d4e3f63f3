//! `registerTool` of the TypeScript SDK, and zod for the arguments.

use serde_json::Value;

use super::{
    Part, lost, nullable,
    word::{Literals, quoted},
};

pub(super) fn lines(part: &Part<'_>) -> Vec<String> {
    match part {
        Part::Head { tool, members } => {
            let is_name = |(name, _): &&(&str, &Value)| *name == "name";
            let name =
                members.iter().find(is_name).map_or_else(|| (*tool).into(), |it| it.1.clone());
            let given: Vec<String> = members
                .iter()
                .filter(|(name, value)| *name != "name" && !value.is_null())
                .map(|(name, value)| format!("{name}: {}", literal(value)))
                .collect();
            let given = if given.is_empty() { "…".to_owned() } else { given.join(", ") };
            let gone = members.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| *name);
            let without = super::without(" //", &gone.collect::<Vec<_>>());
            vec![format!("server.registerTool({}, {{ {given} }}, …){without}", literal(&name))]
        }
        Part::Argument { name, schema, is_required, before } => {
            let mut line = format!("{}: {}", key(name), kind(schema));
            let mut unsaid: Vec<String> = Vec::new();
            let methods = methods(schema);
            for (keyword, method) in METHODS {
                match schema.get(keyword) {
                    Some(value) if methods.contains(keyword) && *keyword == "pattern" => {
                        line.push_str(&format!(".{method}(new RegExp({}))", literal(value)));
                    }
                    Some(value) if methods.contains(keyword) => {
                        line.push_str(&format!(".{method}({})", literal(value)));
                    }
                    Some(value) => unsaid.push(format!("{keyword} {}", literal(value))),
                    None => {}
                }
            }
            if let Some(values) = schema.get("enum").filter(|_| !is_listed(schema)) {
                unsaid.push(format!("enum {}", literal(values)));
            }
            if nullable(schema).1 && !is_listed(schema) {
                line.push_str(".nullable()");
            }
            match schema.get("default") {
                Some(default) => line.push_str(&format!(".default({})", literal(default))),
                None if !is_required => line.push_str(".optional()"),
                None => {}
            }
            if let Some(description @ Value::String(_)) = schema.get("description") {
                line.push_str(&format!(".describe({})", literal(description)));
            }
            line.push(',');
            if !unsaid.is_empty() {
                line.push_str(&format!(" // to be checked by hand: {}", unsaid.join(", ")));
            }
            line.push_str(&super::without(" //", &lost(schema, *before)));
            vec![line]
        }
        Part::Gone { name } => vec![format!("// without the argument {}", text(name))],
    }
}

/// The names that zod has for keywords.
const METHODS: &[(&str, &str)] = &[
    ("minimum", "min"),
    ("maximum", "max"),
    ("exclusiveMinimum", "gt"),
    ("exclusiveMaximum", "lt"),
    ("multipleOf", "multipleOf"),
    ("minLength", "min"),
    ("maxLength", "max"),
    ("minItems", "min"),
    ("maxItems", "max"),
    ("pattern", "regex"),
];

/// The keywords for which the zod type of a schema has a method.
fn methods(schema: &Value) -> &'static [&'static str] {
    match nullable(schema).0 {
        _ if is_listed(schema) => &[],
        Some("string") => &["minLength", "maxLength", "pattern"],
        Some("integer" | "number") => {
            &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
        }
        Some("array") => &["minItems", "maxItems"],
        _ => &[],
    }
}

/// Whether the values are those of `z.enum` or `z.literal`.
fn is_listed(schema: &Value) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| {
        !values.is_empty() && !values.iter().any(|it| it.is_array() || it.is_object())
    })
}

fn kind(schema: &Value) -> String {
    if let Some(values) = schema.get("enum").filter(|_| is_listed(schema)) {
        let are_texts = values.as_array().is_some_and(|values| values.iter().all(Value::is_string));
        let function = if are_texts { "enum" } else { "literal" };
        return format!("z.{function}({})", literal(values));
    }
    match nullable(schema).0 {
        Some("string") => "z.string()".to_owned(),
        Some("integer") => "z.int()".to_owned(),
        Some("number") => "z.number()".to_owned(),
        Some("boolean") => "z.boolean()".to_owned(),
        Some("array") => {
            format!("z.array({})", kind(schema.get("items").unwrap_or(&Value::Null)))
        }
        Some("object") => "z.looseObject({ … })".to_owned(),
        _ => "z.unknown()".to_owned(),
    }
}

fn literal(value: &Value) -> String {
    Literals { null: "null", booleans: ["false", "true"], key, text }.write(value)
}

/// A key as it is written in an object: in quotes where it is no identifier, and in brackets where
/// it would set the prototype.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    match name {
        "__proto__" => "[\"__proto__\"]".to_owned(),
        name if is_plain => name.to_owned(),
        name => text(name),
    }
}

fn text(text: &str) -> String {
    quoted(text, |character| {
        let units = &mut [0; 2];
        character.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}
