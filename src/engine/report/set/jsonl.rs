//! The report for programs that read line by line: `mcp-kit.lint-set.jsonl/1`. The first line is the
//! head, with the head of each server's report in it; each further line is a finding, with the name
//! of its server.

use serde::Serialize;

use super::{Set, json::of_set};
use crate::engine::report::{
    json::{self, Formats, LINT_FORMAT, ReportedFinding},
    jsonl::line,
    replay::json as replayed,
};

/// The name of the format.
const FORMAT: &str = "mcp-kit.lint-set.jsonl/1";

#[derive(Serialize)]
struct First<H: Serialize> {
    #[serde(flatten)]
    head: H,
    /// How many lines follow.
    findings: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    server: &'a str,
    #[serde(flatten)]
    finding: ReportedFinding<'a>,
}

pub(super) fn render(set: &Set<'_>) -> String {
    let formats =
        Formats { lint: LINT_FORMAT, diff: json::DIFF_FORMAT, replay: replayed::LINES_FORMAT };
    let head = of_set(set, FORMAT, |report| json::head(report, formats));
    let findings = set.examined().map(|(_, report)| report.open.len() + report.allowed.len()).sum();
    let mut text = line(&First { head, findings });
    for (server, report) in set.examined() {
        let of_server = json::findings(report);
        text.extend(of_server.map(|finding| line(&Finding { server: server.name, finding })));
    }
    text
}
