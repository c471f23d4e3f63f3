//! The type that a schema stands for in a language that has only some of them, and how much of the
//! schema it says.

use serde_json::{Map, Value, json};

/// What most languages have types for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    Null,
    List(Box<Shape>),
    Object,
    /// One of these values.
    Listed(Vec<Value>),
    /// One of these types, two at least.
    Either(Vec<Shape>),
    /// Anything.
    Any,
}

/// Most types among which there is a choice.
const MAX_TYPES: usize = 8;

impl Shape {
    /// The shape of a schema, and a schema that it is all of. `lists` says which values the language
    /// can list as a type.
    pub(super) fn of(schema: &Value, lists: fn(&Value) -> bool) -> (Self, Value) {
        let Some(members) = schema.as_object() else {
            let said = if *schema == json!(true) { schema.clone() } else { json!({}) };
            return (Self::Any, said);
        };
        if let Some(listed) = listed(members, lists) {
            return listed;
        }
        let either = |shapes: Vec<Self>| match <[Self; 1]>::try_from(shapes) {
            Ok([only]) => only,
            Err(shapes) => Self::Either(shapes),
        };
        match (members.get("type"), members.get("anyOf")) {
            (Some(Value::String(name)), _) => Self::named(name, members, lists),
            (Some(Value::Array(names)), _) if (1..=MAX_TYPES).contains(&names.len()) => {
                let named = |name: &Value| Self::named(name.as_str()?, members, lists).into();
                let named: Option<Vec<(Self, Value)>> = names.iter().map(named).collect();
                let Some(named) = named else { return (Self::Any, json!({})) };
                let mut said = Map::new();
                let mut shapes = Vec::new();
                for (shape, value) in named {
                    said.extend(value.as_object().cloned().unwrap_or_default());
                    shapes.push(shape);
                }
                if shapes.contains(&Self::Any) {
                    return (Self::Any, json!({}));
                }
                said.insert("type".to_owned(), Value::Array(names.clone()));
                (either(shapes), Value::Object(said))
            }
            (None, Some(Value::Array(schemas))) if (1..=MAX_TYPES).contains(&schemas.len()) => {
                let (shapes, said): (Vec<Self>, Vec<Value>) =
                    schemas.iter().map(|it| Self::of(it, lists)).unzip();
                (either(shapes), json!({"anyOf": said}))
            }
            _ => (Self::Any, json!({})),
        }
    }

    fn named(name: &str, members: &Map<String, Value>, lists: fn(&Value) -> bool) -> (Self, Value) {
        let shape = match name {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "null" => Self::Null,
            "object" => Self::Object,
            "array" => {
                let Some(items) = members.get("items") else {
                    return (Self::List(Box::new(Self::Any)), json!({"type": name}));
                };
                let (items, said) = Self::of(items, lists);
                return (Self::List(Box::new(items)), json!({"type": name, "items": said}));
            }
            _ => return (Self::Any, json!({})),
        };
        (shape, json!({"type": name}))
    }

    /// The shape without null, and whether null may stand in its place.
    pub(super) fn without_null(&self) -> (Self, bool) {
        let Self::Either(shapes) = self else { return (self.clone(), false) };
        let others: Vec<Self> = shapes.iter().filter(|it| **it != Self::Null).cloned().collect();
        match (<[Self; 1]>::try_from(others), shapes.contains(&Self::Null)) {
            (Ok([only]), true) => (only, true),
            (Ok(_), false) => (self.clone(), false),
            (Err(others), may_be_null) if others.is_empty() => (self.clone(), may_be_null),
            (Err(others), may_be_null) => (Self::Either(others), may_be_null),
        }
    }

    /// Whether null is one of the values.
    pub(super) fn takes_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Listed(values) => values.contains(&Value::Null),
            Self::Either(shapes) => shapes.iter().any(Self::takes_null),
            _ => false,
        }
    }

    /// The keywords that say more about values of this shape, each with the type of its own value.
    pub(super) fn constraints(&self) -> &'static [&'static str] {
        match self.without_null().0 {
            Self::Text => &["minLength", "maxLength", "pattern"],
            Self::Integer | Self::Number => {
                &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
            }
            Self::List(_) => &["minItems", "maxItems"],
            _ => &[],
        }
    }

    /// What the schema says with a keyword that every SDK has a word for here.
    pub(super) fn constraint<'a>(&self, schema: &'a Value, keyword: &str) -> Option<&'a Value> {
        let value = schema.get(keyword).filter(|_| self.constraints().contains(&keyword))?;
        let is_fit = if keyword == "pattern" { value.is_string() } else { value.is_number() };
        is_fit.then_some(value)
    }
}

/// Adds a keyword to what a line says.
pub(super) fn say(said: &mut Value, keyword: &str, value: &Value) {
    if !said.is_object() {
        *said = json!({});
    }
    said[keyword] = value.clone();
}

/// The values of `enum` or `const`, where the language can list them.
fn listed(members: &Map<String, Value>, lists: fn(&Value) -> bool) -> Option<(Shape, Value)> {
    let (keyword, values) = match (members.get("enum"), members.get("const")) {
        (Some(values), _) => ("enum", values.as_array()?.clone()),
        (None, value) => ("const", vec![value?.clone()]),
    };
    if values.is_empty() || !values.iter().all(lists) {
        return None;
    }
    let mut said = json!({keyword: members[keyword]});
    let names = match members.get("type") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        name => name.and_then(Value::as_str).into_iter().collect::<Vec<_>>(),
    };
    if values.iter().all(|value| names.iter().any(|name| has_type(value, name))) {
        said["type"] = members["type"].clone();
    }
    Some((Shape::Listed(values), said))
}

fn has_type(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => name == "number" || name == "integer" && !number.is_f64(),
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}
