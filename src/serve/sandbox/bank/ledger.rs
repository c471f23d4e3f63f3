//! Writes, once for each idempotency key: by the runtime's ledger, in the transaction of the effect.
//!
//! A deposit that goes through the payment network reserves its key first, because the payment is none
//! of the store's. Where the process dies in between, whoever asks again when the reservation is over
//! makes the payment again under the same key of the network, which makes it once.
//!
//! Read [`once`] first; a bug is where it is asked for, or in [`careless`](super::careless).

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    account,
    bug::Bug,
    careless::{answer_then_act, check_then_act, unheld},
    error::{Refusal, cancelled, commit_in_doubt, conflict, in_flight},
    kept::{alike, forget, forget_old, kept, since},
    request::payment_key,
    surface::Tool,
    write::Write,
};
use crate::serve::runtime::{
    guidance::{Code, Effect, Failure},
    idempotency::{Claim, Known, Request},
    points::Point,
    store::StoreError,
};

/// How long to wait, in milliseconds, for somebody who is at the same request.
const IN_FLIGHT_RETRY_MS: u64 = 500;

/// The answer to a write.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) content: Value,
    /// Whether it was answered so before.
    pub(super) is_replayed: bool,
}

/// What is known of a request before it is carried out.
enum Seen {
    New,
    /// Somebody has died over it, and this call goes on.
    TakenOver(Claim),
    Answered(Reply),
}

/// Makes a write whose arguments were checked, or says that it was made before.
pub(super) async fn once(
    call: &Write<'_>,
    request: Option<&Request>,
    checked: Result<(), Failure>,
) -> Result<Reply, Refusal> {
    let Some(request) = request else {
        checked?;
        return unheld(call).await;
    };
    let bugs = &call.bank().bugs;
    let outcome = match checked {
        Ok(()) => attempt(call, request).await,
        Err(failure) if bugs.has(Bug::ValidationErrorBurnsKey) => {
            match look(call, request).await? {
                Seen::Answered(reply) => return Ok(reply),
                _ => Err(failure.into()),
            }
        }
        Err(failure) => Err(failure.into()),
    };
    if let Err(Refusal::New(failure)) = &outcome
        && is_kept(call, failure)
    {
        keep(call, request, failure).await?;
    }
    outcome
}

/// Whether a failure is the last word about its key.
fn is_kept(call: &Write<'_>, failure: &Failure) -> bool {
    let bugs = &call.bank().bugs;
    match failure.code {
        Code::IdempotencyConflict | Code::IdempotencyInFlight | Code::Internal => false,
        Code::NotPermitted => failure.reason == Some("payment_refused"),
        Code::InvalidArgument | Code::NotFound => bugs.has(Bug::ValidationErrorBurnsKey),
        Code::UpstreamUnavailable | Code::RateLimited | Code::UpstreamAuthBroken => {
            bugs.has(Bug::TransientErrorCached)
        }
        _ => false,
    }
}

