//! The error envelope: what failed, what it did, and what to do next, for a model to read.
//!
//! A model improvises where an error does not guide it, so every refusal of a tool is a [`Failure`]:
//! a code of a [closed set](Code), a sentence, the [`Effect`] that the call had, and the [`Next`]
//! step, which names a real tool or argument. It travels as the `structuredContent` of a result with
//! `isError: true` and is mirrored as text.
//!
//! Not for: protocol errors (an unknown tool or method), which the host answers, and not for logs.

mod code;
mod next;

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::Serialize;
use serde_json::Value;

pub use code::Code;
pub use next::{Action, Next};

/// What a call that failed has done to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing was changed.
    None,
    /// What was asked for was done, although the call failed afterwards.
    Applied,
    /// It may have been done; only the tool that `next` names can tell.
    Unknown,
}

/// A question to the user who has called a tool: whether a proposal of theirs shall be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The proposal.
    pub proposal: String,
    /// The digest of what it says, which the answer is about.
    pub digest: String,
    /// The question, with all that the proposal would change.
    pub text: String,
}

/// A call that was refused or did not succeed; its [`Details`], in a box because results are passed
/// on by value everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure(Box<Details>);

/// Everything about a failure. Written as `{"error": {…}}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Details {
    /// Which kind of failure, of a closed set.
    pub code: Code,
    /// A domain's own name, in snake case, for one of several cases within a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What failed: a lowercase fragment in the present tense, without a full stop.
    pub message: String,
    /// JSON Pointer to the argument that is at fault.
    pub argument: Option<String>,
    /// What the argument should have been.
    pub expected: Option<String>,
    /// What it was, shortened.
    pub got: Option<String>,
    /// Whether the same call can succeed later.
    pub retryable: bool,
    /// After how many milliseconds at the earliest.
    pub retry_after_ms: Option<u64>,
    /// What the call has done.
    pub effect: Effect,
    /// What to do now.
    pub next: Next,
    /// What the user who has called can be asked so that the call succeeds, where their client can ask.
    #[serde(skip)]
    pub question: Option<Question>,
    /// The call's id in the logs and in the audit trail; the host fills it in.
    pub correlation_id: String,
}

impl Failure {
    /// A failure without effect, which is not worth repeating.
    pub fn new(code: Code, message: impl Into<String>, next: Next) -> Self {
        Self(Box::new(Details {
            code,
            reason: None,
            message: message.into(),
            argument: None,
            expected: None,
            got: None,
            retryable: false,
            retry_after_ms: None,
            effect: Effect::None,
            next,
            question: None,
            correlation_id: String::new(),
        }))
    }

    /// An argument that is not as it must be.
    pub fn invalid_argument(
        pointer: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(Code::InvalidArgument, message, Next::fix_arguments(hint)).about(pointer)
    }

    /// Something that does not exist, or not for this user: the two are not told apart.
    pub fn not_found(pointer: impl Into<String>, message: impl Into<String>, next: Next) -> Self {
        Self::new(Code::NotFound, message, next).about(pointer)
    }

    /// A part of ours, or one that we depend on, is out of service; trying later may succeed.
    pub fn unavailable(message: impl Into<String>, retry_after_ms: u64) -> Self {
        let next = Next::wait(format!("repeat the same call after {retry_after_ms} ms"));
        let mut failure = Self::new(Code::UpstreamUnavailable, message, next);
        failure.retryable = true;
        failure.retry_after_ms = Some(retry_after_ms);
        failure
    }

    /// A fault of the server. What it is stands in the log under the correlation id, not here.
    pub fn internal() -> Self {
        let hint = "do not repeat the call; tell the user the correlation id, for the operator";
        Self::new(Code::Internal, "the server made a mistake", Next::stop(hint))
    }

    /// The same with a domain's own reason within the code.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The same about an argument, by its JSON Pointer.
    #[must_use]
    pub fn about(mut self, pointer: impl Into<String>) -> Self {
        self.argument = Some(pointer.into());
        self
    }

    /// The same with what an argument should have been and what it was.
    #[must_use]
    pub fn mismatch(mut self, expected: impl Into<String>, got: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.got = Some(got.into());
        self
    }

    /// The whole envelope as it is sent: `{"error": {…}}`.
    pub fn envelope(&self) -> Value {
        let error = serde_json::to_value(&*self.0).expect("strings, numbers and JSON values only");
        Value::Object([("error".to_owned(), error)].into_iter().collect())
    }
}

impl Deref for Failure {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Code, Failure, Next};

    #[test]
    fn the_envelope_is_complete() {
        let mut failure = Failure::not_found(
            "/customer_id",
            "no customer has this id",
            Next::call_tool("search_customers", json!({"query": "Ada"}), "look for it by name"),
        );
        failure.correlation_id = "c-1".to_owned();
        assert_eq!(
            failure.envelope(),
            json!({"error": {
                "code": "not_found", "message": "no customer has this id",
                "argument": "/customer_id", "expected": null, "got": null,
                "retryable": false, "retry_after_ms": null, "effect": "none",
                "next": {"action": "call_tool", "tool": "search_customers",
                         "arguments": {"query": "Ada"}, "hint": "look for it by name"},
                "correlation_id": "c-1",
            }})
        );
    }

    #[test]
    fn what_may_succeed_later_says_when() {
        let failure = Failure::unavailable("the store does not answer", 2_000);
        assert!(failure.retryable);
        assert_eq!(failure.retry_after_ms, Some(2_000));
        assert_eq!(failure.code, Code::UpstreamUnavailable);
    }
}
