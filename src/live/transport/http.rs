//! A server behind a URL: streamable HTTP (specification 2026-07-28, transports, "Streamable
//! HTTP", and the same section of the revisions since 2025-03-26).
//!
//! Each message is one POST; the answer is a JSON body or an event stream. A stream of the older
//! revisions that breaks off after an event with an id is taken up again with `Last-Event-ID`.
//! Redirects are followed within the origin only, because the request carries credentials.

use std::{collections::VecDeque, error::Error, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{
        ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, WWW_AUTHENTICATE,
    },
    redirect::Policy,
};

use crate::live::mask;

use super::{
    Challenge, Incoming, Notice, NoticeKind, Outgoing, TransportError,
    event_stream::{Event, Parser, TooLong},
};

/// How to reach an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// An http or https address.
    pub url: String,
    /// Headers for every request, credentials included.
    pub headers: Vec<(String, String)>,
}

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

const MAX_REDIRECTS: usize = 5;
const MAX_RESUMPTIONS: usize = 3;
/// How much of a body that is no message is read and how much of it is quoted.
const EXCERPT_BYTES: usize = 2048;
const EXCERPT_CHARACTERS: usize = 120;
/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection to an endpoint.
#[derive(Debug)]
pub struct HttpLink {
    client: Client,
    url: Url,
    headers: HeaderMap,
    session: Option<HeaderValue>,
    revision: Option<HeaderValue>,
    answer: Answer,
    max_bytes: usize,
    /// Of the answer to the last request.
    pub(super) status: Option<u16>,
    pub(super) notices: Vec<Notice>,
}

/// What is left to read of the answer to the last request.
#[derive(Debug)]
enum Answer {
    Nothing,
    Whole(Vec<u8>),
    Stream(Box<Stream>),
}

/// An event stream that is being read.
#[derive(Debug)]
struct Stream {
    response: Response,
    parser: Parser,
    /// Messages that have arrived and were not handed out yet.
    ready: VecDeque<Vec<u8>>,
    /// How often it was taken up again.
    resumptions: usize,
}

impl Answer {
    fn stream(response: Response, max_bytes: usize, resumptions: usize) -> Self {
        let (parser, ready) = (Parser::new(max_bytes), VecDeque::new());
        Self::Stream(Box::new(Stream { response, parser, ready, resumptions }))
    }
}

