//! What was put to a server as test suites: one for each tool, in it a case for each question.
//!
//! A case fails where its finding fails the run. What could not be found out otherwise is skipped, and
//! says so: it is no pass, and the exit code does not count it either.

use std::fmt::Write;

use super::{Replay, Report, Standing, Tested};
use crate::engine::{
    finding::verdict::{Verdict, VerdictOutcome},
    report::{
        escape::for_xml,
        junit::{Counts, Suite, allowed, described, line, own_files},
    },
};

/// The suites of all tools, then those that were not put to the test, then the project's own files.
pub(in crate::engine::report) fn suites(report: &Report<'_>, replay: &Replay) -> Vec<Suite> {
    let mut suites: Vec<Suite> =
        replay.tools.iter().map(|tested| of_tool(report, tested)).collect();
    if !replay.left_out.is_empty() {
        suites.push(left_out(replay));
    }
    suites.extend(own_files(report));
    suites
}

/// How a case ended.
enum Ending {
    Passed,
    Failed,
    Skipped,
}

fn of_tool(report: &Report<'_>, tested: &Tested) -> Suite {
    let (mut counts, mut cases) = (Counts::default(), String::new());
    for verdict in &tested.verdicts {
        counts.tests += 1;
        match push_case(&mut cases, report, verdict) {
            Ending::Passed => {}
            Ending::Failed => counts.failures += 1,
            Ending::Skipped => counts.skipped += 1,
        }
    }
    Suite { name: tested.tool.clone(), counts, cases }
}

fn push_case(text: &mut String, report: &Report<'_>, verdict: &Verdict) -> Ending {
    let said = format!("{}: {}", verdict.outcome.as_str(), verdict.reason);
    let skipped = |message: &str| format!("      <skipped message=\"{}\"/>\n", line(message));
    let (body, ending) = match verdict.outcome {
        VerdictOutcome::Passed => {
            let reason = line(&verdict.reason);
            (format!("      <system-out>{reason}</system-out>\n"), Ending::Passed)
        }
        VerdictOutcome::Skipped | VerdictOutcome::Blocked => (skipped(&said), Ending::Skipped),
        VerdictOutcome::Failed | VerdictOutcome::Inconclusive => match report.standing(verdict) {
            Standing::Off => (skipped("the project has switched the rule off"), Ending::Skipped),
            Standing::Allowed(it) => {
                let reason = format!("allowed: {}", allowed(it));
                (skipped(&reason), Ending::Skipped)
            }
            Standing::Open(finding) => {
                let of_place = finding.places.iter();
                let all: Vec<String> =
                    of_place.map(|place| described(finding, place, report)).collect();
                let all = for_xml(&all.join("\n\n"));
                match finding.fails(report.fail_on) {
                    true => {
                        let (rule, reason) = (for_xml(verdict.rule), line(&verdict.reason));
                        let failure = format!(
                            "      <failure type=\"{rule}\" message=\"{reason}\">{all}</failure>\n"
                        );
                        (failure, Ending::Failed)
                    }
                    false => {
                        let out = format!("      <system-out>{all}</system-out>\n");
                        (format!("{}{out}", skipped(&said)), Ending::Skipped)
                    }
                }
            }
        },
    };
    push(text, &verdict.tool, verdict.rule, &body);
    ending
}

fn push(text: &mut String, class: &str, name: &str, body: &str) {
    let (class, name) = (line(class), line(name));
    let _ = writeln!(text, "    <testcase classname=\"{class}\" name=\"{name}\">");
    text.push_str(body);
    text.push_str("    </testcase>\n");
}

fn left_out(replay: &Replay) -> Suite {
    let mut cases = String::new();
    for (tool, reason) in &replay.left_out {
        let body = format!("      <skipped message=\"{}\"/>\n", line(reason));
        push(&mut cases, tool, "replay", &body);
    }
    let tests = replay.left_out.len();
    let counts = Counts { tests, skipped: tests, ..Counts::default() };
    Suite { name: "not put to the test".to_owned(), counts, cases }
}
