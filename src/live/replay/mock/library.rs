//! What a cassette has to answer with, in as little memory as one can find it again with.
//!
//! The file is gone through once. Of each request are kept its fingerprint and the places of the
//! lines that belong to it, about 150 bytes; messages stay in the file. No more than [`MOST`] requests
//! and as many messages between them and their answers are kept, so that a cassette of any size takes
//! less than 300 MB.
//!
//! Read [`Library`] and [`Entry`] first. Which entry answers a request is for
//! [`shelf`](super::shelf) to say.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, BufRead},
    ops::Range,
};

use serde_json::value::RawValue;

use super::{
    fingerprint::Fingerprint,
    key::Keys,
    request::{Params, Rpc},
    tape::{Place, one_of},
};
use crate::engine::{
    cassette::{
        Answer, Body, Damage, Exchange, Joiner, Line, Message, Party, Reader, Seen, Transport,
    },
    protocol::revision::Era,
};

/// The most requests that are kept, and the most messages between them and their answers.
pub const MOST: usize = 1_000_000;
/// The most damaged lines that are named one by one.
const MOST_DAMAGES: usize = 20;
/// How many different requests of a kind are looked at for the one that is nearest to another.
const MOST_NEAR: usize = 500;

/// A recorded request.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The number of its line among the messages.
    pub(super) n: u64,
    /// Where it stands.
    pub(super) request: Place,
    /// Where its answer stands; none where there is none.
    pub(super) answer: Option<Place>,
    /// How long that took, in microseconds; unknown for some imports.
    pub(super) time_us: Option<u64>,
    /// Whether the answer came on a stream of events.
    pub(super) is_stream: bool,
    /// The status that the answer came with over HTTP.
    pub(super) status: Option<u16>,
    /// In which era it was asked.
    pub(super) era: Era,
    /// What is asked for.
    pub(super) fingerprint: Fingerprint,
    /// Under which idempotency key, and of which tool.
    pub(super) key: Option<Fingerprint>,
    /// What the client gave for an earlier question, and what it did about it.
    pub(super) input: Option<Box<(Fingerprint, Fingerprint)>>,
    /// Whether its key, if it has one, was used for this first.
    pub(super) is_first_use: bool,
    /// What the server has sent before the answer.
    between: Range<u32>,
}

/// Something that the server has sent between a request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Between {
    /// Where it stands.
    pub(super) place: Place,
    /// How long after the request, in microseconds.
    pub(super) after_us: Option<u64>,
    /// What it is.
    pub(super) kind: BetweenKind,
}

/// The kinds of what comes before an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BetweenKind {
    /// `notifications/progress`
    Progress,
    /// `notifications/message`
    Log,
    /// Another notification.
    Notification,
    /// A request, with the place of what the client has answered.
    Question(Option<Place>),
}

/// What was recorded, without the messages.
#[derive(Debug, Default)]
pub(super) struct Library {
    /// The requests of the client, in the order in which they were made.
    pub(super) entries: Vec<Entry>,
    between: Vec<Between>,
    /// Of each method, and of calls each tool, different requests, the first of them.
    pub(super) kinds: BTreeMap<(String, String), Vec<u32>>,
    /// How each kind of greeting was answered.
    pub(super) initialize: Greeted,
    /// `server/discover`.
    pub(super) discover: Greeted,
    /// Which arguments are idempotency keys.
    pub(super) keys: Keys,
    /// What is to be known of the file itself.
    pub(super) told: Contents,
}

/// How a greeting was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Greeted {
    /// The first that was answered with a result.
    pub(super) result: Option<u32>,
    /// The first that was answered with an error.
    pub(super) error: Option<u32>,
}

