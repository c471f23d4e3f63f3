//! Workflow commands: those of each server, with its name in front. What could not be read is an
//! error at the line that configures it.

use super::{Failed, Set, SetServer, location};
use crate::engine::report::{
    escape::for_terminal,
    github::{command, data, notices, property},
};

pub(super) fn render(set: &Set<'_>) -> String {
    let failed = set.failed().map(|(server, failed)| of_failed(server, failed));
    let findings = set.examined().flat_map(|(server, report)| {
        let findings = report.open.iter();
        let findings = findings.map(|finding| command(finding, report, Some(server.name)));
        findings.chain(notices(report, Some(server.name)))
    });
    failed.chain(findings).collect()
}

fn of_failed(server: &SetServer<'_>, failed: &Failed<'_>) -> String {
    let mut properties = Vec::new();
    if let Some(location) = location(failed.place.unwrap_or(server.place)) {
        properties.push(format!("file={}", property(&location.file)));
        properties.push(format!("line={}", location.position.line));
    }
    properties.push("title=not read".to_owned());
    let mut text = format!("{}: {}", for_terminal(server.name), for_terminal(failed.message));
    for line in failed.last_lines() {
        text.push_str(&format!("\n| {line}"));
    }
    for (index, line) in failed.help.into_iter().flat_map(str::lines).enumerate() {
        let word = if index == 0 { "help: " } else { "" };
        text.push_str(&format!("\n{word}{}", for_terminal(line)));
    }
    format!("::error {}::{}\n", properties.join(","), data(&text))
}
