//! Keeps secrets out of recordings, before anything reaches the disk.
//!
//! A [`Redactor`] belongs to one recording. Give it every message, text and header of the recording
//! in the order in which they came; it hands back the same bytes with secrets replaced by
//! placeholders such as `«redacted:github-token:7f3a91c2»`. The last part is a keyed digest of the
//! value: equal secrets of a recording get equal placeholders, so that a replay can put a value of
//! its own in all their places, and nobody who has the file and not the key can try out guesses. The
//! key is drawn for each recording and is written nowhere.
//!
//! Three things make a secret: the *name* of an argument or of a member of a result (`name`), the
//! *shape* of a value wherever it stands, also in JSON inside of text (`shape`, `text`), and having
//! been seen as a secret before (`memory`), since servers repeat their arguments. Secrets are spliced
//! out of the original text, so everything else keeps its bytes: order of keys, keys that stand
//! twice, the text of numbers.
//!
//! What the protocol itself needs is never touched: the schemas of a tool list or an elicitation,
//! cursors, progress tokens, request state, ids of tasks and of JSON-RPC. A recorder that takes
//! `properties.api_key` of a schema for a key has destroyed the tool list.
//!
//! Not for: telling whether a *surface* leaks (`rule/lint/security`), or personal data, of which
//! nothing is known here.

mod header;
mod memory;
mod name;
mod placeholder;
mod shape;
mod strict;
mod text;
mod walk;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Body, Event, Http, Message};
use crate::engine::protocol::json::{Document, Limits};

use memory::Memory;
use placeholder::Seal;
use walk::Splice;

pub use placeholder::{is_placeholder, places as placeholders};
pub use strict::Suspicion;

/// The version of the rules, for the header of a recording.
pub const RULES: u32 = 1;

/// Takes the secrets out of one recording.
pub struct Redactor {
    seal: Seal,
    memory: Memory,
    replaced: u64,
}

impl Redactor {
    /// For a recording of which nothing has been written yet. The key has to be random, and should
    /// not be kept.
    pub fn new(key: [u8; 32]) -> Self {
        Self { seal: Seal::new(key), memory: Memory::default(), replaced: 0 }
    }

    /// How many places have been replaced so far.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// A JSON text without secrets: a message of JSON-RPC, a batch of them, or any other value.
    /// Text that turns out not to be JSON is treated as [`text`](Self::text).
    pub fn json<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if !self.may_hold_secret(text) {
            return Cow::Borrowed(text);
        }
        let Ok(document) = Document::read(text.as_bytes(), &limits(text)) else {
            return self.text(text);
        };
        // The reader drops a byte order mark, and places count from after it.
        let text = &text[text.len() - document.text().len()..];
        let splices = walk::message(self, &document);
        self.applied(text, splices)
    }

    /// A text without secrets: a line that is not JSON, or what was written on standard error.
    pub fn text<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let splices = walk::free_text(self, text);
        self.applied(text, splices)
    }

    /// What is kept of a header; none for those that are not on the list of harmless ones. Cookies,
    /// credentials and ids of sessions are not.
    pub fn header(&mut self, name: &str, value: &str) -> Option<String> {
        if !header::is_kept(name) {
            return None;
        }
        if header::is_secret_parameter(name) {
            self.replaced += 1;
            return Some(self.seal.placeholder(value));
        }
        Some(self.text(value).into_owned())
    }

    /// The head of a request or response with the headers that are kept.
    pub fn http(&mut self, mut http: Http) -> Http {
        let headers = std::mem::take(&mut http.headers);
        let kept = headers.into_iter().filter_map(|(name, value)| {
            let value = self.header(&name, &value)?;
            Some((name, value))
        });
        http.headers = kept.collect();
        http
    }

    /// A line of a cassette without secrets.
    pub fn message<'a>(&mut self, mut message: Message<'a>) -> Message<'a> {
        message.http = message.http.map(|http| self.http(http));
        message.body = match message.body {
            Body::Json(json) => match self.json(json.get()) {
                Cow::Borrowed(_) => Body::Json(json),
                Cow::Owned(text) => body(text),
            },
            Body::Text(text) => match self.text(&text) {
                Cow::Borrowed(_) => Body::Text(text),
                Cow::Owned(text) => Body::Text(Cow::Owned(text)),
            },
        };
        message
    }

    /// An event of a cassette without secrets in its data.
    pub fn event(&mut self, mut event: Event) -> Event {
        let data = event.data.to_string();
        if let Cow::Owned(data) = self.json(&data) {
            event.data = serde_json::from_str(&data).unwrap_or_default();
        }
        event
    }

    /// What still looks like a secret in a text that was redacted: for `--strict-redact`, which
    /// would rather lose a message than keep one. It takes long random words for secrets whatever
    /// stands beside them, and looks into schemas.
    pub fn suspicion(&self, text: &str) -> Option<Suspicion> {
        strict::suspicion(text)
    }

    /// Whether a text has to be looked at more closely. Most have not.
    fn may_hold_secret(&self, raw: &str) -> bool {
        text::may_hold_secret(raw) || self.memory.may_be_in(raw)
    }

    fn applied<'a>(&mut self, text: &'a str, mut splices: Vec<Splice>) -> Cow<'a, str> {
        if splices.is_empty() {
            return Cow::Borrowed(text);
        }
        splices.sort_by_key(|splice| (splice.range.start, std::cmp::Reverse(splice.range.end)));
        let mut redacted = String::with_capacity(text.len() + 16 * splices.len());
        let mut done = 0;
        for splice in splices {
            let is_inside_another = splice.range.start < done;
            if !is_inside_another {
                redacted.push_str(&text[done..splice.range.start]);
                redacted.push_str(&splice.with);
                self.replaced += 1;
            }
            done = done.max(splice.range.end);
        }
        redacted.push_str(&text[done..]);
        Cow::Owned(redacted)
    }
}

/// A text as the body of a message: JSON where it is some. Bytes between lines that JSON allows,
/// line feeds among them, are taken out, because a line of a cassette is one line.
pub fn body<'a>(text: String) -> Body<'a> {
    let text = if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text };
    match RawValue::from_string(text.trim().to_owned()) {
        Ok(json) => Body::Json(Cow::Owned(json)),
        Err(_) => Body::Text(Cow::Owned(text)),
    }
}

/// What a message may use up when it is read: short ones may consist of nothing but small values.
fn limits(text: &str) -> Limits {
    const SHORT: usize = 16 << 20;
    let limits = Limits::for_bytes(text.len());
    if text.len() > SHORT {
        return limits;
    }
    Limits { max_nodes: text.len() + 1_024, ..limits }
}
