//! Findings as a test report: a test case for the server and for each thing that is listed or has
//! findings.
//!
//! A case fails when it has a finding that fails the run, with all of those in one `failure`,
//! because several readers show only the first. Findings below that are its output. A case whose
//! findings are all allowed is skipped, with the reasons. Checks of a running server that were not
//! made are skipped cases of their own. What was asked of a server has a case for each question
//! (`replay/junit`).

use std::fmt::Write;

use super::{
    Level, Report,
    escape::{for_terminal, for_xml},
    not_run, place,
    replay::{done, junit as replayed},
    witness,
};
use crate::engine::finding::{Finding, Place, Subject, allow::AllowedFinding};

/// Most columns of a line with a witness.
const WIDTH: usize = 100;
/// How many lines are shown of what was done for a question.
const MAX_LINES: usize = 40;
/// How many tools the name of a case has.
const MAX_NAMES: usize = 5;

/// One test case.
#[derive(Default)]
struct Case<'a> {
    failures: Vec<(&'a Finding, &'a Place)>,
    others: Vec<(&'a Finding, &'a Place)>,
    allowed: Vec<(&'a AllowedFinding, &'a Place)>,
}

/// The report as XML, newline included.
pub fn render(report: &Report<'_>) -> String {
    let name = &report.subject().origin.name;
    let suites = match report.replay() {
        Some(replay) => replayed::suites(report, replay),
        None => vec![suite(report, name)],
    };
    document(&format!("mcp-kit {}", report.command()), &suites)
}

/// The test cases of one server.
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) counts: Counts,
    /// The cases as XML.
    pub(super) cases: String,
}

/// How many cases ended how.
#[derive(Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) tests: usize,
    pub(super) failures: usize,
    pub(super) errors: usize,
    pub(super) skipped: usize,
}

impl Counts {
    fn attributes(self) -> String {
        let Self { tests, failures, errors, skipped } = self;
        format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\""
        )
    }
}

/// Test suites as one document.
pub(super) fn document(name: &str, suites: &[Suite]) -> String {
    let all = suites.iter().fold(Counts::default(), |sum, Suite { counts, .. }| Counts {
        tests: sum.tests + counts.tests,
        failures: sum.failures + counts.failures,
        errors: sum.errors + counts.errors,
        skipped: sum.skipped + counts.skipped,
    });
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"{name}\" {}>", all.attributes());
    for suite in suites {
        let (name, counts) = (line(&suite.name), suite.counts.attributes());
        let _ = writeln!(text, "  <testsuite name=\"{name}\" {counts}>");
        text.push_str(&suite.cases);
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// The cases about the project's own files, where anything is to be said of those.
pub(super) fn own_files(report: &Report<'_>) -> Option<Suite> {
    let of_files = |(subject, _): &(Subject, Case<'_>)| {
        matches!(subject, Subject::Project | Subject::Baseline)
    };
    let cases: Vec<_> = cases(report).into_iter().filter(of_files).collect();
    let failures = cases.iter().filter(|(_, case)| !case.failures.is_empty()).count();
    let mut text = String::new();
    for (subject, case) in &cases {
        push_case(&mut text, subject, case, report);
    }
    let counts = Counts { tests: cases.len(), failures, ..Counts::default() };
    (!cases.is_empty()).then(|| Suite { name: "mcp-kit.toml".to_owned(), counts, cases: text })
}

/// The suite of a report.
pub(super) fn suite(report: &Report<'_>, name: &str) -> Suite {
    let (cases, not_run) = (cases(report), not_run::groups(report));
    let allowed = cases.iter().filter(|(_, case)| case.is_skipped()).count();
    let counts = Counts {
        tests: cases.len() + not_run.len(),
        failures: cases.iter().filter(|(_, case)| !case.failures.is_empty()).count(),
        errors: 0,
        skipped: allowed + not_run.len(),
    };
    let mut text = String::new();
    for (subject, case) in &cases {
        push_case(&mut text, subject, case, report);
    }
    for group in &not_run {
        push_not_run(&mut text, group);
    }
    Suite { name: name.to_owned(), counts, cases: text }
}

/// The server, the tools in the order of the list, and whatever else has findings.
fn cases<'a>(report: &Report<'a>) -> Vec<(Subject, Case<'a>)> {
    let mut cases = vec![(Subject::Server, Case::default())];
    for tool in &report.subject().surface.tools {
        let subject = Subject::named(Subject::Tool, &tool.name);
        if !cases.iter().any(|(existing, _)| *existing == subject) {
            cases.push((subject, Case::default()));
        }
    }
    for finding in report.open {
        for place in &finding.places {
            let case = case_of(&mut cases, &place.subject);
            let fails = finding.severity >= report.fail_on && !place.is_experimental;
            let list = if fails { &mut case.failures } else { &mut case.others };
            list.push((finding, place));
        }
    }
    for allowed in report.allowed {
        for place in &allowed.finding.places {
            case_of(&mut cases, &place.subject).allowed.push((allowed, place));
        }
    }
    cases
}

