//! One question, one answer, and everything else that comes in between.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Address, Budget, SessionError, collect::result_member};
use crate::{
    engine::{
        finding::{Observation, ObservationKind},
        protocol::{
            frame::{self, Frame, FrameOddity, Id, Message},
            json::{Document, Kind, Oddity, OddityKind, View},
            revision::Revision,
        },
    },
    live::transport::{Incoming, Link, NoticeKind, Outgoing, TransportError},
};

/// How long an answer with a wrong id may stay the only one before it counts as the answer that
/// was meant.
const STRAY_GRACE: Duration = Duration::from_secs(2);
/// Observations of one kind beyond this many say nothing new.
const MAX_OBSERVATIONS: usize = 16;

/// A connection on which questions are asked one at a time.
#[derive(Debug)]
pub(super) struct Exchange {
    link: Link,
    budget: Budget,
    deadline: Instant,
    next_id: u64,
    /// Whether each request so far was answered.
    answered: HashMap<u64, bool>,
    /// What came during the current request and was no message.
    noise: Option<String>,
    /// Sent in `_meta` of every request in the modern era.
    modern: Option<Revision>,
    /// The revision that was agreed on, as the link knows it.
    revision: Option<String>,
    /// Whether the server has answered as a modern one.
    is_settled: bool,
    /// What we say that we can do.
    capabilities: Value,
    /// The methods of all notifications that came.
    heard: BTreeSet<String>,
    observations: Vec<Observation>,
}

/// A request that may be wrong on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) method: &'a str,
    /// What the `Mcp-Method` header says.
    pub(super) method_header: &'a str,
    /// The revision that this request alone is of.
    pub(super) revision: Option<&'a str>,
    /// Whether a modern request says of which revision it is.
    pub(super) has_meta: bool,
}

impl<'a> Asking<'a> {
    pub(super) fn properly(method: &'a str) -> Self {
        Self { method, method_header: method, revision: None, has_meta: true }
    }
}

impl Exchange {
    /// Connects as a client with these capabilities; nothing is sent yet.
    pub(super) async fn open_as(
        address: &Address,
        budget: &Budget,
        capabilities: Value,
    ) -> Result<Self, SessionError> {
        Ok(Self {
            capabilities,
            link: address.connect(budget).await?,
            budget: *budget,
            deadline: Instant::now() + budget.timeout,
            next_id: 1,
            answered: HashMap::new(),
            noise: None,
            modern: None,
            revision: None,
            is_settled: false,
            heard: BTreeSet::new(),
            observations: Vec::new(),
        })
    }

