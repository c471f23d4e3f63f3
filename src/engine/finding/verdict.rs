//! What a server under test was found to do: passed, failed, or not known, with the reason.
//!
//! Plain data, so that reports need to know nothing of how it was found out.

use serde::Serialize;

/// A question about a server, put to it, and what came of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rule that failing it breaks: `replay/duplicate-effect`.
    pub rule: &'static str,
    /// The tool that it is about.
    pub tool: String,
    /// What came of it.
    pub outcome: VerdictOutcome,
    /// Why, as a lowercase fragment.
    pub reason: String,
    /// What was done, a line each.
    pub history: Vec<String>,
    /// The command that does it again.
    pub again: String,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictOutcome {
    /// The server does what it should not.
    Failed,
    /// It could not be found out.
    Inconclusive,
    /// What it presupposes does not hold, so that the answer would say nothing new.
    Blocked,
    /// It does not apply, or was not asked for.
    Skipped,
    /// The server does what it should.
    Passed,
}

impl VerdictOutcome {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "FAIL",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Blocked => "BLOCKED",
            Self::Skipped => "SKIPPED",
            Self::Passed => "PASS",
        }
    }
}
