//! Requests of a server to its client that wait for an answer, so that any process can take it in.
//!
//! Behind a balancer the answer may reach another process than the one that has asked. That one finds
//! it here. A question is deleted as soon as it is answered or given up.

use super::{Statement, Store, StoreError, write};

/// The table; a step of the migrations of `runtime`.
pub const TABLE: &str = "
CREATE TABLE question (
    id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    session TEXT COLLATE \"C\" NOT NULL,
    answer TEXT,
    asked_at BIGINT NOT NULL
);
CREATE INDEX question_asked_at ON question (asked_at);
";

/// Writes down that a session was asked something. `now` is in milliseconds since the epoch.
pub async fn ask(store: &dyn Store, id: &str, session: &str, now: i64) -> Result<(), StoreError> {
    let statement =
        Statement::new("INSERT INTO question (id, session, asked_at) VALUES ($1, $2, $3)");
    write(store, statement.bind(id).bind(session).bind(now)).await.map(drop)
}

/// Answers a question of a session, once. Whether it did: not where the session has no such question,
/// or it is answered.
pub async fn answer(
    store: &dyn Store,
    id: &str,
    session: &str,
    answer: &str,
) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE question SET answer = $3 WHERE id = $1 AND session = $2 AND answer IS NULL",
    );
    Ok(write(store, statement.bind(id).bind(session).bind(answer)).await? == 1)
}

/// What a question was answered with, if it was.
pub async fn answered(store: &dyn Store, id: &str) -> Result<Option<String>, StoreError> {
    let rows = store.query(Statement::new("SELECT answer FROM question WHERE id = $1").bind(id));
    let rows = rows.await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(row.optional_text("answer")?.map(str::to_owned))
}

/// Forgets a question.
pub async fn end(store: &dyn Store, id: &str) -> Result<(), StoreError> {
    write(store, Statement::new("DELETE FROM question WHERE id = $1").bind(id)).await.map(drop)
}

/// Forgets the questions that were asked before a time, in milliseconds since the epoch: their process
/// has died.
pub async fn expire(store: &dyn Store, before: i64) -> Result<(), StoreError> {
    let statement = Statement::new("DELETE FROM question WHERE asked_at < $1");
    write(store, statement.bind(before)).await.map(drop)
}
