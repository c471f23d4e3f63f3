//! For people at a terminal: a table with a line for each server, what clients make of the sums, why
//! servers could not be read, and the findings under the servers they are about.

use std::fmt::Write;

use textwrap::core::display_width;

use super::{Outcome, Set, SetServer, numbers};
use crate::engine::{
    finding::Severity,
    report::{
        Layout, Level, Report, counted,
        escape::{for_terminal, within_columns},
        grouped,
        text::{BOLD, DIM, lint, style_of, wrapped},
    },
};

/// Most columns of a server's name in the table, and what the numbers beside it take.
const MAX_NAME: usize = 32;
const NUMBERS: usize = 54;

/// The whole report, newline included.
pub(super) fn render(set: &Set<'_>, layout: Layout) -> String {
    let mut text = table(set, layout);
    for reach in set.reaches().into_iter().filter(|reach| reach.is_beyond()) {
        for line in wrapped(&reach.to_string(), "", "  ", layout) {
            let _ = writeln!(text, "{line}");
        }
    }
    text.push_str(&failures(set, layout));
    let shares = shares(set, layout);
    let mut left_out = 0;
    for ((server, report), share) in set.examined().zip(shares) {
        left_out += report.open.len() - share;
        if share > 0 {
            let _ = write!(text, "\n{}", section(server, report, layout));
            text.push_str(&lint::first_findings(report, share, layout));
        }
    }
    if left_out > 0 {
        let what = counted(left_out, "more finding");
        let rest = format!("… and {what}; --max-lines 0 shows all, mcp-kit lint NAME one server");
        let _ = write!(text, "\n{}\n", wrapped(&rest, "", "  ", layout).join("\n"));
    }
    text.push('\n');
    text.push_str(&wrapped(&summary(set), "", "  ", layout).join("\n"));
    text.push('\n');
    let worst = set.examined().filter_map(|(_, report)| report.open.first());
    if let Some(worst) = worst.min_by_key(|finding| std::cmp::Reverse(finding.severity)) {
        let _ = writeln!(text, "why: mcp-kit explain {}", worst.rule);
    }
    text
}

fn table(set: &Set<'_>, layout: Layout) -> String {
    let is_timed = set.servers.iter().any(|server| server.time.is_some());
    let is_allowing = set.allowed() > 0;
    let mut columns = vec!["tools", "tokens", "errors", "warnings", "notes"];
    columns.extend(is_allowing.then_some("allowed"));
    columns.extend(is_timed.then_some("time"));
    let most = MAX_NAME.min(layout.width.saturating_sub(NUMBERS)).max("server".len());
    let shortened = |name: &str| within_columns(&for_terminal(name), most);
    let names: Vec<String> = set.servers.iter().map(|server| shortened(server.name)).collect();
    let width = names.iter().map(|name| display_width(name)).max().unwrap_or(0).max("server".len());
    let widths: Vec<usize> = columns.iter().map(|title| title.len().max(7)).collect();
    let row = |name: &str, cells: &[String]| {
        let mut line = format!("{name}{}", " ".repeat(width - display_width(name)));
        for (cell, width) in cells.iter().zip(&widths) {
            let _ = write!(line, "  {cell:>width$}");
        }
        line
    };
    let titles: Vec<String> = columns.iter().map(|title| (*title).to_owned()).collect();
    let mut text = format!("{BOLD}{}{BOLD:#}\n", row("server", &titles));
    for (server, name) in set.servers.iter().zip(&names) {
        let time = server.time.map(|time| format!("{:.1} s", time.as_secs_f64()));
        match &server.outcome {
            Outcome::Examined(report) => {
                let mut cells = numbers(report).map(cell).to_vec();
                cells.extend(is_allowing.then(|| cell(report.allowed.len())));
                cells.extend(is_timed.then(|| time.unwrap_or_default()));
                let same = server.same_as.map(|other| format!("  as {}", shortened(other)));
                let _ = writeln!(text, "{}{}", row(name, &cells), same.unwrap_or_default());
            }
            Outcome::Failed(failed) => {
                let line =
                    format!("{}  not read: {}", row(name, &[]), for_terminal(failed.message));
                let style = style_of(Level::Error);
                let line = within_columns(&line, layout.width.max(40));
                let _ = writeln!(text, "{style}{line}{style:#}");
            }
        }
    }
    let mut sums = vec![cell(set.tools()), cell(set.tokens().model)];
    sums.extend(Severity::ALL.map(|severity| cell(set.count(severity))));
    sums.extend(is_allowing.then(|| cell(set.allowed())));
    let _ = writeln!(text, "{BOLD}{}{BOLD:#}", row("all", &sums).trim_end());
    text
}

