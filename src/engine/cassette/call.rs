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

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
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

impl Call {
    /// The call that an exchange is; none where it is something else.
    pub fn of(exchange: Exchange) -> Result<Self, Exchange> {
        let params = exchange.params.as_ref().filter(|_| exchange.method == "tools/call");
        let params =
            params.and_then(|params| serde_json::from_str::<Params<'_>>(params.get()).ok());
        let Some(params) = params else { return Err(exchange) };
        let tool = params.name.into_owned();
        let arguments = params.arguments.map(ToOwned::to_owned);
        Ok(Self { tool, arguments, exchange })
    }

    /// What came of it.
    pub fn outcome(&self) -> CallOutcome {
        let result = match &self.exchange.answer {
            Answer::Result(result) => result,
            Answer::Error(_) => return CallOutcome::ProtocolError,
            Answer::None => return CallOutcome::Unanswered,
        };
        let Ok(head) = serde_json::from_str::<Head<'_>>(result.get()) else {
            return CallOutcome::Ok;
        };
        match (head.result_type.as_deref(), head.is_error) {
            (Some("input_required"), _) => CallOutcome::InputRequired,
            (Some("task"), _) => CallOutcome::Task,
            (_, Some(true)) => CallOutcome::ToolError,
            _ if head.task.is_some() => CallOutcome::Task,
            _ => CallOutcome::Ok,
        }
    }

    /// Its arguments as values; empty where there are none, or where they are no object.
    pub fn arguments(&self) -> BTreeMap<String, Value> {
        let text = self.arguments.as_ref().map_or("{}", |arguments| arguments.get());
        serde_json::from_str(text).unwrap_or_default()
    }
}
