//! Recorded traffic between a client and a server, as a file that is written line by line.
//!
//! A cassette (`mcp-kit.cassette/1`) is JSON lines: a [`Header`], then [`Message`]s and [`Event`]s in
//! the order in which they were seen, then an [`End`] where the recording was ended and not broken
//! off. Each line stands by itself, so a recording that was killed is read up to its last whole
//! line. Lines of a kind and members of a name that are not known are passed over; another major
//! version is refused.
//!
//! Read [`Line`] and [`Reader`] first; [`Joiner`] puts requests and their answers together,
//! [`Exchanges`] counts them, [`Cut`] and [`Merge`] make one cassette of parts of others, [`import`]
//! reads what others have recorded, and [`redact`] keeps secrets out. All of them take lines as they
//! come by and hold little. Not for:
//! recording (`live/record`), judging what was recorded (`usage`), or playing it (`live/replay`).

pub mod import;

mod call;
mod cut;
mod exchanges;
mod health;
mod joiner;
mod line;
mod merge;
mod reader;
pub mod redact;
#[cfg(test)]
mod tests;

pub use call::{Call, CallOutcome, Called};
pub use cut::{Cut, Selection};
pub use exchanges::{Exchanges, Numbered};
pub use health::{Examination, Health};
pub use joiner::{Answer, Exchange, Joiner, Seen};
pub use line::{Body, End, Event, Header, Http, Line, Message, Party, Sse, Transport};
pub use merge::Merge;
pub use reader::{Damage, MAX_LINE_BYTES, ReadError, Reader};

/// The format of the cassettes that this version reads and writes.
pub const FORMAT: &str = "mcp-kit.cassette/1";
