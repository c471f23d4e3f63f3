//! The report on a comparison: a line for each finding, under it the call or the answer that
//! proves it, and at the end what the changes ask of the version.

use std::{collections::BTreeSet, fmt::Write};

use textwrap::{Options, WordSplitter, wrap};

use super::{BOLD, DIM, Layout, Level, Report, for_terminal, reason, style_of};
use crate::engine::{
    finding::{Finding, Place, Subject},
    report::{Bump, Examined, Source, VersionAdvice, counted, grouped, place, recorded, witness},
    usage::Losses,
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
    let Examined::Comparison { old, new, version, accept, traffic } = report.examined else {
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
    for block in &shown.blocks {
        text.push_str(&block.head);
        text.push_str(block.proof.as_deref().unwrap_or_default());
    }
    if let Some(rest) = shown.rest() {
        let _ = writeln!(text, "{rest}");
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
    if let Some(losses) = traffic {
        text.push_str(&recorded_calls(losses, layout));
    }
    if let Some(first) = report.open.first() {
        let _ = writeln!(text, "why: mcp-kit explain {}", first.rule);
        if let Some(accept) = accept {
            let _ = writeln!(text, "accept on purpose: {}", for_terminal(accept));
        }
    }
    text
}

/// What is lost of the recorded traffic, tool by tool.
fn recorded_calls(losses: &Losses, layout: Layout) -> String {
    let mut text = wrapped(&recorded::sentence(losses), "", "  ", layout).join("\n");
    text.push('\n');
    for tool in losses.tools.iter().take(recorded::MAX_TOOLS) {
        let gone = if tool.is_gone { " (gone)" } else { "" };
        let line = format!("{}{gone}: {}", tool.tool, recorded::of_tool(tool));
        for line in wrapped(&for_terminal(&line), "  ", "    ", layout) {
            let _ = writeln!(text, "{line}");
        }
    }
    let left_out = losses.tools.len().saturating_sub(recorded::MAX_TOOLS);
    if left_out > 0 {
        let _ = writeln!(text, "  … and {}", counted(left_out, "more tool"));
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
    blocks: Vec<Block>,
    lines: usize,
    left_out: usize,
    breaks_left_out: usize,
    proofs_left_out: usize,
}

/// What is printed of one finding.
struct Block {
    head: String,
    proof: Option<String>,
}

impl Shown {
    fn fits(&self, text: &str, layout: Layout) -> bool {
        layout.max_lines.is_none_or(|most| self.lines + text.lines().count() <= most)
    }

    fn push(&mut self, head: String) {
        self.lines += head.lines().count();
        self.blocks.push(Block { head, proof: None });
    }

    /// What is not shown, and how to see it; none where everything is.
    fn rest(&self) -> Option<String> {
        let mut left_out = Vec::new();
        if self.left_out > 0 {
            let breaks = match self.breaks_left_out {
                0 => String::new(),
                breaks => format!(" ({} breaking)", grouped(breaks)),
            };
            left_out.push(format!("{}{breaks}", counted(self.left_out, "more finding")));
        }
        if self.proofs_left_out > 0 {
            left_out.push(counted(self.proofs_left_out, "more proof"));
        }
        let left_out = left_out.join(", ");
        (!left_out.is_empty()).then(|| format!("… and {left_out}; --max-lines 0 shows all"))
    }
}

/// Takes findings until the lines are used up: that something breaks comes first, then the proofs of
/// it, then everything else.
fn choose(report: &Report<'_>, width: usize, layout: Layout) -> Shown {
    let mut shown = Shown::default();
    let frame = (width, layout);
    let breaks = report.open.partition_point(|finding| Level::of(finding) == Level::Breaking);
    for finding in &report.open[..breaks] {
        let head = head(finding, report, frame);
        if !shown.blocks.is_empty() && !shown.fits(&head, layout) {
            break;
        }
        shown.push(head);
    }
    shown.breaks_left_out = breaks - shown.blocks.len();
    shown.prove(&report.open[..breaks], layout);
    let mut infos = 0;
    if shown.breaks_left_out == 0 {
        for finding in &report.open[breaks..] {
            infos += usize::from(Level::of(finding) == Level::Info);
            let text = head(finding, report, frame) + &proof(finding, layout).unwrap_or_default();
            let has_room = shown.blocks.is_empty() || shown.fits(&text, layout);
            if !has_room || layout.max_infos.is_some_and(|most| infos > most) {
                break;
            }
            shown.push(text);
        }
    }
    shown.left_out = report.open.len() - shown.blocks.len();
    shown
}

impl Shown {
    /// Puts the proofs under the findings that are shown, those that fit. Of one that proves several
    /// findings the first is shown.
    fn prove(&mut self, findings: &[Finding], layout: Layout) {
        let mut known = BTreeSet::new();
        for (index, finding) in findings.iter().enumerate().take(self.blocks.len()) {
            let Some(mut proof) = proof(finding, layout) else { continue };
            if !known.insert(proof.clone()) {
                proof = format!("{}the same call or answer as above\n", " ".repeat(LEVEL));
            }
            if index > 0 && !self.fits(&proof, layout) {
                self.proofs_left_out += 1;
                continue;
            }
            self.lines += proof.lines().count();
            self.blocks[index].proof = Some(proof);
        }
    }
}

/// The line of a finding, and the names of its places.
fn head(finding: &Finding, report: &Report<'_>, frame: Frame) -> String {
    let (_, layout) = frame;
    let level = Level::of(finding);
    // A break is shouted; the word alone has to do it where there are no colors.
    let word = match level {
        Level::Breaking => "BREAKING",
        level => level.as_str(),
    };
    let mut text = line(word, style_of(level), finding, report, frame);
    let indent = " ".repeat(LEVEL);
    let places = distinct(&finding.places);
    if places.len() > 1 {
        for line in wrapped(&for_terminal(&names(places)), &indent, &indent, layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
    text
}

/// The call or the answer that proves a finding. One is enough for a finding that says the same of
/// several places.
fn proof(finding: &Finding, layout: Layout) -> Option<String> {
    let (place, found) =
        finding.places.iter().find_map(|place| Some((place, place.witness.as_ref()?)))?;
    let indent = " ".repeat(LEVEL);
    let room = layout.width.max(40) - LEVEL;
    let (shown, is_shortened) = witness::shown(place, found, room);
    let shortened = if is_shortened { " (shortened; --format json has all of it)" } else { "" };
    let mut text = format!("{indent}{}{shortened}:\n", witness::introduction(found));
    for line in shown.lines() {
        let _ = writeln!(text, "{indent}{line}");
    }
    Some(text)
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
        [only] if matches!(only.subject, Subject::Project | Subject::Baseline) => {
            match report.location(only) {
                Some(at) => format!("{}:{}", for_terminal(&at.file), at.position.line),
                None => place::path(only),
            }
        }
        [only] => for_terminal(&place::path(only)),
        [first, ..] => match distinct(&finding.places).len() {
            1 => for_terminal(&place::path(first)),
            several => format!("{} places", grouped(several)),
        },
        [] => String::new(),
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

fn names(mut names: Vec<String>) -> String {
    let left_out = names.len().saturating_sub(MAX_NAMES);
    names.truncate(MAX_NAMES);
    if left_out > 0 {
        names.push(format!("and {} more", grouped(left_out)));
    }
    names.join(", ")
}

/// Places, each once.
fn distinct(places: &[Place]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    places.iter().map(named).filter(|name| seen.insert(name.clone())).collect()
}

fn named(place: &Place) -> String {
    match &place.note {
        Some(note) => format!("{} ({note})", place::path(place)),
        None => place::path(place),
    }
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
        (Some(_), Some(now)) if version.is_enough == Some(true) => {
            Some(format!("version {now} is enough ({} changes)", version.bump.as_str()))
        }
        (None, Some(now)) => {
            Some(format!("calls for a {} version (now {now})", version.bump.as_str()))
        }
        (Some(suggested), now) => {
            let now = now.map(|now| format!(" (now {now})")).unwrap_or_default();
            Some(format!("next version should be {}{now}", for_terminal(suggested)))
        }
        (None, _) => Some(format!("calls for a {} version", version.bump.as_str())),
    }
}
