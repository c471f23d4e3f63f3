//! What a client asks, as far as it matters for finding the answer.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::engine::protocol::revision::{Era, Revision};

/// A message of JSON-RPC, taken apart.
#[derive(Debug, Deserialize)]
pub(super) struct Rpc<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// A request of the client.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Its id, as it is to stand in the answer.
    pub(super) id: Box<RawValue>,
    /// The method.
    pub(super) method: String,
    /// What it asks for.
    pub(super) params: Params,
    /// In which era it is asked.
    pub(super) era: Era,
}

/// `params`, as far as somebody here reads them.
#[derive(Debug, Clone, Default)]
pub(super) struct Params {
    /// All of them as they were sent.
    pub(super) raw: Option<Box<RawValue>>,
    /// The tool of a call.
    pub(super) tool: Option<String>,
    /// The arguments of a call.
    pub(super) arguments: Option<Box<RawValue>>,
    /// Whether a task is asked for instead of the result (specification 2025-11-25, "Tasks").
    pub(super) wants_task: bool,
    /// What the client has given for an earlier `input_required` (specification 2026-07-28, "Multi
    /// Round-Trip Requests").
    pub(super) input: Option<Box<RawValue>>,
    /// The state that came with that.
    pub(super) state: Option<String>,
    /// `_meta`.
    pub(super) meta: Meta,
}

/// What `_meta` of a request says.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Meta {
    /// Under which token progress is to be told.
    #[serde(rename = "progressToken")]
    pub(super) token: Option<Box<RawValue>>,
    /// The revision, in the modern era.
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    pub(super) revision: Option<String>,
    /// What the client can do, in the modern era.
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    pub(super) capabilities: Option<Value>,
    /// From which level on log messages are wanted, in the modern era.
    #[serde(rename = "io.modelcontextprotocol/logLevel")]
    pub(super) log_level: Option<Value>,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    task: Option<&'a RawValue>,
    #[serde(borrow, rename = "inputResponses")]
    input: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestState")]
    state: Option<&'a RawValue>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
}

impl Params {
    /// Reads the params of a request; what is not of the form that it must have is not there.
    pub(super) fn read(method: &str, raw: Option<&RawValue>) -> Self {
        let members: Option<Members<'_>> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let Some(members) = members else {
            return Self { raw: raw.map(ToOwned::to_owned), ..Self::default() };
        };
        let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).ok();
        let is_call = method == "tools/call";
        Self {
            raw: raw.map(ToOwned::to_owned),
            tool: members.name.filter(|_| is_call).and_then(text),
            arguments: members.arguments.filter(|_| is_call).map(ToOwned::to_owned),
            wants_task: is_call && members.task.is_some(),
            input: members.input.map(ToOwned::to_owned),
            state: members.state.and_then(text),
            meta: members
                .meta
                .and_then(|meta| serde_json::from_str(meta.get()).ok())
                .unwrap_or_default(),
        }
    }
}

impl Params {
    /// In which era a request with these params is made.
    pub(super) fn era(&self, method: &str) -> Era {
        match self.meta.revision.is_some() || method == "server/discover" {
            true => Era::Modern,
            false => Era::Legacy,
        }
    }
}

impl Request {
    /// A request with that id and method.
    pub(super) fn new(id: &RawValue, method: &str, params: Option<&RawValue>) -> Self {
        let params = Params::read(method, params);
        let era = params.era(method);
        Self { id: id.to_owned(), method: method.to_owned(), params, era }
    }

    /// A modern revision that we do not know.
    pub(super) fn unknown_revision(&self) -> Option<&str> {
        let revision = self.params.meta.revision.as_deref()?;
        let is_known =
            revision.parse::<Revision>().is_ok_and(|revision| revision.era() == Era::Modern);
        (!is_known).then_some(revision)
    }

    /// The answer to it with this result.
    pub(super) fn result(&self, result: &str) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#, self.id.get())
    }

    /// The answer to it with this error.
    pub(super) fn error(&self, error: &str) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":{},"error":{error}}}"#, self.id.get())
    }

    /// In a few words, for messages: the method and the tool.
    pub(super) fn in_words(&self) -> String {
        match &self.params.tool {
            Some(tool) => format!("{} of `{tool}`", self.method),
            None => self.method.clone(),
        }
    }
}
