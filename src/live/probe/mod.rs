//! Harmless questions to a running server: what does it answer to more than its lists?
//!
//! [`plan`] says what will be asked, without asking; [`examine`] asks, and puts the answers beside
//! the surface as [`Evidence`]. Nothing is judged here: the rules
//! do that. Only tools that say of themselves that they only read are called, unless writing is
//! allowed, and what was not asked is said with its reason.
//!
//! Not for: sending recorded traffic again, or testing what tools do.

mod inquiry;
mod outcome;
mod plan;

use std::time::{Duration, Instant};

pub use plan::{Permission, Plan, PlannedCall, plan};

use super::session::{Address, Budget};
use crate::engine::{
    finding::{Observation, ObservationKind},
    protocol::revision::Era,
    surface::{
        Surface,
        evidence::{Evidence, NotRun},
    },
};
use inquiry::Inquiry;

/// The rules that judge whether the list of tools stays what it is.
pub const OF_LIST: &[&str] = &["surface/unstable-list", "surface/list-not-deterministic"];
/// The rules that judge the answers to questions which are wrong on purpose.
pub const OF_PROTOCOL: &[&str] = &["spec/error-codes"];
/// The rules that judge the result of a call.
pub const OF_RESULT: &[&str] =
    &["output/not-conforming", "output/not-mirrored", "output/unstructured", "output/too-large"];
/// The rules that judge what every answer to a call has to be.
pub const OF_ANSWER: &[&str] = &["spec/call-result"];
/// The rules that judge how long a call takes.
pub const OF_TIME: &[&str] = &["latency/slow"];
/// The rules that judge the answer to a call with wrong arguments.
pub const OF_INPUT: &[&str] = &[
    "error/not-is-error",
    "error/protocol-error-for-input",
    "error/no-next-step",
    "error/stack-trace",
    "error/server-ends",
];

/// The rules that judge how a server talks, whatever it is asked. They can find nothing in a text,
/// and not all that there is while nothing but the lists is asked.
pub const OF_CONVERSATION: &[&str] = &[
    "spec/cache-hints",
    "spec/discover",
    "spec/result-type",
    "spec/undeclared-capability",
    "surface/list-failed",
    "wire/did-not-stop",
    "wire/http-mismatch",
    "wire/line-ending",
    "wire/malformed-message",
    "wire/not-a-message",
    "wire/redirected",
    "wire/repeated-cursor",
    "wire/revision",
    "wire/session-lost",
    "wire/stream-cut",
    "wire/unexpected-response",
    "wire/unrequested-notification",
];
/// The rules that compare what a server says in either era.
pub const OF_BOTH_ERAS: &[&str] = &["surface/eras-differ"];

/// Every rule that judges what is asked here.
pub fn checks() -> Vec<&'static str> {
    [OF_LIST, OF_PROTOCOL, OF_ANSWER, OF_RESULT, OF_TIME, OF_INPUT].concat()
}

/// The evidence of a server that nothing is asked, for one reason.
pub fn nothing(reason: &str) -> Evidence {
    let reason = reason.to_owned();
    let not_run = vec![NotRun { checks: checks(), tool: None, reason }];
    Evidence { not_run, ..Evidence::default() }
}

/// What is not asked of a server that was read in both eras: only one of them is asked more.
pub fn of_other_era(other: Era) -> NotRun {
    let era = match other {
        Era::Legacy => "legacy",
        Era::Modern => "modern",
    };
    let reason = format!("the {era} era was read and not asked; --era {era} asks it");
    NotRun { checks: OF_PROTOCOL.to_vec(), tool: None, reason }
}

/// Asks what was planned, on a connection of its own; the evidence and what was met on the way are
/// put beside the surface. Returns how long it took, which is the server's time but for a little.
///
/// Never fails: a server that does not answer is a server whose answers are missing.
pub async fn examine(
    surface: &mut Surface,
    plan: Plan,
    address: &Address,
    era: Era,
    budget: &Budget,
) -> Duration {
    let start = Instant::now();
    let mut inquiry = Inquiry::new(address, era, budget);
    inquiry.run(surface, plan).await;
    let (evidence, observations) = inquiry.finish().await;
    surface.evidence = Some(evidence);
    for observation in observations {
        if !is_known(surface, &observation) {
            surface.observations.push(observation);
        }
    }
    start.elapsed()
}

/// What was met on the first connection is met again on the second. Lines that are no messages may
/// have a time in them and are the same all the same.
fn is_known(surface: &Surface, observation: &Observation) -> bool {
    surface.observations.contains(observation)
        || (observation.kind == ObservationKind::NotAMessage
            && surface.observed(ObservationKind::NotAMessage).next().is_some())
}
