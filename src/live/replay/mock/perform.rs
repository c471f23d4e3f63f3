//! How one request is answered: what came before the answer, the answer, and what goes wrong with it.
//! Questions of the server in between are put by [`question`](super::question).

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json, value::RawValue};
use tokio::{
    sync::mpsc::Sender,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Miss, Shared, Told,
    fault::FaultKind,
    fingerprint::members,
    greeting::{self, Untranslated},
    library::{Between, BetweenKind, Entry},
    nearest,
    peer::Peer,
    question::agrees,
    request::{Request, Rpc},
};
use crate::engine::protocol::revision::{Era, Revision};

/// What goes out in answer to a request, piece by piece.
#[derive(Debug)]
pub(super) enum Piece {
    /// A notification or a request.
    Message(String),
    /// The answer.
    Answer(Answer),
    /// An answer in the middle of which the stream of events ends. HTTP only.
    CutStream(#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "HTTP only"))] String),
    /// A status instead of an answer. HTTP only.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "HTTP only"))]
    Status(u16, Option<u64>),
    /// There will be no answer.
    Nothing,
    /// The connection is closed without one.
    Close,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The message.
    pub(super) text: String,
    /// Whether it is the event of a stream, over HTTP.
    pub(super) is_stream: bool,
    /// The status, over HTTP, where it is none.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "HTTP only"))]
    pub(super) status: u16,
}

/// Nobody waits for the answer any more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gone;

/// The longest that is waited for a recorded time.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const INTERNAL_ERROR: i64 = -32603;
const UNSUPPORTED_PROTOCOL_VERSION: i64 = -32022;

impl Answer {
    pub(super) fn plain(text: String) -> Self {
        Self { text, is_stream: false, status: 200 }
    }
}

impl Shared {
    /// Answers a request.
    pub(super) async fn answer(&self, peer: &Peer, mut request: Request, out: Sender<Piece>) {
        if self.options.era == Some(Era::Legacy) && request.method != "server/discover" {
            // A server of the older era does not know what the newer one has in `_meta`.
            request.era = Era::Legacy;
        }
        // Where nobody is left to answer to, there is nothing left to do.
        let _: Result<(), Gone> = self.answer_through(peer, &request, &out).await;
        peer.done(&request.id);
    }

    async fn answer_through(
        &self,
        peer: &Peer,
        request: &Request,
        out: &Sender<Piece>,
    ) -> Result<(), Gone> {
        let fault = self.strike(request).map(|fault| fault.kind);
        match &fault {
            Some(FaultKind::HttpStatus { status, retry_after }) => {
                return give(out, Piece::Status(*status, *retry_after)).await;
            }
            Some(kind) => {
                if let Some(text) = kind.instead(request) {
                    return give(out, Piece::Answer(Answer::plain(text))).await;
                }
            }
            None => {}
        }
        let Some(mut answer) = self.respond(peer, request, out).await? else {
            return give(out, Piece::Nothing).await;
        };
        let last = match fault {
            Some(FaultKind::LoseAnswer) => Piece::Nothing,
            Some(FaultKind::CloseConnection) => Piece::Close,
            Some(FaultKind::CutStream) => Piece::CutStream(answer.text),
            Some(FaultKind::Exit(code)) => {
                self.ended.send_replace(Some(code));
                Piece::Close
            }
            Some(FaultKind::Delay(delay)) => {
                sleep(delay).await;
                Piece::Answer(answer)
            }
            Some(FaultKind::MalformedJson) => {
                let half = answer.text.floor_char_boundary(answer.text.len() / 2);
                answer.text.truncate(half);
                Piece::Answer(answer)
            }
            Some(FaultKind::DuplicateAnswer) => {
                answer.is_stream = true;
                give(out, Piece::Answer(answer.clone())).await?;
                Piece::Answer(answer)
            }
            _ => Piece::Answer(answer),
        };
        give(out, last).await
    }