async fn attempt(call: &Write<'_>, request: &Request) -> Result<Reply, Refusal> {
    let bank = call.bank();
    let (bugs, store, points) = (&bank.bugs, &*bank.store, &bank.points);
    let tool = call.tool.name();
    let held = match look(call, request).await? {
        Seen::Answered(reply) => return Ok(reply),
        Seen::TakenOver(claim) => Some(claim),
        Seen::New => None,
    };
    if bugs.has(Bug::ConcurrentDuplicateEffect) && held.is_none() {
        return check_then_act(call, request).await;
    }
    if bugs.has(Bug::CrashLostEffect) && held.is_none() {
        return answer_then_act(call, request).await;
    }
    if call.pays() {
        call.look_first().await?;
    }
    let reserves = call.pays() || bugs.has(Bug::StuckInFlight);
    if held.is_none() && !bugs.has(Bug::StuckInFlight) {
        points.reach(Point::BeforeTransaction, tool);
    }
    let claim = match held {
        None if reserves => match request.claim(store, call.now, lease(call)).await? {
            Ok(claim) => Some(claim),
            Err(known) => return replied(call, request, known).await?.ok_or_else(under_way),
        },
        held => held,
    };
    if bugs.has(Bug::StuckInFlight) {
        points.reach(Point::BeforeTransaction, tool);
    }
    let reference = match call.pays() {
        true => Some(payment_key(request, since(call, request).await?)),
        false => None,
    };
    if let Some(reference) = &reference
        && let Err(mut failure) = call.pay(reference).await
    {
        if failure.reason == cancelled().reason {
            failure.effect = Effect::Unknown;
        }
        settle(call, claim.as_ref(), &failure).await?;
        return Err(failure.into());
    }
    let mut transaction = store.begin().await?;
    let taken = match &claim {
        Some(_) => None,
        None => match request.take(&mut *transaction, call.now).await? {
            Ok(taken) => Some(taken),
            Err(known) => {
                transaction.rollback().await?;
                return replied(call, request, known).await?.ok_or_else(under_way);
            }
        },
    };
    let content = match call.effect(&mut *transaction, reference.as_deref()).await {
        Ok(content) => content,
        Err(failure) => {
            transaction.rollback().await?;
            settle(call, claim.as_ref(), &failure).await?;
            return Err(failure.into());
        }
    };
    let stored = stored(call.tool, &content);
    let is_ours = match (taken, &claim) {
        (Some(taken), _) => taken.answer(&mut *transaction, &stored).await.map(|()| true)?,
        (None, Some(claim)) => claim.answer(&mut *transaction, &stored).await?,
        (None, None) => unreachable!("a key is taken or claimed"),
    };
    // What was paid is booked, whether anybody still waits for it or not.
    let given_up = if call.pays() { Ok(()) } else { call.waiting.go_on() };
    if let Err(refusal) =
        given_up.and(if is_ours { Ok(()) } else { Err(in_flight(IN_FLIGHT_RETRY_MS)) })
    {
        transaction.rollback().await?;
        settle(call, claim.as_ref(), &refusal).await?;
        return Err(refusal.into());
    }
    points.reach(Point::BeforeCommit, tool);
    transaction.commit().await.map_err(|fault| commit_in_doubt(&fault))?;
    points.reach(Point::AfterCommit, tool);
    if bugs.has(Bug::LostResponseDuplicate) {
        tokio::time::sleep(bank.pace.moment).await;
        if call.waiting.is_over() {
            forget(call, request).await?;
        }
    }
    Ok(Reply { content, is_replayed: false })
}

pub(super) fn under_way() -> Refusal {
    in_flight(IN_FLIGHT_RETRY_MS).into()
}

/// How long a key is reserved while the payment is made.
fn lease(call: &Write<'_>) -> Duration {
    let bank = call.bank();
    if bank.bugs.has(Bug::StuckInFlight) {
        return Duration::MAX;
    }
    let network = bank.network.as_ref().map_or(Duration::ZERO, |network| network.limit());
    network.max(bank.pace.upstream) + (bank.pace.lease - bank.pace.upstream)
}

/// Gives a key that was reserved back, or has the next who asks find out what has happened.
async fn settle(
    call: &Write<'_>,
    claim: Option<&Claim>,
    failure: &Failure,
) -> Result<(), StoreError> {
    let Some(claim) = claim else { return Ok(()) };
    let store = &*call.bank().store;
    match failure.effect {
        Effect::Unknown => {
            let now = call.bank().clock.now();
            claim.take_over(store, now, Duration::ZERO).await.map(drop)
        }
        _ => claim.release(store).await.map(drop),
    }
}