impl HttpLink {
    /// Prepares a connection; nothing is sent yet. `max_bytes` bounds one message, after
    /// decompression.
    ///
    /// # Errors
    /// When the address or a header cannot be used.
    pub fn new(endpoint: &Endpoint, max_bytes: usize) -> Result<Self, TransportError> {
        let address =
            |reason: String| TransportError::Address { url: mask::address(&endpoint.url), reason };
        let header = |name: &str, part| TransportError::Header { name: name.to_owned(), part };
        let url = Url::parse(&endpoint.url).map_err(|error| address(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(address(format!("the scheme is `{}`, not http or https", url.scheme())));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &endpoint.headers {
            let parsed_name = name.parse::<HeaderName>().map_err(|_| header(name, "name"))?;
            // The value may be a secret and stays out of the message.
            let mut value = HeaderValue::from_str(value).map_err(|_| header(name, "value"))?;
            value.set_sensitive(true);
            headers.append(parsed_name, value);
        }
        // Ring is the one cryptography library that builds everywhere without a C toolchain of its
        // own; installing it twice is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .user_agent(concat!("mcp-kit/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| address(causes(&error)))?;
        Ok(Self {
            client,
            url,
            headers,
            session: None,
            revision: None,
            answer: Answer::Nothing,
            max_bytes,
            status: None,
            notices: Vec::new(),
        })
    }

    /// Another way into the same session, for a request that is under way at the same time.
    pub fn fork(&self) -> Self {
        Self {
            client: self.client.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            session: self.session.clone(),
            revision: self.revision.clone(),
            answer: Answer::Nothing,
            max_bytes: self.max_bytes,
            status: None,
            notices: Vec::new(),
        }
    }

    pub(super) fn set_revision(&mut self, revision: &str) {
        self.revision = HeaderValue::from_str(revision).ok();
    }

    /// Posts one message. For a request the answer is then there to [`receive`](Self::receive).
    ///
    /// # Errors
    /// When the endpoint cannot be reached, wants credentials, or answers with something that
    /// carries no message.
    pub async fn send(&mut self, outgoing: Outgoing<'_>) -> Result<(), TransportError> {
        let response = self.post(outgoing).await?;
        let status = response.status();
        self.status = Some(status.as_u16());
        if let Some(session) = response.headers().get(SESSION) {
            self.session = Some(session.clone());
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(self.unauthorized(&response));
        }
        if status == StatusCode::NOT_FOUND && self.session.is_some() {
            self.session = None;
            return Err(TransportError::SessionLost { url: self.shown_url() });
        }
        if !outgoing.is_request {
            if status != StatusCode::ACCEPTED {
                let status = status.as_u16();
                let detail = format!("a notification was answered with {status} instead of 202");
                self.notice(NoticeKind::HttpMismatch, detail);
            }
            return Ok(());
        }
        if is_event_stream(&response) && status.is_success() {
            self.answer = Answer::stream(response, self.max_bytes, 0);
            return Ok(());
        }
        self.answer = Answer::Whole(self.read_whole(response).await?);
        Ok(())
    }

    /// The next message of the answer to the last request.
    ///
    /// # Errors
    /// When the stream breaks and cannot be taken up again, or a message is too large.
    pub async fn receive(&mut self) -> Result<Incoming, TransportError> {
        loop {
            match &mut self.answer {
                Answer::Nothing => return Ok(Incoming::End),
                Answer::Whole(bytes) => {
                    let bytes = std::mem::take(bytes);
                    self.answer = Answer::Nothing;
                    return Ok(Incoming::Message(bytes));
                }
                Answer::Stream(stream) => {
                    if let Some(bytes) = stream.ready.pop_front() {
                        return Ok(Incoming::Message(bytes));
                    }
                    let end = match stream.response.chunk().await {
                        Ok(Some(chunk)) => {
                            let max_bytes = self.max_bytes;
                            let events = stream
                                .parser
                                .push(&chunk)
                                .map_err(|TooLong| TransportError::TooLarge { max_bytes })?;
                            // An event with empty data only carries an id to resume from, and one
                            // of another name is for somebody else.
                            let messages = events.into_iter().filter(Event::is_message);
                            stream.ready.extend(messages.map(|event| event.data));
                            continue;
                        }
                        Ok(None) => "the server closed it".to_owned(),
                        Err(error) => causes(&error),
                    };
                    self.resume(end).await?;
                }
            }
        }
    }

    /// Ends the session, if there is one. A server that will not hear of it is not a problem.
    pub(super) async fn close(&mut self) {
        self.answer = Answer::Nothing;
        if self.session.is_some() {
            let request = self.request(Method::DELETE, self.url.clone());
            let _ = tokio::time::timeout(FAREWELL, request.send()).await;
        }
    }

    /// Takes up a stream that ended, where the server has given an id to resume after.
    async fn resume(&mut self, end: String) -> Result<(), TransportError> {
        let answer = std::mem::replace(&mut self.answer, Answer::Nothing);
        let Answer::Stream(stream) = answer else { return Ok(()) };
        let Stream { mut parser, resumptions, .. } = *stream;
        if let Some(event) = parser.finish() {
            let detail = "a stream ends without the blank line that completes its last event";
            self.notice(NoticeKind::StreamCut, detail.to_owned());
            self.answer = Answer::Whole(event.data);
            return Ok(());
        }
        let inside = if parser.is_inside_event() { "in the middle of an event" } else { "early" };
        let reason = format!("{inside}: {end}");
        let cut = |reason| TransportError::StreamCut { url: self.shown_url(), reason };
        let Some(id) = parser.last_id() else { return Err(cut(reason)) };
        if resumptions == MAX_RESUMPTIONS {
            return Err(cut(format!("{reason}; it was taken up again {resumptions} times")));
        }
        let Ok(id) = HeaderValue::from_str(id) else { return Err(cut(reason)) };
        let request = self.request(Method::GET, self.url.clone());
        let request = request.header(ACCEPT, "text/event-stream").header(LAST_EVENT, id);
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        if !response.status().is_success() || !is_event_stream(&response) {
            let status = response.status().as_u16();
            return Err(cut(format!("{reason}; resuming was answered with {status}")));
        }
        self.answer = Answer::stream(response, self.max_bytes, resumptions + 1);
        Ok(())
    }

    async fn post(&mut self, outgoing: Outgoing<'_>) -> Result<Response, TransportError> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self
                .request(Method::POST, url.clone())
                .header(ACCEPT, "application/json, text/event-stream")
                .header(CONTENT_TYPE, "application/json")
                .body(outgoing.text.to_owned());
            if let Some(method) = outgoing.method {
                request = request.header(METHOD, method);
            }
            if let Some(name) = outgoing.name {
                request = request.header(NAME, header_text(name));
            }
            let response = request.send().await.map_err(|error| self.unreachable(&error))?;
            let location =
                response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
            let Some(location) = location else { return Ok(response) };
            let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
            let redirect = |reason| TransportError::Redirect {
                url: mask::address(url.as_str()),
                location: mask::address(&location),
                reason,
            };
            let next = url.join(&location).map_err(|_| redirect("which is not an address"))?;
            if next.origin() != url.origin() {
                return Err(redirect("which is another origin"));
            }
            let status = response.status().as_u16();
            let detail = format!("{} answers {status} and points to {}", url.path(), next.path());
            self.notice(NoticeKind::Redirected, detail);
            url = next;
        }
        let (url, location) = (self.shown_url(), mask::address(url.as_str()));
        Err(TransportError::Redirect { url, location, reason: "and goes on redirecting" })
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let mut request = self.client.request(method, url).headers(self.headers.clone());
        if let Some(session) = &self.session {
            request = request.header(SESSION, session.clone());
        }
        if let Some(revision) = &self.revision {
            request = request.header(REVISION, revision.clone());
        }
        request
    }

    /// Reads a body that should be one JSON message, and says what it is otherwise.
    async fn read_whole(&mut self, mut response: Response) -> Result<Vec<u8>, TransportError> {
        let status = response.status();
        let content_type = content_type(&response);
        let may_be_json = content_type.as_deref().is_none_or(|it| !it.starts_with("text/html"));
        let limit = if may_be_json { self.max_bytes } else { EXCERPT_BYTES };
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= limit => {
                    body.extend_from_slice(&chunk)
                }
                Ok(Some(chunk)) if !may_be_json => {
                    body.extend_from_slice(&chunk);
                    break;
                }
                Ok(Some(_)) => return Err(TransportError::TooLarge { max_bytes: limit }),
                Ok(None) => break,
                Err(error) => {
                    let (url, reason) = (self.shown_url(), causes(&error));
                    return Err(TransportError::StreamCut { url, reason });
                }
            }
        }
        let looks_like_json = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if !may_be_json || !matches!(looks_like_json, Some(b'{' | b'[' | 0xEF)) {
            let excerpt = excerpt(&body);
            let (url, status) = (self.shown_url(), status.as_u16());
            return Err(TransportError::NotAMessage { url, status, content_type, excerpt });
        }
        if status.is_success() && content_type.as_deref() != Some("application/json") {
            let found = content_type.unwrap_or_else(|| "no content type".to_owned());
            self.notice(NoticeKind::HttpMismatch, format!("a JSON answer is sent with {found}"));
        }
        Ok(body)
    }

    fn unauthorized(&self, response: &Response) -> TransportError {
        let header = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let challenge = header.map(Challenge::parse).unwrap_or_default();
        let (url, status) = (self.shown_url(), response.status().as_u16());
        TransportError::Unauthorized { url, status, challenge }
    }

    fn unreachable(&self, error: &reqwest::Error) -> TransportError {
        let (url, reason) = (self.shown_url(), causes(error));
        if is_parse_error(error) {
            TransportError::NotHttp { url, reason }
        } else {
            TransportError::Unreachable { url, reason }
        }
    }

    /// The address as it may be shown.
    fn shown_url(&self) -> String {
        mask::address(self.url.as_str())
    }

    fn notice(&mut self, kind: NoticeKind, detail: String) {
        let notice = Notice { kind, detail };
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

/// A header value for any text: as it is where that is safe, else in the encoded form of the
/// specification (2026-07-28, transports, "Mcp-Name").
fn header_text(text: &str) -> String {
    let is_safe = text.bytes().all(|byte| (0x20..0x7F).contains(&byte))
        && text.trim() == text
        && !text.starts_with("=?base64?");
    if is_safe { text.to_owned() } else { format!("=?base64?{}?=", BASE64_STANDARD.encode(text)) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

fn content_type(response: &Response) -> Option<String> {
    let header = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    Some(header.split(';').next().unwrap_or(header).trim().to_ascii_lowercase())
}

fn is_event_stream(response: &Response) -> bool {
    content_type(response).as_deref() == Some("text/event-stream")
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return "an empty body".to_owned();
    }
    words.join(" ").chars().take(EXCERPT_CHARACTERS).collect()
}

/// Whether something answered that is not HTTP.
fn is_parse_error(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        next = cause.source();
    }
    false
}

/// An error with its causes, outermost first, each said once.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn Error> = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}