    pub(super) fn transport(&self) -> &'static str {
        self.link.name()
    }

    /// From now on every request says that it is of this modern revision.
    pub(super) fn speak_modern(&mut self, revision: Option<Revision>) {
        self.modern = revision;
        if let Some(revision) = revision {
            self.revision = Some(revision.as_str().to_owned());
            self.link.set_revision(revision.as_str());
        }
    }

    /// The server is modern: it has answered `server/discover`, and is held to its era.
    pub(super) fn settle(&mut self) {
        self.is_settled = true;
    }

    /// From now on requests carry the revision that `initialize` settled on.
    pub(super) fn speak_legacy(&mut self, revision: &str) {
        self.modern = None;
        self.revision = Some(revision.to_owned());
        self.link.set_revision(revision);
    }

    /// The HTTP status of the last answer; none on stdio.
    pub(super) fn status(&self) -> Option<u16> {
        self.link.status()
    }

    /// Whether a notification of that method has come.
    pub(super) fn has_heard(&self, method: &str) -> bool {
        self.heard.contains(method)
    }

    /// Asks, and waits for the answer until the end of the whole budget.
    pub(super) async fn request(
        &mut self,
        method: &str,
        params: Value,
    ) -> Result<Frame, SessionError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.request_within(method, params, left, self.budget.timeout).await
    }

    /// Asks, and waits for `wait`; a timeout names `limit`.
    pub(super) async fn request_within(
        &mut self,
        method: &str,
        params: Value,
        wait: Duration,
        limit: Duration,
    ) -> Result<Frame, SessionError> {
        self.ask(Asking::properly(method), params, wait, limit).await
    }

    /// The same with a request that may be wrong on purpose.
    pub(super) async fn ask(
        &mut self,
        asking: Asking<'_>,
        mut params: Value,
        wait: Duration,
        limit: Duration,
    ) -> Result<Frame, SessionError> {
        let method = asking.method;
        let id = self.next_id;
        self.next_id += 1;
        self.answered.insert(id, false);
        self.noise = None;
        if let Some(revision) = self.modern
            && asking.has_meta
        {
            let revision = asking.revision.unwrap_or(revision.as_str());
            params["_meta"] = modern_meta(revision, &self.capabilities);
        }
        let name = subject_name(method, &params);
        let text =
            json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string();
        let outgoing = Outgoing {
            text: &text,
            method: Some(asking.method_header),
            name: name.as_deref(),
            is_request: true,
        };
        if let Some(revision) = asking.revision {
            self.link.set_revision(revision);
        }
        let answer = async {
            self.link.send(outgoing).await?;
            self.answer_to(id, method).await
        };
        let answer = timeout(wait, answer).await;
        if let (Some(_), Some(revision)) = (asking.revision, &self.revision) {
            self.link.set_revision(revision);
        }
        self.observe_notices();
        match answer {
            Ok(answer) => answer,
            // Waiting was in vain because of what came instead, not because nothing came.
            Err(_) if self.noise.is_some() => {
                let found = self.noise.take().unwrap_or_default();
                Err(SessionError::WrongAnswer { method: method.to_owned(), found })
            }
            Err(_) => {
                let stderr = match &self.link {
                    Link::Child(child) => child.stderr_lines(),
                    #[cfg(feature = "http")]
                    Link::Http(_) => Vec::new(),
                };
                Err(SessionError::Timeout { method: method.to_owned(), limit, stderr })
            }
        }
    }

    /// Tells the server something.
    pub(super) async fn notify(&mut self, method: &str) -> Result<(), SessionError> {
        let text = json!({"jsonrpc": "2.0", "method": method}).to_string();
        let outgoing =
            Outgoing { text: &text, method: Some(method), name: None, is_request: false };
        let sent = timeout_at(self.deadline, self.link.send(outgoing)).await;
        self.observe_notices();
        match sent {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(SessionError::Timeout {
                method: method.to_owned(),
                limit: self.budget.timeout,
                stderr: Vec::new(),
            }),
        }
    }

    pub(super) fn observe(&mut self, kind: ObservationKind, detail: impl Into<String>) {
        let observation = Observation::on_wire(kind, detail);
        let same_kind = self.observations.iter().filter(|seen| seen.kind == kind).count();
        if same_kind < MAX_OBSERVATIONS && !self.observations.contains(&observation) {
            self.observations.push(observation);
        }
    }

    /// Every result of the modern era says whether it is complete (specification 2026-07-28, "Result
    /// Types"); an answer of another type does not hold what was asked for.
    pub(super) fn check_result_type(&mut self, frame: &Frame, method: &str) {
        let Some(result) = frame.result().filter(|result| result.kind() == Kind::Object) else {
            return;
        };
        // Asking back is for what does something; a list has nothing to ask.
        let may_ask = matches!(method, "tools/call" | "prompts/get" | "resources/read");
        let is_known = |it: &str| it == "complete" || (may_ask && it == "input_required");
        let found = match result.get("resultType") {
            Some(known) if known.as_str().as_deref().is_some_and(is_known) => return,
            Some(other) => other.text(),
            None if self.modern.is_some() => "absent",
            None => return,
        };
        let detail = format!("`resultType` is {found} in the answer to `{method}`");
        self.observe(ObservationKind::UnknownResultType, detail);
    }

    /// Lists of the modern era, and what a server says of itself, say how long and for whom they may
    /// be kept (specification 2026-07-28, "Caching"), and all pages of one list say the same scope.
    pub(super) fn check_cache_hints(&mut self, page: &Frame, first: Option<&Frame>, method: &str) {
        let lifetime = result_member(page, "ttlMs");
        let is_lifetime = |view: View<'_>| view.text().parse::<u64>().is_ok();
        if !lifetime.is_some_and(is_lifetime) {
            let found = lifetime.map_or("absent", View::text);
            let detail =
                format!("`ttlMs` of `{method}` is {found}, not an integer of zero or more");
            self.observe(ObservationKind::CacheHints, detail);
        }
        let scope = result_member(page, "cacheScope");
        let is_scope =
            |view: View<'_>| matches!(view.as_str().as_deref(), Some("public" | "private"));
        if !scope.is_some_and(is_scope) {
            let found = scope.map_or("absent", View::text);
            let detail =
                format!("`cacheScope` of `{method}` is {found}, not \"public\" or \"private\"");
            self.observe(ObservationKind::CacheHints, detail);
        }
        let first_scope = first.and_then(|first| result_member(first, "cacheScope"));
        if first.is_some() && first_scope.map(View::text) != scope.map(View::text) {
            let detail = format!("`cacheScope` of `{method}` differs between its pages");
            self.observe(ObservationKind::CacheHints, detail);
        }
    }

    fn observe_noise(&mut self, detail: String) {
        self.noise.get_or_insert_with(|| detail.clone());
        self.observe(ObservationKind::NotAMessage, detail);
    }

    /// What we say that we can do.
    pub(super) fn capabilities(&self) -> &Value {
        &self.capabilities
    }

    /// The connection itself, for whoever goes on with it in another way, and the first id that was not
    /// used on it.
    pub(super) fn into_link(self) -> (Link, u64) {
        (self.link, self.next_id)
    }

    /// Ends the connection and hands over what was observed on it.
    pub(super) async fn close(mut self) -> Vec<Observation> {
        self.link.close().await;
        self.observe_notices();
        self.observations
    }

    async fn answer_to(&mut self, id: u64, method: &str) -> Result<Frame, SessionError> {
        let mut stray: Option<(String, Instant)> = None;
        loop {
            let received = match &stray {
                None => self.link.receive().await,
                Some((_, until)) => match timeout_at(*until, self.link.receive()).await {
                    Ok(received) => received,
                    Err(_) => {
                        let (found, _) = stray.expect("this arm has a stray answer");
                        return Err(SessionError::WrongAnswer { method: method.to_owned(), found });
                    }
                },
            };
            let bytes = match received? {
                Incoming::Message(bytes) => bytes,
                Incoming::End => {
                    let found = match stray {
                        Some((found, _)) => found,
                        None => self.noise.take().unwrap_or_else(|| {
                            "nothing: the response ended without an answer".to_owned()
                        }),
                    };
                    return Err(SessionError::WrongAnswer { method: method.to_owned(), found });
                }
            };
            let mut answer = None;
            for frame in self.read(&bytes)? {
                if let Some(frame) = self.sort(frame, id, &mut stray).await? {
                    answer = Some(frame);
                }
            }
            if let Some(frame) = answer {
                return Ok(frame);
            }
        }
    }

    /// The messages in some bytes; none where they are not a message, which is only observed.
    fn read(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, SessionError> {
        match frame::read(bytes, &self.budget.limits()) {
            Ok(frames) => Ok(frames),
            Err(error) if error.position.is_none() => Err(SessionError::TooLarge(error)),
            Err(error) => {
                let text = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
                let text: String = text.trim().chars().take(80).collect();
                let what = match self.link {
                    Link::Child(_) => "a line on standard output",
                    #[cfg(feature = "http")]
                    Link::Http(_) => "an answer",
                };
                self.observe_noise(format!("{what} is no message ({error}): `{text}`"));
                Ok(Vec::new())
            }
        }
    }

    /// Returns the frame if it is the answer; deals with it otherwise.
    async fn sort(
        &mut self,
        frame: Frame,
        id: u64,
        stray: &mut Option<(String, Instant)>,
    ) -> Result<Option<Frame>, SessionError> {
        self.observe_oddities(&frame);
        match &frame.message {
            // An answer without an id can only be meant for the one question that is open.
            Message::Result(answered) | Message::Error(answered, _)
                if answered.answers(id) || *answered == Id::None =>
            {
                if matches!(answered, Id::String(_)) {
                    let detail = format!("the id {id} came back as the string \"{id}\"");
                    self.observe(ObservationKind::MalformedMessage, detail);
                }
                self.answered.insert(id, true);
                Ok(Some(frame))
            }
            Message::Result(other) | Message::Error(other, _) => {
                let text = match other {
                    Id::Number(text) => text.clone(),
                    Id::String(text) => format!("\"{text}\""),
                    Id::None => "null".to_owned(),
                };
                match self.answered.iter_mut().find(|(asked, _)| other.answers(**asked)) {
                    // Late, after we stopped waiting: rude of us, not of the server.
                    Some((_, is_answered)) if !*is_answered => *is_answered = true,
                    Some(_) => {
                        let detail = format!("the request {text} was answered twice");
                        self.observe(ObservationKind::UnexpectedResponse, detail);
                    }
                    None => {
                        let detail =
                            format!("an answer has the id {text}, which nobody asked with");
                        self.observe(ObservationKind::UnexpectedResponse, detail);
                        let found = format!("the id {text} instead of {id}");
                        self.noise.get_or_insert_with(|| found.clone());
                        stray.get_or_insert((found, Instant::now() + STRAY_GRACE));
                    }
                }
                Ok(None)
            }
            Message::Request(server_id, method) => {
                self.reply(server_id, method).await?;
                Ok(None)
            }
            Message::Notification(method) => {
                self.observe_notification(method);
                Ok(None)
            }
            Message::Other(what) => {
                self.observe_noise(format!("{what} where a JSON-RPC message was expected"));
                Ok(None)
            }
        }
    }

    /// We ask for no log, no progress and no changes, so that nothing may be told of them
    /// (specification 2026-07-28, "Logging", "Progress" and "Subscriptions"). Before, log and changes
    /// came unasked.
    fn observe_notification(&mut self, method: &str) {
        const OLD_ONLY: [&str; 5] = [
            "notifications/message",
            "notifications/tools/list_changed",
            "notifications/prompts/list_changed",
            "notifications/resources/list_changed",
            "notifications/resources/updated",
        ];
        if self.heard.len() < MAX_OBSERVATIONS {
            self.heard.insert(method.to_owned());
        }
        let is_unasked =
            method == "notifications/progress" || (self.is_settled && OLD_ONLY.contains(&method));
        if is_unasked {
            let detail = format!("`{method}` comes without having been asked for");
            self.observe(ObservationKind::UnrequestedNotification, detail);
        }
    }

    /// Answers a request of the server: we declared no capability, so only `ping` is legitimate.
    async fn reply(&mut self, id: &Id, method: &str) -> Result<(), SessionError> {
        let id = match id {
            Id::Number(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Id::String(text) => Value::String(text.clone()),
            Id::None => return Ok(()),
        };
        let answer = if method == "ping" && self.modern.is_none() {
            json!({"jsonrpc": "2.0", "id": id, "result": {}})
        } else {
            let detail =
                format!("the server asks for `{method}`, which we offered no capability for");
            self.observe(ObservationKind::MalformedMessage, detail);
            let error = json!({"code": -32601, "message": "not supported by this client"});
            json!({"jsonrpc": "2.0", "id": id, "error": error})
        };
        let text = answer.to_string();
        let outgoing = Outgoing { text: &text, method: None, name: None, is_request: false };
        Ok(self.link.send(outgoing).await?)
    }

    fn observe_oddities(&mut self, frame: &Frame) {
        let document = frame.view().document();
        for oddity in &frame.oddities {
            let (kind, detail) = match oddity {
                FrameOddity::Json(oddity) => {
                    if is_seen_again(frame, oddity) {
                        continue;
                    }
                    (ObservationKind::Json(oddity.kind), place_of(document, oddity))
                }
                FrameOddity::Version(found) => {
                    let found = found.as_deref().unwrap_or("absent");
                    (
                        ObservationKind::MalformedMessage,
                        format!("`jsonrpc` is {found}, not \"2.0\""),
                    )
                }
                FrameOddity::Id(found) => {
                    (ObservationKind::MalformedMessage, format!("the id of an answer is {found}"))
                }
                FrameOddity::NoOutcome => {
                    let detail = "an answer has neither `result` nor `error`".to_owned();
                    (ObservationKind::MalformedMessage, detail)
                }
                FrameOddity::ResultAndError => {
                    let detail = "an answer has both `result` and `error`".to_owned();
                    (ObservationKind::MalformedMessage, detail)
                }
                FrameOddity::Error(found) => {
                    let found: String = found.chars().take(80).collect();
                    let detail = format!("`error` lacks an integer `code` or a `message`: {found}");
                    (ObservationKind::MalformedMessage, detail)
                }
                FrameOddity::Batch => {
                    let detail = "messages come as a batch, which ended with 2025-06-18".to_owned();
                    (ObservationKind::MalformedMessage, detail)
                }
            };
            self.observe(kind, detail);
        }
    }

    fn observe_notices(&mut self) {
        for notice in self.link.take_notices() {
            let kind = match notice.kind {
                NoticeKind::LineEnding => ObservationKind::LineEnding,
                NoticeKind::HttpMismatch => ObservationKind::HttpMismatch,
                NoticeKind::Redirected => ObservationKind::Redirected,
                NoticeKind::StreamCut => ObservationKind::StreamCut,
                NoticeKind::DidNotStop => ObservationKind::DidNotStop,
            };
            self.observe(kind, notice.detail);
        }
    }
}

/// Whether the oddity stands in a listed item, where reading the surface will meet it again, with
/// a better place to point at. What decoding replaced is gone by then and must be reported here.
fn is_seen_again(frame: &Frame, oddity: &Oddity) -> bool {
    if matches!(oddity.kind, OddityKind::InvalidUtf8 | OddityKind::ByteOrderMark) {
        return false;
    }
    let Some(result) = frame.result() else { return false };
    ["tools", "prompts", "resources", "resourceTemplates"]
        .iter()
        .filter_map(|list| result.get(list))
        .flat_map(|list| list.items())
        .any(|item| item.span().contains(&oddity.span.start))
}

fn place_of(document: &Document, oddity: &Oddity) -> String {
    let what = match oddity.kind {
        OddityKind::DuplicateKey => "a key that stands twice",
        OddityKind::InvalidUtf8 => "bytes that are not UTF-8",
        OddityKind::LoneSurrogate => "half of a surrogate pair",
        OddityKind::ControlCharacter => "a raw control character in a string",
        OddityKind::ByteOrderMark => return "a message starts with a byte order mark".to_owned(),
        OddityKind::NumberOutOfRange => "a number that no 64-bit type holds",
        OddityKind::TooDeep => "nesting deeper than 128 levels",
    };
    format!("{what} at {} of a message", document.pointer_at(oddity.span.start))
}

pub(super) fn modern_meta(revision: &str, capabilities: &Value) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": revision,
        "io.modelcontextprotocol/clientInfo": client_info(),
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    })
}

/// How we introduce ourselves.
pub(super) fn client_info() -> Value {
    json!({"name": "mcp-kit", "version": env!("CARGO_PKG_VERSION")})
}

/// What the `Mcp-Name` header of a request says (specification 2026-07-28, transports).
pub(super) fn subject_name(method: &str, params: &Value) -> Option<String> {
    let member = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _ => return None,
    };
    params.get(member)?.as_str().map(str::to_owned)
}

/// Whether a failure to answer still leaves the connection usable.
pub(super) fn is_refusal(error: &SessionError) -> bool {
    matches!(
        error,
        SessionError::Timeout { .. }
            | SessionError::WrongAnswer { .. }
            | SessionError::Transport(TransportError::NotAMessage { .. })
    )
}
