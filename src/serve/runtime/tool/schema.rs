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

/// The schema of what callers send.
pub(super) fn of_input<T: JsonSchema>() -> Map<String, Value> {
    of::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of what callers get.
pub(super) fn of_output<T: JsonSchema>() -> Map<String, Value> {
    of::<T>(SchemaSettings::draft2020_12().for_serialize())
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
