//! Which argument of a write is its idempotency key, and what its description tells a model to do.

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
    let is_text = |schema: &Value| schema.get("type").is_none_or(|name| name == "string");
    let by_description = || {
        tool.arguments().find(|(_, schema)| {
            is_text(schema) && description(schema).is_some_and(|text| says_so(&text))
        })
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
    let is_said = |phrases: &[&str]| phrases.iter().any(|phrase| description.contains(phrase));
    let outright = is_said(&["idempoten", "deduplicat", "safely retr", "retry safely"]);
    // "Send the same reference again on a retry; the order is placed once."
    let roundabout = is_said(&["retry", "retries", "repeat", "resend", "again"])
        && is_said(&["the same", "reuse", "re-use"])
        && is_said(&[
            "twice", "duplicate", "second time", "only once", "placed once", "done once",
            "charged once", "applied once", "executed once", "carried out once",
        ]);
    (outright || roundabout) && !is_denied(description)
}

/// What the description of an idempotency key tells a model to do when it repeats a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAdvice {
    /// To send the same key.
    Reuse,
    /// To make another one, in these words: the key protects nobody.
    Renew(String),
    /// Nothing.
    Silent,
}

/// Reads the description of an idempotency key.
pub fn key_advice(description: &str) -> KeyAdvice {
    let text = description.to_lowercase().replace('\u{2019}', "'");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = |phrases: &'static [&'static str]| {
        phrases.iter().copied().find(|phrase| text.contains(phrase))
    };
    let demanded = |phrases: &'static [&'static str]| {
        text.split(['.', ';']).find_map(|clause| {
            let phrase = phrases.iter().copied().find(|phrase| clause.contains(phrase))?;
            is_about_new(clause).then_some(phrase)
        })
    };
    if let Some(phrase) = forbidden_reuse(&text).or_else(|| demanded(PER_ATTEMPT)) {
        return KeyAdvice::Renew(phrase.to_owned());
    }
    if found(REUSE).is_some() {
        return KeyAdvice::Reuse;
    }
    let renewed = demanded(PER_CALL).or_else(|| found(MADE_ON_THE_SPOT));
    renewed.map_or(KeyAdvice::Silent, |phrase| KeyAdvice::Renew(phrase.to_owned()))
}

/// Whether a clause asks for a key that has not been there before.
fn is_about_new(clause: &str) -> bool {
    let words = words(clause);
    words.iter().any(|word| NEW.contains(&word.as_str()))
        && !words
            .iter()
            .any(|word| ["identical", "once", "repeat", "reuse", "same"].contains(&word.as_str()))
}

/// "Never reuse", unless it goes on with "for another change", which is right.
fn forbidden_reuse(text: &str) -> Option<&'static str> {
    const FORBIDDEN: &[&str] = &[
        "never reuse", "do not reuse", "don't reuse", "must not reuse", "not be reused",
        "never be reused", "cannot be reused", "can't be reused", "do not repeat the key",
        "never use the same", "do not use the same", "don't use the same", "never send the same",
        "do not send the same", "don't send the same",
    ];
    FORBIDDEN.iter().copied().find(|phrase| {
        let Some((_, rest)) = text.split_once(phrase) else { return false };
        let clause = rest.split(['.', ';', '\n']).next().unwrap_or_default();
        !["another", "different", "other", "unrelated", "two "]
            .iter()
            .any(|word| clause.contains(word))
    })
}

/// An attempt is one of several at the same thing, so a key for each is always wrong.
const PER_ATTEMPT: &[&str] = &[
    "each attempt", "every attempt", "per attempt", "each retry", "every retry", "per retry",
    "each try", "every try", "for a retry", "on retry", "on a retry", "on retries",
    "when you retry", "when retrying", "if you retry", "before retrying",
];

const REUSE: &[&str] = &[
    "the same key", "same key", "same value", "same id", "same token", "the same one", "reuse",
    "re-use", "repeat it", "repeat on", "repeated on", "generate once", "generated once",
    "keep it", "again with it", "send it again", "identical key", "unchanged", "resend",
    "on retry", "on retries", "when you retry", "when retrying", "when you repeat", "if you retry",
    "if you repeat", "retries of the same", "retry of the same", "across retries",
    "between retries", "for retries", "a retry", "safely retry", "retry safely", "safe retries",
    "repeating the request", "the original result", "the first result", "previous result",
];

/// Words for a key that has not been there before.
const NEW: &[&str] = &[
    "another", "different", "distinct", "fresh", "generate", "new", "own", "random", "unique",
    "uuid",
];

/// A call or a request is repeated by another call or request; an order or a change is not.
const PER_CALL: &[&str] = &[
    "each call", "every call", "per call", "each request", "every request", "per request",
    "each time", "every time", "each invocation", "every invocation", "per invocation", "each use",
    "every use", "each tool call", "every tool call", "per tool call", "each execution",
    "every execution", "per execution", "any two calls", "any two requests", "between calls",
    "across calls", "across requests", "between requests",
];

const MADE_ON_THE_SPOT: &[&str] = &[
    "random uuid", "random string", "random value", "random key", "fresh uuid", "newly generated",
    "generate a new", "generate a random", "generate a fresh", "create a new uuid", "current time",
    "timestamp of the call", "uuid4()", "randomuuid",
];

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

    use super::{KeyAdvice, idempotency_key, key_advice};
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
            ("reference", Some("send the same one again on a retry; it is placed once"), true),
            ("note", Some("send the same note again to see it once more"), false),
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

    #[test]
    fn advice_to_make_another_key_is_told_from_advice_to_keep_it() {
        for text in [
            "Generate a new UUID for each call.",
            "Must be unique for every request.",
            "A unique key per request, to prevent duplicate orders",
            "Random UUID.",
            "Use a fresh UUID every time you call this tool",
            "Idempotency key; never reuse a key.",
            "Keys cannot be reused.",
            "Unique per invocation (uuid4)",
            "On failure try again with a new key for every retry.",
            "Use a different value each time, for example the current time",
            "Send a new key with each attempt; the same key is rejected.",
            "UUID generated by the model for every tool call",
        ] {
            assert!(matches!(key_advice(text), KeyAdvice::Renew(_)), "{text}");
        }
        for text in [
            "reuse the same key when you repeat this request; a new key only for a different change",
            "A unique value for each request; send the same value on a retry.",
            "Unique per request. When retrying, the same key returns the first result.",
            "Never reuse it for a different change; repeat it when you retry.",
            "Makes safe retries possible: a new key for each new order, the same key for a repeat.",
            "Lets you safely retry: a unique key for every order",
        ] {
            assert_eq!(key_advice(text), KeyAdvice::Reuse, "{text}");
        }
        for text in
            ["", "Idempotency key", "Unique identifier", "Made by the client, 16 characters"]
        {
            assert_eq!(key_advice(text), KeyAdvice::Silent, "{text}");
        }
    }
}
