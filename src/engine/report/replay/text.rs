//! The report for people at a terminal, fit for 80 columns.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{
    super::{
        Layout,
        escape::{for_terminal, within_columns},
        text::{BOLD, DIM, lint::first_findings, wrapped},
    },
    Cell, Replay, Report, Standing, Tested, done,
};
use crate::engine::{
    finding::{
        Finding,
        verdict::{Verdict, VerdictOutcome},
    },
    rule::replay::Aspect,
};

/// How many lines of what was done are shown of one question.
const MOST_LINES: usize = 6;
/// The narrowest column of names.
const LEAST_NAME: usize = 12;
/// Columns of the longest word of a cell.
const WORD: usize = 5;

/// The report, newline included. Questions that were passed, skipped or blocked are shown one by one
/// where all that is only information is asked for.
pub(in crate::engine::report) fn render(
    report: &Report<'_>,
    replay: &Replay,
    layout: Layout,
) -> String {
    let mut text = String::new();
    let (target, spoken) = (for_terminal(&replay.target), &replay.spoken);
    let _ = writeln!(text, "{BOLD}{target}{BOLD:#} {DIM}({spoken}){DIM:#}");
    table(&mut text, report, replay, layout);
    for tested in &replay.tools {
        tool(&mut text, report, tested, layout);
    }
    let others: Vec<Finding> =
        report.open.iter().filter(|it| it.tool().is_none()).cloned().collect();
    let about_files = Report { open: &others, ..*report };
    text.push_str(&first_findings(&about_files, others.len(), layout));
    left_out(&mut text, replay, layout);
    let _ = writeln!(
        text,
        "\n{BOLD}{}{BOLD:#} {DIM}(seed {:016x}){DIM:#}",
        summary(report, replay),
        replay.seed
    );
    if let Some(first) = report.open.first() {
        let _ = writeln!(text, "why: mcp-kit explain {}", first.rule);
    }
    text
}

/// A line for each tool, with the worst outcome of each kind of question.
fn table(text: &mut String, report: &Report<'_>, replay: &Replay, layout: Layout) {
    if replay.tools.is_empty() {
        return;
    }
    let width_of = |aspect: Aspect| aspect.as_str().len().max(WORD);
    let aspects = replay.aspects();
    let of_cells: usize = aspects.iter().map(|aspect| 2 + width_of(*aspect)).sum();
    let names = replay.tools.iter().map(|tested| columns(&for_terminal(&tested.tool)));
    let longest = names.max().unwrap_or_default().max(4);
    let room = longest.min(layout.width.saturating_sub(of_cells).max(LEAST_NAME));
    let _ = write!(text, "\n{DIM}{:room$}", "tool");
    for (index, aspect) in aspects.iter().copied().enumerate() {
        let is_last = index + 1 == aspects.len();
        let width = if is_last { 0 } else { width_of(aspect) };
        let _ = write!(text, "  {:width$}", aspect.as_str());
    }
    let _ = writeln!(text, "{DIM:#}");
    let mut met = Vec::new();
    for tested in &replay.tools {
        let name = within_columns(&for_terminal(&tested.tool), room);
        let _ = write!(text, "{name}{}", " ".repeat(room.saturating_sub(columns(&name))));
        for (index, aspect) in aspects.iter().copied().enumerate() {
            let cell = report.cell(tested, aspect);
            met.push(cell);
            let (word, style) = (cell.word(), cell.style());
            let is_last = index + 1 == aspects.len();
            let padding = if is_last { 0 } else { width_of(aspect) - word.len() };
            let _ = write!(text, "  {style}{word}{style:#}{}", " ".repeat(padding));
        }
        text.push('\n');
    }
    let meanings = Cell::ALL.iter().filter(|cell| met.contains(cell));
    for cell in meanings {
        let Some(meaning) = cell.meaning() else { continue };
        let _ = writeln!(text, "{DIM}{:WORD$}  {meaning}{DIM:#}", cell.word());
    }
}

impl Cell {
    fn word(self) -> &'static str {
        match self {
            Self::Failed => "FAIL",
            Self::Inconclusive => "?",
            Self::Blocked => "block",
            Self::Allowed => "allow",
            Self::Passed => "pass",
            Self::Nothing => "-",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Failed => style_of(VerdictOutcome::Failed),
            Self::Inconclusive => style_of(VerdictOutcome::Inconclusive),
            Self::Passed => style_of(VerdictOutcome::Passed),
            Self::Blocked | Self::Allowed | Self::Nothing => DIM,
        }
    }
}

fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// What was found out about a tool, as far as there is something to tell.
fn tool(text: &mut String, report: &Report<'_>, tested: &Tested, layout: Layout) {
    let shows_all = layout.max_infos.is_none();
    let tells = |verdict: &&Verdict| match verdict.outcome {
        VerdictOutcome::Failed | VerdictOutcome::Inconclusive => {
            shows_all || !matches!(report.standing(verdict), Standing::Off)
        }
        _ => shows_all,
    };
    if !tested.verdicts.iter().any(|verdict| tells(&verdict)) {
        return;
    }
    let _ = writeln!(text, "\n{BOLD}{}{BOLD:#}", for_terminal(&tested.tool));
    let origin = format!("arguments: {}", tested.origin);
    for line in std::iter::once(origin).chain(tested.counted_in_words()) {
        for line in wrapped(&for_terminal(&line), "  ", "    ", layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
    let mut told: &[String] = &[];
    let mut shown: Vec<&Verdict> = Vec::new();
    for verdict in tested.verdicts.iter().filter(tells) {
        // What keeps one question from being answered mostly keeps others from it too.
        let is_same = |it: &Verdict| is_unknown(report, it) && it.reason == verdict.reason;
        if is_unknown(report, verdict) && shown.iter().any(|earlier| is_same(earlier)) {
            continue;
        }
        let also: Vec<&str> = match is_unknown(report, verdict) {
            true => tested.verdicts.iter().filter(|it| is_same(it)).map(|it| it.rule).collect(),
            false => Vec::new(),
        };
        // Several questions are answered by the same calls, which are shown once.
        let is_told = verdict.history == told;
        if one(text, report, verdict, (is_told, also.get(1..).unwrap_or_default()), layout) {
            told = &verdict.history;
        }
        shown.push(verdict);
    }
}

/// Whether a verdict is a finding that nothing is known.
fn is_unknown(report: &Report<'_>, verdict: &Verdict) -> bool {
    verdict.outcome == VerdictOutcome::Inconclusive
        && matches!(report.standing(verdict), Standing::Open(_))
}

/// One question, and the others of which nothing is known for the same reason. Whether what was done for
/// it was shown, or would have been.
fn one(
    text: &mut String,
    report: &Report<'_>,
    verdict: &Verdict,
    (is_told, also): (bool, &[&str]),
    layout: Layout,
) -> bool {
    let is_bad = matches!(verdict.outcome, VerdictOutcome::Failed | VerdictOutcome::Inconclusive);
    let standing = is_bad.then(|| report.standing(verdict));
    let (word, style) = match &standing {
        Some(Standing::Allowed(_)) => ("allowed", DIM),
        Some(Standing::Off) => ("off", DIM),
        Some(Standing::Open(_)) | None => (verdict.outcome.as_str(), style_of(verdict.outcome)),
    };
    let label = format!("{word}[{}]", verdict.rule);
    let line = format!("{label}: {}", for_terminal(&verdict.reason));
    let mut lines = wrapped(&line, "  ", "      ", layout);
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&label, &format!("{style}{label}{style:#}"), 1);
    }
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    let open = match standing {
        Some(Standing::Open(open)) => open,
        Some(Standing::Allowed(allowed)) => {
            note(text, "reason", &allowed.reason, layout);
            return false;
        }
        Some(Standing::Off) | None => return false,
    };
    if !also.is_empty() {
        note(text, "also", &also.join(", "), layout);
    }
    if !is_told {
        let (lines, more) = done(verdict, MOST_LINES);
        for line in lines.iter().map(String::as_str).chain(more.as_deref()) {
            for line in wrapped(&for_terminal(line), "      · ", "        ", layout) {
                let _ = writeln!(text, "{DIM}{line}{DIM:#}");
            }
        }
    }
    note(text, "help", &open.help, layout);
    // On one line however long it is, so that it can be taken up and run.
    let _ = writeln!(text, "      = again: {}", for_terminal(&verdict.again));
    true
}

fn note(text: &mut String, title: &str, note: &str, layout: Layout) {
    let first = format!("      = {title}: ");
    let rest = " ".repeat(first.len());
    for line in wrapped(&for_terminal(note), &first, &rest, layout) {
        let _ = writeln!(text, "{line}");
    }
}

/// The tools that were not put to the test; those of one reason together.
fn left_out(text: &mut String, replay: &Replay, layout: Layout) {
    if replay.left_out.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{BOLD}not put to the test{BOLD:#}");
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (tool, reason) in &replay.left_out {
        match groups.iter_mut().find(|(known, _)| known == reason) {
            Some((_, tools)) => tools.push(tool),
            None => groups.push((reason, vec![tool])),
        }
    }
    for (reason, tools) in groups {
        let line = for_terminal(&format!("{}: {reason}", tools.join(", ")));
        for line in wrapped(&line, "  ", "    ", layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
}

/// How many questions came out each way, as the project takes it.
fn summary(report: &Report<'_>, replay: &Replay) -> String {
    let mut counts = ["failed", "inconclusive", "allowed", "off", "blocked", "skipped", "passed"]
        .map(|it| (0, it));
    for verdict in replay.verdicts() {
        let index = match (verdict.outcome, verdict) {
            (VerdictOutcome::Blocked, _) => 4,
            (VerdictOutcome::Skipped, _) => 5,
            (VerdictOutcome::Passed, _) => 6,
            (VerdictOutcome::Failed | VerdictOutcome::Inconclusive, verdict) => {
                match report.standing(verdict) {
                    Standing::Open(_) => usize::from(verdict.outcome != VerdictOutcome::Failed),
                    Standing::Allowed(_) => 2,
                    Standing::Off => 3,
                }
            }
        };
        counts[index].0 += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    if counts.is_empty() { "nothing was asked".to_owned() } else { counts.join(", ") }
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
