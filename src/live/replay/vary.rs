//! The same arguments but for one value.

use serde_json::{Value, json};

use super::binding::each_scalar;
use crate::engine::schema::inclusion::Conformance;

/// Arguments that differ in one value and are accepted as well; none where there are none to be found.
/// `number` tells several variants apart; values at pointers that have to stay are left alone.
pub(super) fn varied(
    schema: &Value,
    arguments: &Value,
    number: u64,
    stays: &dyn Fn(&str) -> bool,
) -> Option<Value> {
    let conformance = Conformance::new(schema).ok();
    let is_taken = |value: &Value| conformance.as_ref().is_none_or(|it| it.accepts(value));
    let mut places: Vec<(u8, String, Vec<Value>)> = Vec::new();
    each_scalar(arguments, &mut String::new(), &mut |pointer, value| {
        if stays(pointer) {
            return;
        }
        let (rank, others) = match value {
            // Prose before names, names before anything that looks like an id.
            Value::String(text) => {
                let rank = if text.contains(' ') { 0 } else { 2 };
                (rank, vec![json!(format!("{text} {number}")), json!(format!("{text}{number}"))])
            }
            Value::Number(given) => {
                let given = given.as_i64().unwrap_or_default();
                let number = i64::try_from(number % 1_000).unwrap_or(1);
                let up = given.saturating_add(number);
                (1, vec![json!(up), json!(given.saturating_sub(number)), json!(given ^ 1)])
            }
            Value::Bool(given) => (3, vec![json!(!given)]),
            _ => return,
        };
        places.push((rank, pointer.to_owned(), others));
    });
    places.sort_by_key(|(rank, ..)| *rank);
    let tried = places.into_iter().flat_map(|(_, pointer, others)| {
        others.into_iter().map(move |other| (pointer.clone(), other))
    });
    let mut variants = tried.filter_map(|(pointer, other)| {
        let mut variant = arguments.clone();
        *variant.pointer_mut(&pointer)? = other;
        (variant != *arguments).then_some(variant)
    });
    variants.find(is_taken)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::varied;

    #[test]
    fn another_call_is_one_that_the_tool_takes_too() {
        let schema = json!({"type": "object", "properties": {
            "id": {"type": "string"}, "note": {"type": "string"}, "kind": {"enum": ["a", "b"]},
            "cents": {"type": "integer", "minimum": 1, "maximum": 10}}});
        let arguments = json!({"id": "c-1", "note": "a word", "kind": "a", "cents": 10});
        let none = |_: &str| false;
        let other = varied(&schema, &arguments, 3, &none).unwrap();
        assert_eq!(other["note"], "a word 3");
        let other = varied(&schema, &arguments, 3, &|it| it == "/note").unwrap();
        assert_eq!((&other["cents"], &other["note"]), (&json!(7), &json!("a word")));
        let only = json!({"kind": "a"});
        assert_eq!(varied(&schema, &only, 3, &none), None);
    }
}
