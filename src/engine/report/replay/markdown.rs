//! What a comment on a pull request says of a replay beside its findings.

use std::fmt::Write;

use super::{Cell, Replay, Report, done};
use crate::engine::{
    finding::verdict::Verdict,
    report::{
        counted,
        escape::{for_markdown_code, for_terminal},
        markdown::fenced,
    },
};

/// How many tools have a line of their own.
const MAX_TOOLS: usize = 100;
/// How many lines are shown of what was done for one question.
const MAX_LINES: usize = 12;

/// A line for each tool, with the worst outcome of each kind of question.
pub(in crate::engine::report) fn table(report: &Report<'_>, replay: &Replay) -> String {
    if replay.tools.is_empty() {
        return "\nNo tool was put to the test.\n".to_owned();
    }
    let aspects = replay.aspects();
    let headings: Vec<&str> = aspects.iter().map(|aspect| aspect.as_str()).collect();
    let mut text =
        format!("\n| tool | {} |\n|---{}|\n", headings.join(" | "), "|---".repeat(headings.len()));
    let mut met = Vec::new();
    for tested in replay.tools.iter().take(MAX_TOOLS) {
        let cells: Vec<Cell> = aspects.iter().map(|aspect| report.cell(tested, *aspect)).collect();
        let words: Vec<&str> = cells.iter().copied().map(word).collect();
        met.extend(cells);
        let _ = writeln!(text, "| {} | {} |", for_markdown_code(&tested.tool), words.join(" | "));
    }
    if replay.tools.len() > MAX_TOOLS {
        let _ = write!(text, "\n… and {}\n", counted(replay.tools.len() - MAX_TOOLS, "more tool"));
    }
    let meanings = Cell::ALL.into_iter().filter(|cell| met.contains(cell)).filter_map(|cell| {
        let meaning = cell.meaning()?;
        Some(format!("{}: {meaning}", word(cell)))
    });
    let meanings: Vec<String> = meanings.collect();
    if !meanings.is_empty() {
        let _ = write!(text, "\n<sub>{}</sub>\n", meanings.join(" · "));
    }
    text
}

fn word(cell: Cell) -> &'static str {
    match cell {
        Cell::Failed => "❌ FAIL",
        Cell::Inconclusive => "⚠️ ?",
        Cell::Blocked => "blocked",
        Cell::Allowed => "allowed",
        Cell::Passed => "✅ pass",
        Cell::Nothing => "–",
    }
}

/// How many questions were not answered.
pub(in crate::engine::report) fn not_asked(replay: &Replay) -> String {
    let tally = replay.tally();
    let parts = [
        (tally.blocked, "blocked".to_owned()),
        (tally.skipped, "skipped".to_owned()),
        (replay.left_out.len(), "not put to the test".to_owned()),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .enumerate()
        .filter(|(_, (count, _))| *count > 0)
        .map(|(index, (count, what))| match index {
            2 => format!("{} {what}", counted(count, "tool")),
            _ => format!("{} {what}", counted(count, "question")),
        })
        .collect();
    parts.join(", ")
}

/// What was done for a question, inside of the item of its finding.
pub(in crate::engine::report) fn done_for(verdict: &Verdict) -> String {
    let (lines, more) = done(verdict, MAX_LINES);
    let lines: Vec<String> =
        lines.iter().map(String::as_str).chain(more.as_deref()).map(for_terminal).collect();
    let mut text = format!("\n  Again: {}\n", for_markdown_code(&verdict.again));
    if !lines.is_empty() {
        let block = fenced("text", &lines.join("\n")).replace('\n', "\n  ");
        let _ = write!(text, "\n  {block}\n");
    }
    text
}
