//! `registerTool` of the TypeScript SDK, and zod for the arguments.

use serde_json::Value;

use super::{Part, json, lost};

pub(super) fn lines(part: &Part<'_>) -> Vec<String> {
    match part {
        Part::Head { tool, members } => {
            let is_name = |(name, _): &&(&str, &Value)| *name == "name";
            let name =
                members.iter().find(is_name).map_or_else(|| (*tool).into(), |it| it.1.clone());
            let given: Vec<String> = members
                .iter()
                .filter(|(name, value)| *name != "name" && !value.is_null())
                .map(|(name, value)| format!("{name}: {}", object(value)))
                .collect();
            let given = if given.is_empty() { "…".to_owned() } else { given.join(", ") };
            vec![format!("server.registerTool({}, {{ {given} }}, …)", json(&name))]
        }
        Part::Argument { name, schema, is_required, before } => {
            let lost = lost(schema, *before);
            let mut line = format!("{}: {}", key(name), kind(schema));
            for (keyword, method) in METHODS {
                if let Some(value) = schema.get(keyword) {
                    line.push_str(&format!(".{method}({})", json(value)));
                }
            }
            if let Some(pattern) = schema.get("pattern") {
                line.push_str(&format!(".regex(new RegExp({}))", json(pattern)));
            }
            match schema.get("default") {
                Some(default) => line.push_str(&format!(".default({})", json(default))),
                None if !is_required => line.push_str(".optional()"),
                None => {}
            }
            if let Some(description) = schema.get("description") {
                line.push_str(&format!(".describe({})", json(description)));
            }
            line.push(',');
            if !lost.is_empty() {
                line.push_str(&format!(" // without {}", lost.join(", ")));
            }
            vec![line]
        }
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
];

fn kind(schema: &Value) -> String {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let are_texts = values.iter().all(Value::is_string);
        return match are_texts {
            true => format!("z.enum({})", json(&Value::Array(values.clone()))),
            false => format!("z.literal({})", json(&Value::Array(values.clone()))),
        };
    }
    match schema.get("type").and_then(Value::as_str) {
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

fn object(value: &Value) -> String {
    let Some(members) = value.as_object() else { return json(value) };
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}: {}", key(name), json(value))).collect();
    format!("{{ {} }}", members.join(", "))
}

/// A key as it is written in an object: in quotes where it is no identifier.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    if is_plain { name.to_owned() } else { json(&name.into()) }
}
