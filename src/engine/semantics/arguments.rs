//! Arguments to call a tool with, made from its input schema: right ones, and wrong ones whose
//! error answer tells how the tool treats those who call it wrongly.
//!
//! Takes what the author gives (`const`, `examples`, `default`, `enum`) and makes up the rest. What
//! is optional is left out: the less is asked, the less can go wrong. A validator confirms that the
//! right ones are accepted and the wrong ones refused; what it does not confirm is not handed out.

use serde_json::{Map, Value, json};

use crate::engine::{
    schema::{
        format,
        inclusion::{Conformance, Options, Pair, Senders},
        reference::follow,
        types,
    },
    surface::Tool,
};

/// Values that are made for one tool, and how deep they are nested.
const MAX_VALUES: usize = 200;
const MAX_NESTING: usize = 8;
/// Bytes of what an author gives, and of a string that is made up.
const MAX_GIVEN: usize = 4_000;

/// Arguments for the calls of one tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    /// What the input schema accepts.
    pub valid: Value,
    /// The same without a required argument, and its name; none where nothing is required.
    pub missing: Option<(String, Value)>,
    /// The same with a value of a wrong type, and the argument's name; none where the schema
    /// accepts everything.
    pub wrong_type: Option<(String, Value)>,
}

/// Arguments for a tool.
///
/// # Errors
/// Why there are none, as a lowercase fragment.
pub fn arguments(tool: &Tool) -> Result<Arguments, &'static str> {
    let schema = tool.input_schema().filter(|schema| schema.is_object());
    let schema = schema.ok_or("it has no input schema")?;
    let conformance = Conformance::new(schema).map_err(|unjudged| unjudged.0)?;
    let made = Maker { root: schema, values_left: MAX_VALUES }.object(schema, 0);
    let valid = made
        .filter(|value| conformance.accepts(value))
        .or_else(|| witness(schema).filter(|value| conformance.accepts(value)))
        .ok_or("no arguments were found that its input schema accepts")?;
    let members = valid.as_object().ok_or("its input schema asks for no object")?;
    let refused = |value: &Value| conformance.refuses(value);
    let missing = members.keys().find_map(|name| {
        let mut others = members.clone();
        others.remove(name);
        let others = Value::Object(others);
        refused(&others).then(|| (name.clone(), others))
    });
    // An argument that is sent anyway before one that is not: it is more likely looked at.
    let declared = tool.arguments().map(|(name, _)| name);
    let wrong_type = members.keys().chain(declared).find_map(|name| {
        let wrong = [json!({"unexpected": true}), json!("unexpected")];
        wrong.into_iter().find_map(|wrong| {
            let mut others = members.clone();
            others.insert(name.clone(), wrong);
            let others = Value::Object(others);
            refused(&others).then(|| (name.clone(), others))
        })
    });
    Ok(Arguments { valid, missing, wrong_type })
}

/// The smallest object that a schema accepts, where the search of inclusion finds one: what is not
/// included in nothing.
fn witness(schema: &Value) -> Option<Value> {
    let options = Options { objects_only: true, ..Options::default() };
    any_of(schema, options)
}

fn any_of(schema: &Value, options: Options) -> Option<Value> {
    let nothing = Value::Bool(false);
    let mut inclusion = Pair::new(schema, &nothing, options).first_in_second(Senders::Any);
    (!inclusion.failures.is_empty()).then(|| inclusion.failures.swap_remove(0).witness)
}

struct Maker<'a> {
    root: &'a Value,
    values_left: usize,
}

impl<'a> Maker<'a> {
    fn value(&mut self, schema: &'a Value, nesting: usize) -> Option<Value> {
        self.values_left = self.values_left.checked_sub(1)?;
        if nesting > MAX_NESTING {
            return None;
        }
        let schema = follow(self.root, schema)?;
        if let Some(given) = given(schema) {
            return Some(given.clone());
        }
        let named = types::named(schema);
        let type_name = named.iter().find(|name| **name != "null").or(named.first());
        match type_name.copied() {
            Some("object") => self.object(schema, nesting),
            Some("array") => self.array(schema, nesting),
            Some("string") => string(schema),
            Some("integer") => number(schema, true),
            Some("number") => number(schema, false),
            Some("boolean") => Some(Value::Bool(false)),
            Some("null") => Some(Value::Null),
            Some(_) => None,
            None => match self.branch(schema) {
                Some(branch) => self.value(branch, nesting + 1),
                None if schema.get("properties").is_some() => self.object(schema, nesting),
                None => Some(Value::from("example")),
            },
        }
    }

    /// The first alternative that is not null.
    fn branch(&self, schema: &'a Value) -> Option<&'a Value> {
        let branches = ["anyOf", "oneOf", "allOf"].iter().find_map(|it| schema.get(it)?.as_array());
        let mut branches = branches?.iter();
        branches.find(|branch| types::named(branch) != ["null"])
    }

    /// The required members, and those that they require.
    fn object(&mut self, schema: &'a Value, nesting: usize) -> Option<Value> {
        let schema = follow(self.root, schema)?;
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let mut members = Map::new();
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            let value = match properties.and_then(|properties| properties.get(name)) {
                Some(schema) => self.value(schema, nesting + 1)?,
                None => Value::from("example"),
            };
            members.insert(name.to_owned(), value);
        }
        Some(Value::Object(members))
    }

    fn array(&mut self, schema: &'a Value, nesting: usize) -> Option<Value> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let mut items = Vec::new();
        for _ in 0..least {
            let item = match schema.get("items").filter(|items| items.is_object()) {
                Some(schema) => self.value(schema, nesting + 1)?,
                None => {
                    self.values_left = self.values_left.checked_sub(1)?;
                    Value::from("example")
                }
            };
            items.push(item);
        }
        Some(Value::Array(items))
    }
}

