//! The seven types of JSON Schema: which of them a value is, and which a schema admits.

use serde_json::Value;

/// The narrowest type a value has: `integer` for a number without a fraction.
pub fn of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => {
            "integer"
        }
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a value is of a type. `1.0` is an integer (draft 6 and later; nobody's client still
/// tells the two apart).
pub fn is(value: &Value, name: &str) -> bool {
    let narrowest = of(value);
    narrowest == name || (narrowest == "integer" && name == "number")
}

/// Whether two values are equal as JSON Schema has it: `1` and `1.0` are.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        // Two whole numbers are compared by their digits: not every large one is a float.
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => {
            one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}

/// The types that a schema's own `type` names; nothing where it has none.
pub fn named(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The types that a schema names itself or in the branches of its `anyOf` or `oneOf`: how
/// generators write an optional value. Nothing where one branch leaves its type open.
pub fn named_in_branches(schema: &Value) -> Vec<&str> {
    let own = named(schema);
    if !own.is_empty() {
        return own;
    }
    let branches = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
    let mut types = Vec::new();
    for branch in branches.into_iter().flatten() {
        let of_branch = named(branch);
        if of_branch.is_empty() {
            return Vec::new();
        }
        types.extend(of_branch);
    }
    types
}
