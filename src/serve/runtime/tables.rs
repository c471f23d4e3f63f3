//! The tables of the runtime itself, as the steps that make them.

use super::{
    approval, audit, idempotency, jobs,
    store::{Migration, question, secret, session},
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
];
