//! What an answer says: whether the call succeeded, and of an error what kind it is and what it
//! advises.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::engine::{
    cassette::{Answer, CallOutcome},
    surface::token,
};

/// Characters of a code that are kept.
const MAX_CODE: usize = 64;
/// Bytes of an error's prose that are looked at.
const MAX_PROSE: usize = 1_000;
/// The code of an error that names none.
pub(super) const UNCODED: &str = "uncoded";

/// An error, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The code of the envelope, or of the protocol's error.
    pub(super) code: String,
    pub(super) kind: Kind,
    /// Whether it is certain that nothing was done.
    pub(super) is_without_effect: bool,
    /// The tool that it says to call next.
    pub(super) next_tool: Option<String>,
}

/// What kind of error it is, where that matters for what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The arguments are wrong.
    Invalid,
    /// What they name is not there.
    NotFound,
    /// There is no such tool.
    UnknownTool,
    /// Anything else.
    Other,
}

#[derive(Deserialize)]
struct ErrorResult<'a> {
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow, rename = "structuredContent")]
    structured: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Wrapped {
    error: Envelope,
}

/// The error envelope, as far as it is of use here.
#[derive(Deserialize)]
struct Envelope {
    code: String,
    #[serde(default)]
    effect: Option<String>,
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    tool: Option<String>,
}

#[derive(Deserialize)]
struct ProtocolError<'a> {
    code: Option<i64>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// What an answer that is an error says.
pub(super) fn failure(answer: &Answer) -> Failure {
    match answer {
        Answer::Error(error) => of_protocol(error.get()),
        Answer::Result(result) => of_result(result.get()),
        Answer::None => Failure::prose(UNCODED.to_owned(), ""),
    }
}

fn of_protocol(text: &str) -> Failure {
    let Ok(error) = serde_json::from_str::<ProtocolError<'_>>(text) else {
        return Failure::prose(UNCODED.to_owned(), text);
    };
    if let Some(envelope) = error.data.and_then(|data| envelope(data.get())) {
        return Failure::enveloped(envelope);
    }
    let code = error.code.map_or(UNCODED.to_owned(), |code| code.to_string());
    let failure = Failure::prose(code, error.message.as_deref().unwrap_or_default());
    match (error.code, failure.kind) {
        (Some(-32601), _) => {
            Failure { kind: Kind::UnknownTool, is_without_effect: true, ..failure }
        }
        (Some(-32602), Kind::UnknownTool) => Failure { is_without_effect: true, ..failure },
        (Some(-32602), _) => Failure { kind: Kind::Invalid, is_without_effect: true, ..failure },
        (Some(-32600 | -32700), _) => Failure { is_without_effect: true, ..failure },
        _ => failure,
    }
}

fn of_result(text: &str) -> Failure {
    let Ok(result) = serde_json::from_str::<ErrorResult<'_>>(text) else {
        return Failure::prose(UNCODED.to_owned(), text);
    };
    let texts = result.content.iter().flatten().filter_map(|block| block.text.as_deref());
    let first = texts.clone().next().unwrap_or_default();
    let structured = result.structured.and_then(|structured| envelope(structured.get()));
    // What has no structured content may still have its mirror.
    match structured.or_else(|| envelope(first)) {
        Some(envelope) => Failure::enveloped(envelope),
        None => Failure::prose(UNCODED.to_owned(), first),
    }
}

fn envelope(text: &str) -> Option<Envelope> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let wrapped = serde_json::from_str::<Wrapped>(text).map(|wrapped| wrapped.error);
    wrapped.or_else(|_| serde_json::from_str::<Envelope>(text)).ok()
}

impl Failure {
    fn enveloped(envelope: Envelope) -> Self {
        let kind = match envelope.code.as_str() {
            "invalid_argument" | "invalid_arguments" => Kind::Invalid,
            "not_found" => Kind::NotFound,
            _ => Kind::Other,
        };
        let is_without_effect = envelope.effect.as_deref() == Some("none") || kind != Kind::Other;
        let next_tool = envelope.next.and_then(|next| next.tool);
        let code = envelope.code.chars().take(MAX_CODE).collect();
        Self { code, kind, is_without_effect, next_tool }
    }

    /// An error that is told in words only. Words that only servers use which have refused a call
    /// are told apart; others are not guessed at.
    fn prose(code: String, text: &str) -> Self {
        let end = text.floor_char_boundary(MAX_PROSE);
        let text = text[..end].to_lowercase();
        let says = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
        let kind = if says(&["unknown tool", "no such tool", "tool not found"])
            || text.starts_with("tool ") && says(&["not found", "does not exist"])
        {
            Kind::UnknownTool
        } else if says(&[
            "-32602", "validation error", "invalid argument", "invalid params",
            "invalid parameter", "missing required", "invalid input",
        ]) {
            Kind::Invalid
        } else if says(&["not found", "no such file", "does not exist", "not exist"]) {
            Kind::NotFound
        } else {
            Kind::Other
        };
        let is_without_effect = matches!(kind, Kind::Invalid | Kind::UnknownTool);
        Self { code, kind, is_without_effect, next_tool: None }
    }
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow, rename = "structuredContent")]
    structured: Option<&'a RawValue>,
}

