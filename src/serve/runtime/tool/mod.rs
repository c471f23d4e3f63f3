//! Tools: what a connector writes down, and what is done around every call of one.
//!
//! A connector implements [`Tool`] once per tool, with typed arguments and a typed output, and puts
//! them into a [`Toolbox`]. The toolbox makes the schemas, lists what a user may see, and carries a
//! call from its raw arguments to its result: find the tool, check the arguments, run it within its
//! deadline, check the output, keep the trail. A tool itself sees the [`Call`]: who asks, the policy
//! and the store. A tool that changes something is a [`Change`] instead, and sees the transaction that
//! its change is part of. Where a second person decides about changes, a [`Review`] says what they mean.
//!
//! Not for: bytes and connections, which are the [`host`](super::host)'s.

mod answer;
mod arguments;
mod call;
mod change;
mod cursor;
mod decide;
mod definition;
mod job;
mod outage;
mod review;
mod schema;
mod toolbox;

pub use answer::{Answer, Page};
pub use arguments::{Checker, with_integers, without_nulls};
pub use call::{Call, Services};
pub use change::in_flight;
pub use cursor::Seal;
pub use definition::{Asks, Change, Definition, Effect, Tool};
pub use job::Progress;
pub use outage::outage;
#[cfg(test)]
#[cfg(feature = "sqlite")]
pub use review::trial as review_trial;
pub use review::{Listing, Matter, Review, Shown, ShownLine, Stage, Topic};
pub use toolbox::{Listed, Outcome, Reply, Toolbox, Unknown};
