//! The schemas of a tool's types, as they are listed.

use schemars::{
    JsonSchema, Schema,
    generate::SchemaSettings,
    transform::{Transform, transform_subschemas},
};
use serde_json::{Map, Value};

/// The schema of a type, without what only its generator needs: no `$schema` (2020-12 is what MCP
/// takes for granted), no titles that repeat a Rust name, no formats of Rust numbers, and with every
/// subschema where it is used, because not every client follows references.
pub(super) fn of<T: JsonSchema>(settings: SchemaSettings) -> Map<String, Value> {
    let mut generator = settings
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .with_transform(Plain)
        .into_generator();
    let schema = generator.root_schema_for::<T>();
    match Value::from(schema) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The schema of what callers send, in few words, because a model reads it with every request: what is
/// optional may be left out and is not null besides (null is taken all the same, see
/// [`super::arguments::without_nulls`]), and a choice of names is an `enum`.
pub(super) fn of_input<T: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema = of::<T>(settings.with_transform(Short));
    // The tool says what it is about.
    schema.remove("description");
    schema
}

/// The schema of what callers get.
pub(super) fn of_output<T: JsonSchema>() -> Map<String, Value> {
    of::<T>(SchemaSettings::draft2020_12().for_serialize())
}

#[derive(Debug, Clone)]
struct Short;

impl Transform for Short {
    fn transform(&mut self, schema: &mut Schema) {
        let null = Value::from("null");
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| *name != null);
            if let [one] = types.as_slice() {
                let one = one.clone();
                schema.insert("type".to_owned(), one);
            }
        }
        if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
            branches.retain(|branch| branch.get("type") != Some(&null));
            if let [Value::Object(one)] = branches.as_slice() {
                let one = one.clone();
                schema.remove("anyOf");
                for (name, value) in one {
                    // What a field says of itself is more particular than what its type says.
                    if schema.get(&name).is_none() {
                        schema.insert(name, value);
                    }
                }
            }
        }
        let names = schema.get("oneOf").and_then(Value::as_array).and_then(|branches| {
            let names = branches.iter().map(|branch| branch.get("const").cloned());
            names.collect::<Option<Vec<Value>>>()
        });
        if let Some(names) = names.filter(|names| names.iter().all(Value::is_string)) {
            schema.remove("oneOf");
            schema.insert("type".to_owned(), "string".into());
            schema.insert("enum".to_owned(), names.into());
        }
        transform_subschemas(self, schema);
    }
}

#[derive(Debug, Clone)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        schema.remove("title");
        let is_rust_number = schema
            .get("format")
            .and_then(Value::as_str)
            .is_some_and(|format| format.starts_with("int") || format.starts_with("uint"));
        if is_rust_number {
            schema.remove("format");
        }
        transform_subschemas(self, schema);
    }
}
