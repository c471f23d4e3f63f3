//! The pure core: values in, values out.
//!
//! Nothing below this module opens a file, spawns a process, reads the clock or the environment,
//! or prints. What a server sent comes in as bytes; findings and reports go out as values and text.
//!
//! Suggested reading order: [`protocol`] (JSON and JSON-RPC as data), [`surface`] (what a server
//! advertises), [`diff`] (what two surfaces do not have in common), [`rule`] (the judgements), [`report`] (how they are shown).

pub mod cassette;
pub mod config;
pub mod contract;
pub mod diff;
pub mod finding;
pub mod protocol;
pub mod report;
pub mod rule;
pub mod schema;
pub mod semantics;
pub mod spread;
pub mod surface;
pub mod usage;
