//! The report for people at a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::Replay;
use crate::engine::{
    finding::verdict::{Verdict, VerdictOutcome},
    report::{
        Layout,
        escape::for_terminal,
        text::{BOLD, DIM, wrapped},
    },
};

/// The report, newline included.
pub fn render(replay: &Replay, layout: Layout) -> String {
    let mut text = String::new();
    let (target, spoken) = (for_terminal(&replay.target), &replay.spoken);
    let _ = writeln!(text, "{BOLD}{target}{BOLD:#} {DIM}({spoken}){DIM:#}");
    for tested in &replay.tools {
        let tool = for_terminal(&tested.tool);
        let _ = writeln!(text, "\n{BOLD}{tool}{BOLD:#}");
        let counted = match &tested.counted {
            None => None,
            Some(Ok(observer)) => Some(format!("effects counted by {observer}")),
            Some(Err(why)) => Some(format!("effects not counted: {why}")),
        };
        let origin = format!("arguments: {}", tested.origin);
        for line in std::iter::once(origin).chain(counted) {
            for line in wrapped(&for_terminal(&line), "  ", "    ", layout) {
                let _ = writeln!(text, "{DIM}{line}{DIM:#}");
            }
        }
        for verdict in &tested.verdicts {
            one(&mut text, verdict, layout);
        }
    }
    if !replay.left_out.is_empty() {
        let _ = writeln!(text, "\nnot put to the test:");
    }
    for (tool, reason) in &replay.left_out {
        let line = for_terminal(&format!("{tool}: {reason}"));
        let lines = wrapped(&line, "  ", "    ", layout);
        let _ = writeln!(text, "{}", lines.join("\n"));
    }
    let tally = replay.tally();
    let counts = [
        (tally.failed, "failed"),
        (tally.inconclusive, "inconclusive"),
        (tally.blocked, "blocked"),
        (tally.skipped, "skipped"),
        (tally.passed, "passed"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let summary =
        if counts.is_empty() { "nothing was asked".to_owned() } else { counts.join(", ") };
    let _ = writeln!(text, "\n{BOLD}{summary}{BOLD:#} {DIM}(seed {:016x}){DIM:#}", replay.seed);
    text
}

fn one(text: &mut String, verdict: &Verdict, layout: Layout) {
    let style = style_of(verdict.outcome);
    let name = verdict.rule.split('/').next_back().unwrap_or(verdict.rule);
    let outcome = verdict.outcome.as_str();
    let line = for_terminal(&format!("{name}: {}", verdict.reason));
    let lines = wrapped(&line, "", "               ", layout);
    let _ = writeln!(text, "  {style}{outcome:<12}{style:#} {}", lines.join("\n"));
    if matches!(verdict.outcome, VerdictOutcome::Failed | VerdictOutcome::Inconclusive) {
        for line in verdict.history.iter().map(|line| for_terminal(line)) {
            for line in wrapped(&line, "               · ", "                 ", layout) {
                let _ = writeln!(text, "{DIM}{line}{DIM:#}");
            }
        }
        if verdict.outcome == VerdictOutcome::Failed {
            let again = for_terminal(&verdict.again);
            let _ = writeln!(text, "               {DIM}again: {again}{DIM:#}");
        }
    }
}

fn style_of(outcome: VerdictOutcome) -> Style {
    let color = match outcome {
        VerdictOutcome::Failed => AnsiColor::Red,
        VerdictOutcome::Inconclusive => AnsiColor::Yellow,
        VerdictOutcome::Blocked | VerdictOutcome::Skipped => return DIM,
        VerdictOutcome::Passed => AnsiColor::Green,
    };
    color.on_default().bold()
}
