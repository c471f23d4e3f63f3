//! What the runtime's ledger keeps, read and forgotten behind its back: what only bugs need, and what a
//! payment is known by.

use serde_json::Value;

use super::write::Write;
use crate::serve::runtime::{
    idempotency::Request,
    store::{Statement, StoreError, write},
};

/// For how long keys are kept with the bug `retention-too-short`, in milliseconds.
const HOUR_MS: i64 = 60 * 60 * 1_000;
/// For how long the same arguments are the same request with `distinct-keys-collapsed`.
const WHILE_MS: i64 = 10 * 60 * 1_000;

/// Forgets a request.
pub(super) async fn forget(call: &Write<'_>, request: &Request) -> Result<(), StoreError> {
    let statement = Statement::new(
        "DELETE FROM idempotency WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4",
    );
    write(&*call.bank().store, bound(statement, request)).await.map(drop)
}

/// When a request was first seen, in milliseconds since 1970.
pub(super) async fn since(call: &Write<'_>, request: &Request) -> Result<i64, StoreError> {
    let statement = Statement::new(
        "SELECT created_at FROM idempotency \
         WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4",
    );
    let rows = call.bank().store.query(bound(statement, request)).await?;
    rows.first().map_or(Ok(call.now), |row| row.integer("created_at"))
}

/// What is kept under the key of a request, whatever its arguments.
pub(super) async fn kept(call: &Write<'_>, request: &Request) -> Result<Option<Value>, StoreError> {
    let statement = Statement::new(
        "SELECT answer FROM idempotency \
         WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND answer IS NOT NULL",
    );
    answer_of(call, bound(statement, request)).await
}

/// What was answered lately to the same arguments.
pub(super) async fn alike(
    call: &Write<'_>,
    request: &Request,
) -> Result<Option<Value>, StoreError> {
    let statement = Statement::new(
        "SELECT answer FROM idempotency WHERE tenant = $1 AND actor = $2 AND tool = $3 \
         AND fingerprint = $4 AND created_at >= $5 AND answer IS NOT NULL \
         ORDER BY created_at LIMIT 1",
    );
    let statement = statement
        .bind(request.tenant.as_str())
        .bind(request.actor.as_str())
        .bind(request.tool)
        .bind(request.fingerprint.as_str());
    let found = answer_of(call, statement.bind(call.now - WHILE_MS)).await?;
    Ok(found.filter(|stored| stored["failure"].is_null()))
}

async fn answer_of(call: &Write<'_>, statement: Statement) -> Result<Option<Value>, StoreError> {
    let rows = call.bank().store.query(statement).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let answer = serde_json::from_str(row.text("answer")?);
    answer.map(Some).map_err(|fault| StoreError::Corrupt(format!("a kept answer: {fault}")))
}

fn bound(statement: Statement, request: &Request) -> Statement {
    statement
        .bind(request.tenant.as_str())
        .bind(request.actor.as_str())
        .bind(request.tool)
        .bind(request.key.as_str())
}

/// Forgets a request that is older than an hour.
pub(super) async fn forget_old(call: &Write<'_>, request: &Request) -> Result<(), StoreError> {
    let statement = Statement::new(
        "DELETE FROM idempotency WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 \
         AND created_at < $5",
    );
    let statement = bound(statement, request).bind(call.now - HOUR_MS);
    write(&*call.bank().store, statement).await.map(drop)
}
