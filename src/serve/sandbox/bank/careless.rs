//! Writes that the ledger is not asked about, or not in time: what some bugs do instead of
//! [`ledger::once`](super::ledger::once).

use std::sync::atomic::Ordering;

use super::{
    error::{Refusal, commit_in_doubt},
    kept::forget,
    ledger::{Reply, replied, stored, under_way},
    request::payment_key,
    write::Write,
};
use crate::serve::runtime::{idempotency::Request, points::Point};

/// Makes a write that nothing is known by.
pub(super) async fn unheld(call: &Write<'_>) -> Result<Reply, Refusal> {
    act(call, &format!("pay-{}", call.id), None).await
}

/// Acts on having seen that nobody has, a moment ago: the bug `concurrent-duplicate-effect`.
pub(super) async fn check_then_act(call: &Write<'_>, request: &Request) -> Result<Reply, Refusal> {
    let bank = call.bank();
    // Calls that come together are a payment each; one that is repeated is still the same.
    let rank = bank.acting.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(bank.pace.moment).await;
    let acted = act(call, &payment_key(request, rank.into()), Some(request)).await;
    bank.acting.fetch_sub(1, Ordering::SeqCst);
    acted
}

/// Makes a write without asking whether it was made before; it is known by the request from then on,
/// unless that is known already.
async fn act(
    call: &Write<'_>,
    reference: &str,
    request: Option<&Request>,
) -> Result<Reply, Refusal> {
    let bank = call.bank();
    let tool = call.tool.name();
    bank.points.reach(Point::BeforeTransaction, tool);
    if call.pays() {
        call.look_first().await?;
        call.pay(reference).await?;
    }
    let reference = Some(reference).filter(|_| call.pays());
    let mut transaction = bank.store.begin().await?;
    let content = call.effect(&mut *transaction, reference).await?;
    if let Some(request) = request
        && let Ok(taken) = request.take(&mut *transaction, call.now).await?
    {
        taken.answer(&mut *transaction, &stored(call.tool, &content)).await?;
    }
    if !call.pays() {
        call.waiting.go_on()?;
    }
    bank.points.reach(Point::BeforeCommit, tool);
    transaction.commit().await.map_err(|fault| commit_in_doubt(&fault))?;
    bank.points.reach(Point::AfterCommit, tool);
    Ok(Reply { content, is_replayed: false })
}

/// Keeps an answer before it is true: the bug `crash-lost-effect`.
pub(super) async fn answer_then_act(call: &Write<'_>, request: &Request) -> Result<Reply, Refusal> {
    let bank = call.bank();
    let (store, tool) = (&*bank.store, call.tool.name());
    bank.points.reach(Point::BeforeTransaction, tool);
    let reference = payment_key(request, 0);
    let reference = call.pays().then_some(reference.as_str());
    let mut trial = store.begin().await?;
    let content = call.effect(&mut *trial, reference).await?;
    trial.rollback().await?;
    let mut transaction = store.begin().await?;
    match request.take(&mut *transaction, call.now).await? {
        Ok(taken) => taken.answer(&mut *transaction, &stored(call.tool, &content)).await?,
        Err(known) => {
            transaction.rollback().await?;
            return replied(call, request, known).await?.ok_or_else(under_way);
        }
    }
    transaction.commit().await?;
    bank.points.reach(Point::BeforeCommit, tool);
    if let Some(reference) = reference
        && let Err(failure) = call.pay(reference).await
    {
        forget(call, request).await?;
        return Err(failure.into());
    }
    let mut transaction = store.begin().await?;
    call.effect(&mut *transaction, reference).await?;
    transaction.commit().await?;
    bank.points.reach(Point::AfterCommit, tool);
    Ok(Reply { content, is_replayed: false })
}
