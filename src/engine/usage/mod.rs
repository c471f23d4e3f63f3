//! What recorded traffic says about each tool: how often it is called, called wrongly, answered with
//! an error, and what the model does then.
//!
//! A [`Counter`] takes in recordings message by message and holds figures, never the traffic: memory
//! is bounded whatever is read ([`MAX_TOOLS`] and the other bounds below; what lies beyond them is
//! counted as [`Beyond`]). [`Usage`] is what it comes to. [`Impact`] takes in the same messages and
//! tells which of the calls another surface would refuse.
//!
//! Read [`Usage`] and [`ToolUsage`] first, then [`Counter`]. Not for: reading files (`cli`), judging
//! (`rule`), or showing (`report`).

mod answer;
mod argument;
mod confusion;
mod counter;
mod definition;
#[cfg(test)]
pub(in crate::engine) mod example;
mod figure;
mod histogram;
mod impact;
mod recent;
mod session;
#[cfg(test)]
mod tests;

pub use counter::Counter;
pub use figure::{
    Beyond, ErrorFigures, Invalid, Pair, Retries, Returned, ToolUsage, ToolsKnownFrom, Usage,
};
pub use histogram::Histogram;
pub use impact::{Impact, Loss, Losses, RecordedCall, ToolLoss};

/// Most tools that are told apart, by name. Calls of others are counted together.
pub const MAX_TOOLS: usize = 1_000;
/// The longest name of a tool that is kept, in bytes.
pub const MAX_NAME_BYTES: usize = 256;
/// Most sessions of a recording that are followed at a time. Of more, those that have been silent
/// for longest are taken for ended.
pub const MAX_SESSIONS: usize = 4_096;
/// Most failed calls that a session is remembered by to recognise retries.
pub const MAX_FAILED: usize = 256;
/// Most errors of a session that are followed at a time.
pub const MAX_EPISODES: usize = 32;
/// Most codes of errors that are told apart of a tool.
pub const MAX_CODES: usize = 32;
/// Most pairs of tools that are told apart.
pub const MAX_PAIRS: usize = 4_096;
/// How many other tools are told apart after an error; from here on it is "this many or more".
pub const MAX_OTHER_TOOLS: usize = 8;
