//! A call of a tool, as a recording has it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Answer, Exchange};

/// A call of a tool and what came of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// The tool.
    pub tool: String,
    /// `arguments` as they were sent; none where there were none.
    pub arguments: Option<Box<RawValue>>,
    /// The exchange that it is read from.
    pub exchange: Exchange,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// A result.
    Ok,
    /// A result with `isError`.
    ToolError,
    /// An error of the protocol.
    ProtocolError,
    /// The server asks for something first (specification 2026-07-28, "Multi Round-Trip Requests").
    InputRequired,
    /// A task or another promise instead of the result.
    Task,
    /// No answer until the recording ended.
    Unanswered,
}

/// What is called by a request, as it lies in it.
#[derive(Debug, Clone, Deserialize)]
pub struct Called<'a> {
    /// The tool.
    #[serde(borrow, rename = "name")]
    pub tool: std::borrow::Cow<'a, str>,
    /// `arguments` as they were sent; none where there were none.
    #[serde(borrow)]
    pub arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "isError")]
    is_error: Option<bool>,
    #[serde(borrow, rename = "resultType")]
    result_type: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    task: Option<&'a RawValue>,
}

impl Exchange {
    /// What it calls; none where it is no call of a tool.
    pub fn called(&self) -> Option<Called<'_>> {
        let params = self.params.as_ref().filter(|_| self.method == "tools/call")?;
        serde_json::from_str(params.get()).ok()
    }
}

impl Call {
    /// The call that an exchange is; none where it is something else.
    pub fn of(exchange: Exchange) -> Result<Self, Exchange> {
        let Some(called) = exchange.called() else { return Err(exchange) };
        let tool = called.tool.into_owned();
        let arguments = called.arguments.map(ToOwned::to_owned);
        Ok(Self { tool, arguments, exchange })
    }

    /// What came of it.
    pub fn outcome(&self) -> CallOutcome {
        CallOutcome::of(&self.exchange.answer)
    }

    /// Its arguments as values; empty where there are none, or where they are no object.
    pub fn arguments(&self) -> BTreeMap<String, Value> {
        let text = self.arguments.as_ref().map_or("{}", |arguments| arguments.get());
        serde_json::from_str(text).unwrap_or_default()
    }
}

impl CallOutcome {
    /// What the answer to a call of a tool says.
    pub fn of(answer: &Answer) -> Self {
        let result = match answer {
            Answer::Result(result) => result,
            Answer::Error(_) => return Self::ProtocolError,
            Answer::None => return Self::Unanswered,
        };
        let Ok(head) = serde_json::from_str::<Head<'_>>(result.get()) else {
            return Self::Ok;
        };
        match (head.result_type.as_deref(), head.is_error) {
            (Some("input_required"), _) => Self::InputRequired,
            (Some("task"), _) => Self::Task,
            (_, Some(true)) => Self::ToolError,
            _ if head.task.is_some() => Self::Task,
            _ => Self::Ok,
        }
    }
}
