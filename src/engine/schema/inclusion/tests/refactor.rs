//! The same schema, spelled differently.

use serde_json::{Map, Value, json};

use super::{
    generator::{Context, holder},
    random::Random,
};
use crate::engine::schema::{Dialect, Walk};

/// The document with lists shuffled, definitions renamed so that they come in another order, and
/// some references replaced by what they lead to.
pub(super) fn respelled(random: &mut Random, context: &Context, body: &Value) -> Value {
    let mut context = context.clone();
    let mut body = body.clone();
    shuffle(random, context.dialect, &mut body);
    let mut definitions = std::mem::take(&mut context.definitions);
    for definition in definitions.values_mut() {
        shuffle(random, context.dialect, definition);
    }
    // Inlined once; what is inside refers on.
    inline(random, context.dialect, &definitions, &mut body);
    let renamed = |name: &str| if name == "T" { "Z".to_owned() } else { format!("A{name}") };
    let holder = holder(context.dialect);
    rename(&mut body, holder, &renamed);
    for (name, mut definition) in definitions {
        rename(&mut definition, holder, &renamed);
        context.definitions.insert(renamed(&name), definition);
    }
    context.document(&body)
}

fn shuffle(random: &mut Random, dialect: Dialect, schema: &mut Value) {
    for pointer in places(schema, dialect) {
        let Some(Value::Object(members)) = schema.pointer_mut(&pointer) else { continue };
        for keyword in ["enum", "required", "type", "allOf", "anyOf", "oneOf"] {
            // A definition or property of that name holds no list.
            if let Some(Value::Array(items)) = members.get_mut(keyword) {
                random.shuffle(items);
            }
        }
        if dialect > Dialect::Draft4
            && random.one_in(2)
            && !members.contains_key("enum")
            && let Some(value) = members.remove("const")
        {
            members.insert("enum".to_owned(), json!([value]));
        }
    }
}

fn places(schema: &Value, dialect: Dialect) -> Vec<String> {
    let walk = Walk::within(schema, dialect);
    // Inner ones first: shuffling a list moves what is in it.
    let mut places: Vec<String> = walk.iter().map(|it| it.pointer().as_str().to_owned()).collect();
    places.reverse();
    places
}

fn inline(
    random: &mut Random,
    dialect: Dialect,
    definitions: &Map<String, Value>,
    schema: &mut Value,
) {
    for pointer in places(schema, dialect) {
        let place = schema.pointer_mut(&pointer).expect("the walk says where schemas are");
        let Some(reference) = place.get("$ref").and_then(Value::as_str) else { continue };
        let name = reference.rsplit('/').next().expect("a split has a part");
        let Some(definition) = definitions.get(name).filter(|_| random.one_in(2)) else { continue };
        let definition = definition.clone();
        let members = place.as_object_mut().expect("it has a member");
        if members.len() == 1 || dialect <= Dialect::Draft7 {
            if pointer.is_empty() && definition.is_boolean() {
                continue;
            }
            *place = definition;
        } else if !members.contains_key("allOf") {
            members.remove("$ref");
            members.insert("allOf".to_owned(), json!([definition]));
        }
    }
}

fn rename(schema: &mut Value, holder: &str, renamed: &impl Fn(&str) -> String) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                let prefix = format!("#/{holder}/");
                let target = value.as_str().and_then(|text| text.strip_prefix(&prefix));
                match target.filter(|_| name == "$ref").map(renamed) {
                    Some(new) => *value = json!(format!("{prefix}{new}")),
                    None => rename(value, holder, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, holder, renamed)),
        _ => {}
    }
}
