//! Messages made up of calls that a transcript or a trace tells of.
//!
//! What stood in the source (arguments, content, results) is taken over as it is written there; the
//! envelope around it is ours.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::engine::cassette::Body;

/// The code of an error of which the source does not keep one (JSON-RPC 2.0, "Error object": the
/// range of servers).
pub(super) const UNKNOWN_CODE: i64 = -32_000;

#[derive(Serialize)]
struct Request<'a, P> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<P>,
}

#[derive(Serialize)]
struct CallParams<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Success<'a, R> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: R,
}

#[derive(Serialize)]
struct Failure<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    error: Fault<'a>,
}

#[derive(Serialize)]
struct Fault<'a> {
    code: i64,
    message: &'a str,
}

/// What a tool has answered.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallResult {
    pub(super) content: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) structured_content: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) is_error: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl CallResult {
    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self { content: vec![text_item(text)], ..Self::default() }
    }

    /// That, as a failure.
    pub(super) fn failed(self) -> Self {
        Self { is_error: true, ..self }
    }
}

/// An item of content that is a text.
pub(super) fn text_item(text: &str) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Item<'a> {
        r#type: &'static str,
        text: &'a str,
    }
    raw(&Item { r#type: "text", text })
}

/// An item of content that is an image, as base64.
pub(super) fn image_item(data: &str, mime_type: &str) -> Box<RawValue> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Item<'a> {
        r#type: &'static str,
        data: &'a str,
        mime_type: &'a str,
    }
    raw(&Item { r#type: "image", data, mime_type })
}

/// An id of JSON-RPC that is a text.
pub(super) fn id(text: &str) -> Box<RawValue> {
    raw(&text)
}

/// An id of JSON-RPC that is a number.
pub(super) fn id_number(number: i64) -> Box<RawValue> {
    raw(&number)
}

/// A value as text.
pub(super) fn value(value: &serde_json::Value) -> Box<RawValue> {
    raw(value)
}

/// A call of a tool.
pub(super) fn call(id: &RawValue, tool: &str, arguments: Option<&RawValue>) -> Body<'static> {
    let params = Some(CallParams { name: tool, arguments });
    body(&Request { jsonrpc: "2.0", id, method: "tools/call", params })
}

/// A request without parameters.
pub(super) fn ask(id: &RawValue, method: &'static str) -> Body<'static> {
    body(&Request::<()> { jsonrpc: "2.0", id, method, params: None })
}

/// An answer that is a result.
pub(super) fn result(id: &RawValue, result: &impl Serialize) -> Body<'static> {
    body(&Success { jsonrpc: "2.0", id, result })
}

/// An answer that is an error.
pub(super) fn error(id: &RawValue, code: i64, message: &str) -> Body<'static> {
    body(&Failure { jsonrpc: "2.0", id, error: Fault { code, message } })
}

/// Arguments that are kept as a text of JSON. What is no JSON stays a text: it is what the model has
/// said.
pub(super) fn arguments(text: &str) -> Box<RawValue> {
    if text.trim().is_empty() {
        return raw(&serde_json::Map::new());
    }
    read(text).unwrap_or_else(|| raw(&text))
}

/// A text of JSON, if it is one.
pub(super) fn read(text: &str) -> Option<Box<RawValue>> {
    let value: &RawValue = serde_json::from_str(text).ok()?;
    Some(on_one_line(value))
}

/// A message that is kept whole.
pub(super) fn kept(message: &RawValue) -> Body<'static> {
    Body::Json(Cow::Owned(on_one_line(message)))
}

/// A value without the white space around its tokens, as a line of a cassette wants it. Everything
/// else keeps its bytes.
pub(super) fn on_one_line(value: &RawValue) -> Box<RawValue> {
    let text = value.get();
    let mut line = String::with_capacity(text.len());
    let (mut is_string, mut is_escaped, mut start) = (false, false, 0);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b' ' | b'\t' | b'\n' | b'\r' if !is_string => {
                line.push_str(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    line.push_str(&text[start..]);
    RawValue::from_string(line).expect("JSON without its white space is JSON")
}

fn body(message: &impl Serialize) -> Body<'static> {
    let message = raw(message);
    // What it was made of may have had lines of its own.
    Body::Json(Cow::Owned(if message.get().contains('\n') {
        on_one_line(&message)
    } else {
        message
    }))
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("plain data becomes JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{arguments, on_one_line};

    #[test]
    fn white_space_goes_and_every_other_byte_stays() {
        let text = "{\n \"a\\\" b\" : [ 1.0 ,\t\"x\\\\\" , \" y\\n \" ] }\r\n";
        let value: &RawValue = serde_json::from_str(text).unwrap();
        assert_eq!(on_one_line(value).get(), r#"{"a\" b":[1.0,"x\\"," y\n "]}"#);
    }

    #[test]
    fn arguments_that_are_no_json_stay_a_text() {
        assert_eq!(arguments("{\"a\": 1.50}").get(), "{\"a\":1.50}");
        assert_eq!(arguments("").get(), "{}");
        assert_eq!(arguments("{\"a\": ").get(), "\"{\\\"a\\\": \"");
    }
}