    /// What a request is answered with; nothing where it has no answer.
    async fn respond(
        &self,
        peer: &Peer,
        request: &Request,
        out: &Sender<Piece>,
    ) -> Result<Option<Answer>, Gone> {
        if let Some(refused) = self.refusal(request) {
            return Ok(Some(refused));
        }
        let answer = match (request.method.as_str(), request.era) {
            ("initialize", _) => {
                peer.introduce(request);
                self.greet(request)
            }
            ("server/discover", _) => self.greet(request),
            ("ping", Era::Legacy) => Answer::plain(request.result("{}")),
            ("subscriptions/listen", Era::Modern) => {
                give(out, Piece::Message(acknowledged(request))).await?;
                return Ok(None);
            }
            ("tools/list", era) if !self.library.told.has_tool_list => {
                let list = greeting::tools_of_calls(self.library.tools(), era);
                Answer::plain(request.result(&list))
            }
            _ => return self.play(peer, request, out).await.map(Some),
        };
        Ok(Some(answer))
    }

    /// Why a request is not even looked at.
    fn refusal(&self, request: &Request) -> Option<Answer> {
        let allowed = self.options.era;
        if let Some(revision) = request.unknown_revision().filter(|_| request.era == Era::Modern) {
            let message = format!("this server does not speak {revision}");
            let data =
                json!({"supported": [Revision::LATEST_MODERN.as_str()], "requested": revision});
            let error =
                json!({"code": UNSUPPORTED_PROTOCOL_VERSION, "message": message, "data": data});
            let text = request.error(&error.to_string());
            return Some(Answer { status: 400, ..Answer::plain(text) });
        }
        match (request.method.as_str(), allowed) {
            ("initialize", Some(Era::Modern)) | ("server/discover", Some(Era::Legacy)) => {
                let message = format!("there is no `{}` in this era", request.method);
                Some(failed(request, METHOD_NOT_FOUND, &message))
            }
            (_, Some(Era::Modern)) if request.era == Era::Legacy => {
                let message = "`_meta` has no `io.modelcontextprotocol/protocolVersion`, which this era needs";
                Some(failed(request, INVALID_PARAMS, message))
            }
            _ => None,
        }
    }

    /// The answer to a greeting: as it was recorded, else what the other era's says, else made up.
    fn greet(&self, request: &Request) -> Answer {
        let library = &self.library;
        let (own, other) = match request.era {
            Era::Legacy => (library.initialize, library.discover),
            Era::Modern => (library.discover, library.initialize),
        };
        if let Some(number) = own.result.or(own.error) {
            let entry = &library.entries[number as usize];
            return match self.recorded(entry) {
                Ok(message) => {
                    let result = result_of(&message).filter(|_| request.era == Era::Legacy);
                    match result {
                        Some(result) => Answer::plain(
                            request.result(&greeting::recorded_initialize(result, request)),
                        ),
                        None => self
                            .worded(request, entry, &message)
                            .unwrap_or_else(|_| self.unrecorded(request)),
                    }
                }
                Err(answer) => answer(request),
            };
        }
        let Some(number) = other.result else {
            let methods: BTreeSet<&str> =
                library.kinds.keys().map(|(method, _)| method.as_str()).collect();
            return Answer::plain(request.result(&greeting::made_up(&methods, request)));
        };
        self.note_translation(request.era);
        match self.recorded(&library.entries[number as usize]) {
            Ok(message) => {
                let Some(result) = result_of(&message) else { return self.unrecorded(request) };
                Answer::plain(request.result(&match request.era {
                    Era::Legacy => greeting::initialize_of(result, request),
                    Era::Modern => greeting::discover_of(result),
                }))
            }
            Err(answer) => answer(request),
        }
    }

    /// Plays what was recorded for a request.
    async fn play(
        &self,
        peer: &Peer,
        request: &Request,
        out: &Sender<Piece>,
    ) -> Result<Answer, Gone> {
        let mut request = request.clone();
        let (mut number, mut from) = match self.resumed(&request) {
            Some(Ok(place)) => place,
            Some(Err(answer)) => return Ok(answer),
            None => match self.find(&request) {
                Ok(number) => (number, 0),
                Err(miss) => return Ok(self.missing(&request, miss)),
            },
        };
        loop {
            let entry = &self.library.entries[number as usize];
            if let Some(early) = self.prelude(peer, &request, out, number, from).await? {
                return Ok(early);
            }
            let message = match self.recorded(entry) {
                Ok(message) => message,
                Err(answer) => return Ok(answer(&request)),
            };
            match self.worded(&request, entry, &message) {
                Ok(answer) => return Ok(answer),
                Err(Untranslated::Task) => {
                    let what = "the recorded answer is a task, which the client's era has in another \
                                form";
                    return Ok(self.refused(&request, what));
                }
                Err(Untranslated::InputRequired) => {}
            }
            // The client is of the older era, where the server asks by itself.
            let Some(result) = result_of(&message) else { return Ok(self.unrecorded(&request)) };
            match self.put_all(peer, &request, out, result).await? {
                Ok((input, state)) => (request.params.input, request.params.state) = (input, state),
                Err(answer) => return Ok(answer),
            }
            match self.find(&request) {
                Ok(next) => (number, from) = (next, 0),
                Err(miss) => return Ok(self.missing(&request, miss)),
            }
        }
    }

