//! Which argument of a write is its idempotency key, and what its description tells a model to do.

use serde_json::Value;

use super::word::words;
use crate::engine::surface::Tool;

/// The name of the argument by which a caller can repeat a write without doing it twice.
///
/// Recognised by name (`idempotency_key`, `client_token`, `dedup…`), by name and description
/// (`request_id`, `external_id`: the caller's own for one change, or something else), or by a
/// description that says so.
pub fn idempotency_key(tool: &Tool) -> Option<&str> {
    let description =
        |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_lowercase);
    let by_name = tool.arguments().find(|(name, schema)| {
        is_key_name(name)
            || may_be_key_name(name)
                && description(schema)
                    .is_none_or(|text| speaks_of_repeating(&text) || is_made_for_a_request(&text))
            || may_be_own_name(name)
                && description(schema).is_some_and(|text| promises_once(&text).is_some())
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

/// The caller's own name for what it creates, or for somebody else's.
fn may_be_own_name(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str);
    let is_own = |word: &String| {
        ["client", "external", "mutation", "request", "transaction"].contains(&word.as_str())
    };
    matches!(last, Some("nonce" | "ref" | "reference"))
        || (last == Some("id") && words.iter().any(is_own))
}

/// "A new random id for each request": meant as a key, and wrong as one. A number by which a request
/// is found in a log is none.
fn is_made_for_a_request(description: &str) -> bool {
    matches!(key_advice(description), KeyAdvice::Renew(_))
        && !["correlat", "log", "trac"].iter().any(|sign| description.contains(sign))
}

/// The words by which a description promises that a repeated call does no more than the first.
fn promises_once(description: &str) -> Option<&'static str> {
    let found = PROMISES.iter().copied().find(|phrase| description.contains(phrase))?;
    let is_taken_back = ["not safe", "never safe", "unsafe to"];
    let is_promised = !is_taken_back.iter().any(|phrase| description.contains(phrase));
    (is_promised && !is_denied(description)).then_some(found)
}

const PROMISES: &[&str] = &[
    "deduplicated by it",
    "existing one is returned",
    "no further effect",
    "no second effect",
    "not booked twice",
    "not carried out twice",
    "not charged twice",
    "not created twice",
    "not made twice",
    "not placed twice",
    "not sent twice",
    "original result",
    "repeats are safe",
    "repeats safe",
    "returned instead of a new",
    "returns the existing",
    "returns the first",
    "returns the same",
    "retries are safe",
    "retries safe",
    "safe to repeat",
    "safe to resend",
    "safe to retry",
    "safe to send again",
    "safely repeat",
    "the first result",
];

fn speaks_of_repeating(description: &str) -> bool {
    promises_once(description).is_some()
        || ["retr", "repeat", "duplicat", "idempoten", "unique", "twice"]
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
    // "The same id again returns the same reservation."
    let same = promises_once(description).is_some() && is_said(&["same", "this id", "again"]);
    (outright || roundabout || same) && !is_denied(description)
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
    if found(REUSE).is_some()
        || promises_once(&text).is_some()
        || text.split(['.', ';']).any(is_bound)
    {
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

/// Whether a clause binds the key to what is changed: "unique per order", "chosen once for each
/// order", "a hash of the cart". Then it is the same when the call is repeated.
fn is_bound(clause: &str) -> bool {
    let words = words(clause);
    let is_one = words.iter().any(|word| {
        ["chosen", "derived", "hash", "once", "one", "unique"].contains(&word.as_str())
    });
    let is_a_call = |word: Option<&String>| {
        word.is_none_or(|word| CALLS.iter().any(|call| word.starts_with(call)))
    };
    is_one
        && words.iter().enumerate().any(|(index, word)| {
            let is_for = index > 0 && words[index - 1] == "for";
            (word == "per" || (is_for && ["each", "every"].contains(&word.as_str())))
                && !is_a_call(words.get(index + 1))
                && !words.get(index + 2).is_some_and(|next| is_a_call(Some(next)))
        })
}

/// What is made again when something is repeated.
const CALLS: &[&str] = &[
    "attempt", "call", "execution", "invocation", "request", "retr", "submission", "time", "tool",
    "try", "use",
];

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
            ("request_id", Some("Id you choose; sending it again returns the first result."), true),
            ("request_id", Some("A new random id for each request"), true),
            ("request_id", Some("A new random id for each request, for the log"), false),
            ("visit_id", Some("Your id; the same id again returns the same visit"), true),
            (
                "client_visit_id",
                Some("Yours; a visit with it is returned instead of a new one"),
                true,
            ),
            ("external_id", Some("A second visit with the same id returns the first."), true),
            ("external_id", Some("Id of the visit in another system"), false),
            ("mutation_id", Some("Identifies this change; safe to resend."), true),
            ("mutation_id", Some("Identifies this change; not safe to resend."), false),
            ("transaction_ref", Some("A visit with the same one is not booked twice"), true),
            ("trace_id", Some("Trace id"), false),
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
            "Not safe to repeat: a fresh UUID for each call",
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
            "Token that makes the call safe to repeat.",
            "Makes retries safe.",
            "Unique per visit, e.g. a hash of pet and day.",
            "Random value chosen once per visit; the visit is deduplicated by it.",
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
