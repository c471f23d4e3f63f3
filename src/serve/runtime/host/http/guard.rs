//! What every request for the protocol passes before the SDK sees it.

use std::{error::Error, sync::Arc};

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use super::{
    super::{
        super::{
            guidance::{Failure, Next as Step},
            identity::{Challenge, Identity, Metadata, Refusal, bearer},
            points::Wire,
            store::{Store, StoreError},
        },
        message::{self, INVALID_REQUEST, Invalid, Message},
        metrics::Metrics,
        tally::{Counted, Tally},
        trace::Trace,
    },
    Access, Config,
    answering::{Answering, Places, until_sent},
    session::{Full, Sessions, on_behalf_of},
};

const SESSION: &str = "mcp-session-id";
pub(super) const TRACEPARENT: &str = "traceparent";
pub(super) const REQUEST_ID: &str = "x-request-id";
/// Seconds after which a client may ask again when there was no room for it.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
/// How long to wait, in milliseconds, while the store does not answer.
const STORE_RETRY_MS: u64 = 2_000;
/// JSON-RPC codes of the specification's range for servers of their own (outside −32768 to −32000).
const BUSY: i64 = -31_000;

pub(super) struct Guard {
    config: Config,
    sessions: Arc<Sessions>,
    places: Places,
    /// By user.
    streams: Tally,
    /// By session and id.
    under_way: Tally,
}

impl Guard {
    pub(super) fn new(config: Config, sessions: Arc<Sessions>, running: TaskTracker) -> Self {
        let metrics = Arc::clone(&config.metrics);
        let places = Places::new(config.limits.requests, running, metrics);
        let (streams, under_way) = (Tally::default(), Tally::default());
        Self { config, sessions, places, streams, under_way }
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.config.store
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.config.metrics
    }

    /// What it is made of.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// A place for one more request, if there is one.
    pub(super) fn place(&self) -> Option<Answering> {
        self.places.take()
    }

    /// One more stream on which this user listens, if there is room.
    fn stream(&self, user: &Identity) -> Option<Counted> {
        self.streams.take(user.principal(), self.config.limits.streams_per_user)
    }

    /// Room for a request of a session. Two with one id would get each other's answers, or none.
    fn under_way(&self, session: &str, message: Option<Message>) -> Result<Room, Response> {
        let Some(request) = message.filter(Message::is_request) else { return Ok(Room::default()) };
        let under_way = self.under_way.take(format!("{session} {}", request.id), 1);
        if under_way.is_none() {
            self.config.metrics.refused("id_under_way");
            let message = "a request with this id is being answered in this session";
            let status = StatusCode::BAD_REQUEST;
            return Err(json_rpc_error(status, INVALID_REQUEST, &request.id, message));
        }
        Ok(Room { beginning: None, under_way })
    }

    /// What is said about where to get a token; nothing where none is needed.
    pub(super) fn metadata(&self) -> Option<&Metadata> {
        match &self.config.access {
            Access::Tokens(tokens) => Some(&tokens.metadata),
            Access::Everybody(_) => None,
        }
    }

    /// Who asks, by the token of the request.
    async fn identity(&self, headers: &HeaderMap) -> Result<Arc<Identity>, Response> {
        let tokens = match &self.config.access {
            Access::Everybody(identity) => return Ok(Arc::clone(identity)),
            Access::Tokens(tokens) => tokens,
        };
        let values = headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let checked = match bearer(values) {
            Ok(token) => tokens.verifier.verify(token).await,
            Err(refusal) => Err(refusal),
        };
        let refusal = match (checked, &tokens.without_token) {
            (Ok(identity), _) => return Ok(identity),
            (Err(Refusal::NoToken), Some(identity)) => return Ok(Arc::clone(identity)),
            (Err(refusal), _) => refusal,
        };
        self.config.metrics.refused(refusal.name());
        if let Refusal::NoKeys(fault) = &refusal {
            error!(%fault, "tokens cannot be checked");
            return Err(unavailable("tokens cannot be checked at the moment", &Value::Null));
        }
        info!(%refusal, "a request is not authenticated");
        Err(challenge(&tokens.metadata, Challenge::from(&refusal), tokens.scopes.as_slice()))
    }

    /// The scopes that a call needs and its token lacks are answered by HTTP, which a tool cannot.
    fn lacks_scopes(&self, message: &Message, identity: &Identity) -> Option<Response> {
        let Access::Tokens(tokens) = &self.config.access else { return None };
        let name = message.name.as_deref().filter(|_| message.is("tools/call"))?;
        let needed = (self.config.lacking_scopes)(name, identity)?;
        self.config.metrics.refused("insufficient_scope");
        Some(challenge(&tokens.metadata, Challenge::InsufficientScope, needed))
    }
}

