//! A connection on which many requests are under way at a time.
//!
//! For whoever sends the same request eight times at once, takes its answer for lost, or ends the
//! server in the middle of it. Each request has its own wait; what the server asks meanwhile is put
//! to a [`Responder`].
//!
//! Read [`Client`] and [`Answered`] first. Not for: reading a surface, or noticing what is odd about
//! how a server talks, which [`Conversation`](super::Conversation) and [`collect`](super::collect)
//! do.

mod child;
#[cfg(feature = "http")]
mod http;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json, value::RawValue};
use tokio::time::timeout;

use super::{
    Address, Budget, EraChoice, SessionError,
    exchange::{modern_meta, subject_name},
    handshake::Connection,
};
use crate::{
    engine::protocol::revision::Era,
    live::transport::{Link, TransportError},
};

/// Who answers what a server asks of its client: the result, or nothing where it is refused.
pub type Responder = Arc<dyn Fn(&str, &Value) -> Option<Value> + Send + Sync>;

/// A connection. Clones are the same one.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    era: Era,
    revision: String,
    capabilities: Value,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "a child's line has its own"))]
    respond: Responder,
    next_id: AtomicU64,
    way: Way,
}

/// How requests get to the server.
enum Way {
    Child(child::Line),
    #[cfg(feature = "http")]
    Http(Box<http::Door>),
}

/// What a server answered to a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// `result`, or else `error`.
    pub outcome: Result<Value, Value>,
    /// From the request to its answer.
    pub time: Duration,
    /// How many notifications told of its progress.
    pub progress: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// None came in time. It may have been carried out or not.
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// The server ended, or the connection broke. It may have been carried out or not.
    #[error("{0}")]
    Gone(String),
    /// The server has forgotten the session, so that it was not carried out (specification 2025-11-25,
    /// "Session Management"). A new connection begins a new one.
    #[error("{0}")]
    Forgotten(String),
    /// The request was refused before it came to the server's code: a status of HTTP.
    #[error("{0}")]
    Refused(String),
}

/// A request to send.
struct Outbound {
    id: u64,
    text: String,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "a header of HTTP says it"))]
    method: String,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "a header of HTTP says it"))]
    name: Option<String>,
}

/// Everything that may come in answer to one request before its answer does.
#[derive(Default)]
struct Meanwhile {
    progress: usize,
}

impl Client {
    /// Connects and shakes hands, as a client with these capabilities.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn open(
        address: &Address,
        choice: EraChoice,
        budget: &Budget,
        capabilities: Value,
        respond: Responder,
    ) -> Result<Self, SessionError> {
        let connection = Connection::open_as(address, choice, budget, &capabilities).await?;
        let Connection { exchange, era, revision, .. } = connection;
        let (link, next_id) = exchange.into_link();
        let way = match link {
            Link::Child(link) => Way::Child(child::Line::over(*link, Arc::clone(&respond))),
            #[cfg(feature = "http")]
            Link::Http(link) => Way::Http(Box::new(http::Door::into(*link))),
        };
        let next_id = AtomicU64::new(next_id);
        Ok(Self { inner: Arc::new(Inner { era, revision, capabilities, respond, next_id, way }) })
    }

    /// The era that is spoken.
    pub fn era(&self) -> Era {
        self.inner.era
    }

    /// Sends a request and waits for its answer, but no longer than told.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn request(
        &self,
        method: &str,
        params: Value,
        wait: Duration,
    ) -> Result<Answered, Lost> {
        self.request_as(self.number(), method, params, wait).await
    }

    /// A number for a request that somebody wants to know before it is sent.
    pub fn number(&self) -> u64 {
        self.inner.next_id.fetch_add(1, Ordering::SeqCst)
    }

    /// The same under a number of the caller's. Dropping it gives the answer up and tells nobody.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn request_as(
        &self,
        id: u64,
        method: &str,
        mut params: Value,
        wait: Duration,
    ) -> Result<Answered, Lost> {
        let name = subject_name(method, &params);
        if self.inner.era == Era::Modern {
            let mut meta = modern_meta(&self.inner.revision, &self.inner.capabilities);
            if let (Value::Object(meta), Some(Value::Object(own))) =
                (&mut meta, params.get("_meta").cloned())
            {
                meta.extend(own);
            }
            params["_meta"] = meta;
        }
        let text = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let outbound = Outbound { id, text: text.to_string(), method: method.to_owned(), name };
        self.send(outbound, wait).await
    }

    /// Calls a tool with arguments as they are written.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn call_raw(
        &self,
        tool: &str,
        arguments: &RawValue,
        wait: Duration,
    ) -> Result<Answered, Lost> {
        let id = self.number();
        let meta = match self.inner.era {
            Era::Modern => modern_meta(&self.inner.revision, &self.inner.capabilities),
            Era::Legacy => json!({}),
        };
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":{},"arguments":{},"_meta":{meta}}}}}"#,
            Value::from(tool),
            arguments.get(),
        );
        let (method, name) = ("tools/call".to_owned(), Some(tool.to_owned()));
        self.send(Outbound { id, text, method, name }, wait).await
    }

    async fn send(&self, outbound: Outbound, wait: Duration) -> Result<Answered, Lost> {
        let start = Instant::now();
        let answer = async {
            match &self.inner.way {
                Way::Child(line) => line.request(outbound).await,
                #[cfg(feature = "http")]
                Way::Http(door) => door.request(outbound, &self.inner.respond).await,
            }
        };
        let (outcome, meanwhile) =
            timeout(wait, answer).await.map_err(|_| Lost::Timeout(wait))??;
        Ok(Answered { outcome, time: start.elapsed(), progress: meanwhile.progress })
    }

    /// Tells the server something.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn notify(&self, method: &str, params: Value, wait: Duration) -> Result<(), Lost> {
        let text = json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string();
        let sent = async {
            match &self.inner.way {
                Way::Child(line) => line.tell(text).await,
                #[cfg(feature = "http")]
                Way::Http(door) => door.tell(&text, Some(method)).await,
            }
        };
        timeout(wait, sent).await.map_err(|_| Lost::Timeout(wait))?
    }

    /// Ends the server at once, where it is a child of ours (`SIGKILL`). Whether it was.
    pub async fn kill(&self) -> bool {
        match &self.inner.way {
            Way::Child(line) => {
                line.kill().await;
                true
            }
            #[cfg(feature = "http")]
            Way::Http(_) => false,
        }
    }

    /// Whether the server is a child of ours.
    pub fn is_child(&self) -> bool {
        matches!(self.inner.way, Way::Child(_))
    }

    /// Whether the connection can still be used.
    pub fn is_open(&self) -> bool {
        match &self.inner.way {
            Way::Child(line) => line.is_open(),
            #[cfg(feature = "http")]
            Way::Http(_) => true,
        }
    }

    /// Ends the connection and leaves nothing running.
    pub async fn close(&self) {
        match &self.inner.way {
            Way::Child(line) => line.close().await,
            #[cfg(feature = "http")]
            Way::Http(door) => door.close().await,
        }
    }
}

