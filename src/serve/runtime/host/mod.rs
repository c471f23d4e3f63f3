//! Serving: the same tools over standard input and output and over streamable HTTP, in both eras.
//!
//! A connector's [`Server`] is a handler of the SDK; so is anything else that the SDK knows how to
//! serve. Both hosts take any handler, best one that is [`Guarded`]: [`stdio::serve`] and
//! [`http::serve`]. What they add to the SDK is what it leaves to its users: bytes are looked at
//! before they are parsed, tokens are checked and taken away, sessions belong to their user, and
//! everything has a limit.
//!
//! Not for: tools, which are in [`tool`](super::tool).

mod approvals;
mod consent;
mod guarded;
pub mod http;
mod limits;
mod message;
mod metrics;
mod scan;
mod server;
pub mod stdio;
mod tally;
mod trace;
mod watched;

pub use approvals::{Approvals, Said};
pub use guarded::Guarded;
pub use limits::Limits;
pub use metrics::Metrics;
pub use server::{About, Server};
pub use trace::Trace;
pub use watched::Watched;
