//! A change, from its raw arguments to its answer: once for each idempotency key.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::FutureExt;
use serde_json::Value;
use tokio::time::timeout;
use tracing::error;

use super::{
    super::{
        audit::{self, Concealed, Entry, Phase},
        guidance::{Code, Effect, Failure, Next},
        idempotency::{self, Claim, Known, Request, Taken},
        jobs::{self, End, Job},
        points::Point,
        store::{StoreError, Transaction},
    },
    Call, Change,
    arguments::without_nulls,
    outage::outage,
    toolbox::{Boxed, Reply, typed, written},
};

/// How long to wait, in milliseconds, for somebody who is at the same request.
const IN_FLIGHT_RETRY_MS: u64 = 1_000;

/// A change without its types.
pub(super) trait Make: Send + Sync {
    fn phase(&self) -> Phase;

    fn make<'a>(
        &'a self,
        call: &'a Call,
        transaction: &'a mut dyn Transaction,
        arguments: Value,
    ) -> Making<'a>;
}

pub(super) type Making<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'a>>;

impl<T: Change> Make for T {
    fn phase(&self) -> Phase {
        T::PHASE
    }

    fn make<'a>(
        &'a self,
        call: &'a Call,
        transaction: &'a mut dyn Transaction,
        arguments: Value,
    ) -> Making<'a> {
        Box::pin(async move {
            let arguments = typed(T::DEFINITION.name, arguments)?;
            let answer = self.change(call, transaction, arguments).await?;
            written(T::DEFINITION.name, &answer)
        })
    }
}

/// A call of a change.
pub(super) struct Attempt<'a> {
    pub(super) connector: &'static str,
    pub(super) tool: &'a Boxed,
    pub(super) make: &'a dyn Make,
    pub(super) call: &'a Call,
    pub(super) started: i64,
    /// The job that it goes on as, which ends with it.
    pub(super) job: Option<&'a Job>,
    /// Whether its outcome is decided from here on, and only the store knows how.
    pub(super) is_committing: AtomicBool,
}

impl Attempt<'_> {
    /// Makes the change and writes it down, or finds that it was made before. A failure is for the
    /// caller to write down: it has changed nothing.
    pub(super) async fn run(&self, arguments: Value, deadline: Duration) -> Result<Reply, Failure> {
        match timeout(deadline, self.within_deadline(arguments)).await {
            Ok(result) => result,
            Err(_) if self.is_committing.load(Ordering::SeqCst) => Err(unknown()),
            Err(_) => Err(too_slow(deadline)),
        }
    }

    /// The attempt as the trail keeps it.
    pub(super) fn entry(
        &self,
        arguments: Concealed,
        key: Option<&str>,
        outcome: audit::Outcome,
    ) -> Entry {
        let mut entry = self.call.entry(self.connector, arguments, outcome, self.started);
        entry.phase = self.make.phase();
        entry.idempotency_key = key.map(Concealed::text);
        entry
    }

    async fn within_deadline(&self, mut arguments: Value) -> Result<Reply, Failure> {
        let Call { identity, services, .. } = self.call;
        let concealed = Concealed::json(&arguments);
        // What is null is left out, in a repetition as well.
        without_nulls(&mut arguments);
        let request = Request::of(identity, self.call.tool, &arguments)?;
        self.tool.check(&mut arguments)?;
        let now = services.clock.now();
        let known = request.find(&*services.store, now).await.map_err(|it| store_failure(&it))?;
        let claim = match known {
            None => None,
            // What it would have done is done in one transaction with its answer, so it has not.
            Some(Known::Abandoned(claim)) => Some(self.take_over(&claim, now).await?),
            Some(known) => return self.known(&request, known, concealed).await,
        };
        services.points.reach(Point::BeforeTransaction, self.call.tool);
        let mut transaction =
            services.store.begin().await.map_err(|fault| store_failure(&fault))?;
        let hold = match claim {
            Some(claim) => Hold::Claimed(claim),
            None => match request.take(&mut *transaction, now).await {
                Ok(Ok(taken)) => Hold::Taken(taken),
                Ok(Err(known)) => {
                    let _undone = transaction.rollback().await;
                    return self.known(&request, known, concealed).await;
                }
                Err(fault) => return Err(store_failure(&fault)),
            },
        };
        let made = self.make(&mut *transaction, arguments, hold, &request, concealed).await;
        let (answer, appended) = match made {
            Ok(made) => made,
            Err(failure) => {
                let _undone = transaction.rollback().await;
                return Err(failure);
            }
        };
        services.points.reach(Point::BeforeCommit, self.call.tool);
        self.is_committing.store(true, Ordering::SeqCst);
        // In a task of its own: a commit that is broken off is one of which nobody knows.
        let committed = tokio::spawn(transaction.commit()).await;
        match committed.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string()))) {
            Ok(()) => {
                services.points.reach(Point::AfterCommit, self.call.tool);
                services.trail.committed(appended);
                Ok(Reply { content: answer, is_replayed: false })
            }
            Err(fault) if fault.leaves_doubt() => {
                error!(%fault, correlation_id = self.call.correlation_id, "a commit is in doubt");
                // A store that is not in place any more still reads what it has open.
                let found = match services.store.ping().await {
                    Ok(()) => request.find(&*services.store, now).await,
                    Err(fault) => Err(fault),
                };
                match found {
                    Ok(Some(Known::Answered(content))) => Ok(Reply { content, is_replayed: false }),
                    _ => Err(unknown()),
                }
            }
            Err(fault) => Err(store_failure(&fault)),
        }
    }

    async fn take_over(&self, claim: &Claim, now: i64) -> Result<Claim, Failure> {
        let store = &*self.call.services.store;
        let taken = claim.take_over(store, now, LEASE).await;
        taken.map_err(|fault| store_failure(&fault))?.ok_or_else(in_flight)
    }

    /// Everything that becomes durable together.
    async fn make(
        &self,
        transaction: &mut dyn Transaction,
        arguments: Value,
        hold: Hold<'_>,
        request: &Request,
        concealed: Concealed,
    ) -> Result<(Value, audit::Appended), Failure> {
        let making = self.make.make(self.call, &mut *transaction, arguments);
        let answer = AssertUnwindSafe(making).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| {
            let correlation_id = &self.call.correlation_id;
            error!(tool = self.call.tool, correlation_id, "a tool panicked");
            Err(Failure::internal())
        })?;
        self.tool.check_output(&answer, self.call)?;
        let held = match hold {
            Hold::Taken(taken) => taken.answer(transaction, &answer).await.map(|()| true),
            Hold::Claimed(claim) => claim.answer(transaction, &answer).await,
        };
        if !held.map_err(|fault| store_failure(&fault))? {
            return Err(in_flight());
        }
        if let Some(job) = self.job {
            let (end, now) = (End::Answered(answer.clone()), self.call.services.clock.now());
            let ended = jobs::end(transaction, job, &end, now).await;
            // One that was given up in the meantime is not made any more.
            if !ended.map_err(|fault| store_failure(&fault))? {
                return Err(in_flight());
            }
        }
        let entry = self.entry(concealed, Some(&request.key), audit::Outcome::ok());
        let trail = &self.call.services.trail;
        let appended = trail.append_in(transaction, entry).await;
        Ok((answer, appended.map_err(|fault| store_failure(&fault))?))
    }

    /// What is answered where the ledger knows the request.
    async fn known(
        &self,
        request: &Request,
        known: Known,
        concealed: Concealed,
    ) -> Result<Reply, Failure> {
        let content = match known {
            Known::Answered(content) => content,
            Known::Conflict => return Err(conflict()),
            Known::InFlight { .. } | Known::Abandoned(_) => return Err(in_flight()),
        };
        let outcome = audit::Outcome { is_replayed: true, ..audit::Outcome::ok() };
        let entry = self.entry(concealed, Some(&request.key), outcome);
        let trail = &self.call.services.trail;
        trail.append(entry).await.map_err(|fault| store_failure(&fault)).map_err(
            |mut failure| {
                // It was made long ago; that it is asked for again cannot be written down.
                failure.effect = Effect::Applied;
                let message =
                    "the change was made before, and that cannot be repeated at the moment";
                message.clone_into(&mut failure.message);
                failure
            },
        )?;
        Ok(Reply { content, is_replayed: true })
    }
}

