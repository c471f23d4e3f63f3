//! The exchanges of a cassette in the order in which they were asked, with calls of tools counted.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Body, Exchange, Joiner, Message, Party};

/// An exchange with its place among the calls.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Which call of a tool it is, from 1, by the order of the requests; none for something else.
    pub call: Option<u64>,
    /// The exchange.
    pub exchange: Exchange,
}

/// Puts exchanges together while messages come by, and hands them out in the order of their requests.
/// One that waits long for its answer is passed by the others after [`Exchanges::MOST`] of them.
#[derive(Debug)]
pub struct Exchanges {
    joiner: Joiner,
    /// The lines with requests that are not answered: how many, and the number of the next call.
    waiting: BTreeMap<u64, Waiting>,
    ready: BTreeMap<(u64, u64), Numbered>,
    calls: u64,
    done: u64,
}

#[derive(Debug)]
struct Waiting {
    requests: u64,
    next_call: u64,
}

/// What a message of JSON-RPC is, without what it says.
#[derive(Debug, Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) params: Option<&'a RawValue>,
}

impl<'a> Kind<'a> {
    /// The messages that are in one: one, or those of a batch.
    pub(super) fn of(body: &'a Body<'_>) -> Vec<Self> {
        let Body::Json(json) = body else { return Vec::new() };
        let text = json.get();
        if text.starts_with('[') {
            let batch: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            return batch.iter().filter_map(|one| serde_json::from_str(one.get()).ok()).collect();
        }
        serde_json::from_str(text).into_iter().collect()
    }

    /// The method, where it is a request.
    pub(super) fn request(&self) -> Option<&str> {
        self.id.and(self.method.as_deref())
    }
}

impl Default for Exchanges {
    fn default() -> Self {
        Self {
            joiner: Joiner::new(|_, _| true),
            waiting: BTreeMap::new(),
            ready: BTreeMap::new(),
            calls: 0,
            done: 0,
        }
    }
}

impl Exchanges {
    /// The most exchanges that wait for an earlier one.
    pub const MOST: usize = 1_024;

    /// Takes in the next message.
    pub fn push(&mut self, message: &Message<'_>, mut out: impl FnMut(Numbered)) {
        let kinds = Kind::of(&message.body);
        let requests = kinds.iter().filter_map(Kind::request);
        let (mut count, mut calls) = (0, 0);
        for method in requests {
            count += 1;
            calls += u64::from(method == "tools/call" && message.from == Party::Client);
        }
        if count > 0 {
            let waiting = Waiting { requests: count, next_call: self.calls + 1 };
            self.waiting.insert(message.n, waiting);
            self.calls += calls;
        }
        let mut done = Vec::new();
        self.joiner.push(message, |exchange| done.push(exchange));
        for exchange in done {
            self.finish_one(exchange);
        }
        while let Some(entry) = self.ready.first_entry() {
            let is_next = self.waiting.first_key_value().is_none_or(|(n, _)| *n > entry.key().0);
            if !is_next && self.ready.len() <= Self::MOST {
                break;
            }
            if let Some((_, numbered)) = self.ready.pop_first() {
                out(numbered);
            }
        }
    }

    /// The rest: what waited, and what was not answered.
    pub fn finish(mut self, out: impl FnMut(Numbered)) {
        let joiner = std::mem::replace(&mut self.joiner, Joiner::new(|_, _| false));
        for exchange in joiner.finish() {
            self.finish_one(exchange);
        }
        self.ready.into_values().for_each(out);
    }

    fn finish_one(&mut self, exchange: Exchange) {
        self.done += 1;
        let key = (exchange.n, self.done);
        let is_call = exchange.method == "tools/call" && exchange.from == Party::Client;
        let mut call = None;
        if let Some(waiting) = self.waiting.get_mut(&exchange.n) {
            if is_call {
                call = Some(waiting.next_call);
                waiting.next_call += 1;
            }
            waiting.requests -= 1;
            if waiting.requests == 0 {
                self.waiting.remove(&exchange.n);
            }
        }
        self.ready.insert(key, Numbered { call, exchange });
    }
}
