//! Jobs: calls that are answered later, because they wait for somebody.
//!
//! A change that waits for a second person, or that takes longer than a call may, goes on as a job
//! where its client can follow one. A [`Job`] is a row of the store: whose it is, the call with its
//! idempotency key, and what came of it, so that every process answers for it, also one that was
//! started later.
//!
//! Nobody works on a job in between. Whoever asks for it carries the call out again, with the same key
//! and as the user who asks, with what they may do now. So no identity is kept and no permission grows
//! old; and the ledger sees to it that the change is made once, however often and at how many
//! processes is asked. A job that is [ended](table::end) stays so: its end is durable together with the
//! change, and one that was cancelled is not made any more.
//!
//! A job is its owner's: for everybody else, and when its time is up, it is as if it had never been.
//! How many there are, how long they are kept and how large they get is [bounded](Bounds).
//!
//! Not for: carrying out a call ([`tool`](super::tool) does), and not for how a client asks, which is
//! the [`host`](super::host)'s.

mod job;
mod table;
#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;

pub use job::{Bounds, End, Job, LIFETIME_MS, New};
pub use table::{Begun, TABLE, are_too_many, begin, end, expire, find, open};
