//! Which argument of a write is its idempotency key.

use serde_json::Value;

use super::word::words;
use crate::engine::surface::Tool;

/// The name of the argument by which a caller can repeat a write without doing it twice.
///
/// Recognised by name (`idempotency_key`, `client_token`, `dedup…`; `request_id` unless its
/// description says it is something else) or by a description that says so.
pub fn idempotency_key(tool: &Tool) -> Option<&str> {
    let description =
        |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_lowercase);
    let by_name = tool.arguments().find(|(name, schema)| {
        is_key_name(name)
            || (may_be_key_name(name)
                && description(schema).is_none_or(|text| speaks_of_repeating(&text)))
    });
    let by_description = || {
        tool.arguments().find(|(_, schema)| description(schema).is_some_and(|text| says_so(&text)))
    };
    by_name.or_else(by_description).map(|(name, _)| name.as_str())
}

fn is_key_name(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["client", "token" | "key"]
            | ["client", "request" | "mutation" | "operation", "id" | "token"]
            | ["transaction", "key"]
    ) || words.iter().any(|word| word.starts_with("idempot") || word.starts_with("dedup"))
}

/// A `request_id` may be the caller's own, or the number of a support request.
fn may_be_key_name(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["request" | "operation", "id" | "key" | "token"])
}

fn speaks_of_repeating(description: &str) -> bool {
    ["retr", "repeat", "duplicat", "idempoten", "unique", "twice"]
        .iter()
        .any(|sign| description.contains(sign))
        && !is_denied(description)
}

fn says_so(description: &str) -> bool {
    ["idempoten", "deduplicat", "safely retr", "retry safely"]
        .iter()
        .any(|phrase| description.contains(phrase))
        && !is_denied(description)
}

/// "not idempotent", "is never deduplicated"
fn is_denied(description: &str) -> bool {
    let words = words(description);
    words.iter().enumerate().any(|(index, word)| {
        let before = &words[index.saturating_sub(2)..index];
        (word.starts_with("idempoten") || word.starts_with("deduplicat"))
            && before
                .iter()
                .any(|word| ["isn", "never", "no", "non", "not"].contains(&word.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::idempotency_key;
    use crate::engine::{protocol::json::Limits, surface};

    #[test]
    fn a_key_is_told_from_the_number_of_a_request() {
        for (argument, description, is_key) in [
            ("request_id", None, true),
            ("request_id", Some("unique for each call; reuse it for a retry"), true),
            ("request_id", Some("number of the support request"), false),
            ("operation_id", Some("the call is not idempotent"), false),
            ("note", Some("kept as it is; the call is not idempotent"), false),
            ("reference", Some("calls with the same one are deduplicated"), true),
            ("idempotencyKey", Some("any text"), true),
        ] {
            let schema = json!({"type": "string", "description": description});
            let schema = if description.is_some() { schema } else { json!({"type": "string"}) };
            let tools = json!({"tools": [{
                "name": "send_mail", "inputSchema": {"properties": {argument: schema}},
            }]});
            let text = tools.to_string();
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            let found = idempotency_key(&surface.tools[0]).is_some();
            assert_eq!(found, is_key, "{argument}: {description:?}");
        }
    }
}
