//! What putting recorded traffic to a server again has shown: a table, or JSON.

mod json;
mod text;

use serde::Serialize;

use crate::engine::finding::verdict::{Verdict, VerdictOutcome};

pub use json::{FORMAT, render as render_json};
pub use text::render as render_text;

/// What was found out about a server.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The server, as the user gave it.
    pub target: String,
    /// The era that was spoken and how: `stdio, 2026-07-28`.
    pub spoken: String,
    /// The cassette; none where there was none.
    pub cassette: Option<String>,
    /// What everything that was made up depends on.
    pub seed: u64,
    /// The tools that were put to the test, in the order of the tool list.
    pub tools: Vec<Tested>,
    /// The tools that could not be, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// A tool that was put to the test.
#[derive(Debug, Clone)]
pub struct Tested {
    /// The tool.
    pub tool: String,
    /// Where its arguments are from.
    pub origin: String,
    /// Of one that writes: what has counted its effects, or why nothing has.
    pub counted: Option<Result<String, String>>,
    /// What was found out.
    pub verdicts: Vec<Verdict>,
}

/// How many verdicts came out each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the outcomes")]
pub struct Tally {
    pub failed: usize,
    pub inconclusive: usize,
    pub blocked: usize,
    pub skipped: usize,
    pub passed: usize,
}

impl Replay {
    /// Every verdict.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.tools.iter().flat_map(|tested| &tested.verdicts)
    }

    /// How many came out each way.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for verdict in self.verdicts() {
            *match verdict.outcome {
                VerdictOutcome::Failed => &mut tally.failed,
                VerdictOutcome::Inconclusive => &mut tally.inconclusive,
                VerdictOutcome::Blocked => &mut tally.blocked,
                VerdictOutcome::Skipped => &mut tally.skipped,
                VerdictOutcome::Passed => &mut tally.passed,
            } += 1;
        }
        tally
    }
}
