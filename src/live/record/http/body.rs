//! A body on its way from one side to the other.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Response, StatusCode};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::State;
use crate::live::record::frame::{Kind, Tag};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Passes on a body and tells the tape of each piece first.
pub(super) struct Recorded {
    source: Source,
    tape: Option<(Arc<State>, Tag)>,
}

/// Where the bytes come from.
pub(super) enum Source {
    Client(Incoming),
    Server(reqwest::Body),
    /// Ourselves.
    Text(Option<Bytes>),
}

impl From<Incoming> for Source {
    fn from(body: Incoming) -> Self {
        Self::Client(body)
    }
}

impl From<reqwest::Body> for Source {
    fn from(body: reqwest::Body) -> Self {
        Self::Server(body)
    }
}

impl Recorded {
    pub(super) fn new(source: impl Into<Source>, state: Arc<State>, tag: Tag) -> Self {
        Self { source: source.into(), tape: Some((state, tag)) }
    }

    /// Tells the tape that there is no more.
    fn end(&mut self) {
        if let Some((state, tag)) = self.tape.take() {
            state.tape.send(Tag { kind: Kind::End, ..tag }, &[]);
        }
    }
}

/// An answer of our own.
pub(super) fn said(status: StatusCode, text: &str) -> Response<Recorded> {
    let source = Source::Text(Some(Bytes::copy_from_slice(text.as_bytes())));
    let mut response = Response::new(Recorded { source, tape: None });
    *response.status_mut() = status;
    let plain = http::HeaderValue::from_static("text/plain");
    response.headers_mut().insert(http::header::CONTENT_TYPE, plain);
    response
}

impl Body for Recorded {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let frame =
            match &mut self.source {
                Source::Client(body) => ready!(Pin::new(body).poll_frame(context))
                    .map(|frame| frame.map_err(Failure::from)),
                Source::Server(body) => ready!(Pin::new(body).poll_frame(context))
                    .map(|frame| frame.map_err(Failure::from)),
                Source::Text(text) => text.take().map(|text| Ok(Frame::data(text))),
            };
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(data), Some((state, tag))) = (frame.data_ref(), &self.tape) {
                    state.tape.send(*tag, data);
                }
            }
            Some(Err(_)) | None => self.end(),
        }
        // Whoever knows the length stops at the last byte and never comes to the end.
        if self.is_end_stream() {
            self.end();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Client(body) => body.is_end_stream(),
            Source::Server(body) => body.is_end_stream(),
            Source::Text(text) => text.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Client(body) => body.size_hint(),
            Source::Server(body) => body.size_hint(),
            Source::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}

/// Also where one side has gone away in the middle.
impl Drop for Recorded {
    fn drop(&mut self) {
        self.end();
    }
}
