//! What is written about each frame.

use std::{collections::HashMap, io};

use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(feature = "http")]
use super::response::{Content, Decoder};
use super::{
    file::CassetteFile,
    lines::{Lines, Whole},
};
#[cfg(feature = "http")]
use crate::live::record::frame::Head;
use crate::{
    engine::cassette::{
        Event, Http, Line, Message, Party, Sse,
        redact::{self, Redactor},
    },
    live::record::frame::{Frame, Kind, Setup, Tag},
};

/// Takes frames and writes lines.
pub(super) struct Scribe {
    writer: Writer,
    client_lines: Lines,
    server_lines: Lines,
    error_lines: Lines,
    #[cfg(feature = "http")]
    channels: HashMap<u64, Channel>,
    /// The sessions so far, by their ids, which are secrets.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "sessions are of HTTP"))]
    sessions: HashMap<String, u64>,
    /// When the last frame was seen.
    last_at_us: u64,
}

/// An HTTP request and its answer.
#[cfg(feature = "http")]
struct Channel {
    session: u64,
    /// Where the request went, if not to the endpoint: its bodies are none of the protocol's.
    path: Option<String>,
    /// How many bytes of the request and of the answer were seen.
    request: Side,
    response: Side,
}

/// One direction of an HTTP request.
#[cfg(feature = "http")]
#[derive(Default)]
struct Side {
    head: Option<Http>,
    decoder: Option<Decoder>,
    messages: u64,
    has_ended: bool,
}

/// Where a message came from.
#[derive(Debug, Clone, Copy)]
struct Origin {
    at_us: u64,
    from: Party,
    channel: u64,
    session: u64,
}

#[derive(Deserialize)]
struct Happened {
    event: String,
    #[serde(default)]
    data: Value,
}

impl Scribe {
    pub(super) fn new(setup: Setup, key: [u8; 32]) -> io::Result<Self> {
        let redactor = setup.header.redaction.is_some().then(|| Redactor::new(key));
        let file = CassetteFile::begin(setup.path, setup.header, setup.rotate_bytes)?;
        Ok(Self {
            writer: Writer { file, redactor, is_strict: setup.is_strict },
            client_lines: Lines::default(),
            server_lines: Lines::default(),
            error_lines: Lines::default(),
            #[cfg(feature = "http")]
            channels: HashMap::new(),
            sessions: HashMap::new(),
            last_at_us: 0,
        })
    }

    pub(super) fn take(&mut self, frame: Frame) -> io::Result<()> {
        let Frame { tag, at_us, payload } = frame;
        self.last_at_us = at_us;
        match tag.kind {
            Kind::Setup => Ok(()),
            Kind::Bytes if tag.channel == 0 => self.line_bytes(tag.from, at_us, &payload),
            Kind::End if tag.channel == 0 => {
                self.line_end(tag.from, at_us)?;
                let by = tag.from;
                self.writer.event(at_us, 0, "closed", json!({"by": by}))
            }
            Kind::Stderr => {
                let writer = &mut self.writer;
                self.error_lines.push(&payload, |line| writer.error_line(at_us, line))
            }
            Kind::Event => match serde_json::from_slice::<Happened>(&payload) {
                Ok(it) => self.writer.event(at_us, tag.channel, &it.event, it.data),
                // The relay broke off in the middle.
                Err(_) => Ok(()),
            },
            Kind::Done => {
                self.leftovers(at_us)?;
                self.writer.file.finish()
            }
            Kind::Head | Kind::Bytes | Kind::End => self.http(tag, at_us, &payload),
        }
    }

