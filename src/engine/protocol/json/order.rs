//! One order of members in every build.

use serde_json::Value;

/// The value with the members of every object in the order of their keys. `serde_json` has that order
/// by itself, unless its feature `preserve_order` is on, which a dependency of the serving side
/// switches on for all: then it is the order in which they were put in.
pub fn ordered(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(ordered).collect()),
        Value::Object(members) => {
            let member = |(key, value)| (key, ordered(value));
            let mut members: Vec<(String, Value)> = members.into_iter().map(member).collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(members.into_iter().collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ordered;

    #[test]
    fn members_come_by_key_at_every_depth() {
        let value = json!({"b": [{"d": 1, "c": {"f": 1, "e": 2}}], "a": null});
        assert_eq!(ordered(value).to_string(), r#"{"a":null,"b":[{"c":{"e":2,"f":1},"d":1}]}"#);
    }
}
