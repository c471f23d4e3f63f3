//! Requests and their answers, put together again.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Body, Message, Party};

/// A request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Who has asked.
    pub from: Party,
    /// The method.
    pub method: String,
    /// `params` as they were sent.
    pub params: Option<Box<RawValue>>,
    /// Which one it is of the requests that the joiner wanted, from 1. Unlike lines it is never shared:
    /// a batch is several requests.
    pub serial: u64,
    /// The line of the request.
    pub n: u64,
    /// When it was asked, in microseconds since the recording began.
    pub at_us: Option<u64>,
    /// How long the answer took, in microseconds.
    pub time_us: Option<u64>,
    /// The session of the protocol, from 1; 0 without one.
    pub session: u64,
    /// The line of the answer; none without one.
    pub answered_n: Option<u64>,
    /// What came of it.
    pub answer: Answer,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// `result`.
    Result(Box<RawValue>),
    /// `error`.
    Error(Box<RawValue>),
    /// Nothing, until the recording ended.
    None,
}

/// What a joiner sees come by.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A request, which waits from here on.
    Asked(&'a Exchange),
    /// It has its answer, or is given up.
    Done(Exchange),
}

/// Puts requests and their answers together while they come by. It holds what is not answered yet,
/// and no more than [`Joiner::MOST`] of that: what has waited longest is given up first.
#[derive(Debug)]
pub struct Joiner {
    wanted: fn(Party, &str) -> bool,
    waiting: HashMap<Key, Exchange>,
    serial: u64,
}

/// An id counts for its sender, and for its session or, where there are no sessions, the HTTP
/// request: clients of the modern era may number their requests anew each time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    from: Party,
    session: u64,
    channel: u64,
    id: String,
}

/// A message of JSON-RPC.
#[derive(Deserialize)]
struct Rpc<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl Joiner {
    /// The most requests that wait for their answers at a time.
    pub const MOST: usize = 4_096;

    /// A joiner of the requests that a function wants, by who has sent them and their method.
    pub fn new(wanted: fn(Party, &str) -> bool) -> Self {
        Self { wanted, waiting: HashMap::new(), serial: 0 }
    }

    /// Takes in the next message. Calls `done` for each exchange that is complete with it, and for
    /// each that is given up.
    pub fn push(&mut self, message: &Message<'_>, mut done: impl FnMut(Exchange)) {
        self.watch(message, |seen| {
            if let Seen::Done(exchange) = seen {
                done(exchange);
            }
        });
    }

    /// As [`push`](Self::push), and calls `see` for each request too when it is asked: what happens
    /// between it and its answer is only known to who has seen both.
    pub fn watch(&mut self, message: &Message<'_>, mut see: impl FnMut(Seen<'_>)) {
        let Body::Json(json) = &message.body else { return };
        let text = json.get();
        // A batch, which revisions before 2025-06-18 have.
        if text.starts_with('[') {
            let batch: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            for one in batch {
                self.push_one(message, one.get(), &mut see);
            }
        } else {
            self.push_one(message, text, &mut see);
        }
    }

    /// What was not answered, in the order in which it was asked.
    pub fn finish(self) -> Vec<Exchange> {
        let mut left: Vec<Exchange> = self.waiting.into_values().collect();
        left.sort_by_key(|exchange| exchange.n);
        left
    }

    fn push_one(&mut self, message: &Message<'_>, text: &str, see: &mut impl FnMut(Seen<'_>)) {
        let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(text) else { return };
        let Some(id) = rpc.id else { return };
        let sender = if rpc.method.is_some() { message.from } else { message.from.other() };
        let channel = if message.session == 0 { message.channel } else { 0 };
        let key = Key { from: sender, session: message.session, channel, id: id.get().to_owned() };
        if let Some(method) = rpc.method {
            if !(self.wanted)(message.from, &method) {
                return;
            }
            self.serial += 1;
            let exchange = Exchange {
                from: message.from,
                method: method.into_owned(),
                params: rpc.params.map(ToOwned::to_owned),
                serial: self.serial,
                n: message.n,
                at_us: message.at_us,
                time_us: None,
                session: message.session,
                answered_n: None,
                answer: Answer::None,
            };
            see(Seen::Asked(&exchange));
            // An id that is used again while it waits: nothing will come of the first request.
            if let Some(given_up) = self.waiting.insert(key, exchange) {
                see(Seen::Done(given_up));
            }
            if self.waiting.len() > Self::MOST {
                self.give_up_oldest(see);
            }
            return;
        }
        let Some(mut exchange) = self.waiting.remove(&key) else { return };
        exchange.answer = match (rpc.result, rpc.error) {
            (Some(result), None) => Answer::Result(result.to_owned()),
            (_, Some(error)) => Answer::Error(error.to_owned()),
            (None, None) => Answer::None,
        };
        exchange.answered_n = Some(message.n);
        exchange.time_us =
            message.at_us.zip(exchange.at_us).map(|(end, start)| end - start.min(end));
        see(Seen::Done(exchange));
    }

    /// Gives up what has waited longest, an eighth of all at a time: looking for the oldest of
    /// thousands once for every request would take most of the time where nothing is answered.
    fn give_up_oldest(&mut self, see: &mut impl FnMut(Seen<'_>)) {
        let mut serials: Vec<u64> = self.waiting.values().map(|exchange| exchange.serial).collect();
        let (_, last, _) = serials.select_nth_unstable(Self::MOST / 8);
        let last = *last;
        let old = self.waiting.extract_if(|_, exchange| exchange.serial <= last);
        let mut old: Vec<Exchange> = old.map(|(_, exchange)| exchange).collect();
        old.sort_by_key(|exchange| exchange.serial);
        for exchange in old {
            see(Seen::Done(exchange));
        }
    }
}
