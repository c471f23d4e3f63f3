//! Sessions of clients, so that any process can go on with one: its state, and whose it is.
//!
//! A session belongs to the user who opened it. Nothing here finds a session for somebody else: an
//! id that another user presents is as unknown as one that never existed.
//!
//! Not for: credentials. The state is what the client said when it introduced itself.

use std::collections::HashSet;

use super::{Statement, Store, StoreError, write};

/// The table; a step of the migrations of `runtime`.
pub const TABLE: &str = "
CREATE TABLE session (
    id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    tenant TEXT COLLATE \"C\" NOT NULL,
    subject TEXT COLLATE \"C\" NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX session_seen_at ON session (seen_at);
CREATE INDEX session_by_user ON session (tenant, subject);
";

/// How old the time of the last visit may be before it is written anew, in milliseconds. A write for
/// each request would cost more than most requests.
pub const COARSE: i64 = 60_000;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id that the client presents.
    pub id: String,
    /// The tenant of the user who opened it.
    pub tenant: String,
    /// The user who opened it.
    pub subject: String,
    /// What it takes to go on with it, as JSON.
    pub state: String,
    /// When it was opened, in milliseconds since the epoch.
    pub created_at: i64,
    /// When it was used last, to a minute.
    pub seen_at: i64,
}

/// Keeps a new session, or the new state of one. Returns whether it did: not when the id belongs to
/// somebody else.
pub async fn save(store: &dyn Store, session: &Session) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "INSERT INTO session (id, tenant, subject, state, created_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE \
         SET state = excluded.state, seen_at = excluded.seen_at \
         WHERE session.tenant = excluded.tenant AND session.subject = excluded.subject",
    )
    .bind(session.id.as_str())
    .bind(session.tenant.as_str())
    .bind(session.subject.as_str())
    .bind(session.state.as_str())
    .bind(session.created_at)
    .bind(session.seen_at);
    Ok(write(store, statement).await? == 1)
}

/// The session of this id, when it is this user's.
pub async fn load(
    store: &dyn Store,
    id: &str,
    tenant: &str,
    subject: &str,
) -> Result<Option<Session>, StoreError> {
    let statement = Statement::new(
        "SELECT state, created_at, seen_at FROM session \
         WHERE id = $1 AND tenant = $2 AND subject = $3",
    );
    let rows = store.query(statement.bind(id).bind(tenant).bind(subject)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Session {
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        subject: subject.to_owned(),
        state: row.text("state")?.to_owned(),
        created_at: row.integer("created_at")?,
        seen_at: row.integer("seen_at")?,
    }))
}

/// How many sessions of a user were used at a time or later.
pub async fn count(
    store: &dyn Store,
    tenant: &str,
    subject: &str,
    since: i64,
) -> Result<u64, StoreError> {
    let statement = Statement::new(
        "SELECT count(*) AS sessions FROM session \
         WHERE tenant = $1 AND subject = $2 AND seen_at >= $3",
    );
    let rows = store.query(statement.bind(tenant).bind(subject).bind(since)).await?;
    rows.first().map_or(Ok(0), |row| row.count("sessions"))
}

/// The ids of all sessions that were used at a time or later.
pub async fn ids(store: &dyn Store, since: i64) -> Result<HashSet<String>, StoreError> {
    let statement = Statement::new("SELECT id FROM session WHERE seen_at >= $1").bind(since);
    store.query(statement).await?.iter().map(|row| Ok(row.text("id")?.to_owned())).collect()
}

/// Notes that a session was used, unless that was noted less than a minute ago.
pub async fn touch(store: &dyn Store, session: &mut Session, now: i64) -> Result<(), StoreError> {
    if now.saturating_sub(session.seen_at) < COARSE {
        return Ok(());
    }
    let statement =
        Statement::new("UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $1");
    write(store, statement.bind(now).bind(session.id.as_str())).await?;
    session.seen_at = now;
    Ok(())
}

/// Forgets a session. Returns whether there was one of this user's.
pub async fn delete(
    store: &dyn Store,
    id: &str,
    tenant: &str,
    subject: &str,
) -> Result<bool, StoreError> {
    let statement =
        Statement::new("DELETE FROM session WHERE id = $1 AND tenant = $2 AND subject = $3");
    Ok(write(store, statement.bind(id).bind(tenant).bind(subject)).await? == 1)
}

/// Forgets the sessions that were used last before a time. Returns how many.
pub async fn expire(store: &dyn Store, before: i64) -> Result<u64, StoreError> {
    write(store, Statement::new("DELETE FROM session WHERE seen_at < $1").bind(before)).await
}
