//! The report on one surface.
//!
//! Findings stand under the tool they are about, worst first, and what says the same of several
//! tools is said once.

use std::{collections::BTreeMap, fmt::Write};

use super::{BOLD, DIM, Layout, Level, Report, for_terminal, reason, style_of, wrapped};
use crate::engine::{
    finding::{Applicability, Finding, Place, Severity, Subject, allow::AllowedFinding},
    report::{Source, Transport, counted, grouped, not_run, place},
};

/// How many tools a folded finding names.
const MAX_NAMES: usize = 12;

/// The whole report, newline included.
pub(super) fn render(
    report: &Report<'_>,
    source: Source<'_>,
    profile: &str,
    plan: &str,
    layout: Layout,
) -> String {
    let mut text = wrapped(&heading(source), "", "  ", layout).join("\n");
    text.push('\n');
    let applicabilities = report.applicabilities();
    let shown = choose(report, &applicabilities, layout);
    text.push_str(&groups(&shown));
    if shown.left_out > 0 {
        let what = counted(shown.left_out, "more finding");
        let _ = write!(text, "\n… and {what}; --max-lines 0 shows all\n");
    }
    let left_out = not_run::groups(report);
    if !left_out.is_empty() {
        let _ = write!(text, "\n{BOLD}not run{BOLD:#}\n");
        text.push_str(&not_run(&left_out, layout));
    }
    let (known, allowed): (Vec<_>, Vec<_>) =
        report.allowed.iter().partition(|allowed| allowed.entry.is_none());
    if !allowed.is_empty() {
        let _ = write!(text, "\n{BOLD}allowed{BOLD:#}\n");
        text.extend(allowed.iter().map(|allowed| allowed_block(allowed, layout)));
    }
    if let (Some(list), false) = (report.baseline, known.is_empty()) {
        let _ = write!(text, "\n{BOLD}known{BOLD:#}, in {}\n", for_terminal(list.file));
        text.push_str(&known_block(&known, layout));
    }
    text.push_str(plan);
    text.push('\n');
    text.push_str(&wrapped(&summary(report, profile), "", "  ", layout).join("\n"));
    text.push('\n');
    if let Some(sentence) = report.fixing_sentence(report.fixable(&applicabilities)) {
        let sentence = wrapped(&for_terminal(&sentence), "", "  ", layout);
        text.push_str(&sentence.join("\n"));
        text.push('\n');
    }
    text
}

/// The findings that fit, under the headings they belong to.
#[derive(Default)]
struct Shown {
    groups: Vec<(String, Vec<String>)>,
    left_out: usize,
}

/// The first findings, under the headings they belong to.
pub(in crate::engine::report) fn first_findings(
    report: &Report<'_>,
    count: usize,
    layout: Layout,
) -> String {
    let first = Report { open: &report.open[..count], ..*report };
    let shown = choose(&first, &[], Layout { max_lines: None, ..layout });
    groups(&shown)
}

/// The lines that a finding takes at most, its heading included.
pub(in crate::engine::report) fn lines(
    finding: &Finding,
    report: &Report<'_>,
    layout: Layout,
) -> usize {
    block(finding, false, report, layout).lines().count() + 2
}

fn groups(shown: &Shown) -> String {
    let mut text = String::new();
    for (title, blocks) in &shown.groups {
        let _ = write!(text, "\n{BOLD}{}{BOLD:#}\n", for_terminal(title));
        text.extend(blocks.iter().map(String::as_str));
    }
    text
}

/// Takes findings, worst first, until the lines are used up, and puts them under their subjects.
/// A group stands where its worst finding does. What is known of fixes is marked.
fn choose(report: &Report<'_>, applicabilities: &[Option<Applicability>], layout: Layout) -> Shown {
    let mut shown = Shown::default();
    let mut lines = 0;
    for (index, finding) in report.open.iter().enumerate() {
        let is_fixable = applicabilities.get(index) == Some(&Some(Applicability::Safe));
        let (title, block) = (title(finding), block(finding, is_fixable, report, layout));
        let group = shown.groups.iter().position(|(existing, _)| *existing == title);
        lines += block.lines().count() + if group.is_some() { 0 } else { 2 };
        if index > 0 && layout.max_lines.is_some_and(|most| lines > most) {
            shown.left_out = report.open.len() - index;
            break;
        }
        match group {
            Some(group) => shown.groups[group].1.push(block),
            None => shown.groups.push((title, vec![block])),
        }
    }
    shown
}

