//! The report as `mcp-kit.replay/1`.

use serde::Serialize;

use super::{Replay, Report, Tally};
use crate::engine::{
    finding::{Severity, verdict::VerdictOutcome},
    report::json::Generator,
};

/// The format of the report.
pub const FORMAT: &str = "mcp-kit.replay/1";
/// The same for programs that read line by line.
pub(in crate::engine::report) const LINES_FORMAT: &str = "mcp-kit.replay.jsonl/1";

/// All of the report but its findings.
#[derive(Serialize)]
pub(in crate::engine::report) struct ReplayHead<'a> {
    format: &'static str,
    generator: Generator,
    target: &'a str,
    spoken: &'a str,
    cassette: Option<&'a str>,
    seed: String,
    fail_on: Severity,
    /// Whether a finding is at or above `fail_on`.
    fails: bool,
    summary: Summary,
    tools: Vec<Tool<'a>>,
    left_out: Vec<LeftOut<'a>>,
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    tally: Tally,
    /// Of those that failed or are not known, how many are allowed or known to the baseline.
    allowed: usize,
}

#[derive(Serialize)]
struct Tool<'a> {
    tool: &'a str,
    arguments: &'a str,
    counted_by: Option<&'a str>,
    not_counted: Option<&'a str>,
    verdicts: Vec<Verdict<'a>>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    rule: &'a str,
    outcome: VerdictOutcome,
    reason: &'a str,
    history: &'a [String],
    again: &'a str,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    tool: &'a str,
    reason: &'a str,
}

/// What was done for a finding, at its place.
#[derive(Serialize)]
pub(in crate::engine::report) struct ReportedTrial<'a> {
    outcome: VerdictOutcome,
    history: &'a [String],
    again: &'a str,
}

impl<'a> ReportedTrial<'a> {
    pub(in crate::engine::report) fn of(
        verdict: &'a crate::engine::finding::verdict::Verdict,
    ) -> Self {
        Self { outcome: verdict.outcome, history: &verdict.history, again: &verdict.again }
    }
}

/// The head of a report in a format.
pub(in crate::engine::report) fn head<'a>(
    report: &Report<'a>,
    replay: &'a Replay,
    format: &'static str,
) -> ReplayHead<'a> {
    let tools = replay.tools.iter().map(|tested| Tool {
        tool: &tested.tool,
        arguments: &tested.origin,
        counted_by: tested.counted.as_ref().and_then(|it| it.as_deref().ok()),
        not_counted: tested.counted.as_ref().and_then(|it| it.as_ref().err()).map(String::as_str),
        verdicts: tested
            .verdicts
            .iter()
            .map(|verdict| Verdict {
                rule: verdict.rule,
                outcome: verdict.outcome,
                reason: &verdict.reason,
                history: &verdict.history,
                again: &verdict.again,
            })
            .collect(),
    });
    let left_out = replay.left_out.iter().map(|(tool, reason)| LeftOut { tool, reason });
    ReplayHead {
        format,
        generator: Generator::this(),
        target: &replay.target,
        spoken: &replay.spoken,
        cassette: replay.cassette.as_deref(),
        seed: format!("{:016x}", replay.seed),
        fail_on: report.fail_on,
        fails: report.fails(),
        summary: Summary { tally: replay.tally(), allowed: report.allowed.len() },
        tools: tools.collect(),
        left_out: left_out.collect(),
    }
}
