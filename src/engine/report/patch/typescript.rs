//! `registerTool` of the TypeScript SDK, and zod for the arguments.

use serde_json::{Number, Value};

use super::{
    Part,
    exact::Exact,
    lost,
    shape::{Shape, say},
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
            vec![argument(name, schema, *is_required, *before)]
        }
        Part::Gone { name } => vec![format!("// without the argument {}", text(name))],
        Part::Rest(_) => Vec::new(),
    }
}

fn argument(name: &str, schema: &Exact, is_required: bool, before: Option<&Exact>) -> String {
    let plain = schema.plain(is_safe).unwrap_or_default();
    let (shape, mut said) = Shape::of(&plain, |value| !value.is_array() && !value.is_object());
    let (bare, may_be_null) = shape.without_null();
    let mut line = format!("{}: {}", key(name), kind(&bare));
    if bare == Shape::Object && plain.get("additionalProperties") == Some(&Value::Bool(false)) {
        line = line.replacen("z.looseObject", "z.strictObject", 1);
        say(&mut said, "additionalProperties", &Value::Bool(false));
    }
    for (keyword, method) in METHODS {
        let Some(value) = shape.constraint(&plain, keyword) else { continue };
        say(&mut said, keyword, value);
        let value = literal(value);
        line.push_str(&match *method {
            "regex" => format!(".regex(new RegExp({value}))"),
            method => format!(".{method}({value})"),
        });
    }
    if may_be_null {
        line.push_str(".nullable()");
    }
    match (schema.get("default"), plain.get("default")) {
        (_, Some(default)) => {
            say(&mut said, "default", default);
            line.push_str(&format!(".default({})", literal(default)));
        }
        // The comment has it.
        (Some(_), None) => line.push_str(".default(…)"),
        (None, None) if is_required => {}
        (None, None) => line.push_str(".optional()"),
    }
    if let Some(description @ Value::String(_)) = plain.get("description") {
        say(&mut said, "description", description);
        line.push_str(&format!(".describe({})", literal(description)));
    }
    let notes: Vec<String> = ["title", "examples", "deprecated"]
        .into_iter()
        .filter_map(|keyword| Some((keyword, plain.get(keyword)?)))
        .map(|(keyword, value)| {
            say(&mut said, keyword, value);
            format!("{keyword}: {}", literal(value))
        })
        .collect();
    if !notes.is_empty() {
        line.push_str(&format!(".meta({{ {} }})", notes.join(", ")));
    }
    line.push(',');
    line.push_str(&super::without(" //", &lost(schema, before)));
    line.push_str(&super::unsaid(" //", schema, &said));
    line
}

/// Whether the language has an integer: beyond these it has only floats.
fn is_safe(number: &Number) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    number.is_f64() || number.as_i64().is_some_and(|it| it.unsigned_abs() <= LARGEST)
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

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text => "z.string()".to_owned(),
        Shape::Integer => "z.int()".to_owned(),
        Shape::Number => "z.number()".to_owned(),
        Shape::Boolean => "z.boolean()".to_owned(),
        Shape::Null => "z.null()".to_owned(),
        Shape::List(items) => format!("z.array({})", kind(items)),
        Shape::Object => "z.looseObject({ … })".to_owned(),
        Shape::Listed(values) => {
            let are_texts = values.iter().all(Value::is_string);
            let function = if are_texts { "enum" } else { "literal" };
            format!("z.{function}({})", literal(&Value::Array(values.clone())))
        }
        Shape::Either(shapes) => {
            format!("z.union([{}])", shapes.iter().map(kind).collect::<Vec<_>>().join(", "))
        }
        Shape::Any => "z.unknown()".to_owned(),
    }
}

fn literal(value: &Value) -> String {
    Literals { null: "null", booleans: ["false", "true"], number: Number::to_string, key, text }
        .write(value)
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