/// What is to be known of a cassette before it is played.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// The server, as it may be shown.
    pub server: Option<String>,
    /// How many requests it can answer with.
    pub requests: usize,
    /// How many of them are calls of tools, and of how many tools.
    pub calls: usize,
    /// The tools that are called.
    pub tools: usize,
    /// Whether a tool list was recorded.
    pub has_tool_list: bool,
    /// Whether a greeting was recorded, and of which eras.
    pub has_initialize: bool,
    /// `server/discover`, answered with a result.
    pub has_discover: bool,
    /// Whether it is of a server over HTTP that gave out no sessions in the older era.
    pub is_without_sessions: bool,
    /// Lines that could not be read, the first of them.
    pub damages: Vec<Damage>,
    /// How many more there are.
    pub more_damages: u64,
    /// How many requests there are beyond those that are kept.
    pub left_out: u64,
    /// Whether the recording goes on in another file.
    pub goes_on: bool,
}

impl Library {
    /// Reads all that a cassette has. `key` is an argument that is a key for every tool that has it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read<R: BufRead>(mut reader: Reader<R>, key: Option<String>) -> io::Result<Self> {
        let mut reading = Reading {
            library: Self { keys: Keys::new(key), ..Self::default() },
            joiner: Joiner::new(|_, _| true),
            open: BTreeMap::new(),
            by_token: HashMap::new(),
            questions: HashMap::new(),
            has_sessions: false,
        };
        let is_http = reader.header().transport == Some(Transport::Http);
        reading.library.told.server = reader.header().server.clone();
        loop {
            let offset = reader.offset();
            let Some(line) = reader.next_line()? else { break };
            match line {
                Ok(Line::Message(message)) => reading.take(&message, offset),
                Ok(Line::End(end)) => reading.library.told.goes_on = end.goes_on,
                Ok(_) => {}
                Err(damage) => {
                    let told = &mut reading.library.told;
                    if told.damages.len() < MOST_DAMAGES || damage.is_torn {
                        told.damages.push(damage);
                    } else {
                        told.more_damages += 1;
                    }
                }
            }
        }
        let has_sessions = reading.has_sessions;
        let mut library = reading.finish();
        library.told.is_without_sessions = is_http && library.told.has_initialize && !has_sessions;
        Ok(library)
    }

    /// What came between a request and its answer.
    pub(super) fn between(&self, entry: &Entry) -> &[Between] {
        &self.between[entry.between.start as usize..entry.between.end as usize]
    }

    #[cfg(test)]
    pub(super) fn entry(
        n: u64,
        answer: Option<Place>,
        fingerprint: Fingerprint,
        key: Option<Fingerprint>,
    ) -> Entry {
        let request = Place { offset: 0, index: 0 };
        let (time_us, is_stream, status, era) = (None, false, None, Era::Legacy);
        let (input, between) = (None, 0..0);
        Entry {
            n,
            request,
            answer,
            time_us,
            is_stream,
            status,
            era,
            fingerprint,
            key,
            input,
            is_first_use: true,
            between,
        }
    }

    /// The tools that were called.
    pub(super) fn tools(&self) -> impl Iterator<Item = &str> {
        let calls = self.kinds.keys().filter(|(method, _)| method == "tools/call");
        calls.map(|(_, tool)| tool.as_str())
    }
}

/// Notes for what each key was used first: what is asked for there, however often.
pub(super) fn mark_first_uses(entries: &mut [Entry]) {
    let mut order: Vec<(Fingerprint, u64, Fingerprint, u32)> = (0..)
        .zip(entries.iter())
        .filter_map(|(number, entry)| Some((entry.key?, entry.n, entry.fingerprint, number)))
        .collect();
    order.sort_unstable();
    for uses in order.chunk_by(|(key, ..), (other, ..)| key == other) {
        let (_, _, first, _) = uses[0];
        for (_, _, fingerprint, number) in uses {
            entries[*number as usize].is_first_use = *fingerprint == first;
        }
    }
}

