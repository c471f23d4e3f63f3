//! Waiting within a call: it says how far it is, and ends when its client does not want it any more.

use std::{future::Future, time::Duration};

use rmcp::{RoleServer, model::ProgressNotificationParam, service::RequestContext};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::{Shared, bug::Bug, error::cancelled};
use crate::serve::runtime::guidance::Failure;

/// Whoever waits for an answer.
pub(super) struct Waiting<'a> {
    pub(super) bank: &'a Shared,
    pub(super) context: &'a RequestContext<RoleServer>,
    /// Cancelled when the only client there is has gone, as over stdio.
    pub(super) departed: &'a CancellationToken,
}

impl Waiting<'_> {
    /// Does something that takes its time.
    ///
    /// # Errors
    ///
    /// Where the client has cancelled the request or broken off its connection.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let Shared { bugs, pace, .. } = self.bank;
        let token = self.context.meta.get_progress_token();
        let token = token.filter(|_| !bugs.has(Bug::NoProgress));
        let mut ticks = interval_at(Instant::now() + pace.progress, pace.progress);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut done = 0.0;
        tokio::pin!(work);
        loop {
            tokio::select! {
                result = &mut work => return Ok(result),
                () = self.context.ct.cancelled(), if !bugs.has(Bug::CancelIgnored) => {
                    return Err(cancelled());
                }
                _ = ticks.tick() => {
                    if let Some(token) = &token {
                        done += 1.0;
                        let notice = ProgressNotificationParam::new(token.clone(), done);
                        // A client that has gone hears nothing.
                        let _ = self.context.peer.notify_progress(notice).await;
                    }
                }
            }
        }
    }

    /// Lets time pass.
    ///
    /// # Errors
    ///
    /// As [`Self::during`].
    pub(super) async fn pass(&self, time: Duration) -> Result<(), Failure> {
        self.during(tokio::time::sleep(time)).await
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_over(&self) -> bool {
        self.context.ct.is_cancelled() || self.departed.is_cancelled()
    }

    /// Ends a call that is cancelled, before it does anything.
    ///
    /// # Errors
    ///
    /// Where it is.
    pub(super) fn go_on(&self) -> Result<(), Failure> {
        match self.context.ct.is_cancelled() && !self.bank.bugs.has(Bug::CancelIgnored) {
            true => Err(cancelled()),
            false => Ok(()),
        }
    }
}
