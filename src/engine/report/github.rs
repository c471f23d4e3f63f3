//! Findings as workflow commands, which GitHub shows at the lines they are about.
//!
//! One line for each finding; how many of them are shown is up to GitHub. What is allowed is not
//! said: an annotation is for somebody to act on. Checks of a running server that were not made are
//! notices.

use super::{Report, escape::for_terminal, not_run, place, replay::done, witness};
use crate::engine::finding::{Finding, Severity};

/// Most columns of a witness: an annotation is read in a narrow box.
const WITNESS: usize = 10_000;
/// How many lines an annotation has of what was done.
const MAX_LINES: usize = 6;
/// How many places an annotation names.
const MAX_NAMES: usize = 5;

/// The commands, a line each; empty where nothing is open.
pub fn render(report: &Report<'_>) -> String {
    let findings = report.open.iter().map(|finding| command(finding, report, None));
    findings.chain(notices(report, None)).collect()
}

/// What was not run. The server is named where there are several.
pub(super) fn notices(report: &Report<'_>, server: Option<&str>) -> impl Iterator<Item = String> {
    let server = server.map(|name| format!("{name}: ")).unwrap_or_default();
    let notice = move |group: not_run::Group<'_>| {
        let (subject, rules) = (group.subject(MAX_NAMES), group.rules());
        let text = format!("{server}{subject}: {} ({rules})", group.reason);
        format!("::notice title=not run::{}\n", data(&for_terminal(&text)))
    };
    // Of what replay has not asked only the tools that were not called are for somebody to act on.
    let is_shown = |group: &not_run::Group<'_>| report.replay().is_none() || group.is_about_all();
    not_run::groups(report).into_iter().filter(is_shown).map(notice)
}

/// The command of a finding. The server is named where there are several.
pub(super) fn command(finding: &Finding, report: &Report<'_>, server: Option<&str>) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    let location = finding.places.first().and_then(|place| report.location(place));
    if let Some((path, location)) = location.and_then(|it| Some((it.path()?, it))) {
        properties.push(format!("file={}", property(&path)));
        if location.is_current() {
            properties.push(format!("line={}", location.position.line));
            properties.push(format!("col={}", location.position.column));
        }
    }
    properties.push(format!("title={}", property(finding.rule)));
    let server = server.map(|name| format!("{}: ", for_terminal(name))).unwrap_or_default();
    let message = format!("{server}{}", message(finding, report));
    format!("::{word} {}::{}\n", properties.join(","), data(&message))
}

fn message(finding: &Finding, report: &Report<'_>) -> String {
    let mut names: Vec<String> = finding
        .places
        .iter()
        .take(MAX_NAMES)
        .map(place::path)
        .map(|it| for_terminal(&it))
        .collect();
    if finding.places.len() > MAX_NAMES {
        names.push(format!("{} more", finding.places.len() - MAX_NAMES));
    }
    let mut text = format!("{}: {}", names.join(", "), for_terminal(&finding.message));
    if let [only] = finding.places.as_slice()
        && let Some(note) = &only.note
    {
        text.push_str(&format!(" ({})", for_terminal(note)));
    }
    text.push_str(&format!("\nhelp: {}", for_terminal(&finding.help)));
    let proof = finding.places.iter().find_map(|place| Some((place, place.witness.as_ref()?)));
    if let Some((place, found)) = proof {
        let (shown, _) = witness::shown(place, found, WITNESS);
        text.push_str(&format!("\n{}: {shown}", witness::introduction(found)));
    }
    if let Some(verdict) = finding.places.iter().find_map(|place| report.verdict(finding, place)) {
        text.push_str(&format!("\nagain: {}", for_terminal(&verdict.again)));
        let (lines, more) = done(verdict, MAX_LINES);
        for line in lines.iter().map(String::as_str).chain(more.as_deref()) {
            text.push_str(&format!("\n· {}", for_terminal(line)));
        }
    }
    text
}

/// Text behind the second pair of colons.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text in a property, where colons and commas mean something too.
pub(super) fn property(text: &str) -> String {
    data(&for_terminal(text)).replace(':', "%3A").replace(',', "%2C")
}
