//! The trail: who asked for what, what was decided, and what came of it.
//!
//! Every tenant has a chain of [records](Entry). Each is written as canonical JSON (RFC 8785), which
//! names the hash of the one before it (`prev`) and has the SHA-256 of that JSON for its own; so a
//! record that is changed, taken away or moved is found by [`verify`]. The newest hash of a tenant is
//! kept beside the records and locks the chain while a process appends; numbers are counted per
//! tenant, because a common count tells a tenant how busy the others are.
//!
//! Arguments and idempotency keys are kept as HMACs under a random key per tenant: whoever holds the
//! call can show that it is this one, and whoever holds the trail cannot guess it.
//!
//! Read [`Entry`], then [`Trail`], which appends. Not for: logs of the operator, metrics, and
//! credentials of users, for which there is no place here at all.

mod append;
mod chain;
mod entry;
mod key;
mod reading;
mod trail;
mod verify;

#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;

pub(super) use key::Key;

pub use entry::{Actor, Approval, Concealed, Entry, Outcome, Phase, Upstream};
pub use reading::{Page, page, tenants};
pub use trail::{Appended, Trail};
pub use verify::{Break, Fault, Verdict, verify};

/// The tables; a step of the migrations of `runtime`. `audit_record.record` is the record without
/// its hash.
pub const TABLES: &str = "
CREATE TABLE audit_head (
    tenant TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE audit_record (
    tenant TEXT COLLATE \"C\" NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE TABLE audit_key (
    tenant TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
";
