//! The mock over streamable HTTP, at one endpoint.
//!
//! A client of the older era gets a session, unless the recorded server had none; each request of the
//! newer one stands by itself. An answer is JSON, or a stream of events where it was recorded as one or
//! something comes before it.

use std::{
    collections::{HashMap, VecDeque},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Method, Request as HttpRequest, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc};

use super::{
    Mock,
    fingerprint::members,
    peer::{Heard, Peer},
    perform::Piece,
    request::Request,
};
use crate::{engine::protocol::revision::Era, live::transport::listen};

/// The path of the endpoint.
pub const PATH: &str = "/mcp";
const SESSION: &str = "mcp-session-id";
/// The longest request that is read, in bytes.
const MAX_BYTES: usize = 64 << 20;
/// The most sessions that are remembered; the oldest is forgotten first.
const MOST_SESSIONS: usize = 10_000;
/// How long the last bytes of a stream that breaks off have to get out: what is closed with an error is
/// closed with all that was not written yet.
const BEFORE_CUT: Duration = Duration::from_millis(50);
/// `HeaderMismatch` of 2026-07-28.
const HEADER_MISMATCH: i64 = -32020;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed, as ordered")]
struct Closed;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone)]
struct Endpoint {
    mock: Mock,
    /// Whether only requests that name this machine are taken.
    is_local: bool,
    sessions: Arc<Mutex<Sessions>>,
    /// The client of a server that had no sessions, whoever it is.
    everybody: Arc<Peer>,
}

#[derive(Default)]
struct Sessions {
    peers: HashMap<String, Arc<Peer>>,
    order: VecDeque<String>,
}

impl Mock {
    /// Answers what comes to a listener until `stop`, or until a fault ends the server: then with its exit
    /// code.
    pub async fn run_http(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> Option<u8> {
        let endpoint = Endpoint {
            mock: self.clone(),
            is_local: listen::is_local(&listener),
            sessions: Arc::default(),
            everybody: Arc::default(),
        };
        let handler = move |request| {
            let endpoint = endpoint.clone();
            async move { endpoint.handle(request).await }
        };
        let mut ended = self.shared.ended.subscribe();
        let stop = async {
            tokio::select! {
                () = stop => {}
                _ = ended.wait_for(Option::is_some) => {}
            }
        };
        listen::serve(listener, stop, handler).await;
        *self.shared.ended.borrow()
    }
}

/// The address of a listener's endpoint.
///
/// # Errors
/// When the system does not know where it listens.
pub fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}{PATH}", listener.local_addr()?))
}

