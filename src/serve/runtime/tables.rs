//! The tables of the runtime itself: the steps that make them, and what goes out of them again.

use super::{
    approval::{self, visit},
    audit, idempotency, jobs,
    store::{Migration, Statement, Store, StoreError, Transaction, question, secret, session},
};

const fn step(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { component: "runtime", version, name, sql }
}

/// Every step. One that was released is never changed; what changes is a new step.
pub const MIGRATIONS: &[Migration] = &[
    step(1, "sessions", session::TABLE),
    step(2, "audit trail", audit::TABLES),
    step(3, "shared secrets", secret::TABLE),
    step(4, "idempotency keys", idempotency::TABLE),
    step(5, "proposals", approval::TABLE),
    step(6, "questions to clients", question::TABLE),
    step(7, "jobs", jobs::TABLE),
    step(8, "proposals by time", approval::BY_TIME),
    step(9, "visits of the approvals page", visit::TABLE),
    step(10, "open proposals by user", approval::BY_PROPOSER),
    step(11, "sealed decisions", approval::SEALED),
];

/// What removes everything that came of requests. The trail stays, which says what was done, and so
/// do the secrets, which processes that run have read.
const CLEARING: &[&str] = &[
    "DELETE FROM session",
    "DELETE FROM idempotency",
    "DELETE FROM proposal",
    "DELETE FROM question",
    "DELETE FROM job",
    "DELETE FROM visit",
];

/// Removes everything that came of requests, but for what was written down about them. For stores of
/// tests alone.
pub async fn clear(transaction: &mut dyn Transaction) -> Result<(), StoreError> {
    for sql in CLEARING {
        transaction.execute(Statement::new(sql)).await?;
    }
    Ok(())
}

/// Removes what is too old to be kept, as much of it as one transaction should. Returns how many rows it
/// was. Sessions are for the host, which knows those of its own process.
pub async fn expire(store: &dyn Store, now: i64) -> Result<u64, StoreError> {
    let answers = idempotency::expire(store, now).await?;
    let (jobs, visits) = (jobs::expire(store, now).await?, visit::expire(store, now).await?);
    Ok(answers + jobs + visits + approval::expire(store, now).await?)
}

#[cfg(test)]
mod tests {
    use super::{CLEARING, MIGRATIONS};

    /// Whoever adds a table decides what becomes of it.
    #[test]
    fn every_table_is_cleared_or_kept() {
        const KEPT: [&str; 4] = ["audit_head", "audit_key", "audit_record", "secret"];
        let sql: String = MIGRATIONS.iter().map(|step| step.sql).collect();
        let made = sql.split("CREATE TABLE ").skip(1);
        let mut made: Vec<&str> = made.filter_map(|rest| rest.split([' ', '(']).next()).collect();
        let cleared = CLEARING.iter().filter_map(|sql| sql.strip_prefix("DELETE FROM "));
        let mut known: Vec<&str> = cleared.chain(KEPT).collect();
        made.sort_unstable();
        known.sort_unstable();
        assert_eq!(made, known);
    }
}