/// 401 or 403, with what it takes to do better.
pub(super) fn challenge(metadata: &Metadata, challenge: Challenge, scopes: &[&str]) -> Response {
    let status = StatusCode::from_u16(challenge.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    (status, [(header::WWW_AUTHENTICATE, metadata.challenge(challenge, scopes))]).into_response()
}

/// Lets a request through to the SDK with its identity and without its token, or answers it.
pub(super) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let traceparent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let trace = Trace::new(traceparent);
    let correlation_id = trace.correlation_id.clone();
    let place = guard.places.take().or_else(|| guard.places.take_for_answer());
    let mut response = match place {
        Some(answering) => pass(&guard, request, answering, trace, next).await,
        None => busy(&guard, &Value::Null),
    };
    if let Ok(value) = HeaderValue::from_str(&correlation_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn busy(guard: &Guard, id: &Value) -> Response {
    guard.config.metrics.refused("busy");
    unavailable("the server is answering as many requests as it takes", id)
}

async fn pass(
    guard: &Guard,
    request: Request,
    answering: Answering,
    trace: Trace,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let identity = match guard.identity(&parts.headers).await {
        Ok(identity) => identity,
        Err(response) => return response,
    };
    // From here on nothing can see the token.
    parts.headers.remove(header::AUTHORIZATION);
    let (bytes, message) = match read(guard, &parts, body).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    // What is refused from here on is refused under the id that whoever has sent it waits for.
    let id = message.as_ref().filter(|it| it.is_request()).map(|it| it.id.clone());
    let id = id.unwrap_or_default();
    if answering.is_for_answer && !message.as_ref().is_some_and(Message::is_answer) {
        return busy(guard, &id);
    }
    if let Some(response) =
        message.as_ref().and_then(|message| guard.lacks_scopes(message, &identity))
    {
        return response;
    }
    // A stream on which a client listens lasts as long as it likes. It is no answer that is awaited.
    let is_stream = parts.method == Method::GET
        || message.as_ref().is_some_and(|message| message.is("subscriptions/listen"));
    let room = match session(guard, &parts.headers, &identity, message, &trace).await {
        Ok(room) => room,
        Err(response) => return response,
    };
    let stream = match is_stream.then(|| guard.stream(&identity)) {
        Some(None) => {
            guard.config.metrics.refused("too_many_streams");
            return too_many("this user listens on as many streams as one user may; end some", &id);
        }
        stream => stream.flatten(),
    };
    parts.extensions.insert(Arc::clone(&identity));
    parts.extensions.insert(trace);
    let sending = Sending(parts.extensions.get().cloned());
    let Room { beginning, under_way } = room;
    let request = Request::from_parts(parts, Body::from(bytes));
    let response = match on_behalf_of(identity, next.run(request)).await {
        Ok(response) => response,
        Err(fault) => return store_fault(&fault, &id),
    };
    drop(beginning);
    match stream {
        Some(stream) => until_sent(response, stream),
        None => until_sent(response, (answering, under_way, sending)),
    }
}

/// Says at the end of an answer that nothing of it is missing, where somebody watches.
struct Sending(Option<Wire>);

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(wire) = &self.0 {
            wire.is_whole();
        }
    }
}

/// The body of a request, looked at before it is parsed.
async fn read(
    guard: &Guard,
    parts: &Parts,
    body: Body,
) -> Result<(Bytes, Option<Message>), Response> {
    let limits = &guard.config.limits;
    let refuse = |reason, status, code, id: &Value, message: &str| {
        guard.config.metrics.refused(reason);
        warn!(reason, "a request is refused");
        json_rpc_error(status, code, id, message)
    };
    let bytes = match timeout(limits.body, to_bytes(body, limits.message_bytes)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(fault)) if !fault.source().is_some_and(|cause| cause.is::<LengthLimitError>()) => {
            let message = "the body breaks off, or is not as its head says";
            let status = StatusCode::BAD_REQUEST;
            return Err(refuse("not_whole", status, INVALID_REQUEST, &Value::Null, message));
        }
        Ok(Err(_)) => {
            let message = format!("the body has more than {} bytes", limits.message_bytes);
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(refuse("too_long", status, INVALID_REQUEST, &Value::Null, &message));
        }
        Err(_) => {
            let status = StatusCode::REQUEST_TIMEOUT;
            let message = "the body has not come in time";
            return Err(refuse("too_slow", status, INVALID_REQUEST, &Value::Null, message));
        }
    };
    if parts.method != Method::POST {
        return Ok((bytes, None));
    }
    match Message::read(&bytes) {
        Ok(message) => Ok((bytes, Some(message))),
        Err(invalid) => {
            let Invalid { reason, code, id, message } = invalid;
            Err(refuse(reason, StatusCode::BAD_REQUEST, code, &id, &message))
        }
    }
}