impl Endpoint {
    async fn handle(&self, request: HttpRequest<Incoming>) -> Result<Response<Reply>, Closed> {
        let (parts, body) = request.into_parts();
        let is_ours = |headers| {
            listen::names_this_machine(headers) && listen::comes_from_this_machine(headers)
        };
        if self.is_local && !is_ours(&parts.headers) {
            return Ok(said(
                StatusCode::FORBIDDEN,
                "this mock takes requests for this machine only",
            ));
        }
        if parts.uri.path() != PATH {
            return Ok(said(StatusCode::NOT_FOUND, "the endpoint of this mock is /mcp"));
        }
        match parts.method {
            Method::POST => {}
            Method::DELETE => return Ok(self.end_session(&parts.headers)),
            _ => {
                let mut refused = said(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "this mock has no stream but those that answer a POST",
                );
                refused
                    .headers_mut()
                    .insert(header::ALLOW, HeaderValue::from_static("POST, DELETE"));
                return Ok(refused);
            }
        }
        let text = match Limited::new(body, MAX_BYTES).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Ok(said(StatusCode::PAYLOAD_TOO_LARGE, "a message has 64 MiB at most"));
            }
            Err(_) => return Err(Closed),
        };
        self.post(&parts.headers, &text).await
    }

    async fn post(&self, headers: &HeaderMap, text: &[u8]) -> Result<Response<Reply>, Closed> {
        let session = headers.get(SESSION).map(|id| String::from_utf8_lossy(id.as_bytes()));
        let peer = match session.as_deref().map(|id| self.sessions().peers.get(id).cloned()) {
            Some(Some(peer)) => Some(peer),
            Some(None) => return Ok(said(StatusCode::NOT_FOUND, "there is no such session")),
            None => None,
        };
        let is_without = self.mock.contents().is_without_sessions;
        let peer = match peer {
            None if is_without => Some(Arc::clone(&self.everybody)),
            peer => peer,
        };
        let heard = peer.clone().unwrap_or_default();
        let request = match heard.hear(text) {
            Heard::Request(request) => request,
            Heard::Nothing => return Ok(said(StatusCode::ACCEPTED, "")),
            Heard::Wrong(error) => return Ok(json_reply(StatusCode::BAD_REQUEST, error)),
        };
        if request.era == Era::Modern
            && let Some(error) = mismatch(&request, headers)
        {
            return Ok(json_reply(StatusCode::BAD_REQUEST, error));
        }
        let is_greeting = request.method == "initialize";
        let is_lost = request.era == Era::Legacy && !is_greeting && peer.is_none();
        // A fault may be for a request that is wrong otherwise, but not the other way round.
        if is_lost && self.mock.shared.options.era != Some(Era::Modern) {
            let what = "Mcp-Session-Id is missing: begin with `initialize`, or say the revision in `_meta`";
            return Ok(said(StatusCode::BAD_REQUEST, what));
        }
        let mut response = self.answer(&heard, *request, headers).await?;
        if is_greeting && !is_without && response.status() == StatusCode::OK {
            let id = self.begin_session(heard);
            response.headers_mut().insert(SESSION, id);
        }
        Ok(response)
    }

    async fn answer(
        &self,
        peer: &Arc<Peer>,
        request: Request,
        headers: &HeaderMap,
    ) -> Result<Response<Reply>, Closed> {
        let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        let takes_events = accepted
            .is_none_or(|accept| accept.contains("text/event-stream") || accept.contains("*/*"));
        let (out, mut pieces) = mpsc::channel(4);
        let (shared, peer_of, id) =
            (Arc::clone(&self.mock.shared), Arc::clone(peer), request.id.clone());
        let running = tokio::spawn(async move { shared.answer(&peer_of, request, out).await });
        peer.runs(&id, running.abort_handle());
        loop {
            match pieces.recv().await {
                Some(Piece::Answer(answer)) if !answer.is_stream || !takes_events => {
                    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
                    return Ok(json_reply(status, answer.text));
                }
                // Whoever takes no events does not get what comes before the answer.
                Some(Piece::Message(_)) if !takes_events => {}
                Some(Piece::Status(status, retry_after)) => {
                    return Ok(ordered_status(status, retry_after));
                }
                Some(Piece::Close) => return Err(Closed),
                // Until the client gives up.
                Some(Piece::Nothing) => std::future::pending().await,
                first => {
                    let events = Events { first, pieces, is_held: false, cut: None };
                    let mut response = Response::new(Reply::Events(events));
                    let headers = response.headers_mut();
                    let kind = HeaderValue::from_static("text/event-stream");
                    headers.insert(header::CONTENT_TYPE, kind);
                    let never = HeaderValue::from_static("no-cache");
                    headers.insert(header::CACHE_CONTROL, never);
                    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
                    return Ok(response);
                }
            }
        }
    }

    fn begin_session(&self, peer: Arc<Peer>) -> HeaderValue {
        let mut bytes = [0; 16];
        // Without random numbers, sessions can be guessed, on a machine of whoever tests.
        let _ = getrandom::fill(&mut bytes);
        let mut sessions = self.sessions();
        let number = sessions.order.len();
        let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = format!("{id}{number:x}");
        sessions.peers.insert(id.clone(), peer);
        sessions.order.push_back(id.clone());
        if sessions.order.len() > MOST_SESSIONS
            && let Some(oldest) = sessions.order.pop_front()
        {
            sessions.peers.remove(&oldest);
        }
        HeaderValue::from_str(&id).expect("hexadecimal digits are a header")
    }

    fn end_session(&self, headers: &HeaderMap) -> Response<Reply> {
        let id = headers.get(SESSION).map(|id| String::from_utf8_lossy(id.as_bytes()));
        match id.and_then(|id| self.sessions().peers.remove(&*id)) {
            Some(peer) => {
                peer.give_up();
                said(StatusCode::OK, "")
            }
            None => said(StatusCode::NOT_FOUND, "there is no such session"),
        }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong with the headers of a request of the newer era, as an answer (specification 2026-07-28,
/// transports, "Standard Request Headers").
fn mismatch(request: &Request, headers: &HeaderMap) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(plain);
    let params = request.params.raw.as_deref().and_then(members).unwrap_or_default();
    let text = |name: &str| serde_json::from_str::<String>(params.get(name)?.get()).ok();
    let named = match request.method.as_str() {
        "tools/call" | "prompts/get" => text("name"),
        "resources/read" => text("uri"),
        "tasks/get" | "tasks/update" | "tasks/cancel" => text("taskId"),
        _ => None,
    };
    let expected = [
        ("mcp-protocol-version", request.params.meta.revision.clone()),
        ("mcp-method", Some(request.method.clone())),
        ("mcp-name", named),
    ];
    expected.into_iter().find_map(|(name, expected)| {
        let expected = expected?;
        let found = header(name);
        if found.as_deref() == Some(&expected) {
            return None;
        }
        let found = found.map_or("missing".to_owned(), |found| format!("`{found}`"));
        let message = format!("the header `{name}` is {found}, and the message says `{expected}`");
        let error = json!({"code": HEADER_MISMATCH, "message": message});
        Some(request.error(&error.to_string()))
    })
}

/// The value of a header that may be written as `=?base64?…?=`.
fn plain(text: &str) -> String {
    let inner = text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let decoded = inner
        .and_then(|inner| BASE64_STANDARD.decode(inner).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.unwrap_or_else(|| text.to_owned())
}

fn said(status: StatusCode, text: &str) -> Response<Reply> {
    let body =
        if text.is_empty() { String::new() } else { format!("mcp-kit replay --mock: {text}\n") };
    let mut response = Response::new(Reply::Whole(Some(body.into())));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn json_reply(status: StatusCode, text: String) -> Response<Reply> {
    let mut response = Response::new(Reply::Whole(Some(text.into())));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn ordered_status(status: u16, retry_after: Option<u64>) -> Response<Reply> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = said(status, "a fault that was ordered");
    let headers = response.headers_mut();
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The body of a response.
enum Reply {
    Whole(Option<Bytes>),
    Events(Events),
}

/// A stream of events.
struct Events {
    first: Option<Piece>,
    pieces: mpsc::Receiver<Piece>,
    /// Whether the stream stays open and nothing comes any more.
    is_held: bool,
    /// It ends in the middle of an event, when what there is of that is on its way.
    cut: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Events {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Closed>>> {
        if let Some(wait) = &mut self.cut {
            return wait.as_mut().poll(context).map(|()| Some(Err(Closed)));
        }
        if self.is_held {
            return Poll::Pending;
        }
        let piece = match self.first.take() {
            Some(piece) => Some(piece),
            None => std::task::ready!(self.pieces.poll_recv(context)),
        };
        Poll::Ready(match piece {
            None => None,
            Some(Piece::Message(text)) => Some(Ok(event(&text))),
            Some(Piece::Answer(answer)) => Some(Ok(event(&answer.text))),
            Some(Piece::CutStream(text)) => {
                self.cut = Some(Box::pin(tokio::time::sleep(BEFORE_CUT)));
                let whole = event(&text);
                Some(Ok(whole.slice(..whole.len() / 2)))
            }
            Some(Piece::Close | Piece::Status(..)) => Some(Err(Closed)),
            Some(Piece::Nothing) => {
                self.is_held = true;
                return Poll::Pending;
            }
        })
    }
}

/// A message as an event. Every line of it is one of `data`.
fn event(text: &str) -> Bytes {
    let mut event = String::with_capacity(text.len() + 32);
    event.push_str("event: message\n");
    for line in text.lines() {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event.into()
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match &mut *self {
            Self::Whole(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Events(events) => events
                .poll(context)
                .map(|piece| piece.map(|piece| piece.map(Frame::data).map_err(Failure::from))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::{json, value::RawValue};

    use super::{mismatch, plain};
    use crate::live::replay::mock::request::Request;

    #[test]
    fn headers_have_to_say_what_the_message_says() {
        let params = json!({"name": "café", "arguments": {},
            "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}});
        let params = RawValue::from_string(params.to_string()).unwrap();
        let id = RawValue::from_string("1".to_owned()).unwrap();
        let request = Request::new(&id, "tools/call", Some(&params));
        let mut headers = HeaderMap::new();
        for (name, value, wrong) in [
            ("mcp-protocol-version", "2026-07-28", Some("`mcp-method` is missing")),
            ("mcp-method", "tools/call", Some("`mcp-name` is missing")),
            ("mcp-name", "cafe", Some("`mcp-name` is `cafe`, and the message says `café`")),
            ("mcp-name", "=?base64?Y2Fmw6k=?=", None),
            ("mcp-method", "tools/list", Some("`mcp-method` is `tools/list`")),
        ] {
            headers.insert(name, value.parse().unwrap());
            let found = mismatch(&request, &headers);
            match wrong {
                Some(wrong) => assert!(found.unwrap().contains(wrong), "{name} {value}"),
                None => assert_eq!(found, None),
            }
        }
        assert_eq!(plain("=?base64?!?="), "=?base64?!?=");
    }
}
