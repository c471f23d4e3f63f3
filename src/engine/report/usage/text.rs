//! The report at a terminal, fit for 80 columns.

use std::fmt::Write;

use anstyle::Style;
use textwrap::Options;

use super::{
    MAX_PAIRS, MAX_TROUBLES, Report,
    amount::{mean, number, percent, percentile},
};
use crate::engine::{
    report::{
        escape::{for_terminal, within_columns},
        text::{BOLD, DIM},
    },
    usage::ToolUsage,
};

/// Columns of the figures beside the names.
const FIGURES: usize = 56;
/// The narrowest column of names.
const LEAST_NAME: usize = 16;

pub(super) fn render(report: &Report<'_>, width: usize) -> String {
    let mut text = wrapped(&format!("usage: {}", report.extent()), "", width);
    let names = report.usage.tools.iter().map(|tool| tool.name.chars().count());
    let longest = names.max().unwrap_or(0).max(LEAST_NAME);
    let room = longest.min(width.saturating_sub(FIGURES).max(LEAST_NAME));
    if report.usage.calls > 0 {
        tools(report, room, &mut text);
    }
    let never_called = report.never_called();
    section("never called", &never_called, width, &mut text);
    let never_correct: Vec<String> = report
        .never_correct()
        .iter()
        .map(|(name, calls)| format!("{name} ({})", number(*calls)))
        .collect();
    let never_correct: Vec<&str> = never_correct.iter().map(String::as_str).collect();
    section("called, and only answered with errors", &never_correct, width, &mut text);
    errors(report, room, &mut text);
    retries(report, width, &mut text);
    pairs(report, width, &mut text);
    let remarks = report.remarks();
    if !remarks.is_empty() {
        text.push('\n');
        for remark in remarks {
            text.push_str(&wrapped(&format!("note: {}", for_terminal(&remark)), "  ", width));
        }
    }
    text
}

fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let options = Options::new(width).subsequent_indent(indent);
    format!("{}\n", textwrap::fill(text, options))
}

fn heading(title: &str, text: &mut String) {
    let _ = write!(text, "\n{BOLD}{title}{BOLD:#}\n");
}

/// A name in a column of its own, whatever somebody has put in it.
fn cell(name: &str, room: usize) -> String {
    let name = within_columns(&for_terminal(name), room);
    let columns = unicode_width::UnicodeWidthStr::width(name.as_str());
    format!("{name}{}", " ".repeat(room.saturating_sub(columns)))
}

fn tools(report: &Report<'_>, room: usize, text: &mut String) {
    let _ = writeln!(
        text,
        "\n{DIM}{:room$} {:>8} {:>6} {:>6} {:>7} {:>7} {:>7} {:>8}{DIM:#}",
        "tool", "calls", "wrong", "errors", "retries", "p50", "p95", "tokens"
    );
    for tool in report.usage.tools.iter().filter(|tool| tool.calls > 0) {
        let times = [50, 95].map(|percent| percentile(tool.time_us.percentile(percent)));
        let bad = if tool.is_never_correct() { BOLD } else { Style::new() };
        let _ = writeln!(
            text,
            "{} {:>8} {:>6} {bad}{:>6}{bad:#} {:>7} {:>7} {:>7} {:>8}",
            cell(&tool.name, room),
            number(tool.calls),
            zero_as_blank(tool.invalid.calls),
            zero_as_blank(tool.failed),
            zero_as_blank(tool.retries.all),
            times[0],
            times[1],
            number(tool.returned.tokens()),
        );
        if let Some(more) = particulars(tool) {
            let _ = writeln!(text, "  {DIM}{}{DIM:#}", for_terminal(&more));
        }
    }
}

/// What has no column, where there is any of it.
fn particulars(tool: &ToolUsage) -> Option<String> {
    let counts = [
        (tool.unanswered, "unanswered"),
        (tool.input_required, "asked for input first"),
        (tool.tasks, "became tasks"),
    ];
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", number(*count)))
        .collect();
    if tool.is_listed == Some(false) {
        parts.push("in no list of tools".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn zero_as_blank(count: u64) -> String {
    if count == 0 { String::new() } else { number(count) }
}

fn section(title: &str, names: &[&str], width: usize, text: &mut String) {
    if names.is_empty() {
        return;
    }
    heading(title, text);
    let names = for_terminal(&names.join(", "));
    let options = Options::new(width).initial_indent("  ").subsequent_indent("  ");
    let _ = writeln!(text, "{}", textwrap::fill(&names, options));
}

fn errors(report: &Report<'_>, room: usize, text: &mut String) {
    let troubles = report.troubles();
    if troubles.is_empty() {
        return;
    }
    heading("after an error", text);
    let _ = writeln!(
        text,
        "{DIM}{:room$} {:22} {:>6} {:>11} {:>12}{DIM:#}",
        "tool", "error", "times", "other tools", "then success"
    );
    for trouble in troubles.iter().take(MAX_TROUBLES) {
        let errors = trouble.errors;
        let (others, success) = match errors.followed {
            0 => ("–".to_owned(), "–".to_owned()),
            followed => (mean(errors), percent(errors.ended_in_success, followed)),
        };
        let _ = writeln!(
            text,
            "{} {} {:>6} {others:>11} {success:>12}",
            cell(trouble.tool, room),
            cell(&errors.code, 22),
            number(errors.count),
        );
    }
    left_out(troubles.len().saturating_sub(MAX_TROUBLES), text);
}

fn left_out(count: usize, text: &mut String) {
    if count > 0 {
        let _ = writeln!(text, "  … and {count} more; --format json has all");
    }
}

fn retries(report: &Report<'_>, width: usize, text: &mut String) {
    let tools: Vec<&ToolUsage> =
        report.usage.tools.iter().filter(|tool| tool.retries.all > 0).collect();
    if tools.is_empty() {
        return;
    }
    heading("retries", text);
    for tool in tools {
        let line = format!("{}: {}", tool.name, super::retries_in_words(&tool.retries));
        let options = Options::new(width).initial_indent("  ").subsequent_indent("    ");
        let _ = writeln!(text, "{}", textwrap::fill(&for_terminal(&line), options));
    }
}

fn pairs(report: &Report<'_>, width: usize, text: &mut String) {
    let pairs: Vec<_> = report.pairs();
    if pairs.is_empty() {
        return;
    }
    heading("may be taken for each other", text);
    for pair in pairs.iter().take(MAX_PAIRS) {
        let line = super::pair_in_words(pair, "");
        let options = Options::new(width).initial_indent("  ").subsequent_indent("    ");
        let _ = writeln!(text, "{}", textwrap::fill(&for_terminal(&line), options));
    }
    left_out(pairs.len().saturating_sub(MAX_PAIRS), text);
}
