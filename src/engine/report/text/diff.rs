//! The report on a comparison: a line for each finding, under it the call or the answer that
//! proves it, and at the end what the changes ask of the version.

use std::fmt::Write;

use textwrap::{Options, WordSplitter, wrap};

use super::{BOLD, DIM, Layout, Level, Report, for_terminal, reason, style_of};
use crate::engine::{
    finding::{Finding, Place, Subject},
    report::{Bump, Examined, Source, VersionAdvice, counted, grouped, place, witness},
};

/// Columns of the level and the blank behind it.
const LEVEL: usize = 10;
/// Most columns of the place; a longer one pushes the message to the right.
const MAX_PLACE: usize = 34;
/// How many names stand for several places.
const MAX_NAMES: usize = 12;

/// Columns of the places, and the layout.
type Frame = (usize, Layout);

/// The whole report, newline included.
pub(super) fn render(report: &Report<'_>, layout: Layout) -> String {
    let Examined::Comparison { old, new, version, accept } = report.examined else {
        return String::new();
    };
    let mut text = wrapped(&heading(old, new), "", "  ", layout).join("\n");
    text.push('\n');
    let places = report.open.iter().chain(report.allowed.iter().map(|allowed| &allowed.finding));
    let width =
        places.map(|finding| columns(&cell(finding, report))).max().unwrap_or(0).min(MAX_PLACE);
    let shown = choose(report, width, layout);
    if !report.open.is_empty() || !report.allowed.is_empty() {
        text.push('\n');
    }
    text.push_str(&shown.text);
    if shown.left_out > 0 {
        let what = counted(shown.left_out, "more finding");
        let _ = writeln!(text, "… and {what}; --max-lines 0 shows all");
    }
    if shown.infos_left_out > 0 {
        let what = counted(shown.infos_left_out, "more info");
        let _ = writeln!(text, "… and {what}; --verbose shows all");
    }
    for allowed in report.allowed {
        let _ = write!(text, "{}", line("allowed", DIM, &allowed.finding, report, (width, layout)));
        let indent = " ".repeat(LEVEL);
        for line in wrapped(&reason(allowed), &indent, &indent, layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
    text.push('\n');
    text.push_str(&wrapped(&summary(report, version), "", "  ", layout).join("\n"));
    text.push('\n');
    if let Some(first) = report.open.first() {
        let _ = writeln!(text, "why: mcp-kit explain {}", first.rule);
        if let Some(accept) = accept {
            let _ = writeln!(text, "accept on purpose: {}", for_terminal(accept));
        }
    }
    text
}

fn heading(old: Source<'_>, new: Source<'_>) -> String {
    let name = new.surface.server.name.as_deref().unwrap_or(&new.origin.name);
    let mut text = format!("{BOLD}{}{BOLD:#}", for_terminal(name));
    let step = |old: Option<&str>, new: Option<&str>| match (old, new) {
        (Some(old), Some(new)) if old != new => {
            Some(format!("{} → {}", for_terminal(old), for_terminal(new)))
        }
        (_, Some(only)) | (Some(only), None) => Some(for_terminal(only)),
        (None, None) => None,
    };
    let (before, now) = (&old.surface.server, &new.surface.server);
    if let Some(version) = step(before.version.as_deref(), now.version.as_deref()) {
        let _ = write!(text, " {version}");
    }
    if let Some(revision) = step(before.revision_text.as_deref(), now.revision_text.as_deref()) {
        let _ = write!(text, " ({revision})");
    }
    let (before, now) = (old.surface.tools.len(), new.surface.tools.len());
    let _ = write!(text, ": {}", counted(now, "tool"));
    if before != now {
        let _ = write!(text, ", {} before", grouped(before));
    }
    text
}

/// The findings that fit.
#[derive(Default)]
struct Shown {
    text: String,
    left_out: usize,
    infos_left_out: usize,
}

/// Takes findings, worst first, until the lines are used up.
fn choose(report: &Report<'_>, width: usize, layout: Layout) -> Shown {
    let mut shown = Shown::default();
    let (mut lines, mut infos) = (0, 0);
    for (index, finding) in report.open.iter().enumerate() {
        let level = Level::of(finding);
        if level == Level::Info {
            infos += 1;
            if layout.max_infos.is_some_and(|most| infos > most) {
                shown.infos_left_out = report.open.len() - index;
                break;
            }
        }
        let block = block(finding, report, (width, layout));
        lines += block.lines().count();
        if index > 0 && layout.max_lines.is_some_and(|most| lines > most) {
            shown.left_out = report.open.len() - index;
            break;
        }
        shown.text.push_str(&block);
    }
    shown
}

fn block(finding: &Finding, report: &Report<'_>, frame: Frame) -> String {
    let (_, layout) = frame;
    let level = Level::of(finding);
    // A break is shouted; the word alone has to do it where there are no colors.
    let word = match level {
        Level::Breaking => "BREAKING",
        level => level.as_str(),
    };
    let mut text = line(word, style_of(level), finding, report, frame);
    let indent = " ".repeat(LEVEL);
    if finding.places.len() > 1 {
        for line in wrapped(&for_terminal(&names(&finding.places)), &indent, &indent, layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
    // One proof is enough for a finding that says the same of several places.
    let proof = finding.places.iter().find_map(|place| Some((place, place.witness.as_ref()?)));
    if let Some((place, found)) = proof {
        let room = layout.width.max(40) - LEVEL;
        let (shown, is_shortened) = witness::shown(place, found, room);
        let shortened = if is_shortened { " (shortened; --format json has all of it)" } else { "" };
        let _ = writeln!(text, "{indent}{}{shortened}:", witness::introduction(found));
        for line in shown.lines() {
            let _ = writeln!(text, "{indent}{line}");
        }
    }
    text
}

/// Level, place, message and rule, in columns.
fn line(
    word: &str,
    style: anstyle::Style,
    finding: &Finding,
    report: &Report<'_>,
    (width, layout): Frame,
) -> String {
    let cell = cell(finding, report);
    let blank = " ".repeat(width.saturating_sub(columns(&cell)));
    let note = match finding.places.as_slice() {
        [Place { note: Some(note), .. }] => format!(" ({})", for_terminal(note)),
        _ => String::new(),
    };
    let what =
        format!("{cell}{blank}  {}{note} [{}]", for_terminal(&finding.message), finding.rule);
    let first = format!("{word:<LEVEL$}");
    let rest = " ".repeat(LEVEL + width + 2);
    let rest = if rest.len() * 2 > layout.width { " ".repeat(LEVEL + 2) } else { rest };
    let mut text = String::new();
    for (index, line) in wrapped(&what, &first, &rest, layout).into_iter().enumerate() {
        let line = match index {
            0 => line.replacen(word, &format!("{style}{word}{style:#}"), 1),
            _ => line,
        };
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The place of a finding, or how many there are.
fn cell(finding: &Finding, report: &Report<'_>) -> String {
    match finding.places.as_slice() {
        [only] if only.subject == Subject::Project => match report.location(only) {
            Some(at) => format!("{}:{}", for_terminal(&at.file), at.position.line),
            None => place::path(only),
        },
        [only] => for_terminal(&place::path(only)),
        several => format!("{} places", grouped(several.len())),
    }
}

/// Wrapped between words only: a rule's id is one word, hyphens and all.
fn wrapped(text: &str, first: &str, rest: &str, layout: Layout) -> Vec<String> {
    let options = Options::new(layout.width.max(40))
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}

fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

fn names(places: &[Place]) -> String {
    let mut shown: Vec<String> = places
        .iter()
        .take(MAX_NAMES)
        .map(|place| match &place.note {
            Some(note) => format!("{} ({note})", place::path(place)),
            None => place::path(place),
        })
        .collect();
    if places.len() > MAX_NAMES {
        shown.push(format!("and {} more", grouped(places.len() - MAX_NAMES)));
    }
    shown.join(", ")
}

fn summary(report: &Report<'_>, version: &VersionAdvice) -> String {
    let mut counts: Vec<String> = report
        .counts()
        .into_iter()
        .map(|(level, count)| {
            let style = style_of(level);
            format!("{style}{count}{style:#}")
        })
        .collect();
    if counts.is_empty() {
        counts.push("no findings".to_owned());
    }
    if !report.allowed.is_empty() {
        counts.push(format!("{} allowed", grouped(report.allowed.len())));
    }
    let counts = counts.join(", ");
    match advice(version) {
        Some(advice) => format!("{counts} → {advice}"),
        None => counts,
    }
}

/// What is to be said about the version; nothing where nothing changed.
pub(in crate::engine::report) fn advice(version: &VersionAdvice) -> Option<String> {
    if version.bump == Bump::None {
        return None;
    }
    let now = version.new.as_deref().map(for_terminal);
    match (&version.suggested, now) {
        (Some(_), Some(now)) if version.is_enough => {
            Some(format!("version {now} is enough ({} changes)", version.bump.as_str()))
        }
        (Some(suggested), now) => {
            let now = now.map(|now| format!(" (now {now})")).unwrap_or_default();
            Some(format!("next version should be {}{now}", for_terminal(suggested)))
        }
        (None, _) => Some(format!("calls for a {} version", version.bump.as_str())),
    }
}