/// What is known of a request, without waiting for anybody.
async fn look(call: &Write<'_>, request: &Request) -> Result<Seen, Refusal> {
    let bank = call.bank();
    let store = &*bank.store;
    if bank.bugs.has(Bug::RetentionTooShort) {
        forget_old(call, request).await?;
    }
    if bank.bugs.has(Bug::DistinctKeysCollapsed)
        && let Some(stored) = alike(call, request).await?
    {
        return replay(call, stored).map(Seen::Answered);
    }
    match request.find(store, call.now).await? {
        None => Ok(Seen::New),
        Some(Known::Abandoned(claim)) => {
            let claim = claim.take_over(store, call.now, lease(call)).await?;
            claim.map(Seen::TakenOver).ok_or_else(under_way)
        }
        Some(known) => Ok(replied(call, request, known).await?.map_or(Seen::New, Seen::Answered)),
    }
}

/// What is answered where the ledger knows the request; nothing where it is forgotten over that.
pub(super) async fn replied(
    call: &Write<'_>,
    request: &Request,
    known: Known,
) -> Result<Option<Reply>, Refusal> {
    let bugs = &call.bank().bugs;
    match known {
        Known::Answered(stored) => {
            if bugs.has(Bug::ReplayAfterStateChange) && is_undone(call, &stored).await? {
                forget(call, request).await?;
                return Ok(None);
            }
            replay(call, stored).map(Some)
        }
        Known::Conflict => {
            let stored = kept(call, request).await?;
            let is_leak = |stored: &Value| {
                bugs.has(Bug::KeyLeaksAcrossTools) && stored["tool"] != call.tool.name()
            };
            match stored.filter(|it| bugs.has(Bug::KeyReuseSilentStale) || is_leak(it)) {
                Some(stored) => replay(call, stored).map(Some),
                None => Err(conflict(&request.key).into()),
            }
        }
        Known::InFlight { until } => {
            let wait = u64::try_from(until.saturating_sub(call.now)).unwrap_or_default();
            // It may end sooner; nobody has to wait longer than a payment takes.
            let most = u64::try_from(call.bank().pace.lease.as_millis()).unwrap_or(u64::MAX);
            Err(in_flight(wait.clamp(1, most)).into())
        }
        Known::Abandoned(_) => Err(under_way()),
    }
}

/// An answer as the ledger keeps it.
pub(super) fn stored(tool: Tool, content: &Value) -> Value {
    json!({"tool": tool.name(), "reply": content})
}

fn replay(call: &Write<'_>, mut stored: Value) -> Result<Reply, Refusal> {
    if !stored["failure"].is_null() {
        return Err(Refusal::Kept(stored["failure"].take()));
    }
    let mut content = stored["reply"].take();
    if call.bank().bugs.has(Bug::ReplayedAnswerDiffers) {
        content["receipt_id"] = format!("rcpt-{}", call.id).into();
    }
    Ok(Reply { content, is_replayed: true })
}

/// Whether what was answered is an account that was closed since.
async fn is_undone(call: &Write<'_>, stored: &Value) -> Result<bool, StoreError> {
    let id = stored["reply"]["account"]["account_id"].as_str();
    let Some(id) = id.filter(|_| call.tool == Tool::OpenAccount) else { return Ok(false) };
    let found = account::find(&*call.bank().store, &call.identity.tenant, id).await?;
    Ok(found.is_some_and(|account| account.closed_at.is_some()))
}

/// Keeps a failure as what the request is answered from now on.
async fn keep(call: &Write<'_>, request: &Request, failure: &Failure) -> Result<(), StoreError> {
    forget(call, request).await?;
    let mut transaction = call.bank().store.begin().await?;
    if let Ok(taken) = request.take(&mut *transaction, call.now).await? {
        let mut envelope = failure.envelope();
        envelope["error"]["correlation_id"] = call.correlation_id.as_str().into();
        let stored = json!({"tool": call.tool.name(), "failure": envelope});
        taken.answer(&mut *transaction, &stored).await?;
    }
    transaction.commit().await
}
