//! The reports for programs that read line by line: `mcp-kit.lint.jsonl/1`, `mcp-kit.diff.jsonl/1` and
//! `mcp-kit.replay.jsonl/1`.
//!
//! The first line is the head, with the number of the lines behind it, so that a reader can tell a
//! report that was cut off. Each further line is a finding, as in the JSON report.

use serde::Serialize;

use super::{
    Report,
    escape::for_json,
    json::{self, Formats, Head},
    replay::json::LINES_FORMAT,
};

/// The name of the format of lint's report.
pub const LINT_FORMAT: &str = "mcp-kit.lint.jsonl/1";
/// The name of the format of diff's report.
pub const DIFF_FORMAT: &str = "mcp-kit.diff.jsonl/1";

#[derive(Serialize)]
struct First<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    findings: usize,
}

/// The report, newlines included.
pub fn render(report: &Report<'_>) -> String {
    let formats = Formats { lint: LINT_FORMAT, diff: DIFF_FORMAT, replay: LINES_FORMAT };
    let findings = report.open.len() + report.allowed.len();
    let mut text = line(&First { head: json::head(report, formats), findings });
    text.extend(json::findings(report).map(|finding| line(&finding)));
    text
}

pub(super) fn line(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("plain data becomes JSON");
    format!("{}\n", for_json(&text))
}