    /// What comes before the answer, from some place on; the answer where there is one already.
    async fn prelude(
        &self,
        peer: &Peer,
        request: &Request,
        out: &Sender<Piece>,
        number: u32,
        from: usize,
    ) -> Result<Option<Answer>, Gone> {
        let entry = &self.library.entries[number as usize];
        let between = self.library.between(entry);
        let skipped = from.checked_sub(1).and_then(|last| between[last].after_us).unwrap_or(0);
        let start = Instant::now();
        let until = async |recorded: Option<u64>| {
            let recorded = recorded.map(|recorded| recorded.saturating_sub(skipped));
            let wait = self.options.pace.paced(recorded);
            if wait > Duration::ZERO {
                sleep_until(start + wait.min(LONGEST)).await;
            }
        };
        for (index, between) in between.iter().enumerate().skip(from) {
            until(between.after_us).await;
            let Ok(message) = self.tape.message(between.place) else { continue };
            let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(message.get()) else { continue };
            let BetweenKind::Question(recorded) = between.kind else {
                if let Some(text) = notification(request, between, &message, &rpc) {
                    give(out, Piece::Message(text)).await?;
                }
                continue;
            };
            let method = rpc.method.as_deref().unwrap_or_default();
            if request.era == Era::Modern {
                return Ok(Some(self.as_input_required(request, &rpc, number, index)));
            }
            let answered = match self.put(peer, request, out, method, rpc.params).await? {
                Ok(answered) => answered,
                Err(answer) => return Ok(Some(answer)),
            };
            let expected = recorded.and_then(|place| self.tape.message(place).ok());
            if let Err(what) = agrees(method, expected.as_deref(), &answered) {
                return Ok(Some(self.refused(request, &what)));
            }
        }
        until(entry.time_us).await;
        Ok(None)
    }

    /// The recorded answer of an entry, or how to say that it cannot be read.
    fn recorded(&self, entry: &Entry) -> Result<Box<RawValue>, impl FnOnce(&Request) -> Answer> {
        let place = entry.answer.ok_or_else(|| "there is none".to_owned());
        let message = place.and_then(|place| {
            self.tape.message(place).map_err(|error| {
                (self.tell)(Told::Unreadable(error.to_string()));
                error.to_string()
            })
        });
        let n = entry.n;
        message.map_err(move |reason| {
            move |request: &Request| {
                let what = format!("the recorded answer to message {n} cannot be read: {reason}");
                failed(request, INTERNAL_ERROR, &what)
            }
        })
    }

    /// A recorded answer, as it is for this request.
    fn worded(
        &self,
        request: &Request,
        entry: &Entry,
        message: &RawValue,
    ) -> Result<Answer, Untranslated> {
        if entry.era != request.era {
            self.note_translation(request.era);
        }
        let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(message.get()) else {
            return Ok(self.unrecorded(request));
        };
        let (from, to) = (entry.era, request.era);
        let is_stream = entry.is_stream;
        if let Some(error) = rpc.error {
            let status = match (entry.status, to) {
                (Some(status), _) if from == to => status,
                (_, Era::Modern) => status_of(error),
                _ => 200,
            };
            let text = request.error(&greeting::translated_error(error, from, to));
            return Ok(Answer { text, is_stream, status });
        }
        let Some(result) = rpc.result else { return Ok(self.unrecorded(request)) };
        let text = greeting::translated(result, &request.method, from, to)?;
        Ok(Answer { text: request.result(&text), is_stream, status: 200 })
    }

