//! One message of JSON-RPC, as far as it is looked at before the SDK reads it.
//!
//! The SDK answers some of what is wrong without the id that its sender waits for, and ends where a
//! client begins with a notification. So what is no message of the protocol is answered here.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, json};

use super::scan::{Refused, scan};

/// Codes of JSON-RPC 2.0, section 5.1.
const PARSE_ERROR: i64 = -32_700;
pub(super) const INVALID_REQUEST: i64 = -32_600;
const INVALID_PARAMS: i64 = -32_602;

/// A message that is one.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    /// The id of a request or of a response; null in a notification.
    pub(super) id: Value,
    /// What is asked for; a response has none.
    pub(super) method: Option<String>,
    /// `params.name`: the tool, where one is called.
    pub(super) name: Option<String>,
}

/// Why a message goes no further.
#[derive(Debug, PartialEq)]
pub(super) struct Invalid {
    /// The reason as it is counted.
    pub(super) reason: &'static str,
    /// The code of JSON-RPC.
    pub(super) code: i64,
    /// What to answer to, as far as the message says it; else null.
    pub(super) id: Value,
    /// For whoever has sent it.
    pub(super) message: String,
}

impl Message {
    /// Looks at the bytes of a message.
    ///
    /// # Errors
    ///
    /// Where they are not one message of JSON-RPC with unambiguous keys.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Invalid> {
        let refuse =
            |reason, code, message: String| Invalid { reason, code, id: id(bytes), message };
        scan(bytes).map_err(|refused| match refused {
            Refused::Ambiguous(_) => refuse("ambiguous_keys", INVALID_REQUEST, refused.to_string()),
            Refused::NotJson(_) => refuse("not_json", PARSE_ERROR, refused.to_string()),
        })?;
        let invalid = |message: &str| refuse("not_json_rpc", INVALID_REQUEST, message.to_owned());
        let Ok(members) = serde_json::from_slice::<Members>(bytes) else {
            return Err(invalid("a message is one JSON object, with a method that is a string"));
        };
        if members.jsonrpc.as_deref() != Some("2.0") {
            return Err(invalid(r#"the member jsonrpc is not "2.0""#));
        }
        let is_response = members.result.is_some() || members.error.is_some();
        if members.method.is_none() && !is_response {
            return Err(invalid("the message has no method"));
        }
        if !matches!(members.id, None | Some(Value::String(_) | Value::Number(_))) {
            return Err(invalid("the id is neither a string nor a number"));
        }
        let name = match members.params {
            None => None,
            Some(Params::Members { name }) => name,
            Some(Params::Other) => {
                let message = "params is a JSON object, not an array or a text".to_owned();
                return Err(refuse("not_json_rpc", INVALID_PARAMS, message));
            }
        };
        Ok(Self { id: members.id.unwrap_or_default(), method: members.method, name })
    }

    /// Whether an answer is awaited.
    pub(super) fn is_request(&self) -> bool {
        self.method.is_some() && !self.id.is_null()
    }

    /// Whether it answers a request of the server.
    pub(super) fn is_answer(&self) -> bool {
        self.method.is_none()
    }

    /// Whether it asks for this.
    pub(super) fn is(&self, method: &str) -> bool {
        self.method.as_deref() == Some(method)
    }
}

impl Invalid {
    /// The answer.
    pub(super) fn response(&self) -> Value {
        error(&self.id, self.code, &self.message)
    }
}

/// An error of the protocol.
pub(super) fn error(id: &Value, code: i64, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

/// The id of a message that is not read any further. What the rest of it says does not matter, so it
/// is also found where a text or a number in it cannot be read.
fn id(bytes: &[u8]) -> Value {
    #[derive(Deserialize)]
    struct Named {
        id: Option<Value>,
    }

    match serde_json::from_slice(bytes) {
        Ok(Named { id: Some(id @ (Value::String(_) | Value::Number(_))) }) => id,
        _ => Value::Null,
    }
}

/// The members of an object of JSON-RPC.
#[derive(Deserialize)]
struct Members {
    jsonrpc: Option<String>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    method: Option<String>,
    params: Option<Params>,
    #[serde(default, deserialize_with = "present")]
    result: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

/// A member that is there, also where it is null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

enum Params {
    Members { name: Option<String> },
    Other,
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Params;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Params, A::Error> {
        let mut found = None;
        while let Some(key) = members.next_key::<String>()? {
            if key == "name" {
                if let Value::String(name) = members.next_value()? {
                    found = Some(name);
                }
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Params::Members { name: found })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Params, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Params::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Params, E> {
        Ok(Params::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Params, E> {
        Ok(Params::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Params, E> {
        Ok(Params::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Params, E> {
        Ok(Params::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Params, E> {
        Ok(Params::Other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Message;

    #[test]
    fn what_is_a_message_is_read() {
        for (text, id, method, name) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, json!(1), "tools/list", ""),
            (
                r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"x":[{}],"name":"get"}}"#,
                json!("a"),
                "tools/call",
                "get",
            ),
            (r#"{"jsonrpc":"2.0","method":"m","params":{"name":5}}"#, Value::Null, "m", ""),
            (r#"{"jsonrpc":"2.0","method":"m","params":null}"#, Value::Null, "m", ""),
            (r#"{"jsonrpc":"2.0","id":7,"result":null}"#, json!(7), "", ""),
            (r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"m"}}"#, json!(7), "", ""),
        ] {
            let message = Message::read(text.as_bytes()).unwrap();
            let read = (message.method.as_deref(), message.name.as_deref());
            assert_eq!((read.0.unwrap_or(""), read.1.unwrap_or("")), (method, name), "{text}");
            assert_eq!(message.is_request(), !id.is_null() && !method.is_empty(), "{text}");
            assert_eq!(message.id, id, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_answered_under_its_id() {
        let deep = format!(r#"{{"id":4,"x":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        for (text, code, id) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, -32_602, json!(1)),
            (r#"{"jsonrpc":"2.0","id":1,"method":"m","params":"{}"}"#, -32_602, json!(1)),
            (r#"{"jsonrpc":"2.0","id":"a"}"#, -32_600, json!("a")),
            (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32_600, json!(1)),
            (r#"{"id":1,"method":"m"}"#, -32_600, json!(1)),
            (r#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, -32_600, json!(1)),
            (r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, -32_600, Value::Null),
            (r#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, -32_600, Value::Null),
            (r#"{"jsonrpc":"2.0","id":1,"method":"m","Method":"n"}"#, -32_600, json!(1)),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#, -32_600, Value::Null),
            ("5", -32_600, Value::Null),
            // A text that a client has cut within a character, and a number that no reader has.
            (r#"{"jsonrpc":"2.0","id":2,"method":"m","params":{"q":"\ud83d"}}"#, -32_700, json!(2)),
            (r#"{"jsonrpc":"2.0","id":3,"method":"m","params":{"q":1e400}}"#, -32_700, json!(3)),
            (&deep, -32_700, json!(4)),
            (r#"{"jsonrpc":"2.0","id":1,"#, -32_700, Value::Null),
        ] {
            let refusal = Message::read(text.as_bytes()).unwrap_err();
            assert_eq!((refusal.code, &refusal.id), (code, &id), "{text} {refusal:?}");
        }
    }
}
