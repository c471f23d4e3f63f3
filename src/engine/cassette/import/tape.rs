//! The messages of one server, numbered, with times since the first of them.

use std::collections::HashMap;

use super::{At, Imported, clock};
use crate::engine::cassette::Message;

/// Numbers the messages of a cassette while they come by, of one file after the other. Sessions and
/// HTTP requests of different files stay apart.
#[derive(Debug, Default)]
pub struct Tape {
    /// The messages so far.
    n: u64,
    /// When the first message of the cassette was sent, in microseconds since 1970.
    started_us: Option<u64>,
    /// When the first message of the file was sent, in microseconds since 1970.
    file_started_us: Option<u64>,
    /// Where the times of the file begin, in microseconds since the recording began.
    base_us: u64,
    /// The latest time so far.
    last_us: u64,
    is_later_file: bool,
    /// The sessions of the file by what it calls them.
    sessions: HashMap<String, u64>,
    /// The sessions and HTTP requests of the files before.
    before: Counts,
    /// Those so far.
    so_far: Counts,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    sessions: u64,
    channels: u64,
}

impl Tape {
    /// How many messages there were.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// When the recording began, as RFC 3339, where it is known; ask after the first message.
    pub fn started(&self) -> Option<String> {
        self.started_us.map(clock::written)
    }

    /// Another file begins.
    pub fn next_file(&mut self) {
        self.file_started_us = None;
        self.is_later_file = true;
        self.base_us = self.last_us;
        self.sessions.clear();
        self.before = self.so_far;
    }

    /// When the times of a file begin that count from its beginning.
    pub fn begins(&mut self, at: At) {
        if let At::Clock(clock) = at {
            let started = *self.started_us.get_or_insert(clock);
            self.base_us = self.base_us.max(clock.saturating_sub(started));
            self.file_started_us = Some(clock);
        }
    }

    /// The next message as a line of the cassette.
    pub fn next(&mut self, message: Imported) -> Message<'static> {
        self.n += 1;
        // On one stream without sessions, each file after the first is one.
        let is_apart = message.session.is_none() && message.channel == 0 && self.is_later_file;
        let name = message.session.or(is_apart.then(String::new));
        let session = name.map_or(0, |name| {
            let next = self.before.sessions + self.sessions.len() as u64 + 1;
            *self.sessions.entry(name).or_insert(next)
        });
        let channel = match message.channel {
            0 => 0,
            channel => self.before.channels + channel,
        };
        self.so_far.sessions = self.so_far.sessions.max(session);
        self.so_far.channels = self.so_far.channels.max(channel);
        Message {
            n: self.n,
            at_us: self.at_us(message.at),
            from: message.from,
            channel,
            session,
            http: message.http,
            sse: message.sse,
            body: message.body,
        }
    }

    /// The last message is not written after all.
    pub fn takes_back(&mut self) {
        self.n -= 1;
    }

    /// A file that began after the end of the one before it keeps its distance; another one goes on
    /// where that ended.
    fn at_us(&mut self, at: At) -> Option<u64> {
        let since_file = match at {
            At::Unknown => return None,
            At::Since(since) => since,
            At::Clock(clock) => {
                let is_first = self.file_started_us.is_none();
                let file_started = *self.file_started_us.get_or_insert(clock);
                let started = *self.started_us.get_or_insert(clock);
                if is_first {
                    self.base_us = self.base_us.max(file_started.saturating_sub(started));
                }
                clock.saturating_sub(file_started)
            }
        };
        let at = self.base_us.saturating_add(since_file);
        self.last_us = self.last_us.max(at);
        Some(at)
    }
}