fn heading(source: Source<'_>) -> String {
    let Source { surface, origin } = source;
    let server = &surface.server;
    let name = server.name.as_deref().unwrap_or(&origin.name);
    let mut text = format!("{BOLD}{}{BOLD:#}", for_terminal(name));
    if let Some(version) = &server.version {
        let _ = write!(text, " {}", for_terminal(version));
    }
    let mut how: Vec<String> =
        server.revision_text.as_deref().map(for_terminal).into_iter().collect();
    if let Some(era) = origin.transport.era() {
        how.push(format!("{era} era over {}", origin.transport.as_str()));
    }
    if !how.is_empty() {
        let _ = write!(text, " ({})", how.join(", "));
    }
    let tokens = surface.tokens();
    let mut parts = vec![counted(surface.tools.len(), "tool")];
    for (items, noun) in [
        (&surface.prompts, "prompt"),
        (&surface.resources, "resource"),
        (&surface.resource_templates, "resource template"),
    ] {
        if !items.is_empty() {
            parts.push(counted(items.len(), noun));
        }
    }
    let _ = write!(text, ": {}", parts.join(", "));
    if !surface.tools.is_empty() {
        let (model, wire) = (grouped(tokens.model), grouped(tokens.wire));
        let _ = write!(text, "; {model} tokens before the model, {wire} on the wire");
    }
    text
}

/// The heading a finding stands under.
fn title(finding: &Finding) -> String {
    let first = &finding.places[0].subject;
    if finding.places.iter().any(|place| place.subject != *first) {
        return "several".to_owned();
    }
    match (first, first.name()) {
        (Subject::Project, _) => "mcp-kit.toml".to_owned(),
        (Subject::Tool(_), Some(name)) => name.to_owned(),
        (_, Some(name)) => format!("{} {name}", first.kind()),
        (_, None) => first.kind().to_owned(),
    }
}

