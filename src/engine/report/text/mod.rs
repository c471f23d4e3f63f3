//! Reports for people at a terminal, styled with ANSI sequences; whoever prints them strips those
//! where they are not wanted.

mod diff;
pub(super) mod lint;
mod plan;

pub(super) use diff::advice;

use anstyle::{AnsiColor, Style};
use textwrap::{Options, wrap};

use super::{Examined, Level, Report, escape::for_terminal};
use crate::engine::finding::allow::AllowedFinding;

/// How the text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns to wrap at.
    pub width: usize,
    /// Most lines of findings; what is left out is counted. None for all.
    pub max_lines: Option<usize>,
    /// Most findings that are only information, in the report on a comparison. None for all, and in
    /// that of `mcp-kit replay` for every question that was put, whatever came of it.
    pub max_infos: Option<usize>,
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// The whole report, newline included.
pub fn render(report: &Report<'_>, layout: Layout) -> String {
    match report.examined {
        Examined::Surface { source, profile, plan } => {
            let plan = plan.map(|plan| plan::render(plan, layout)).unwrap_or_default();
            lint::render(report, source, profile, &plan, layout)
        }
        Examined::Comparison { .. } => diff::render(report, layout),
        Examined::Replay { replay, .. } => super::replay::text::render(report, replay, layout),
    }
}

pub(super) fn style_of(level: Level) -> Style {
    let color = match level {
        Level::Breaking | Level::Error => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// Why and for how long something is allowed: `the client is ours (until 2027-01-31)`.
fn reason(allowed: &AllowedFinding) -> String {
    let until = allowed.until.map(|until| format!(" (until {until})")).unwrap_or_default();
    format!("{}{until}", for_terminal(&allowed.reason))
}

pub(super) fn wrapped(text: &str, first: &str, rest: &str, layout: Layout) -> Vec<String> {
    let options = Options::new(layout.width.max(40))
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false);
    wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}
