//! What is different between two values: by shape, by value, or exactly.

use std::fmt;

use serde_json::Value;

/// One place where two values differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where, as a JSON Pointer.
    pub pointer: String,
    /// What stands there in the first; none where nothing does.
    pub before: Option<Value>,
    /// What stands there in the second; none where nothing does.
    pub after: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            Some(value) => {
                let text = value.to_string();
                match text.char_indices().nth(60) {
                    Some((end, _)) => format!("{}…", &text[..end]),
                    None => text,
                }
            }
        };
        let pointer = if self.pointer.is_empty() { "the whole" } else { &self.pointer };
        write!(formatter, "{pointer} is {} instead of {}", shown(&self.after), shown(&self.before))
    }
}

/// Every place where two values differ, in the order of their members.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(Some(before), Some(after), &mut String::new(), &mut found);
    found
}

fn walk(
    before: Option<&Value>,
    after: Option<&Value>,
    pointer: &mut String,
    found: &mut Vec<Difference>,
) {
    let length = pointer.len();
    let mut step = |token: &str, before: Option<&Value>, after: Option<&Value>| {
        pointer.push('/');
        pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        walk(before, after, pointer, found);
        pointer.truncate(length);
    };
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for (name, member) in before {
                step(name, Some(member), after.get(name));
            }
            for (name, member) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
                step(name, None, Some(member));
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                step(&index.to_string(), before.get(index), after.get(index));
            }
        }
        (before, after) if before == after => {}
        (before, after) => {
            let (before, after) = (before.cloned(), after.cloned());
            found.push(Difference { pointer: pointer.clone(), before, after });
        }
    }
}

/// Whether a difference is one that every two answers have: a time, or the name of the request.
pub fn is_noise(pointer: &str, before: &Value, after: &Value) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_name_of_request =
        ["correlation_id", "correlationid", "request_id", "requestid", "trace_id", "traceparent"]
            .contains(&name.as_str());
    let at = |value: &Value| value.pointer(pointer).and_then(Value::as_str).map(is_time);
    let are_times = at(before) == Some(true) && at(after) == Some(true);
    let is_now =
        ["now", "served_at", "generated_at", "timestamp", "as_of"].contains(&name.as_str());
    is_name_of_request || (is_now && (are_times || pointer_is_number(before, after, pointer)))
}

fn pointer_is_number(before: &Value, after: &Value, pointer: &str) -> bool {
    [before, after].iter().all(|value| value.pointer(pointer).is_some_and(Value::is_number))
}

/// Whether a text is a time after RFC 3339, by its form.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 19
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b't' | b' ')
        && bytes[13] == b':'
        && bytes[..4].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{differences, is_noise};

    #[test]
    fn differences_are_found_and_named() {
        let before = json!({"a": 1, "list": [1, {"b": "x"}], "gone": true, "same": null});
        let after = json!({"a": 2, "list": [1, {"b": "y"}, 3], "new~/": 0, "same": null});
        let mut found: Vec<String> =
            differences(&before, &after).iter().map(ToString::to_string).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                "/a is 2 instead of 1",
                "/gone is nothing instead of true",
                "/list/1/b is \"y\" instead of \"x\"",
                "/list/2 is 3 instead of nothing",
                "/new~0~1 is 0 instead of nothing",
            ]
        );
        assert_eq!(differences(&before, &before), []);
    }

    #[test]
    fn what_every_two_answers_have_is_noise() {
        let before = json!({"now": "2026-11-23T21:00:00Z", "made_at": "2026-11-23T21:00:00Z",
            "correlation_id": "a"});
        let after = json!({"now": "2026-11-23T21:00:01Z", "made_at": "2026-11-23T21:00:01Z",
            "correlation_id": "b"});
        assert!(is_noise("/now", &before, &after));
        assert!(is_noise("/correlation_id", &before, &after));
        assert!(!is_noise("/made_at", &before, &after), "when it was made stays the same");
    }
}
