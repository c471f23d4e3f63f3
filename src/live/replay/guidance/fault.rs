//! Calls that are wrong in one way each, made from a right one.

use serde_json::{Value, json};

use crate::engine::{schema::inclusion::Conformance, surface::Tool};
/// A call that is wrong in one way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    /// In which, in a few words.
    pub(super) what: String,
    /// The arguments.
    pub(super) arguments: Value,
    /// What is wrong: two faults of one place may read the same.
    pub(super) place: Place,
    /// Whether the argument is well-formed, and names something that there is not.
    pub(super) is_well_formed: bool,
    /// What an answer can name it by: the argument, the value.
    pub(super) injected: Vec<String>,
}

/// What is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// This argument.
    Argument(String),
    /// What the server stands on, in a way that has its own answer.
    Upstream(&'static str),
}

/// Most faults of one kind.
const MOST: usize = 3;

/// Faults of a tool, made from arguments that it takes: those that its input schema refuses, and names of
/// things that do not exist. The argument for the key has questions of its own.
pub(super) fn faults(tool: &Tool, right: &Value, key: Option<&str>) -> Vec<Fault> {
    let Some(schema) = tool.input_schema() else { return Vec::new() };
    let Ok(conformance) = Conformance::new(schema) else { return Vec::new() };
    let members = right.as_object().cloned().unwrap_or_default();
    let property = |name: &str| schema.get("properties").and_then(|all| all.get(name));
    let mut found = Vec::new();
    let mut add = |kind: &mut usize, what: String, name: &str, value: Option<Value>| {
        let mut arguments = members.clone();
        let mut injected = vec![name.to_owned()];
        match value {
            Some(value) => {
                injected.extend(value.as_str().map(str::to_owned));
                injected.extend(value.as_number().map(ToString::to_string));
                arguments.insert(name.to_owned(), value);
            }
            None => drop(arguments.remove(name)),
        }
        let arguments = Value::Object(arguments);
        if *kind < MOST && conformance.refuses(&arguments) {
            *kind += 1;
            let (place, is_well_formed) = (Place::Argument(name.to_owned()), false);
            found.push(Fault { what, arguments, place, is_well_formed, injected });
        }
    };
    let (mut missing, mut wrong, mut range, mut choice, mut unknown) = (0, 0, 0, 0, 0);
    for name in members.keys().filter(|name| Some(name.as_str()) != key) {
        add(&mut missing, format!("without `{name}`"), name, None);
        let other = match property(name).and_then(|it| it.get("type")?.as_str()) {
            Some("string") => json!(917_401),
            _ => json!("replay-917401"),
        };
        add(&mut wrong, format!("`{name}` of a wrong type"), name, Some(other));
        let Some(property) = property(name) else { continue };
        let number = |key: &str| property.get(key).and_then(Value::as_i64);
        let beyond = number("maximum").map(|it| it.saturating_add(1));
        let below = number("minimum").map(|it| it.saturating_sub(1));
        if let Some(other) = beyond.or(below) {
            let what = format!("`{name}` out of its range");
            add(&mut range, what, name, Some(json!(other)));
        }
        if let Some(longest) = property.get("maxLength").and_then(Value::as_u64)
            && longest < 10_000
        {
            let long = "x".repeat(usize::try_from(longest).unwrap_or_default() + 1);
            add(&mut range, format!("`{name}` too long"), name, Some(json!(long)));
        }
        if property.get("enum").is_some() {
            let what = format!("`{name}` none of its choices");
            add(&mut choice, what, name, Some(json!("replay-917402")));
        }
    }
    let what = "an argument that there is not".to_owned();
    add(&mut unknown, what, "replay_unknown", Some(json!("917403")));
    found.extend(absent(&members, &conformance));
    found
}

/// Well-formed names of things that do not exist.
fn absent(members: &serde_json::Map<String, Value>, conformance: &Conformance<'_>) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    for (name, value) in members {
        let is_name = name == "id" || name.ends_with("_id") || name.ends_with("Id");
        let Some(text) = value.as_str().filter(|_| is_name && found.len() < MOST) else { continue };
        let other = other_name(text);
        let mut arguments = members.clone();
        arguments.insert(name.clone(), json!(other));
        let arguments = Value::Object(arguments);
        if other != *text && conformance.accepts(&arguments) {
            let what = format!("`{name}` of nothing");
            let injected = vec![name.clone(), other];
            let (place, is_well_formed) = (Place::Argument(name.clone()), true);
            found.push(Fault { what, arguments, place, is_well_formed, injected });
        }
    }
    found
}

/// A name of the same form: other digits, and other letters where they are of a hexadecimal number.
fn other_name(text: &str) -> String {
    let is_hexadecimal = text.chars().all(|it| it.is_ascii_hexdigit() || it == '-');
    let other = |character: char| match character {
        '0'..='8' => char::from(character as u8 + 1),
        '9' => '0',
        'a'..='e' if is_hexadecimal => char::from(character as u8 + 1),
        'f' if is_hexadecimal => 'a',
        other => other,
    };
    text.chars().map(other).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::faults;
    use crate::engine::{protocol::json::Limits, surface};

    #[test]
    fn faults_are_calls_that_the_schema_refuses_or_about_nothing() {
        let text = json!({"tools": [{"name": "move", "inputSchema": {
            "type": "object", "additionalProperties": false, "required": ["item_id", "to"],
            "properties": {"item_id": {"type": "string"}, "to": {"enum": ["left", "right"]},
                "steps": {"type": "integer", "maximum": 9}, "note": {"type": "string", "maxLength": 3}}}}]});
        let surface = surface::read(text.to_string().as_bytes(), &Limits::default()).unwrap();
        let right = json!({"item_id": "i-19", "to": "left", "steps": 2, "note": "ab"});
        let found = faults(surface.tool("move").unwrap(), &right, None);
        let mut words: Vec<&str> = found.iter().map(|fault| fault.what.as_str()).collect();
        words.sort_unstable();
        for expected in [
            "`item_id` of a wrong type",
            "`item_id` of nothing",
            "`note` too long",
            "`steps` out of its range",
            "`to` none of its choices",
            "an argument that there is not",
            "without `item_id`",
            "without `to`",
        ] {
            assert!(words.contains(&expected), "{expected}: {words:?}");
        }
        assert_eq!(words.len(), 10, "at most three of a kind: {words:?}");
        let nothing = found.last().unwrap();
        assert_eq!(nothing.arguments["item_id"], "i-20");
        assert_eq!(nothing.injected, ["item_id", "i-20"]);
    }
}
