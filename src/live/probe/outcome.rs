//! What is kept of an answer: what rules look at, and no more of it than they need.
//!
//! Sixty answers are kept until the report is written, and each may be as long as `--max-bytes`
//! allows; a long list of small values takes many times its text in memory.

use serde_json::{Map, Value};

use crate::{
    engine::{
        protocol::{
            frame::{Frame, Message},
            json::{Kind, View},
        },
        surface::evidence::Outcome,
    },
    live::session::{Failure, SessionError},
};

/// Most text of one answer that is kept: more than the largest result that a client takes.
const MAX_KEPT: usize = 256 << 10;
/// The members of a result that are looked at as they are.
const MEMBERS: [&str; 3] = ["structuredContent", "isError", "resultType"];

/// What became of a question.
pub(super) fn outcome(frame: Result<Frame, SessionError>) -> Outcome {
    let frame = match frame {
        Ok(frame) => frame,
        Err(SessionError::Timeout { .. }) => return Outcome::Silence,
        Err(error @ SessionError::Transport(_)) if error.failure() != Failure::Protocol => {
            return Outcome::Gone(error.to_string());
        }
        Err(error) => return Outcome::Unreadable(error.to_string()),
    };
    match &frame.message {
        Message::Error(_, error) => {
            let data = frame.view().get("error").and_then(|error| error.get("data"));
            Outcome::Error {
                code: error.code,
                message: error.message.chars().take(MAX_KEPT / 4).collect(),
                data: data.map(short).unwrap_or_default(),
            }
        }
        _ => frame.result().map_or(Outcome::Result(Value::Null), result),
    }
}

/// A value, or the beginning of its text where it is long.
fn short(view: View<'_>) -> Value {
    if view.text().len() <= MAX_KEPT {
        return view.to_value();
    }
    Value::from(view.text().chars().take(MAX_KEPT / 4).collect::<String>())
}

fn result(result: View<'_>) -> Outcome {
    if result.kind() != Kind::Object {
        return Outcome::Result(short(result));
    }
    let blocks = result.get("content").into_iter().flat_map(View::items);
    let texts = blocks.filter_map(|block| block.get("text"));
    let texts = texts.chain(result.get("content").filter(|it| it.kind() != Kind::Array));
    let members = MEMBERS.iter().filter_map(|name| Some((*name, result.get(name)?)));
    let members: Vec<(&str, View<'_>)> = members.collect();
    let bytes = texts.chain(members.iter().map(|(_, view)| *view));
    let bytes: usize = bytes.map(|view| view.text().len()).sum();
    if bytes > MAX_KEPT {
        return Outcome::Oversized { bytes };
    }
    let mut kept: Map<String, Value> =
        members.into_iter().map(|(name, view)| (name.to_owned(), view.to_value())).collect();
    if let Some(content) = result.get("content") {
        let content = match content.kind() {
            Kind::Array => content.items().map(block).collect(),
            _ => content.to_value(),
        };
        kept.insert("content".to_owned(), content);
    }
    Outcome::Result(Value::Object(kept))
}

/// Images and sounds are not looked at: of most members it counts only which there are, and of which
/// types.
fn block(block: View<'_>) -> Value {
    if block.kind() != Kind::Object {
        return bare(block);
    }
    let kept = |name: &str, value: View<'_>| match name {
        "type" => short(value),
        "text" => value.to_value(),
        "resource" => members(value, &["uri", "text", "blob"], |_, value| bare(value)),
        _ => bare(value),
    };
    members(block, &["type", "text", "data", "mimeType", "uri", "name", "resource"], kept)
}

/// Some members of an object, as far as it is one.
fn members(object: View<'_>, names: &[&str], kept: impl Fn(&str, View<'_>) -> Value) -> Value {
    if object.kind() != Kind::Object {
        return bare(object);
    }
    let member = |name: &&str| Some(((*name).to_owned(), kept(name, object.get(name)?)));
    Value::Object(names.iter().filter_map(member).collect())
}

/// A value of the same type with nothing in it.
fn bare(value: View<'_>) -> Value {
    match value.kind() {
        Kind::Null => Value::Null,
        Kind::True | Kind::False => Value::Bool(false),
        Kind::Number => Value::from(0),
        Kind::String => Value::String(String::new()),
        Kind::Array => Value::Array(Vec::new()),
        Kind::Object | Kind::TooDeep => Value::Object(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::outcome;
    use crate::engine::{
        protocol::{frame, json::Limits},
        surface::evidence::Outcome,
    };

    fn of(result: serde_json::Value) -> Outcome {
        let text = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
        let mut frames = frame::read(text.as_bytes(), &Limits::default()).unwrap();
        outcome(Ok(frames.remove(0)))
    }

    #[test]
    fn what_nobody_looks_at_is_not_kept() {
        let image = "A".repeat(1 << 20);
        let result = json!({"content": [{"type": "image", "data": image}, {"type": "text", "text": "a"}],
            "filler": vec![0; 1000], "isError": false});
        let expected = json!({"content": [{"type": "image", "data": ""}, {"type": "text", "text": "a"}], "isError": false});
        assert_eq!(of(result), Outcome::Result(expected));
    }

    #[test]
    fn what_is_malformed_stays_so() {
        let results = [
            json!(null),
            json!([1]),
            json!({"content": "hello", "isError": "true"}),
            json!({"content": ["hello", {"type": 1, "text": [], "name": null}]}),
        ];
        let kept = [
            json!(null),
            json!([1]),
            json!({"content": "hello", "isError": "true"}),
            json!({"content": ["", {"type": 1, "text": [], "name": null}]}),
        ];
        for (result, kept) in results.into_iter().zip(kept) {
            assert_eq!(of(result), Outcome::Result(kept));
        }
        let blob = json!({"uri": "a://b", "blob": "AAAA", "more": [1]});
        let kept = json!({"content": [{"type": "resource", "resource": {"uri": "", "blob": ""}}]});
        let result = json!({"content": [{"type": "resource", "resource": blob}]});
        assert_eq!(of(result), Outcome::Result(kept));
    }

    #[test]
    fn long_text_is_measured_and_let_go() {
        let Outcome::Oversized { bytes } = of(json!({"structuredContent": vec![0; 1 << 18]}))
        else {
            panic!("it is kept")
        };
        assert!(bytes > 1 << 18, "{bytes}");
    }
}