fn block(finding: &Finding, is_fixable: bool, report: &Report<'_>, layout: Layout) -> String {
    let style = style_of(Level::of(finding));
    let label = format!("{}[{}]", finding.severity, finding.rule);
    let mut text = String::new();
    let mut message = for_terminal(&finding.message);
    if let [Place { note: Some(note), .. }] = finding.places.as_slice() {
        let _ = write!(message, " ({})", for_terminal(note));
    }
    let mark = if is_fixable { " [*]" } else { "" };
    let mut lines = wrapped(&format!("{label}{mark}: {message}"), "  ", "      ", layout);
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&label, &format!("{style}{label}{style:#}"), 1);
    }
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    if let Some(place) = shown_place(finding, report) {
        let _ = writeln!(text, "{DIM}    --> {}{DIM:#}", for_terminal(&place));
    } else if finding.places.len() > 1 {
        let names = for_terminal(&names(&finding.places));
        for line in wrapped(&names, "    --> ", "        ", layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
    for line in wrapped(&for_terminal(&finding.help), "    = help: ", "            ", layout) {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// Where the only place of a finding is: file, line and column, or a pointer inside the tool of a
/// live server. A finding about a live server or a live tool as a whole has nowhere to point.
fn shown_place(finding: &Finding, report: &Report<'_>) -> Option<String> {
    let [place] = finding.places.as_slice() else { return None };
    let is_own_file = matches!(place.subject, Subject::Project | Subject::Baseline);
    if !is_own_file && report.subject().origin.transport != Transport::File {
        let within = place.within.as_str();
        return (!within.is_empty()).then(|| within.to_owned());
    }
    let location = report.location(place)?;
    let position = location.position;
    Some(format!("{}:{}:{}", location.file, position.line, position.column))
}

/// The checks that were not made: those that were not for the same reason in one paragraph.
fn not_run(groups: &[not_run::Group<'_>], layout: Layout) -> String {
    let mut text = String::new();
    for group in groups {
        let (subject, reason) = (group.subject(MAX_NAMES), group.reason);
        let line = for_terminal(&format!("{subject}: {reason} ({})", group.rules()));
        for line in wrapped(&line, "  ", "      ", layout) {
            let _ = writeln!(text, "{DIM}{line}{DIM:#}");
        }
    }
    text
}

/// What is allowed, in two lines: it is there to be seen, not to be worked on.
fn allowed_block(allowed: &AllowedFinding, layout: Layout) -> String {
    let finding = &allowed.finding;
    let names = match finding.places.as_slice() {
        [only] => place::path(only),
        several => names(several),
    };
    let line = format!("{}: {} ({})", finding.rule, finding.message, names);
    let mut lines = wrapped(&for_terminal(&line), "  ", "      ", layout);
    lines.extend(wrapped(&reason(allowed), "    = reason: ", "              ", layout));
    lines.into_iter().map(|line| format!("{DIM}{line}{DIM:#}\n")).collect()
}

/// What the baseline knows, a line for each rule: there may be hundreds, and none of them is news.
fn known_block(known: &[&AllowedFinding], layout: Layout) -> String {
    let mut by_rule: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for finding in known.iter().map(|known| &known.finding) {
        let bare = |place: &Place| Place { note: None, ..place.clone() };
        by_rule.entry(finding.rule).or_default().extend(finding.places.iter().map(bare));
    }
    let block = |(rule, places): (&str, Vec<Place>)| {
        let line = for_terminal(&format!("{rule}: {}", names(&places)));
        wrapped(&line, "  ", "      ", layout)
    };
    by_rule.into_iter().flat_map(block).map(|line| format!("{DIM}{line}{DIM:#}\n")).collect()
}

/// The subjects of several places, each once, with what is particular to it or how often it is
/// concerned. A long list is cut: the other formats have all of it.
fn names(places: &[Place]) -> String {
    let mut subjects: Vec<(&Subject, Vec<&Place>)> = Vec::new();
    for place in places {
        match subjects.iter_mut().find(|(subject, _)| **subject == place.subject) {
            Some((_, places)) => places.push(place),
            None => subjects.push((&place.subject, vec![place])),
        }
    }
    let mut shown: Vec<String> = subjects.iter().take(MAX_NAMES).map(described).collect();
    if subjects.len() > MAX_NAMES {
        shown.push(format!("and {} more", subjects.len() - MAX_NAMES));
    }
    shown.join(", ")
}

fn described((subject, places): &(&Subject, Vec<&Place>)) -> String {
    let name = subject.name().unwrap_or_else(|| subject.kind());
    match places.as_slice() {
        [Place { note: Some(note), .. }] => format!("{name} ({note})"),
        [_] => name.to_owned(),
        many => format!("{name} ({}×)", many.len()),
    }
}

fn summary(report: &Report<'_>, profile: &str) -> String {
    let known = report.known();
    let counted_as = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!(", {} {what}", grouped(count)),
    };
    let allowed = counted_as(report.allowed.len() - known, "allowed");
    let allowed = format!("{allowed}{}", counted_as(known, "known"));
    let Some(first) = report.open.first() else {
        return format!("no findings{allowed} (profile {profile})");
    };
    let counts: Vec<String> = Severity::ALL
        .iter()
        .map(|severity| (*severity, report.count(*severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| {
            let style = style_of(match severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
                Severity::Info => Level::Info,
            });
            let noun = if severity == Severity::Info { "note" } else { severity.as_str() };
            format!("{style}{}{style:#}", counted(count, noun))
        })
        .collect();
    format!(
        "{}{allowed} (profile {profile}); why: mcp-kit explain {}",
        counts.join(", "),
        first.rule
    )
}
