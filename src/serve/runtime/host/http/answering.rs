//! A request that is being answered: until the last byte of its answer, not only until its head.
//!
//! The answer to a call within a session is a stream, which the SDK hands over before the tool has
//! answered.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Error,
    body::{Body, Bytes, HttpBody},
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use super::super::metrics::Metrics;

/// How many answers to questions of the server may come in while there is no other room.
const FOR_ANSWERS: usize = 16;

/// Room for so many requests.
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// Beside these, for what users have said: when every place is taken by a call that waits for its
    /// user, none would get free.
    for_answers: Arc<Semaphore>,
    running: TaskTracker,
    metrics: Arc<Metrics>,
}

impl Places {
    /// So many places; `running` knows who has one.
    pub(super) fn new(places: usize, running: TaskTracker, metrics: Arc<Metrics>) -> Self {
        let [free, for_answers] = [places, FOR_ANSWERS].map(|it| Arc::new(Semaphore::new(it)));
        Self { free, for_answers, running, metrics }
    }

    /// A place for one more request, if there is one.
    pub(super) fn take(&self) -> Option<Answering> {
        self.taken(&self.free, false)
    }

    /// A place for what answers a question of the server, and for nothing else, if there is one.
    pub(super) fn take_for_answer(&self) -> Option<Answering> {
        self.taken(&self.for_answers, true)
    }

    fn taken(&self, places: &Arc<Semaphore>, is_for_answer: bool) -> Option<Answering> {
        let place = Arc::clone(places).try_acquire_owned().ok()?;
        self.metrics.in_flight.inc();
        let metrics = Arc::clone(&self.metrics);
        Some(Answering { is_for_answer, _place: place, _running: self.running.token(), metrics })
    }
}

/// The place of a request.
pub(super) struct Answering {
    /// Whether it is for what answers a question of the server.
    pub(super) is_for_answer: bool,
    _place: OwnedSemaphorePermit,
    _running: TaskTrackerToken,
    metrics: Arc<Metrics>,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
    }
}

/// Keeps something until the body of a response has ended, or nobody wants it any more.
pub(super) fn until_sent<T: Send + Unpin + 'static>(response: Response, kept: T) -> Response {
    response.map(|body| Body::new(Sending { body, _kept: kept }))
}

struct Sending<T> {
    body: Body,
    _kept: T,
}

impl<T: Unpin> HttpBody for Sending<T> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
