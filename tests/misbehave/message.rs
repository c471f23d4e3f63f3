//! JSON-RPC messages: reading just enough of the client's, and writing ours, right or wrong.

use std::collections::HashMap;

use serde_json::Value;

/// What the client sent.
pub(crate) enum Message {
    Request(Ask),
    Notification { method: String },
    Answer(Reaction),
    Unreadable,
}

/// A request of the client.
pub(crate) struct Ask {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Value,
    /// Counts the requests for this method, from 1. Zero until [`Tally::count`] has seen it.
    pub(crate) nth: u32,
}

/// The client's answer to a request of ours.
pub(crate) struct Reaction {
    pub(crate) id: Value,
    /// Whether it is a result and not an error.
    pub(crate) agrees: bool,
}

impl Message {
    pub(crate) fn read(bytes: &[u8]) -> Message {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(bytes) else {
            return Message::Unreadable;
        };
        match (members.remove("method"), members.remove("id")) {
            (Some(Value::String(method)), Some(id)) => {
                let params = members.remove("params").unwrap_or(Value::Null);
                Message::Request(Ask { id, method, params, nth: 0 })
            }
            (Some(Value::String(method)), None) => Message::Notification { method },
            (None, Some(id)) => {
                Message::Answer(Reaction { id, agrees: members.contains_key("result") })
            }
            _ => Message::Unreadable,
        }
    }
}

impl Ask {
    /// The cursor of a list request, if it has one of whatever type.
    pub(crate) fn cursor(&self) -> Option<&Value> {
        self.params.get("cursor")
    }

    /// The protocol version in `_meta`, which marks a request of the modern era.
    pub(crate) fn meta_version(&self) -> Option<&str> {
        self.params.pointer("/_meta/io.modelcontextprotocol~1protocolVersion")?.as_str()
    }
}

/// How often each method was asked for.
#[derive(Default)]
pub(crate) struct Tally(HashMap<String, u32>);

impl Tally {
    pub(crate) fn count(&mut self, ask: &mut Ask) {
        let seen = self.0.entry(ask.method.clone()).or_default();
        *seen += 1;
        ask.nth = *seen;
    }
}

/// A value that stands for JSON text which no [`Value`] can hold; see [`fill_hole`].
pub(crate) const HOLE: &str = "@hole";

/// The message as it should be written.
pub(crate) fn encode(message: &Value) -> Vec<u8> {
    message.to_string().into_bytes()
}

/// The message with its first occurrence of `from` replaced: for what serde_json would never write.
pub(crate) fn splice(message: &Value, from: &str, to: &[u8]) -> Vec<u8> {
    let text = message.to_string();
    match text.split_once(from) {
        Some((before, after)) => [before.as_bytes(), to, after.as_bytes()].concat(),
        None => text.into_bytes(),
    }
}

/// The message with raw JSON text in the place of the string [`HOLE`], quotes included.
pub(crate) fn fill_hole(message: &Value, json: &[u8]) -> Vec<u8> {
    splice(message, &format!("\"{HOLE}\""), json)
}

/// The bytes before and after the text of [`HOLE`], for ways that fill it without end.
pub(crate) fn around_hole(bytes: &[u8]) -> (&[u8], &[u8]) {
    let hole = HOLE.as_bytes();
    match bytes.windows(hole.len()).position(|window| window == hole) {
        Some(at) => (&bytes[..at], &bytes[at + hole.len()..]),
        None => (bytes, &[]),
    }
}