fn case_of<'c, 'a>(cases: &'c mut Vec<(Subject, Case<'a>)>, subject: &Subject) -> &'c mut Case<'a> {
    let index = cases.iter().position(|(existing, _)| existing == subject);
    let index = index.unwrap_or_else(|| {
        cases.push((subject.clone(), Case::default()));
        cases.len() - 1
    });
    &mut cases[index].1
}

impl Case<'_> {
    fn is_skipped(&self) -> bool {
        self.failures.is_empty() && !self.allowed.is_empty()
    }
}

fn push_case(text: &mut String, subject: &Subject, case: &Case<'_>, report: &Report<'_>) {
    let described = |finding: &Finding, place: &Place| described(finding, place, report);
    let name = match (subject, subject.name()) {
        (Subject::Project, _) => "mcp-kit.toml".to_owned(),
        (Subject::Tool(_), Some(name)) => name.to_owned(),
        (_, Some(name)) => format!("{} {name}", subject.kind()),
        (_, None) => subject.kind().to_owned(),
    };
    let start =
        format!("<testcase classname=\"mcp-kit {}\" name=\"{}\"", report.command(), line(&name));
    if case.failures.is_empty() && case.others.is_empty() && case.allowed.is_empty() {
        let _ = writeln!(text, "    {start}/>");
        return;
    }
    let _ = writeln!(text, "    {start}>");
    if let Some((first, place)) = case.failures.first() {
        let more = match case.failures.len() {
            1 => String::new(),
            all => format!(" (and {} more)", all - 1),
        };
        let message = format!("{}: {}{more}", place::path(place), first.message);
        let body: Vec<String> =
            case.failures.iter().map(|(finding, place)| described(finding, place)).collect();
        let _ = writeln!(
            text,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            for_xml(first.rule),
            line(&message),
            for_xml(&body.join("\n\n"))
        );
    } else if case.is_skipped() {
        let reasons: Vec<String> = case.allowed.iter().map(|(it, _)| allowed(it)).collect();
        let message = line(&reasons.join("; "));
        let _ = writeln!(text, "      <skipped message=\"{message}\"/>");
    }
    let others = case.others.iter().map(|(finding, place)| described(finding, place));
    let allowed = case.allowed.iter().map(|(it, place)| {
        format!("allowed: {}\n  {}", described(&it.finding, place), allowed(it))
    });
    let output: Vec<String> = others.chain(allowed).collect();
    if !output.is_empty() {
        let output = for_xml(&output.join("\n\n"));
        let _ = writeln!(text, "      <system-out>{output}</system-out>");
    }
    text.push_str("    </testcase>\n");
}

fn push_not_run(text: &mut String, group: &not_run::Group<'_>) {
    let (name, subject) = (line(&group.rules()), line(&group.subject(MAX_NAMES)));
    let reason = line(group.reason);
    let _ =
        writeln!(text, "    <testcase classname=\"mcp-kit not run\" name=\"{name}: {subject}\">");
    let _ = writeln!(text, "      <skipped message=\"{reason}\"/>\n    </testcase>");
}

/// Text on one line. Where the report is printed into the log of a CI run, a name that starts a line
/// of its own could give the run commands.
pub(super) fn line(text: &str) -> String {
    for_xml(&for_terminal(text))
}

/// A finding at one of its places, as plain text.
pub(super) fn described(finding: &Finding, place: &Place, report: &Report<'_>) -> String {
    let level = Level::of(finding).as_str();
    let note = place.note.as_ref().map(|note| format!(" ({})", for_terminal(note)));
    let note = note.unwrap_or_default();
    let mut text = format!(
        "{level}[{}]: {}: {}{note}\n  help: {}",
        finding.rule,
        for_terminal(&place::path(place)),
        for_terminal(&finding.message),
        for_terminal(&finding.help)
    );
    if let Some(at) = report.location(place) {
        let _ = write!(text, "\n  at {}:{}:{}", at.file, at.position.line, at.position.column);
    }
    if let Some(found) = &place.witness {
        let (shown, _) = witness::shown(place, found, WIDTH);
        let _ = write!(text, "\n  {}:\n{shown}", witness::introduction(found));
    }
    if let Some(verdict) = report.verdict(finding, place) {
        let _ = write!(text, "\n  again: {}", for_terminal(&verdict.again));
        let (lines, more) = done(verdict, MAX_LINES);
        for line in lines.iter().map(String::as_str).chain(more.as_deref()) {
            let _ = write!(text, "\n  · {}", for_terminal(line));
        }
    }
    text
}

pub(super) fn allowed(allowed: &AllowedFinding) -> String {
    let until = allowed.until.map(|until| format!(" (until {until})")).unwrap_or_default();
    format!("{}: {}{until}", allowed.finding.rule, allowed.reason)
}