/// A library that is being read.
struct Reading {
    library: Library,
    joiner: Joiner,
    /// Requests of the client that wait for their answers, by serial number.
    open: BTreeMap<u64, Open>,
    /// Those that have progress told, by the token.
    by_token: HashMap<String, u64>,
    /// The requests of the server that wait, by serial number: to which request of the client they
    /// belong, and which one of what came in between they are.
    questions: HashMap<u64, (u64, usize)>,
    has_sessions: bool,
}

struct Open {
    place: Place,
    channel: u64,
    at_us: Option<u64>,
    token: Option<String>,
    between: Vec<Between>,
}

enum Step {
    Asked { serial: u64, from: Party, token: Option<String> },
    Done(Exchange),
}

impl Reading {
    fn take(&mut self, message: &Message<'_>, offset: u64) {
        self.has_sessions |= message.session > 0;
        let Body::Json(json) = &message.body else { return };
        let mut index = 0;
        while let Some(one) = one_of(json, index) {
            self.take_one(message, one, Place { offset, index });
            index += 1;
            if !json.get().starts_with('[') {
                break;
            }
        }
    }

    fn take_one(&mut self, message: &Message<'_>, one: &RawValue, place: Place) {
        let mut steps = Vec::new();
        let alone =
            Message { body: Body::Json(std::borrow::Cow::Borrowed(one)), ..message.clone() };
        self.joiner.watch(&alone, |seen| {
            steps.push(match seen {
                Seen::Asked(exchange) => Step::Asked {
                    serial: exchange.serial,
                    from: exchange.from,
                    token: Params::read(&exchange.method, exchange.params.as_deref())
                        .meta
                        .token
                        .map(|token| token.get().to_owned()),
                },
                Seen::Done(exchange) => Step::Done(exchange),
            });
        });
        if steps.is_empty() && message.from == Party::Server {
            self.take_notification(message, one, place);
        }
        for step in steps {
            match step {
                Step::Asked { serial, from: Party::Client, token } => {
                    if let Some(token) = &token {
                        self.by_token.insert(token.clone(), serial);
                    }
                    let (channel, at_us) = (message.channel, message.at_us);
                    let open = Open { place, channel, at_us, token, between: Vec::new() };
                    self.open.insert(serial, open);
                }
                Step::Asked { serial, from: Party::Server, .. } => {
                    if let Some(owner) = self.owner(message.channel, None) {
                        let at = self.push(owner, message, place, BetweenKind::Question(None));
                        self.questions.insert(serial, (owner, at));
                    }
                }
                Step::Done(exchange) if exchange.from == Party::Server => {
                    let Some((owner, at)) = self.questions.remove(&exchange.serial) else {
                        continue;
                    };
                    let open = self.open.get_mut(&owner);
                    if let Some(between) = open.and_then(|open| open.between.get_mut(at))
                        && exchange.answered_n.is_some()
                    {
                        between.kind = BetweenKind::Question(Some(place));
                    }
                }
                Step::Done(exchange) => {
                    let status = message.http.as_ref().and_then(|http| http.status);
                    self.finish_one(exchange, place, message.sse.is_some(), status);
                }
            }
        }
    }

    fn take_notification(&mut self, message: &Message<'_>, one: &RawValue, place: Place) {
        let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(one.get()) else { return };
        let Some(method) = rpc.method.filter(|_| rpc.id.is_none()) else { return };
        let kind = match &*method {
            "notifications/progress" => BetweenKind::Progress,
            "notifications/message" => BetweenKind::Log,
            // It takes back a request of the server's, which has an answer or has none.
            "notifications/cancelled" => return,
            _ => BetweenKind::Notification,
        };
        let token = rpc.params.filter(|_| kind == BetweenKind::Progress).and_then(|params| {
            let members = super::fingerprint::members(params)?;
            Some(members.get("progressToken")?.get().to_owned())
        });
        if let Some(owner) = self.owner(message.channel, token.as_deref()) {
            self.push(owner, message, place, kind);
        }
    }

