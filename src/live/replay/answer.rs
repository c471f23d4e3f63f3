//! What came of a call under test.

use std::time::Duration;

use serde_json::Value;

use crate::live::session::client::{Answered, Lost};

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it was.
    pub what: What,
    /// From the request to its answer, or to the end of waiting.
    pub time: Duration,
    /// How many notifications told of its progress.
    pub progress: usize,
}

/// The kinds of answers.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A result without `isError`.
    Done(Value),
    /// A result with `isError`.
    Failed(Value),
    /// An error of the protocol.
    Refused(Value),
    /// The server asks for something that was not given (specification 2026-07-28, "Multi Round-Trip
    /// Requests").
    Asked(Value),
    /// A promise of a result: a task.
    Promised(Value),
    /// Nothing that tells what was done.
    Lost(Lost),
}

impl Answer {
    /// The answer to a request, or why there is none.
    pub fn of(answered: Result<Answered, Lost>, waited: Duration) -> Self {
        let answered = match answered {
            Ok(answered) => answered,
            Err(lost) => return Self { what: What::Lost(lost), time: waited, progress: 0 },
        };
        let what = match answered.outcome {
            Err(error) => What::Refused(error),
            Ok(result) => {
                let kind = result.get("resultType").and_then(Value::as_str);
                let is_task = kind == Some("task") || result.get("task").is_some();
                match (kind, result.get("isError").and_then(Value::as_bool)) {
                    (Some("input_required"), _) => What::Asked(result),
                    _ if is_task => What::Promised(result),
                    (_, Some(true)) => What::Failed(result),
                    _ => What::Done(result),
                }
            }
        };
        Self { what, time: answered.time, progress: answered.progress }
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        matches!(self.what, What::Done(_))
    }

    /// Whether it is known what was done.
    pub fn is_lost(&self) -> bool {
        matches!(self.what, What::Lost(_))
    }

    /// What it holds as JSON: `structuredContent`, or else the JSON in its only text.
    pub fn content(&self) -> Option<Value> {
        match &self.what {
            What::Done(result) | What::Failed(result) => content_of(result),
            _ => None,
        }
    }

    /// The error as JSON, wherever it stands: `error` of an envelope, or of the protocol.
    pub fn error(&self) -> Option<Value> {
        match &self.what {
            What::Failed(result) => {
                let content = content_of(result)?;
                Some(content.get("error").cloned().unwrap_or(content))
            }
            What::Refused(error) => {
                let data = error.get("data").filter(|data| data.is_object());
                let inner = data.and_then(|data| data.get("error")).or(data);
                Some(inner.unwrap_or(error).clone())
            }
            _ => None,
        }
    }

    /// The code of the error, where it has one in words.
    pub fn code(&self) -> Option<String> {
        Some(self.error()?.get("code")?.as_str()?.to_owned())
    }

    /// After how long the same call may be made again, where the answer says that it may be or nothing is
    /// known of it.
    pub fn may_be_tried_after(&self) -> Option<Duration> {
        if self.is_lost() {
            return Some(Duration::ZERO);
        }
        let error = self.error()?;
        let is_retryable = error.get("retryable").and_then(Value::as_bool) == Some(true);
        let is_in_flight = self.code().is_some_and(|code| code.contains("in_flight"));
        let after = error.get("retry_after_ms").and_then(Value::as_u64).unwrap_or_default();
        let longest = Duration::from_secs(5);
        (is_retryable || is_in_flight).then(|| Duration::from_millis(after).min(longest))
    }

    /// All that it says, as text.
    pub fn text(&self) -> String {
        match &self.what {
            What::Done(result) | What::Failed(result) => text_of(result),
            What::Refused(error) => {
                error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            What::Asked(_) => "the server asks for something first".to_owned(),
            What::Promised(_) => "a task".to_owned(),
            What::Lost(lost) => lost.to_string(),
        }
    }

    /// Whether it says of itself that it repeats an earlier answer, by our own mark or by one of the
    /// names that others use for it.
    pub fn is_marked_as_repeated(&self) -> bool {
        let What::Done(result) = &self.what else { return false };
        let meta = result.get("_meta").and_then(Value::as_object);
        let content = content_of(result);
        let members = meta
            .into_iter()
            .flatten()
            .chain(content.as_ref().and_then(Value::as_object).into_iter().flatten());
        members.into_iter().any(|(name, value)| is_mark(name) && value == &Value::Bool(true))
    }

    /// In a few words, for a list of what happened.
    pub fn in_words(&self) -> String {
        let shortened = |text: String| {
            let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match line.char_indices().nth(120) {
                Some((end, _)) => format!("{}…", &line[..end]),
                None => line,
            }
        };
        match &self.what {
            What::Done(_) => shortened(self.text()),
            What::Failed(_) | What::Refused(_) => match self.code() {
                Some(code) => format!("error {code}: {}", shortened(self.message())),
                None => format!("error: {}", shortened(self.text())),
            },
            _ => self.text(),
        }
    }

    fn message(&self) -> String {
        let error = self.error();
        let message = error.as_ref().and_then(|error| error.get("message")?.as_str());
        message.map_or_else(|| self.text(), str::to_owned)
    }
}

/// Names under which servers say that an answer is a repetition.
pub(super) fn is_mark(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    ["replayed", "idempotent_replayed", "idempotent-replayed", "idempotency_replayed"]
        .contains(&last.as_str())
}

pub(super) fn content_of(result: &Value) -> Option<Value> {
    if let Some(structured) = result.get("structuredContent").filter(|it| !it.is_null()) {
        return Some(structured.clone());
    }
    let [only] = result.get("content")?.as_array()?.as_slice() else { return None };
    let parsed: Value = serde_json::from_str(only.get("text")?.as_str()?).ok()?;
    (parsed.is_object() || parsed.is_array()).then_some(parsed)
}

fn text_of(result: &Value) -> String {
    let blocks = result.get("content").and_then(Value::as_array).into_iter().flatten();
    let texts: Vec<&str> = blocks.filter_map(|block| block.get("text")?.as_str()).collect();
    match (texts.is_empty(), result.get("structuredContent")) {
        (true, Some(structured)) => structured.to_string(),
        _ => texts.join("\n"),
    }
}
