//! Bodies of HTTP to messages: JSON, or a stream of server-sent events, perhaps compressed.

use std::io::Write;

use flate2::write::GzDecoder;

use super::MAX_MESSAGE_BYTES;
use crate::{
    engine::cassette::Sse,
    live::{
        record::frame::Head,
        transport::event_stream::{Event, Parser},
    },
};

/// What was found in a body.
pub(super) enum Content {
    /// A message.
    Message {
        /// Its bytes.
        bytes: Vec<u8>,
        /// The event that has carried it.
        sse: Option<Sse>,
    },
    /// A message that was too long to be kept, with its length so far.
    TooLong(usize),
    /// Something that cannot be read, and why.
    Unreadable(String),
}

/// Takes one body apart while it comes in.
pub(super) struct Decoder {
    unpack: Option<GzDecoder<Vec<u8>>>,
    form: Form,
}

enum Form {
    Stream(Parser),
    Whole {
        bytes: Vec<u8>,
        left_out: usize,
    },
    /// Nothing that could be read, or nothing more.
    Ignored,
}

impl Decoder {
    /// For the body that follows a head.
    pub(super) fn of(head: &Head) -> Self {
        let content_type = head.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let form = if content_type.starts_with("text/event-stream") {
            Form::Stream(Parser::new(MAX_MESSAGE_BYTES))
        } else {
            Form::Whole { bytes: Vec::new(), left_out: 0 }
        };
        let is_packed = head.header("content-encoding").is_some_and(|it| it.contains("gzip"));
        Self { unpack: is_packed.then(|| GzDecoder::new(Vec::new())), form }
    }

    /// Whether it is a stream of events.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.form, Form::Stream(_))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Content> {
        let Some(unpack) = &mut self.unpack else { return self.plain(bytes) };
        // `flush` brings out what an event stream has sent so far.
        match unpack.write_all(bytes).and_then(|()| unpack.flush()) {
            Ok(()) => {
                let plain = std::mem::take(unpack.get_mut());
                self.plain(&plain)
            }
            Err(error) => {
                self.form = Form::Ignored;
                self.unpack = None;
                vec![Content::Unreadable(format!("the body is not gzip: {error}"))]
            }
        }
    }

    /// What was begun when the body ended.
    pub(super) fn end(&mut self) -> Vec<Content> {
        match &mut self.form {
            Form::Stream(parser) => parser.finish().into_iter().map(message).collect(),
            Form::Whole { left_out: 0, bytes } if bytes.is_empty() => Vec::new(),
            Form::Whole { left_out: 0, bytes } => {
                vec![Content::Message { bytes: std::mem::take(bytes), sse: None }]
            }
            Form::Whole { left_out, .. } => vec![Content::TooLong(*left_out)],
            Form::Ignored => Vec::new(),
        }
    }

    fn plain(&mut self, new: &[u8]) -> Vec<Content> {
        match &mut self.form {
            Form::Stream(parser) => match parser.push(new) {
                Ok(events) => events.into_iter().map(message).collect(),
                Err(_) => {
                    self.form = Form::Ignored;
                    vec![Content::TooLong(MAX_MESSAGE_BYTES)]
                }
            },
            Form::Whole { bytes, left_out } => {
                if *left_out > 0 || bytes.len() + new.len() > MAX_MESSAGE_BYTES {
                    *left_out += std::mem::take(bytes).len() + new.len();
                } else {
                    bytes.extend_from_slice(new);
                }
                Vec::new()
            }
            Form::Ignored => Vec::new(),
        }
    }
}

fn message(event: Event) -> Content {
    let sse = Sse { event: event.name, id: event.id };
    Content::Message { bytes: event.data, sse: Some(sse) }
}
