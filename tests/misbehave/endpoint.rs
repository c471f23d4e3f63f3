//! What a fine MCP endpoint answers to an HTTP request in either era: sessions, headers, statuses.
//!
//! As strict as `answer` is about messages, so that the client is checked as well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::answer::{self, MODERN_VERSION, Written, refusal};
use crate::connection::{Request, Response};
use crate::message::{Ask, Message, Tally, encode};
use crate::way::{Era, Way};

/// One HTTP request to an endpoint, and the message in it.
pub(crate) struct Exchange<'endpoint> {
    pub(crate) endpoint: &'endpoint Endpoint,
    pub(crate) request: Request,
    pub(crate) message: Message,
}

impl Exchange<'_> {
    /// The JSON-RPC request in the body, if there is one.
    pub(crate) fn ask(&self) -> Option<&Ask> {
        match &self.message {
            Message::Request(ask) => Some(ask),
            _ => None,
        }
    }
}

/// A server behind a URL.
pub(crate) struct Endpoint {
    pub(crate) way: &'static Way,
    port: u16,
    tally: Mutex<Tally>,
    /// How many sessions were ever opened.
    opened: AtomicU32,
    /// The open sessions, and whether each has seen `notifications/initialized`.
    sessions: Mutex<HashMap<String, bool>>,
    /// An answer that waits for the client to resume its stream.
    pub(crate) kept: Mutex<Option<Vec<u8>>>,
}

impl Endpoint {
    pub(crate) fn new(way: &'static Way, port: u16) -> Endpoint {
        let (tally, opened, sessions, kept) = Default::default();
        Endpoint { way, port, tally, opened, sessions, kept }
    }

    /// The URL of this server under one of the names of this machine.
    pub(crate) fn url(&self, host: &str) -> String {
        format!("{}/mcp", self.origin(host))
    }

    pub(crate) fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port)
    }

    pub(crate) fn count(&self, exchange: &mut Exchange) {
        if let Message::Request(ask) = &mut exchange.message {
            lock(&self.tally).count(ask);
        }
    }

    /// Forgets every session, as a server does that was restarted.
    pub(crate) fn forget_sessions(&self) {
        lock(&self.sessions).clear();
    }

    pub(crate) fn respond(&self, exchange: &Exchange) -> Response {
        let request = &exchange.request;
        if !matches!(request.path.as_str(), "/mcp" | "/mcp/") {
            return Response::empty(404).with_body("text/plain", "nothing here");
        }
        match request.method.as_str() {
            "POST" => self.post(exchange).unwrap_or_else(|refused| refused),
            "DELETE" => match self.session(request) {
                Ok(Some(session)) => {
                    lock(&self.sessions).remove(&session);
                    Response::empty(204)
                }
                Ok(None) => Response::empty(405).with("Allow", "POST"),
                Err(refused) => refused,
            },
            _ => Response::empty(405).with("Allow", "POST, DELETE"),
        }
    }

    /// Both arms are what is sent: an error is a refusal that ends the examination early.
    fn post(&self, exchange: &Exchange) -> Result<Response, Response> {
        let request = &exchange.request;
        let kind = request.header("content-type").unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(complain(415, -32600, "Content-Type is not application/json"));
        }
        let accept = request.header("accept").unwrap_or_default();
        if !(accept.contains("application/json") && accept.contains("text/event-stream")) {
            return Err(complain(406, -32600, "Accept without JSON or without event streams"));
        }
        match &exchange.message {
            Message::Request(ask) if answer::is_modern(self.way, ask) => {
                Ok(self.answer_modern(request, ask))
            }
            Message::Request(ask) => self.answer_legacy(request, ask),
            Message::Notification { method } => {
                if !is_modern_request(request) {
                    let session = self.session(request)?;
                    if let (Some(session), "notifications/initialized") = (session, method.as_str())
                    {
                        lock(&self.sessions).insert(session, true);
                    }
                }
                Ok(Response::empty(202))
            }
            Message::Answer(_) => Ok(Response::empty(202)),
            Message::Unreadable => Err(complain(400, -32700, "the body is not a message")),
        }
    }

    fn answer_legacy(&self, request: &Request, ask: &Ask) -> Result<Response, Response> {
        if ask.method == "initialize" {
            let response = Response::json(200, answer::answer(self.way, ask, false).bytes);
            return Ok(match self.open_session() {
                Some(session) => response.with("Mcp-Session-Id", &session),
                None => response,
            });
        }
        let session = self.session(request)?;
        match request.header("mcp-protocol-version") {
            Some("2025-11-25" | "2025-06-18") => {}
            _ => return Err(complain(400, -32600, "MCP-Protocol-Version is missing or unknown")),
        }
        let initialized =
            session.is_none_or(|session| lock(&self.sessions).get(&session) == Some(&true));
        Ok(Response::json(200, answer::answer(self.way, ask, initialized).bytes))
    }

    fn open_session(&self) -> Option<String> {
        if !self.way.sessions {
            return None;
        }
        // Counted by the sessions ever opened, so that a forgotten id never comes back.
        let id = format!("session-{}", self.opened.fetch_add(1, Ordering::Relaxed));
        lock(&self.sessions).insert(id.clone(), false);
        Some(id)
    }

    /// The session of the request: `None` when this server keeps none.
    fn session(&self, request: &Request) -> Result<Option<String>, Response> {
        if !self.way.sessions || self.way.era == Era::Modern {
            return Ok(None);
        }
        let Some(session) = request.header("mcp-session-id") else {
            return Err(complain(400, -32000, "Mcp-Session-Id is missing"));
        };
        if lock(&self.sessions).contains_key(session) {
            Ok(Some(session.to_string()))
        } else {
            Err(complain(404, -32001, "no such session"))
        }
    }

    fn answer_modern(&self, request: &Request, ask: &Ask) -> Response {
        let known = answer::answer(self.way, ask, true);
        let written = match header_mismatch(request, ask) {
            Some(complaint) if known.code != Some(-32601) => {
                answer::write(self.way, ask, refusal(-32020, &complaint))
            }
            _ => known,
        };
        let Written { bytes, code } = written;
        let status = match code {
            None => 200,
            Some(-32601) => 404,
            // A bad argument is the business of the message; bad `_meta` is that of the transport.
            Some(-32602) if ask.meta_version().is_some() => 200,
            Some(-32602 | -32020 | -32022) => 400,
            Some(_) => 200,
        };
        Response::json(status, bytes)
    }
}

fn is_modern_request(request: &Request) -> bool {
    request.header("mcp-protocol-version") == Some(MODERN_VERSION)
}

/// What is wrong with the headers that repeat the message (2026-07-28, streamable HTTP).
fn header_mismatch(request: &Request, ask: &Ask) -> Option<String> {
    let name = match ask.method.as_str() {
        "tools/call" | "prompts/get" => ask.params["name"].as_str(),
        "resources/read" => ask.params["uri"].as_str(),
        _ => None,
    };
    let expected = [
        ("mcp-protocol-version", ask.meta_version()),
        ("mcp-method", Some(ask.method.as_str())),
        ("mcp-name", name),
    ];
    expected
        .into_iter()
        .find(|(header, value)| value.is_some() && request.header(header) != *value)
        .map(|(header, _)| format!("the header {header} does not repeat the message"))
}

/// A refusal that belongs to no request.
fn complain(status: u16, code: i64, message: &str) -> Response {
    let error = json!({"code": code, "message": message});
    Response::json(status, encode(&json!({"jsonrpc": "2.0", "id": null, "error": error})))
}

/// Locks even if another connection died while it held the lock: its data is the best there is.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