    /// The pipe has ended. Where the relay did not say that it was done, it was killed, and there is
    /// no last line.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.leftovers(self.last_at_us)
    }

    fn line_bytes(&mut self, from: Party, at_us: u64, bytes: &[u8]) -> io::Result<()> {
        let origin = Origin { at_us, from, channel: 0, session: 0 };
        let writer = &mut self.writer;
        let lines = match from {
            Party::Client => &mut self.client_lines,
            Party::Server => &mut self.server_lines,
        };
        lines.push(bytes, |line| writer.line(origin, line))
    }

    fn line_end(&mut self, from: Party, at_us: u64) -> io::Result<()> {
        let origin = Origin { at_us, from, channel: 0, session: 0 };
        let writer = &mut self.writer;
        let lines = match from {
            Party::Client => &mut self.client_lines,
            Party::Server => &mut self.server_lines,
        };
        lines.end(|line| writer.line(origin, line))
    }

    /// Lines without an end.
    fn leftovers(&mut self, at_us: u64) -> io::Result<()> {
        self.line_end(Party::Client, at_us)?;
        self.line_end(Party::Server, at_us)?;
        let writer = &mut self.writer;
        self.error_lines.end(|line| writer.error_line(at_us, line))?;
        #[cfg(feature = "http")]
        {
            let mut left: Vec<u64> = self.channels.keys().copied().collect();
            left.sort_unstable();
            for channel in left {
                for from in [Party::Client, Party::Server] {
                    self.http_end(channel, from, at_us)?;
                }
            }
        }
        Ok(())
    }

    #[cfg(not(feature = "http"))]
    fn http(&mut self, _: Tag, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "http")]
    fn http(&mut self, tag: Tag, at_us: u64, payload: &[u8]) -> io::Result<()> {
        match tag.kind {
            Kind::Head => {
                if let Ok(head) = serde_json::from_slice::<Head>(payload) {
                    self.http_head(tag, head);
                }
                Ok(())
            }
            Kind::End => self.http_end(tag.channel, tag.from, at_us),
            _ => {
                let Some(channel) = self.channels.get_mut(&tag.channel) else { return Ok(()) };
                let Some(decoder) = &mut channel.side(tag.from).decoder else { return Ok(()) };
                let found = decoder.push(payload);
                self.http_content(tag.channel, tag.from, at_us, found)
            }
        }
    }

    #[cfg(feature = "http")]
    fn http_head(&mut self, tag: Tag, head: Head) {
        let session = match head.header("mcp-session-id") {
            Some(id) => {
                let next = self.sessions.len() as u64 + 1;
                *self.sessions.entry(id.to_owned()).or_insert(next)
            }
            None => 0,
        };
        let decoder = Decoder::of(&head);
        let http = Http {
            method: head.method,
            status: head.status,
            headers: head.headers.into_iter().collect(),
        };
        let channel = self.channels.entry(tag.channel).or_insert_with(|| Channel {
            // That of the request: an answer that begins a session belongs to a request without one.
            session,
            path: head.path,
            request: Side::default(),
            response: Side::default(),
        });
        let side = channel.side(tag.from);
        *side = Side { head: Some(http), decoder: Some(decoder), ..Side::default() };
    }

    #[cfg(feature = "http")]
    fn http_content(
        &mut self,
        channel_id: u64,
        from: Party,
        at_us: u64,
        found: Vec<Content>,
    ) -> io::Result<()> {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return Ok(()) };
        let (session, is_elsewhere) = (channel.session, channel.path.is_some());
        let side = channel.side(from);
        for content in found {
            match content {
                Content::TooLong(length) => {
                    self.writer.too_long(at_us, channel_id, from, length)?
                }
                Content::Unreadable(reason) => {
                    let data = json!({"from": from, "reason": reason});
                    self.writer.event(at_us, channel_id, "not_recorded", data)?;
                }
                Content::Message { .. } if is_elsewhere => {}
                Content::Message { bytes, sse } => {
                    let origin = Origin { at_us, from, channel: channel_id, session };
                    // The head stands at the first message of a stream.
                    let http = side.head.take();
                    side.messages += 1;
                    self.writer.message(origin, http, sse, &bytes)?;
                }
            }
        }
        Ok(())
    }

    #[cfg(feature = "http")]
    fn http_end(&mut self, channel_id: u64, from: Party, at_us: u64) -> io::Result<()> {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return Ok(()) };
        let side = channel.side(from);
        side.has_ended = true;
        if let Some(mut decoder) = side.decoder.take() {
            let found = decoder.end();
            self.http_content(channel_id, from, at_us, found)?;
            self.http_closed(channel_id, from, at_us, decoder.is_stream())?;
        }
        // A server may answer before it has read all.
        let has_ended = |it: &Channel| it.request.has_ended && it.response.has_ended;
        if self.channels.get(&channel_id).is_some_and(has_ended) {
            self.channels.remove(&channel_id);
        }
        Ok(())
    }

    #[cfg(feature = "http")]
    fn http_closed(
        &mut self,
        channel_id: u64,
        from: Party,
        at_us: u64,
        is_stream: bool,
    ) -> io::Result<()> {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return Ok(()) };
        let path = channel.path.clone();
        let side = channel.side(from);
        // A request or answer that carried no message.
        if let Some(http) = side.head.take() {
            let event = if from == Party::Client { "request" } else { "response" };
            return self.writer.http_event(at_us, channel_id, event, http, path);
        }
        if side.messages > 1 || is_stream {
            self.writer.event(at_us, channel_id, "closed", json!({"by": from}))?;
        }
        Ok(())
    }
}

