//! A part of a cassette that can still be replayed: some calls with their answers, and what comes
//! before every call.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Answer, Body, Event, Exchange, Joiner, Message, Party, exchanges::Kind};

/// Which part is meant. What is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Calls by their numbers, from 1 in the order of the requests.
    pub calls: Vec<RangeInclusive<u64>>,
    /// Calls of these tools.
    pub tools: Vec<String>,
    /// One session.
    pub session: Option<u64>,
    /// The first line, by its `n`.
    pub from_n: Option<u64>,
    /// The last line, by its `n`.
    pub to_n: Option<u64>,
}

impl Selection {
    /// Whether lines are meant besides calls: there is no word of calls.
    pub fn is_of_lines(&self) -> bool {
        self.calls.is_empty() && self.tools.is_empty()
    }

    /// Whether a call is meant.
    pub fn has_call(&self, call: u64, tool: &str) -> bool {
        (self.calls.is_empty() || self.calls.iter().any(|range| range.contains(&call)))
            && (self.tools.is_empty() || self.tools.iter().any(|it| it == tool))
    }

    /// Whether a line is in the part of the file that is meant.
    pub fn has_line(&self, n: u64, session: u64) -> bool {
        self.has_session(session)
            && self.from_n.is_none_or(|from| from <= n)
            && self.to_n.is_none_or(|to| n <= to)
    }

    fn has_session(&self, session: u64) -> bool {
        self.session.is_none_or(|it| it == session)
    }
}

/// Says of each line whether it belongs to the part, while the lines come by.
#[derive(Debug)]
pub struct Cut {
    selection: Selection,
    joiner: Joiner,
    calls: u64,
    /// The lines with requests that are not answered: whether they are kept, and their session.
    open: HashMap<u64, Open>,
    /// What the notifications about a kept call name it by.
    tokens: HashSet<String>,
    /// The tasks that kept calls have begun.
    tasks: HashSet<String>,
}

#[derive(Debug)]
struct Open {
    /// How many requests of the line are not answered.
    requests: u64,
    is_kept: bool,
    is_call: bool,
    session: u64,
    /// Its part of [`Cut::tokens`].
    tokens: Vec<String>,
}

/// What comes before every call: the handshake and the lists.
const GROUND: [&str; 7] = [
    "initialize",
    "server/discover",
    "notifications/initialized",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
];

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestId")]
    request_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "taskId")]
    task_id: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
}

impl Cut {
    /// A cut of what is selected.
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            joiner: Joiner::new(|_, _| true),
            calls: 0,
            open: HashMap::new(),
            tokens: HashSet::new(),
            tasks: HashSet::new(),
        }
    }

    /// Whether a message is kept; ask once for each, in order.
    pub fn keeps(&mut self, message: &Message<'_>) -> bool {
        let is_line = self.selection.has_line(message.n, message.session);
        let mut is_kept = match &message.body {
            Body::Text(_) => self.selection.is_of_lines() && is_line,
            Body::Json(_) => false,
        };
        let kinds = Kind::of(&message.body);
        let (mut requests, mut kept_requests, mut calls) = (0, false, false);
        let mut tokens = Vec::new();
        for kind in &kinds {
            match &kind.method {
                Some(method) if kind.id.is_some() => {
                    requests += 1;
                    calls |= method == "tools/call";
                    kept_requests |=
                        self.keeps_request(message, kind, method, is_line, &mut tokens);
                }
                Some(method) => is_kept |= self.keeps_notification(message, kind, method, is_line),
                None => {}
            }
        }
        if requests > 0 {
            is_kept |= kept_requests;
            let session = message.session;
            self.tokens.extend(tokens.iter().cloned());
            let (is_kept, is_call) = (kept_requests, calls);
            self.open.insert(message.n, Open { requests, is_kept, is_call, session, tokens });
        }
        let mut done = Vec::new();
        self.joiner.push(message, |exchange| done.push(exchange));
        for exchange in done {
            let is_answer = exchange.answered_n == Some(message.n);
            let Some(open) = self.open.get_mut(&exchange.n) else { continue };
            is_kept |= is_answer && open.is_kept;
            if open.is_kept {
                self.tasks.extend(task(&exchange));
            }
            open.requests -= 1;
            if open.requests == 0
                && let Some(open) = self.open.remove(&exchange.n)
            {
                open.tokens.iter().for_each(|token| {
                    self.tokens.remove(token);
                });
            }
        }
        is_kept
    }

    /// Whether something that happened besides is kept.
    pub fn keeps_event(&self, event: &Event) -> bool {
        self.selection.is_of_lines()
            && self.selection.from_n.is_none_or(|from| from <= event.n)
            && self.selection.to_n.is_none_or(|to| event.n <= to)
    }

    fn keeps_request(
        &mut self,
        message: &Message<'_>,
        kind: &Kind<'_>,
        method: &str,
        is_line: bool,
        tokens: &mut Vec<String>,
    ) -> bool {
        let params = params(kind);
        if method == "tools/call" && message.from == Party::Client {
            self.calls += 1;
            let tool = params.as_ref().and_then(|it| it.name.as_deref()).unwrap_or_default();
            let is_kept = is_line && self.selection.has_call(self.calls, tool);
            if is_kept {
                let token = params.and_then(|it| it.meta).and_then(|it| it.progress_token);
                tokens.extend(token.map(|it| key(message.session, it)));
                tokens.extend(kind.id.map(|it| key(message.session, it)));
            }
            return is_kept;
        }
        if message.from == Party::Server {
            // What a server asks, it asks because of a call.
            let is_of_kept =
                |open: &Open| open.is_kept && open.is_call && open.session == message.session;
            let is_asked = self.open.values().any(is_of_kept);
            return is_asked || (self.selection.is_of_lines() && is_line);
        }
        let is_of_task = || {
            let task = params.and_then(|it| it.task_id);
            task.is_some_and(|task| self.tasks.contains(&*task))
        };
        (GROUND.contains(&method) && self.selection.has_session(message.session))
            || (self.selection.is_of_lines() && is_line)
            || (method.starts_with("tasks/") && is_of_task())
    }

    fn keeps_notification(
        &self,
        message: &Message<'_>,
        kind: &Kind<'_>,
        method: &str,
        is_line: bool,
    ) -> bool {
        if GROUND.contains(&method) {
            return self.selection.has_session(message.session);
        }
        let is_of_kept = || {
            let params = params(kind)?;
            let token = params.progress_token.or(params.request_id)?;
            Some(self.tokens.contains(&key(message.session, token)))
        };
        (self.selection.is_of_lines() && is_line) || is_of_kept() == Some(true)
    }
}

fn params<'a>(kind: &Kind<'a>) -> Option<Params<'a>> {
    serde_json::from_str(kind.params?.get()).ok()
}

fn key(session: u64, name: &RawValue) -> String {
    format!("{session} {}", name.get())
}

/// The task that a call has begun instead of answering.
fn task(exchange: &Exchange) -> Option<String> {
    #[derive(Deserialize)]
    struct Result {
        #[serde(rename = "taskId")]
        task_id: Option<String>,
        task: Option<Task>,
    }
    #[derive(Deserialize)]
    struct Task {
        #[serde(rename = "taskId")]
        task_id: String,
    }
    let Answer::Result(result) = &exchange.answer else { return None };
    let result: Result = serde_json::from_str(result.get()).ok()?;
    result.task_id.or(result.task.map(|task| task.task_id))
}
