//! One binary for all integration tests; a module per subject.
//!
//! Tests run the real program against real processes in a scrubbed environment ([`program`]) and
//! look at what a user sees: standard output, standard error, exit codes, files.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; helpers outside #[test] too"
)]

mod program;
mod project;

mod all;
mod architecture;
mod baseline;
mod cassette;
mod diff;
mod exit_codes;
mod explain;
mod features;
mod fix;
mod formats;
mod gate;
mod lint;
mod live;
mod misbehave;
mod peers;
#[cfg(unix)]
mod record;
mod replay;
mod rule_reference;
mod schema;
#[cfg(feature = "serve")]
mod serve;
mod servers;
mod snapshot;
mod targets;
mod token;
mod transcripts;
mod usage;