/// How a key is held while its change is made.
enum Hold<'r> {
    Taken(Taken<'r>),
    Claimed(Claim),
}

/// How long a claim is good for that was taken over.
const LEASE: Duration = Duration::from_secs(10);

pub(super) fn conflict() -> Failure {
    let next = Next::fix_arguments(
        "for a different change use a new key; for the answer to the first request repeat its \
         arguments with this key",
    );
    let message = "this idempotency key was used for a request with other arguments";
    Failure::new(Code::IdempotencyConflict, message, next)
        .about(format!("/{}", idempotency::ARGUMENT))
}

/// Somebody is at a request with this key.
pub fn in_flight() -> Failure {
    let message = "a request with this idempotency key is being carried out";
    let mut failure = Failure::new(Code::IdempotencyInFlight, message, Next::wait("try again"))
        .about(format!("/{}", idempotency::ARGUMENT));
    failure.retryable = true;
    failure.retry_after_ms = Some(IN_FLIGHT_RETRY_MS);
    same_again(failure)
}

/// The store has not said whether a commit has happened.
fn unknown() -> Failure {
    let next = Next::retry_same_key(
        "repeat the same call with the same key: it answers what was done, or does it now",
    );
    let message = "it is not known whether the change was made";
    let mut failure = Failure::new(Code::OutcomeUnknown, message, next);
    failure.retryable = true;
    failure.effect = Effect::Unknown;
    failure
}

/// A fault of the store before anything was durable.
fn store_failure(fault: &StoreError) -> Failure {
    same_again(outage(fault, "the change cannot be stored at the moment"))
}

/// The deadline is over, and nothing was done.
fn too_slow(deadline: Duration) -> Failure {
    let message = format!("the change was not made within {} s", deadline.as_secs());
    let mut failure =
        Failure::new(Code::DeadlineExceeded, message, Next::wait("try again in a moment"));
    failure.retryable = true;
    failure.retry_after_ms = Some(IN_FLIGHT_RETRY_MS);
    same_again(failure)
}

/// The same with the step to repeat the call under its key, where that can be of use.
pub(super) fn same_again(mut failure: Failure) -> Failure {
    if let Some(wait) = failure.retry_after_ms {
        let hint = format!("repeat the same call with the same key after {wait} ms");
        failure.next = Next::retry_same_key(hint);
    }
    failure
}

#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;
