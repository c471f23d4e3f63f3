//! What putting recorded traffic to a server again has shown.
//!
//! What failed or is not known is a finding like any other, and the writers of findings write it down;
//! here is what they cannot know: the table with the outcome of each kind of question for each tool
//! (`Cell`), what was done (`done`), and the passes. Read [`Replay`] first. The sections of the page are
//! in `report/html`.

pub(super) mod json;
pub(super) mod junit;
pub(super) mod markdown;
#[cfg(test)]
mod tests;
pub(super) mod text;

use serde::Serialize;

use super::{Examined, Report};
use crate::engine::{
    finding::{
        Finding, Place, Subject,
        allow::AllowedFinding,
        verdict::{Verdict, VerdictOutcome},
    },
    rule::replay::{Aspect, trial},
};

pub use json::FORMAT;

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

    /// The columns of its table. Comparing answers and asking questions are two things, and a run does one
    /// of them.
    pub(super) fn aspects(&self) -> &'static [Aspect] {
        let is_same = |verdict: &Verdict| {
            trial(verdict.rule).is_some_and(|trial| trial.aspect == Aspect::Same)
        };
        match self.verdicts().any(is_same) {
            true => &[Aspect::Same],
            false => &Aspect::ALL,
        }
    }

    /// Whether no question was answered, so that silence says nothing.
    pub fn is_empty(&self) -> bool {
        let tally = self.tally();
        tally.passed + tally.failed == 0
    }
}

impl Tested {
    /// What counts the effects of a tool that writes, as a sentence; none of one that reads.
    pub(super) fn counted_in_words(&self) -> Option<String> {
        Some(match self.counted.as_ref()? {
            Ok(observer) => format!("effects counted by {observer}"),
            Err(why) => format!("effects not counted: {why}"),
        })
    }

    /// How long its calls take, and how good its worst error is, as far as that is known.
    pub(super) fn figures(&self) -> impl Iterator<Item = &str> {
        let is_known = |verdict: &&Verdict| {
            matches!(verdict.outcome, VerdictOutcome::Passed | VerdictOutcome::Failed)
        };
        let of = move |rule| self.verdicts.iter().filter(is_known).find(move |it| it.rule == rule);
        FIGURES.into_iter().filter_map(of).map(|verdict| verdict.reason.as_str())
    }
}

/// What the project makes of a verdict that failed or is not known.
pub(super) enum Standing<'a> {
    /// It is a finding.
    Open(&'a Finding),
    /// It is one that is allowed.
    Allowed(&'a AllowedFinding),
    /// The rule is off.
    Off,
}

/// The worst outcome of the questions of one kind, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Failed,
    Inconclusive,
    Blocked,
    Allowed,
    Passed,
    /// No such question applies.
    Nothing,
}

impl Cell {
    pub(super) const ALL: [Self; 6] = [
        Self::Failed,
        Self::Inconclusive,
        Self::Blocked,
        Self::Allowed,
        Self::Passed,
        Self::Nothing,
    ];

    /// What it stands for, where its word alone does not tell.
    pub(super) fn meaning(self) -> Option<&'static str> {
        match self {
            Self::Inconclusive => Some("could not be found out"),
            Self::Blocked => Some("something that it presupposes did not pass"),
            Self::Allowed => Some("fails, and mcp-kit.toml or the baseline lets it pass"),
            Self::Nothing => Some("does not apply, or was not asked"),
            Self::Failed | Self::Passed => None,
        }
    }
}

/// The questions whose reason has a figure of its tool: how long calls take, how good its worst error is.
const FIGURES: [&str; 2] = ["replay/slow-sync", "replay/unhelpful-error"];

impl<'a> Report<'a> {
    /// What was put to the server, where that is what the report is about.
    pub(super) fn replay(&self) -> Option<&'a Replay> {
        match self.examined {
            Examined::Replay { replay, .. } => Some(replay),
            Examined::Surface { .. } | Examined::Comparison { .. } => None,
        }
    }

    /// The verdict that a finding at one of its places comes from.
    pub(super) fn verdict(&self, finding: &Finding, place: &Place) -> Option<&'a Verdict> {
        self.replay()?
            .verdicts()
            .find(|verdict| verdict.rule == finding.rule && is_about(place, verdict))
    }

    /// What the project makes of a verdict that failed or is not known.
    pub(super) fn standing(&self, verdict: &Verdict) -> Standing<'a> {
        let is_it = |finding: &Finding| {
            finding.rule == verdict.rule
                && finding.places.iter().any(|place| is_about(place, verdict))
        };
        if let Some(open) = self.open.iter().find(|finding| is_it(finding)) {
            return Standing::Open(open);
        }
        let allowed = self.allowed.iter().find(|allowed| is_it(&allowed.finding));
        allowed.map_or(Standing::Off, Standing::Allowed)
    }

    /// The worst outcome of the questions about one aspect of a tool.
    pub(super) fn cell(&self, tested: &Tested, aspect: Aspect) -> Cell {
        let of_it = tested
            .verdicts
            .iter()
            .filter(|verdict| trial(verdict.rule).is_some_and(|trial| trial.aspect == aspect));
        let cells = of_it.map(|verdict| match (verdict.outcome, verdict) {
            (VerdictOutcome::Passed, _) => Cell::Passed,
            (VerdictOutcome::Blocked, _) => Cell::Blocked,
            // What does not apply to one of several says nothing of the others.
            (VerdictOutcome::Skipped, _) => Cell::Nothing,
            (VerdictOutcome::Failed | VerdictOutcome::Inconclusive, verdict) => {
                match self.standing(verdict) {
                    Standing::Off => Cell::Nothing,
                    Standing::Allowed(_) => Cell::Allowed,
                    Standing::Open(_) if verdict.outcome == VerdictOutcome::Failed => Cell::Failed,
                    Standing::Open(_) => Cell::Inconclusive,
                }
            }
        });
        cells.min().unwrap_or(Cell::Nothing)
    }
}

fn is_about(place: &Place, verdict: &Verdict) -> bool {
    place.subject == Subject::named(Subject::Tool, &verdict.tool)
}

/// What was done for a question: the first lines of it, and what is left out.
pub(super) fn done(verdict: &Verdict, most: usize) -> (&[String], Option<String>) {
    let shown = &verdict.history[..verdict.history.len().min(most)];
    let more = verdict.history.len() - shown.len();
    (shown, (more > 0).then(|| format!("and {}", super::counted(more, "more line"))))
}