/// What a request has room in, as long as it takes.
#[derive(Default)]
struct Room {
    /// The session that it begins.
    beginning: Option<Counted>,
    /// Its id in the session that it is part of.
    under_way: Option<Counted>,
}

/// Whether there is room for the session that a request begins, and whether the one that it goes on
/// with is of this user; for all others it does not exist.
async fn session(
    guard: &Guard,
    headers: &HeaderMap,
    identity: &Identity,
    message: Option<Message>,
    trace: &Trace,
) -> Result<Room, Response> {
    let is = |method| message.as_ref().is_some_and(|message| message.is(method));
    let session = headers.get(SESSION);
    let id = message.as_ref().filter(|it| it.is_request()).map(|it| it.id.clone());
    let id = id.unwrap_or_default();
    if is("initialize") {
        if session.is_some() {
            // The SDK would take it into the session, whosever that is.
            guard.config.metrics.refused("unknown_session");
            let message = "initialize begins a session; leave Mcp-Session-Id out";
            return Err(json_rpc_error(StatusCode::BAD_REQUEST, INVALID_REQUEST, &id, message));
        }
        let full = match guard.sessions.begin(identity).await {
            Ok(Ok(beginning)) => {
                return Ok(Room { beginning: Some(beginning), under_way: None });
            }
            Ok(Err(full)) => full,
            Err(fault) => return Err(store_fault(&fault, &id)),
        };
        guard.config.metrics.refused("too_many_sessions");
        return Err(match full {
            Full::User => {
                too_many("this user has as many sessions as one user may have; end some", &id)
            }
            Full::Process => unavailable("the server has as many sessions as it takes", &id),
        });
    }
    let Some(session) = session else { return Ok(Room::default()) };
    let theirs = session.to_str().ok();
    let is_theirs = match theirs {
        Some(session) => guard.sessions.is_of(session, identity).await,
        None => Ok(false),
    };
    let is_theirs = match is_theirs {
        Ok(is_theirs) => is_theirs,
        // A model that has called a tool is told in the words of a tool when to call again.
        Err(fault) if is("tools/call") => {
            error!(%fault, correlation_id = trace.correlation_id, "sessions cannot be kept");
            guard.config.metrics.refused("no_store");
            return Err(unavailable_call(&id, &trace.correlation_id));
        }
        Err(fault) => return Err(store_fault(&fault, &id)),
    };
    if let Some(session) = theirs.filter(|_| is_theirs) {
        return guard.under_way(session, message);
    }
    guard.config.metrics.refused("unknown_session");
    let message = "session not found";
    Err(json_rpc_error(StatusCode::NOT_FOUND, INVALID_REQUEST, &id, message))
}

fn store_fault(fault: &StoreError, id: &Value) -> Response {
    error!(%fault, "sessions cannot be kept");
    unavailable("sessions cannot be kept at the moment", id)
}

/// The answer to the call of a tool, whichever it is, while its session cannot be looked up.
fn unavailable_call(id: &Value, correlation_id: &str) -> Response {
    let message = "sessions cannot be looked up at the moment";
    let mut failure = Failure::unavailable(message, STORE_RETRY_MS);
    // What the tool is, and whether it takes a key, is not known here.
    failure.next = Step::wait(format!(
        "repeat the same call after {STORE_RETRY_MS} ms, with the same idempotency key if it has one"
    ));
    correlation_id.clone_into(&mut failure.correlation_id);
    let envelope = failure.envelope();
    let content = json!([{"type": "text", "text": envelope.to_string()}]);
    let result = json!({"content": content, "structuredContent": envelope, "isError": true});
    Json(json!({"jsonrpc": "2.0", "id": id, "result": result})).into_response()
}

fn unavailable(message: &str, id: &Value) -> Response {
    retry_later(StatusCode::SERVICE_UNAVAILABLE, message, id)
}

fn too_many(message: &str, id: &Value) -> Response {
    retry_later(StatusCode::TOO_MANY_REQUESTS, message, id)
}

fn retry_later(status: StatusCode, message: &str, id: &Value) -> Response {
    let mut response = json_rpc_error(status, BUSY, id, message);
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

/// The answer to what is not even looked at.
pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    json_rpc_error(status, INVALID_REQUEST, &Value::Null, message)
}

fn json_rpc_error(status: StatusCode, code: i64, id: &Value, message: &str) -> Response {
    (status, Json(message::error(id, code, message))).into_response()
}