    /// The request to which something belongs that the server has sent: the one with its token, the one on
    /// whose HTTP request it came, else the last one that was not answered yet.
    fn owner(&self, channel: u64, token: Option<&str>) -> Option<u64> {
        if let Some(token) = token {
            return self.by_token.get(token).copied();
        }
        let mut newest = self.open.iter().rev();
        if channel > 0 {
            return newest.find(|(_, open)| open.channel == channel).map(|(serial, _)| *serial);
        }
        newest.next().map(|(serial, _)| *serial)
    }

    fn push(
        &mut self,
        owner: u64,
        message: &Message<'_>,
        place: Place,
        kind: BetweenKind,
    ) -> usize {
        let Some(open) = self.open.get_mut(&owner) else { return 0 };
        let after_us = message.at_us.zip(open.at_us).map(|(now, then)| now.saturating_sub(then));
        open.between.push(Between { place, after_us, kind });
        open.between.len() - 1
    }

    fn finish_one(
        &mut self,
        exchange: Exchange,
        place: Place,
        is_stream: bool,
        status: Option<u16>,
    ) {
        let Some(open) = self.open.remove(&exchange.serial) else { return };
        if let Some(token) = &open.token
            && self.by_token.get(token) == Some(&exchange.serial)
        {
            self.by_token.remove(token);
        }
        let library = &mut self.library;
        if library.entries.len() >= MOST || library.between.len() + open.between.len() > MOST {
            library.told.left_out += 1;
            return;
        }
        let params = Params::read(&exchange.method, exchange.params.as_deref());
        if let ("tools/list", Answer::Result(page)) = (exchange.method.as_str(), &exchange.answer) {
            library.keys.learn(page);
            library.told.has_tool_list = true;
        }
        let (key, digest) = library.keys.with_digest(&params);
        let fingerprint = Fingerprint::of_request(&exchange.method, &params, key.as_deref());
        let number = u32::try_from(library.entries.len()).expect("a million at most");
        let greeted = match exchange.method.as_str() {
            "initialize" => Some(&mut library.initialize),
            "server/discover" => Some(&mut library.discover),
            _ => None,
        };
        if let Some(greeted) = greeted {
            match &exchange.answer {
                Answer::Result(_) => _ = greeted.result.get_or_insert(number),
                Answer::Error(_) => _ = greeted.error.get_or_insert(number),
                Answer::None => {}
            }
        }
        let input = params.input.as_deref();
        let start = u32::try_from(library.between.len()).expect("a million at most");
        library.between.extend(open.between);
        let end = u32::try_from(library.between.len()).expect("a million at most");
        library.entries.push(Entry {
            n: exchange.n,
            request: open.place,
            answer: exchange.answered_n.map(|_| place),
            time_us: exchange.time_us,
            is_stream,
            status,
            era: params.era(&exchange.method),
            fingerprint,
            key: digest,
            input: input.map(|it| (Fingerprint::of_value(it), Fingerprint::of_actions(it)).into()),
            is_first_use: true,
            between: start..end,
        });
        let is_call = exchange.method == "tools/call";
        library.told.calls += usize::from(is_call);
        let near =
            library.kinds.entry((exchange.method, params.tool.unwrap_or_default())).or_default();
        if near.len() < MOST_NEAR {
            near.push(number);
        }
    }

    fn finish(mut self) -> Library {
        let joiner = std::mem::replace(&mut self.joiner, Joiner::new(|_, _| false));
        for exchange in joiner.finish() {
            if exchange.from == Party::Client {
                self.finish_one(exchange, Place { offset: 0, index: 0 }, false, None);
            }
        }
        let mut library = self.library;
        mark_first_uses(&mut library.entries);
        let told = &mut library.told;
        told.requests = library.entries.len();
        told.tools = library.kinds.keys().filter(|(method, _)| method == "tools/call").count();
        told.has_initialize = library.initialize.result.is_some();
        told.has_discover = library.discover.result.is_some();
        library
    }
}