/// The tokens that an answer costs a model: of the text in it, or of its structured content where it
/// has no text. Pictures and sound are not counted.
pub(super) fn tokens(answer: &Answer) -> u64 {
    let text = match answer {
        Answer::Result(result) => result.get(),
        Answer::Error(error) => return token::count(error.get()) as u64,
        Answer::None => return 0,
    };
    let Ok(content) = serde_json::from_str::<Content<'_>>(text) else {
        return token::count(text) as u64;
    };
    let texts = content.content.iter().flatten().filter_map(|block| block.text.as_deref());
    let (count, is_empty) = texts.fold((0, true), |(count, is_empty), text| {
        (count + token::count(text), is_empty && text.is_empty())
    });
    match content.structured {
        Some(structured) if is_empty => token::count(structured.get()) as u64,
        _ => count as u64,
    }
}

/// The length of an answer as it was sent, in bytes.
pub(super) fn bytes(answer: &Answer) -> u64 {
    match answer {
        Answer::Result(text) | Answer::Error(text) => text.get().len() as u64,
        Answer::None => 0,
    }
}

/// Whether an outcome is an error.
pub(super) fn is_failure(outcome: CallOutcome) -> bool {
    matches!(outcome, CallOutcome::ToolError | CallOutcome::ProtocolError)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::{Failure, Kind, failure, tokens};
    use crate::engine::{cassette::Answer, surface::token::count};

    fn of_result(result: &Value) -> Failure {
        failure(&Answer::Result(to_raw_value(result).unwrap()))
    }

    fn of_error(error: &Value) -> Failure {
        failure(&Answer::Error(to_raw_value(error).unwrap()))
    }

    #[test]
    fn the_envelope_is_read_from_structured_content_its_mirror_and_an_errors_data() {
        let envelope = json!({"error": {"code": "version_conflict", "message": "changed",
            "effect": "none", "next": {"action": "call_tool", "tool": "get_customer"}}});
        let text = json!([{"type": "text", "text": envelope.to_string()}]);
        for found in [
            of_result(&json!({"isError": true, "structuredContent": envelope, "content": []})),
            of_result(&json!({"isError": true, "content": text})),
            of_error(&json!({"code": -32000, "message": "no", "data": envelope})),
            of_error(&json!({"code": -32000, "message": "no", "data": envelope["error"]})),
        ] {
            assert_eq!((found.code.as_str(), found.kind), ("version_conflict", Kind::Other));
            assert!(found.is_without_effect);
            assert_eq!(found.next_tool.as_deref(), Some("get_customer"));
        }
    }

    #[test]
    fn prose_is_taken_apart_only_as_far_as_it_is_plain() {
        let said = |text: &str| {
            let failure = of_result(&json!({"isError": true, "content": [{"text": text}]}));
            (failure.kind, failure.is_without_effect)
        };
        let zod = "MCP error -32602: Input validation error: expected array, received string";
        assert_eq!(said(zod), (Kind::Invalid, true));
        assert_eq!(said("ENOENT: no such file or directory"), (Kind::NotFound, false));
        assert_eq!(said("Unknown tool: frobnicate"), (Kind::UnknownTool, true));
        assert_eq!(said("Tool frobnicate not found"), (Kind::UnknownTool, true));
        assert_eq!(said("the upstream does not answer"), (Kind::Other, false));
        assert_eq!(said("{\"detail\": \"no envelope\"}"), (Kind::Other, false));
        let unknown = of_error(&json!({"code": -32602, "message": "Unknown tool: x"}));
        assert_eq!((unknown.code.as_str(), unknown.kind), ("-32602", Kind::UnknownTool));
        let invalid = of_error(&json!({"code": -32602, "message": "missing field `id`"}));
        assert_eq!(invalid.kind, Kind::Invalid);
        let internal = of_error(&json!({"code": -32603, "message": "Internal error"}));
        assert_eq!((internal.kind, internal.is_without_effect), (Kind::Other, false));
    }

    #[test]
    fn what_a_model_reads_is_counted_once_and_pictures_are_not() {
        let of = |result: Value| tokens(&Answer::Result(to_raw_value(&result).unwrap()));
        let structured = json!({"total": 12});
        let picture = json!({"type": "image", "data": "AAAA".repeat(1_000)});
        let text = json!({"type": "text", "text": "{\"total\":12}"});
        let expected = count("{\"total\":12}") as u64;
        assert_eq!(
            of(json!({"content": [text, picture], "structuredContent": structured})),
            expected
        );
        assert_eq!(of(json!({"content": [], "structuredContent": structured})), expected);
        assert_eq!(of(json!({"content": [picture]})), 0);
    }
}
