//! Whether a cassette is whole: what is in it, and what is missing.

use super::{Answer, Body, Call, CallOutcome, Damage, Exchange, Joiner, Line, Message, Party};

/// Looks at the lines of a cassette while they come by. It holds no more than counts, and requests
/// that wait for their answers.
#[derive(Debug)]
pub struct Examination {
    joiner: Joiner,
    last_n: u64,
    last_at_us: u64,
    health: Health,
}

/// What a cassette has, and what it lacks.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Health {
    /// Lines after the header that could be read.
    pub lines: u64,
    /// Messages of clients.
    pub from_client: u64,
    /// Messages of servers.
    pub from_server: u64,
    /// Those among all messages that are no JSON.
    pub texts: u64,
    /// Other things that have happened.
    pub events: u64,
    /// Requests of all kinds, of both parties.
    pub requests: u64,
    /// Requests without an answer.
    pub unanswered: u64,
    /// Calls of tools.
    pub calls: u64,
    /// Those among the calls that have failed, in the tool or in the protocol.
    pub failed_calls: u64,
    /// The last session of the protocol.
    pub sessions: u64,
    /// Microseconds from the beginning to the last message.
    pub last_at_us: u64,
    /// Damaged lines, without a torn one at the end.
    pub damaged: u64,
    /// Whether the file ends in the middle of a line.
    pub is_torn: bool,
    /// Whether the recording was ended in order.
    pub is_ended: bool,
    /// Whether it goes on in another file.
    pub goes_on: bool,
    /// How many lines have no greater number than the one before, or leave one out.
    pub misnumbered: u64,
    /// How many messages the end speaks of that are not there.
    pub missing: u64,
}

impl Health {
    /// Whether lines are damaged, missing or out of order. A torn end and requests without an answer
    /// are what a recording looks like that was broken off.
    pub fn is_damaged(&self) -> bool {
        self.damaged > 0 || self.misnumbered > 0 || self.missing > 0
    }
}

impl Examination {
    /// An examination of a file whose lines are numbered from here on: the first part of a recording
    /// begins with 1, another one anywhere.
    pub fn new(part: u64) -> Self {
        let last_n = if part == 1 { 0 } else { u64::MAX };
        let joiner = Joiner::new(|_, _| true);
        Self { joiner, last_n, last_at_us: 0, health: Health::default() }
    }

    /// Takes in the next line.
    pub fn line(&mut self, line: &Line<'_>) {
        self.health.lines += 1;
        match line {
            Line::Message(message) => self.message(message),
            Line::Event(event) => {
                self.number(event.n);
                self.health.events += 1;
            }
            Line::End(end) => {
                self.health.is_ended = true;
                self.health.goes_on = end.goes_on;
                if self.last_n != u64::MAX {
                    self.health.missing += end.n.saturating_sub(self.last_n);
                }
            }
            // Another recording goes on in the same file.
            Line::Header(header) if header.part == 1 => self.last_n = 0,
            Line::Header(_) | Line::Unknown => {}
        }
    }

    /// Takes in a line that cannot be read.
    pub fn damage(&mut self, damage: &Damage) {
        if damage.is_torn {
            self.health.is_torn = true;
        } else {
            self.health.damaged += 1;
            // Its number is not known, so the next one is not expected.
            self.last_n = u64::MAX;
        }
    }

    /// What came of it.
    pub fn finish(mut self) -> Health {
        for exchange in self.joiner.finish() {
            count(&mut self.health, exchange);
        }
        self.health.last_at_us = self.last_at_us;
        self.health
    }

    fn message(&mut self, message: &Message<'_>) {
        self.number(message.n);
        match message.from {
            Party::Client => self.health.from_client += 1,
            Party::Server => self.health.from_server += 1,
        }
        self.health.texts += u64::from(matches!(message.body, Body::Text(_)));
        self.health.sessions = self.health.sessions.max(message.session);
        self.last_at_us = self.last_at_us.max(message.at_us.unwrap_or_default());
        let health = &mut self.health;
        self.joiner.push(message, |exchange| count(health, exchange));
    }

    fn number(&mut self, n: u64) {
        if self.last_n != u64::MAX && n != self.last_n + 1 {
            self.health.misnumbered += 1;
        }
        self.last_n = n;
    }
}

fn count(health: &mut Health, exchange: Exchange) {
    health.requests += 1;
    health.unanswered += u64::from(matches!(exchange.answer, Answer::None));
    if exchange.from == Party::Client
        && let Ok(call) = Call::of(exchange)
    {
        health.calls += 1;
        let is_failed =
            matches!(call.outcome(), CallOutcome::ToolError | CallOutcome::ProtocolError);
        health.failed_calls += u64::from(is_failed);
    }
}