/// Zeros are left quiet, so that the eye finds what there is.
fn cell(number: usize) -> String {
    if number == 0 { "-".to_owned() } else { grouped(number) }
}

/// Why servers could not be read, and what to do.
fn failures(set: &Set<'_>, layout: Layout) -> String {
    let mut text = String::new();
    for (server, failed) in set.failed() {
        let style = style_of(Level::Error);
        let name = for_terminal(server.name);
        let line = format!("{name}: not read: {}", for_terminal(failed.message));
        let lines = wrapped(&line, "", "    ", layout).join("\n");
        let rest = lines.strip_prefix(&name).map(|rest| format!("{style}{name}{style:#}{rest}"));
        let _ = write!(text, "\n{}\n", rest.unwrap_or(lines));
        let place = for_terminal(failed.place.unwrap_or(server.place));
        let _ = writeln!(text, "{DIM}    --> {place}{DIM:#}");
        if !failed.stderr.is_empty() {
            text.push_str("    = the server's standard error:\n");
            for line in failed.stderr {
                let _ = writeln!(text, "        | {}", for_terminal(line));
            }
        }
        for (index, line) in failed.help.into_iter().flat_map(str::lines).enumerate() {
            let first = if index == 0 { "    = help: " } else { "            " };
            for line in wrapped(&for_terminal(line), first, "            ", layout) {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

/// How many findings of each server are shown: of all servers the errors first, so that a long list
/// of one server's advice does not push out what is wrong with another.
fn shares(set: &Set<'_>, layout: Layout) -> Vec<usize> {
    let reports: Vec<&Report<'_>> = set.examined().map(|(_, report)| report).collect();
    let Some(most) = layout.max_lines else {
        return reports.iter().map(|report| report.open.len()).collect();
    };
    let mut shares = vec![0; reports.len()];
    let mut lines = 0;
    for severity in Severity::ALL {
        for (report, share) in reports.iter().zip(&mut shares) {
            let next = report.open[*share..].iter();
            for finding in next.take_while(|finding| finding.severity == severity) {
                lines += lint::lines(finding, report, layout);
                if lines > most && lines > lint::lines(finding, report, layout) {
                    return shares;
                }
                *share += 1;
            }
        }
    }
    shares
}

/// The heading over the findings of a server: its name here, and what it says of itself.
fn section(server: &SetServer<'_>, report: &Report<'_>, layout: Layout) -> String {
    let source = report.subject();
    let itself = &source.surface.server;
    let mut said: Vec<String> = Vec::new();
    if let Some(name) = itself.name.as_deref() {
        let version = itself.version.as_deref().map(|version| format!(" {version}"));
        said.push(for_terminal(&format!("{name}{}", version.unwrap_or_default())));
    }
    said.extend(itself.revision_text.as_deref().map(for_terminal));
    if let Some(era) = source.origin.transport.era() {
        said.push(format!("{era} era over {}", source.origin.transport.as_str()));
    }
    let not_run = source.surface.evidence.as_ref().map_or(0, |evidence| evidence.not_run.len());
    if not_run > 0 && server.same_as.is_none() {
        said.push(format!("{} not run", counted(not_run, "check")));
    }
    let name = for_terminal(server.name);
    let rest = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
    let lines = wrapped(&format!("── {name}{rest}"), "", "   ", layout).join("\n");
    match lines.strip_prefix(&format!("── {name}")) {
        Some(rest) => format!("{BOLD}── {name}{BOLD:#}{DIM}{rest}{DIM:#}\n"),
        None => format!("{BOLD}{lines}{BOLD:#}\n"),
    }
}

fn summary(set: &Set<'_>) -> String {
    let level = |severity: Severity| match severity {
        Severity::Error => (Level::Error, "error"),
        Severity::Warning => (Level::Warning, "warning"),
        Severity::Info => (Level::Info, "note"),
    };
    let found = Severity::ALL.into_iter().map(|severity| (severity, set.count(severity)));
    let found: Vec<String> = found
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| {
            let (level, noun) = level(severity);
            let style = style_of(level);
            format!("{style}{}{style:#}", counted(count, noun))
        })
        .collect();
    let read = set.examined().count();
    let found = match (found.is_empty(), read) {
        (false, _) => format!("; {}", found.join(", ")),
        (true, 0) => String::new(),
        (true, _) => "; no findings".to_owned(),
    };
    let servers = match set.servers.len() {
        all if all == read => counted(all, "server"),
        all => format!("{} of {} read", grouped(read), counted(all, "server")),
    };
    format!("{servers}{found} (profile {})", set.profile)
}