/// What a message is to a client with requests under way.
enum Sorted {
    /// The answer to a request of ours.
    Answer(u64, Result<Value, Value>),
    /// Progress of a request of ours, which has its number for a token.
    Progress(u64),
    /// A request of the server's, with what we answer.
    Asked(Value),
    /// Anything else.
    Other,
}

fn sort(bytes: &[u8], respond: &Responder) -> Vec<Sorted> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Array(batch)) => batch.into_iter().map(|one| sort_one(one, respond)).collect(),
        Ok(message) => vec![sort_one(message, respond)],
        Err(_) => Vec::new(),
    }
}

fn sort_one(mut message: Value, respond: &Responder) -> Sorted {
    let number = |id: &Value| id.as_u64().or_else(|| id.as_str()?.parse().ok());
    let method = message.get("method").and_then(Value::as_str).map(str::to_owned);
    let id = message.get("id").cloned().filter(|id| !id.is_null());
    match (method, id) {
        (Some(method), Some(id)) => {
            let nothing = json!({});
            let params = message.get("params").unwrap_or(&nothing);
            let result = if method == "ping" { Some(json!({})) } else { respond(&method, params) };
            Sorted::Asked(match result {
                Some(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
                None => {
                    let error = json!({"code": -32601, "message": "not supported by this client"});
                    json!({"jsonrpc": "2.0", "id": id, "error": error})
                }
            })
        }
        (Some(method), None) if method == "notifications/progress" => {
            let token = message.pointer("/params/progressToken").and_then(number);
            token.map_or(Sorted::Other, Sorted::Progress)
        }
        (None, Some(id)) => {
            let Some(id) = number(&id) else { return Sorted::Other };
            let mut member = |name: &str| message.get_mut(name).map(Value::take);
            match (member("result"), member("error")) {
                (Some(result), None | Some(Value::Null)) => Sorted::Answer(id, Ok(result)),
                (_, Some(error)) => Sorted::Answer(id, Err(error)),
                (None, None) => Sorted::Other,
            }
        }
        _ => Sorted::Other,
    }
}

fn lost(error: &TransportError) -> Lost {
    match error {
        TransportError::NotAMessage { .. } | TransportError::Unauthorized { .. } => {
            Lost::Refused(error.to_string())
        }
        TransportError::SessionLost { .. } => Lost::Forgotten(error.to_string()),
        _ => Lost::Gone(error.to_string()),
    }
}
