//! A client, as far as there is anything to remember of it: what it can do, which of its requests are
//! under way, and which questions it has not answered.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json, value::RawValue};
use tokio::{sync::oneshot, task::AbortHandle};

use super::{
    fingerprint::members,
    request::{Request, Rpc},
};

/// A client: the one on stdio, or a session over HTTP.
#[derive(Debug, Default)]
pub(super) struct Peer {
    known: Mutex<Known>,
    /// The last question.
    questions: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    capabilities: Value,
    running: HashMap<String, AbortHandle>,
    unanswered: HashMap<String, oneshot::Sender<Box<RawValue>>>,
}

/// What a message of a client is.
#[derive(Debug)]
pub(super) enum Heard {
    /// A request, to be answered.
    Request(Box<Request>),
    /// A notification or an answer, which has been seen to.
    Nothing,
    /// None: the error to answer with.
    Wrong(String),
}

impl Peer {
    /// Takes in a message.
    pub(super) fn hear(&self, text: &[u8]) -> Heard {
        let wrong = |code: i64, message: &str| {
            let error = json!({"code": code, "message": message});
            Heard::Wrong(json!({"jsonrpc": "2.0", "id": null, "error": error}).to_string())
        };
        let Ok(message) = serde_json::from_slice::<&RawValue>(text) else {
            return wrong(-32700, "it is not JSON");
        };
        if message.get().starts_with('[') {
            return wrong(-32600, "a batch, which MCP has not had since 2025-06-18");
        }
        let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(message.get()) else {
            return wrong(-32600, "it is no message of JSON-RPC");
        };
        match (rpc.method, rpc.id) {
            (Some(method), Some(id)) => {
                Heard::Request(Box::new(Request::new(id, &method, rpc.params)))
            }
            (Some(method), None) => {
                if method == "notifications/cancelled" {
                    self.cancel(rpc.params);
                }
                Heard::Nothing
            }
            (None, Some(id)) => {
                if let Some(waiting) = self.known().unanswered.remove(id.get()) {
                    let _ = waiting.send(message.to_owned());
                }
                Heard::Nothing
            }
            (None, None) => wrong(-32600, "a message has a `method` or an `id`"),
        }
    }

    /// What the client says that it can do.
    pub(super) fn capabilities(&self) -> Value {
        self.known().capabilities.clone()
    }

    /// Notes what `initialize` says about that.
    pub(super) fn introduce(&self, request: &Request) {
        let params = request.params.raw.as_deref().and_then(members);
        let capabilities = params
            .and_then(|params| serde_json::from_str(params.get("capabilities")?.get()).ok())
            .unwrap_or_default();
        self.known().capabilities = capabilities;
    }

    /// Notes that a request is under way, until it is [done](Self::done).
    pub(super) fn runs(&self, request: &RawValue, handle: AbortHandle) {
        self.known().running.insert(request.get().to_owned(), handle);
    }

    /// Notes that it is not any more.
    pub(super) fn done(&self, request: &RawValue) {
        self.known().running.remove(request.get());
    }

    /// The id of a new question, and its answer when it comes.
    pub(super) fn question(&self) -> (String, oneshot::Receiver<Box<RawValue>>) {
        let number = self.questions.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("\"mcp-kit-mock-{number}\"");
        let (sender, receiver) = oneshot::channel();
        self.known().unanswered.insert(id.clone(), sender);
        (id, receiver)
    }

    /// Gives up all questions: nobody will answer them.
    pub(super) fn give_up(&self) {
        self.known().unanswered.clear();
    }

    fn cancel(&self, params: Option<&RawValue>) {
        let id = params.and_then(members).and_then(|params| params.get("requestId").copied());
        if let Some(handle) = id.and_then(|id| self.known().running.remove(id.get())) {
            handle.abort();
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
