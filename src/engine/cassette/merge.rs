//! Several recordings as one: numbers that go on, sessions and HTTP requests that stay apart.

use std::collections::HashMap;

use super::{Event, Header, Message};
use crate::engine::protocol::date::Date;

/// Renumbers the lines of one recording after the other.
#[derive(Debug, Default)]
pub struct Merge {
    /// The recording that is read, and the part of it.
    now: Option<(String, u64)>,
    /// When the first recording began, in seconds since 1970.
    started: Option<u64>,
    /// Where the times of this recording begin.
    base_us: u64,
    last_us: u64,
    n: u64,
    /// The sessions of this recording by its numbers for them.
    sessions: HashMap<u64, u64>,
    last_session: u64,
    channels_before: u64,
    last_channel: u64,
}

impl Merge {
    /// How many lines there were.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Another recording begins, or the next part of the one before. A recording that began after the
    /// end of the one before it keeps its distance; another one goes on where that ended.
    pub fn begin(&mut self, header: &Header) {
        let is_next_part = self
            .now
            .as_ref()
            .is_some_and(|(id, part)| *id == header.id && *part + 1 == header.part);
        self.now = Some((header.id.clone(), header.part));
        if is_next_part {
            return;
        }
        self.sessions.clear();
        self.channels_before = self.last_channel;
        self.base_us = self.last_us;
        if let Some(started) = header.started.as_deref().and_then(seconds) {
            let first = *self.started.get_or_insert(started);
            let since = started.saturating_sub(first).saturating_mul(1_000_000);
            self.base_us = self.base_us.max(since);
        }
    }

    /// The next message.
    pub fn message(&mut self, message: &mut Message<'_>) {
        self.n += 1;
        message.n = self.n;
        message.at_us = self.at(message.at_us);
        message.channel = self.channel(message.channel);
        // Where neither is known, all of a recording is one session.
        if message.session != 0 || message.channel == 0 {
            let session = self.sessions.entry(message.session).or_insert_with(|| {
                self.last_session += 1;
                self.last_session
            });
            message.session = *session;
        }
    }

    /// The next event.
    pub fn event(&mut self, event: &mut Event) {
        self.n += 1;
        event.n = self.n;
        event.at_us = self.at(event.at_us);
        event.channel = self.channel(event.channel);
    }

    fn at(&mut self, at_us: Option<u64>) -> Option<u64> {
        let at_us = self.base_us.saturating_add(at_us?);
        self.last_us = self.last_us.max(at_us);
        Some(at_us)
    }

    fn channel(&mut self, channel: u64) -> u64 {
        if channel == 0 {
            return 0;
        }
        let channel = self.channels_before.saturating_add(channel);
        self.last_channel = self.last_channel.max(channel);
        channel
    }
}

/// The seconds between 1970 and a moment that we have written.
fn seconds(started: &str) -> Option<u64> {
    let (date, time) = started.split_once('T')?;
    let days = date.parse::<Date>().ok()?.days_since(Date::from_days(0));
    let mut parts = time
        .trim_end_matches('Z')
        .split(':')
        .map(|part| part.split('.').next().unwrap_or_default().parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    Some(u64::try_from(days).ok()? * 86_400 + hours * 3_600 + minutes * 60 + seconds)
}
