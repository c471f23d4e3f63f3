//! The step that a failure leads to.

use serde::Serialize;
use serde_json::Value;

/// What a caller can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Call the same tool with other arguments.
    FixArguments,
    /// Call another tool.
    CallTool,
    /// Call the same tool with the same arguments and the same idempotency key.
    RetrySameKey,
    /// Do the same again, later.
    Wait,
    /// Ask for the state of the job.
    PollJob,
    /// Ask the user.
    AskUser,
    /// Give up.
    Stop,
}

/// The next step, with what it takes. Made by one function per [`Action`], so that a step that calls
/// a tool always names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Next {
    /// What to do.
    pub action: Action,
    /// The tool to call, where the step is to call one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<&'static str>,
    /// The arguments to call it with, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
    /// The step in words.
    pub hint: String,
}

impl Next {
    /// Correct the arguments and call again.
    pub fn fix_arguments(hint: impl Into<String>) -> Self {
        Self::plain(Action::FixArguments, hint)
    }

    /// Call a tool with these arguments.
    pub fn call_tool(tool: &'static str, arguments: Value, hint: impl Into<String>) -> Self {
        Self { tool: Some(tool), arguments: Some(arguments), ..Self::plain(Action::CallTool, hint) }
    }

    /// Repeat the call with the same idempotency key.
    pub fn retry_same_key(hint: impl Into<String>) -> Self {
        Self::plain(Action::RetrySameKey, hint)
    }

    /// Repeat the call later.
    pub fn wait(hint: impl Into<String>) -> Self {
        Self::plain(Action::Wait, hint)
    }

    /// Ask a tool for the state of a job.
    pub fn poll_job(tool: &'static str, arguments: Value, hint: impl Into<String>) -> Self {
        Self { tool: Some(tool), arguments: Some(arguments), ..Self::plain(Action::PollJob, hint) }
    }

    /// Ask the user.
    pub fn ask_user(hint: impl Into<String>) -> Self {
        Self::plain(Action::AskUser, hint)
    }

    /// Give up.
    pub fn stop(hint: impl Into<String>) -> Self {
        Self::plain(Action::Stop, hint)
    }

    fn plain(action: Action, hint: impl Into<String>) -> Self {
        Self { action, tool: None, arguments: None, hint: hint.into() }
    }
}
