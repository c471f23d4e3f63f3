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

/// How many lines of what was done are shown of one question.
const MOST_LINES: usize = 6;

/// The columns of the table: a heading, and the questions that it stands for.
const COLUMNS: [(&str, &[&str]); 9] = [
    ("same", &["answer-differs"]),
    ("key", &["no-idempotency-key", "key-description-misleads", "key-ignored-when-empty"]),
    ("twice", &["distinct-keys-collapsed", "duplicate-effect", "replayed-answer-differs"]),
    ("at once", &["concurrent-duplicate-effect"]),
    ("lost", &["lost-response-duplicate"]),
    ("killed", &["crash-duplicate", "crash-lost-effect", "stuck-in-flight"]),
    (
        "reused",
        &[
            "key-reuse-not-rejected",
            "key-leaks-across-tools",
            "fingerprint-too-strict",
            "validation-error-burns-key",
        ],
    ),
    (
        "errors",
        &[
            "error-as-success",
            "empty-error",
            "error-leaks",
            "error-too-long",
            "protocol-error-for-input",
            "error-not-specific",
            "no-error-code",
            "failure-not-named",
            "wrong-argument-named",
            "no-expectation",
            "retryable-untrue",
            "next-not-callable",
            "effect-untrue",
            "unhelpful-error",
        ],
    ),
    ("time", &["slow-sync", "near-limit", "no-progress", "task-never-terminal"]),
];

/// The report, newline included. Questions that were passed, skipped or blocked are shown one by one
/// where all are asked for.
pub fn render(replay: &Replay, layout: Layout, shows_all: bool) -> String {
    let mut text = String::new();
    let (target, spoken) = (for_terminal(&replay.target), &replay.spoken);
    let _ = writeln!(text, "{BOLD}{target}{BOLD:#} {DIM}({spoken}){DIM:#}");
    table(&mut text, replay);
    for tested in &replay.tools {
        let shown = |verdict: &&Verdict| {
            let tells =
                matches!(verdict.outcome, VerdictOutcome::Failed | VerdictOutcome::Inconclusive);
            shows_all || tells
        };
        if !tested.verdicts.iter().any(|verdict| shown(&verdict)) {
            continue;
        }
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
        let mut told: &[String] = &[];
        for verdict in tested.verdicts.iter().filter(shown) {
            // Several questions are answered by the same calls, which are shown once.
            let is_told = verdict.history == told;
            told = &verdict.history;
            one(&mut text, verdict, is_told, layout);
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

/// A line for each tool, with the worst outcome of each kind of question.
fn table(text: &mut String, replay: &Replay) {
    if replay.tools.is_empty() {
        return;
    }
    let names: Vec<String> = replay.tools.iter().map(|tested| shortened(&tested.tool)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    // Comparing answers and asking questions are two things, and a run does one of them.
    let is_comparison = replay.verdicts().any(|it| short(it.rule) == "answer-differs");
    let columns: Vec<_> =
        COLUMNS.iter().filter(|(heading, _)| (*heading == "same") == is_comparison).collect();
    let _ = write!(text, "\n{:width$}", "");
    for (heading, _) in &columns {
        let _ = write!(text, "  {DIM}{heading:>7}{DIM:#}");
    }
    text.push('\n');
    for (tested, name) in replay.tools.iter().zip(names) {
        let padding = " ".repeat(width - name.chars().count());
        let _ = write!(text, "{name}{padding}");
        for (_, questions) in &columns {
            // What does not apply to one of several says nothing of the others.
            let of_it = tested.verdicts.iter().filter(|it| {
                questions.contains(&short(it.rule)) && it.outcome != VerdictOutcome::Skipped
            });
            let worst = of_it.map(|verdict| verdict.outcome).min();
            let word = match worst {
                None | Some(VerdictOutcome::Skipped) => "-",
                Some(VerdictOutcome::Passed) => "pass",
                Some(VerdictOutcome::Blocked) => "blocked",
                Some(VerdictOutcome::Inconclusive) => "?",
                Some(VerdictOutcome::Failed) => "FAIL",
            };
            let style = worst.map_or(DIM, style_of);
            let _ = write!(text, "  {style}{word:>7}{style:#}");
        }
        text.push('\n');
    }
}

/// A tool's name as it fits into a table.
fn shortened(name: &str) -> String {
    let name = for_terminal(name);
    match name.char_indices().nth(24) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

fn short(rule: &str) -> &str {
    rule.split('/').next_back().unwrap_or(rule)
}

fn one(text: &mut String, verdict: &Verdict, is_told: bool, layout: Layout) {
    let style = style_of(verdict.outcome);
    let (name, outcome) = (short(verdict.rule), verdict.outcome.as_str());
    let line = for_terminal(&format!("{name}: {}", verdict.reason));
    let lines = wrapped(&line, "", "               ", layout);
    let _ = writeln!(text, "  {style}{outcome:<12}{style:#} {}", lines.join("\n"));
    if !matches!(verdict.outcome, VerdictOutcome::Failed | VerdictOutcome::Inconclusive) {
        return;
    }
    if !is_told {
        for line in verdict.history.iter().take(MOST_LINES).map(|line| for_terminal(line)) {
            for line in wrapped(&line, "               · ", "                 ", layout) {
                let _ = writeln!(text, "{DIM}{line}{DIM:#}");
            }
        }
        let more = verdict.history.len().saturating_sub(MOST_LINES);
        if more > 0 {
            let _ = writeln!(text, "               {DIM}· and {more} more{DIM:#}");
        }
    }
    if verdict.outcome == VerdictOutcome::Failed {
        let again = for_terminal(&verdict.again);
        let _ = writeln!(text, "               {DIM}again: {again}{DIM:#}");
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