#[cfg(feature = "http")]
impl Channel {
    fn side(&mut self, from: Party) -> &mut Side {
        match from {
            Party::Client => &mut self.request,
            Party::Server => &mut self.response,
        }
    }
}

/// Writes messages and events without secrets.
struct Writer {
    file: CassetteFile,
    /// None where nothing is to be kept out.
    redactor: Option<Redactor>,
    is_strict: bool,
}

impl Writer {
    fn line(&mut self, origin: Origin, line: Whole<'_>) -> io::Result<()> {
        match line {
            Whole::Line(bytes) => self.message(origin, None, None, bytes),
            Whole::TooLong(length) => self.too_long(origin.at_us, 0, origin.from, length),
        }
    }

    fn message(
        &mut self,
        origin: Origin,
        http: Option<Http>,
        sse: Option<Sse>,
        bytes: &[u8],
    ) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let redacted = match &mut self.redactor {
            Some(redactor) => redactor.json(text),
            None => text.into(),
        };
        if self.is_strict
            && let Some(redactor) = &self.redactor
            && let Some(suspicion) = redactor.suspicion(&redacted)
        {
            let data = json!({
                "from": origin.from, "pointer": suspicion.pointer, "reason": suspicion.reason,
            });
            return self.event(origin.at_us, origin.channel, "withheld", data);
        }
        let body = redact::body(redacted.into_owned());
        let http = http.map(|http| self.head(http));
        let Origin { at_us, from, channel, session } = origin;
        let n = self.file.next_n();
        let message = Message { n, at_us: Some(at_us), from, channel, session, http, sse, body };
        self.file.append(&Line::Message(message))
    }

    fn head(&mut self, http: Http) -> Http {
        // Also where nothing else is kept out, credentials of the connection are no part of what
        // was said.
        let mut of_heads = Redactor::new([0; 32]);
        self.redactor.as_mut().unwrap_or(&mut of_heads).http(http)
    }

    fn event(&mut self, at_us: u64, channel: u64, event: &str, data: Value) -> io::Result<()> {
        let n = self.file.next_n();
        let event = Event { n, at_us: Some(at_us), event: event.to_owned(), channel, data };
        let event = match &mut self.redactor {
            Some(redactor) => redactor.event(event),
            None => event,
        };
        self.file.append(&Line::Event(event))
    }

    fn too_long(&mut self, at_us: u64, channel: u64, from: Party, length: usize) -> io::Result<()> {
        let reason = format!("a message of {length} bytes is too long to be kept");
        let data = json!({"from": from, "reason": reason});
        self.event(at_us, channel, "not_recorded", data)
    }

    fn error_line(&mut self, at_us: u64, line: Whole<'_>) -> io::Result<()> {
        match line {
            Whole::Line(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let data = json!({"text": text.trim_end_matches('\r')});
                self.event(at_us, 0, "stderr", data)
            }
            Whole::TooLong(length) => self.too_long(at_us, 0, Party::Server, length),
        }
    }

    #[cfg(feature = "http")]
    fn http_event(
        &mut self,
        at_us: u64,
        channel: u64,
        event: &str,
        http: Http,
        path: Option<String>,
    ) -> io::Result<()> {
        let http = self.head(http);
        let mut data = serde_json::to_value(http).expect("every key is a string");
        if let Some(path) = path {
            data["path"] = path.into();
        }
        self.event(at_us, channel, event, data)
    }
}
