//! Idempotency keys: a change that is asked for twice is made once, and answered twice.
//!
//! A caller names each change that it asks for by a key, which it repeats when it asks again. The
//! [ledger](Request) keeps what came of it: by tenant, actor, tool and key, with a fingerprint of the
//! arguments, so that a key can stand for nothing else. There are two ways to make a change:
//!
//! - In the store itself: [take](Request::take) the key, make the change, and
//!   [answer](Taken::answer), all in one transaction. A process that dies has changed nothing, and
//!   whoever asks at the same time waits for the transaction.
//! - Beyond the store, or after somebody was asked: [claim](Request::claim) the key for a time, make
//!   the change, and [answer](Claim::answer). Where the process dies in between, nobody knows how far
//!   it came: the claim is [abandoned](Known::Abandoned) when its time is up, and whoever finds it so
//!   finds out what has happened before anything is done again. It is never simply repeated.
//!
//! A failure is not kept, because nothing was changed: the key can be used again, with corrected
//! arguments or the same. The names are those of draft-ietf-httpapi-idempotency-key-header-07 and of
//! the Agentic Commerce Protocol.
//!
//! Not for: deciding who may make a change, and not for answers to reads.

mod key;
mod ledger;
#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;

use std::time::Duration;

pub use key::{ARGUMENT, Key, Request};
pub use ledger::{Claim, Known, Taken, expire};

/// The table; a step of the migrations of `runtime`. `claim` is the one process that works on it, and
/// `until` when that is over; `answer` is there once it is answered.
pub const TABLE: &str = "
CREATE TABLE idempotency (
    tenant TEXT COLLATE \"C\" NOT NULL,
    actor TEXT COLLATE \"C\" NOT NULL,
    tool TEXT COLLATE \"C\" NOT NULL,
    key TEXT COLLATE \"C\" NOT NULL,
    fingerprint TEXT COLLATE \"C\" NOT NULL,
    claim TEXT COLLATE \"C\",
    until BIGINT,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, actor, tool, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);
";

/// How long an answer is kept. Under 24 hours a client that was switched off over night would change
/// things twice.
pub const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);