/// A value that the author gives.
fn given(schema: &Value) -> Option<&Value> {
    let first = |keyword: &str| {
        let values = schema.get(keyword).and_then(Value::as_array);
        values.into_iter().flatten().find(|value| !value.is_null())
    };
    let own = schema.get("const").or_else(|| first("examples"));
    let default = schema.get("default").filter(|value| !value.is_null());
    let given = own.or(default).or_else(|| first("enum"));
    given.filter(|value| value.to_string().len() <= MAX_GIVEN)
}

fn string(schema: &Value) -> Option<Value> {
    let bound = |keyword| schema.get(keyword).and_then(Value::as_u64);
    let least = usize::try_from(bound("minLength").unwrap_or(0)).ok()?;
    let most = usize::try_from(bound("maxLength").unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    if schema.get("pattern").is_some() {
        // The string alone: references elsewhere in the schema are none of its business.
        let mut alone = Map::new();
        for keyword in ["type", "pattern", "minLength", "maxLength"] {
            alone.extend(schema.get(keyword).map(|value| (keyword.to_owned(), value.clone())));
        }
        alone.insert("type".to_owned(), Value::from("string"));
        return any_of(&Value::Object(alone), Options::default());
    }
    let sample = schema.get("format").and_then(Value::as_str).and_then(format::sample);
    if let Some(sample) = sample.filter(|sample| (least..=most).contains(&sample.len())) {
        return Some(Value::from(sample));
    }
    if least > MAX_GIVEN {
        return None;
    }
    let length = least.max("example".len()).min(most);
    Some(Value::from("example".chars().cycle().take(length).collect::<String>()))
}

fn number(schema: &Value, is_integer: bool) -> Option<Value> {
    let bound = |keyword| schema.get(keyword).and_then(Value::as_f64);
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let mut candidates = vec![1.0, 0.0];
    candidates.extend(step);
    for bound in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"].map(bound) {
        let Some(bound) = bound else { continue };
        let unit = step.unwrap_or(1.0);
        let on_grid = (bound / unit).ceil() * unit;
        candidates.extend([bound, on_grid, on_grid + unit, on_grid - unit]);
    }
    let is_in = |number: f64| {
        bound("minimum").is_none_or(|it| number >= it)
            && bound("maximum").is_none_or(|it| number <= it)
            && bound("exclusiveMinimum").is_none_or(|it| number > it)
            && bound("exclusiveMaximum").is_none_or(|it| number < it)
            && step.is_none_or(|step| (number / step).fract() == 0.0)
            && (!is_integer || number.fract() == 0.0)
    };
    let found = candidates.into_iter().find(|number| is_in(*number))?;
    // Whole numbers are written as such, in the range in which a float holds them exactly.
    if found.fract() == 0.0 && found.abs() < 9e15 {
        return Some(Value::from(found as i64));
    }
    Some(Value::from(found))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Arguments, arguments};
    use crate::engine::{protocol::json::Limits, surface};

    fn made(schema: Value) -> Result<Arguments, &'static str> {
        let document = json!({"tools": [{"name": "t", "inputSchema": schema}]}).to_string();
        let surface = surface::read(document.as_bytes(), &Limits::default()).unwrap();
        arguments(&surface.tools[0])
    }

    #[test]
    fn what_is_required_is_made_and_what_is_given_is_taken() {
        let schema = json!({"type": "object", "required": ["id", "size", "sort", "tags"],
            "properties": {
                "id": {"type": "string", "pattern": "^b-[0-9]{2}$"},
                "size": {"type": "integer", "minimum": 10, "multipleOf": 4},
                "sort": {"$ref": "#/$defs/sort"},
                "tags": {"type": "array", "minItems": 1, "items": {"type": "string", "examples": ["new"]}},
                "limit": {"type": "integer"}
            },
            "$defs": {"sort": {"enum": ["asc", "desc"]}}});
        let made = made(schema).unwrap();
        let (size, sort, tags) = (&made.valid["size"], &made.valid["sort"], &made.valid["tags"]);
        assert_eq!((size, sort, tags), (&json!(12), &json!("asc"), &json!(["new"])));
        assert!(made.valid["id"].as_str().unwrap().starts_with("b-"));
        assert!(made.valid.get("limit").is_none());
        let (name, without) = made.missing.unwrap();
        assert!(without.get(&name).is_none());
        let (name, wrong) = made.wrong_type.unwrap();
        assert_ne!(wrong[&name], made.valid[&name]);
    }

    #[test]
    fn what_the_simple_way_misses_is_searched_for() {
        let made = made(json!({"type": "object", "properties": {
            "from": {"type": "integer"}, "to": {"type": "integer"}
        }, "minProperties": 1, "additionalProperties": false}));
        assert_eq!(made.unwrap().valid.as_object().unwrap().len(), 1);
    }

    #[test]
    fn a_tool_without_arguments_has_nothing_to_get_wrong() {
        let made = made(json!({"type": "object"})).unwrap();
        assert_eq!(made, Arguments { valid: json!({}), missing: None, wrong_type: None });
    }

    #[test]
    fn hostile_schemas_give_a_reason_and_no_arguments() {
        for schema in [
            json!({"type": "object", "required": ["a"], "properties": {"a": false}}),
            json!({"$ref": "https://example.com/x"}),
            json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/properties/a"}}}),
            json!({"type": "object", "required": ["a"],
                "properties": {"a": {"type": "array", "minItems": 1e9, "items": {"type": "string"}}}}),
            json!([]),
        ] {
            let made = made(schema.clone());
            assert!(made.is_err() || schema["required"] == json!(["a"]), "{schema} {made:?}");
        }
    }
}