    fn unrecorded(&self, request: &Request) -> Answer {
        self.missing(request, Miss::Unrecorded)
    }

    /// Says what was recorded instead of what is asked.
    fn missing(&self, request: &Request, miss: Miss) -> Answer {
        let entry = |number: u32| &self.library.entries[number as usize];
        let what = match miss {
            Miss::Unrecorded => nearest::instead_of(request, &self.library, &self.tape),
            Miss::Unanswered(number) => {
                format!(
                    "{} was recorded without an answer (message {})",
                    request.in_words(),
                    entry(number).n
                )
            }
            Miss::KeyReused(number) => format!(
                "this idempotency key was used for another call before, which is message {} of the \
                 recording; what comes of using it for these arguments was not recorded",
                entry(number).n
            ),
            Miss::OtherInput(number) => format!(
                "the question was answered in another way than in the recording (message {})",
                entry(number).n
            ),
        };
        self.refused(request, &what)
    }

    /// The answer to what the recording has nothing for: a result that a model sees for a call, an error of
    /// the protocol for anything else.
    pub(super) fn refused(&self, request: &Request, what: &str) -> Answer {
        self.missed(what);
        let text = format!("mcp-kit replay --mock: {what}");
        if request.method != "tools/call" {
            let is_known = self.library.kinds.keys().any(|(method, _)| *method == request.method);
            let code = if is_known { INVALID_PARAMS } else { METHOD_NOT_FOUND };
            return failed(request, code, &text);
        }
        let result = json!({
            "resultType": "complete",
            "content": [{"type": "text", "text": text}],
            "isError": true,
            "_meta": {"dev.mcp-kit/unrecorded": true},
        });
        Answer::plain(request.result(&greeting::for_era(result, request.era).to_string()))
    }
}

pub(super) async fn give(out: &Sender<Piece>, piece: Piece) -> Result<(), Gone> {
    out.send(piece).await.map_err(|_| Gone)
}

fn failed(request: &Request, code: i64, message: &str) -> Answer {
    let text = request.error(&json!({"code": code, "message": message}).to_string());
    let status = match (request.era, code) {
        (Era::Modern, METHOD_NOT_FOUND) => 404,
        (Era::Modern, INVALID_PARAMS) => 400,
        _ => 200,
    };
    Answer { status, ..Answer::plain(text) }
}

/// The status of a recorded error, in the newer era.
fn status_of(error: &RawValue) -> u16 {
    let code = members(error)
        .and_then(|members| serde_json::from_str::<i64>(members.get("code")?.get()).ok());
    match code {
        Some(METHOD_NOT_FOUND) => 404,
        Some(INVALID_PARAMS | -32022..=-32020) => 400,
        _ => 200,
    }
}

pub(super) fn result_of(message: &RawValue) -> Option<&RawValue> {
    serde_json::from_str::<Rpc<'_>>(message.get()).ok()?.result
}

/// A recorded notification for the client that has asked; none where it has not asked for that.
fn notification(
    request: &Request,
    between: &Between,
    message: &RawValue,
    rpc: &Rpc<'_>,
) -> Option<String> {
    match between.kind {
        BetweenKind::Progress => {
            let token = request.params.meta.token.as_deref()?;
            let mut params: Value = serde_json::from_str(rpc.params?.get()).ok()?;
            params["progressToken"] = serde_json::from_str(token.get()).ok()?;
            let method = "notifications/progress";
            Some(json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string())
        }
        // The newer era has these on a stream of their own, or where they are asked for.
        BetweenKind::Log if request.era == Era::Modern => {
            request.params.meta.log_level.as_ref().map(|_| message.get().to_owned())
        }
        BetweenKind::Notification if request.era == Era::Modern => None,
        _ => Some(message.get().to_owned()),
    }
}

/// What begins a stream of changes of the newer era. There will be none.
fn acknowledged(request: &Request) -> String {
    let params = request.params.raw.as_deref().and_then(members).unwrap_or_default();
    let wanted = params.get("notifications").map_or("{}", |wanted| wanted.get());
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"_meta":{{"io.modelcontextprotocol/subscriptionId":{}}},"notifications":{wanted}}}}}"#,
        request.id.get()
    )
}
