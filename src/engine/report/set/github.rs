//! Workflow commands: those of each server, with its name in front. What could not be read is an
//! error at the line that configures it.

use super::{Failed, Set, SetServer};
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
    let (file, position) = split_place(failed.place.unwrap_or(server.place));
    // A file of the user is in no repository.
    if !file.starts_with(['/', '\\']) {
        properties.push(format!("file={}", property(file)));
        if let Some(line) = position {
            properties.push(format!("line={line}"));
        }
    }
    properties.push("title=not read".to_owned());
    let mut text = format!("{}: {}", for_terminal(server.name), for_terminal(failed.message));
    for line in failed.help.into_iter().flat_map(str::lines) {
        text.push_str(&format!("\n{}", for_terminal(line)));
    }
    format!("::error {}::{}\n", properties.join(","), data(&text))
}

/// The file and the line of `PATH:LINE:COLUMN`.
fn split_place(place: &str) -> (&str, Option<usize>) {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    let number = |text: Option<&str>| text?.parse::<usize>().ok();
    let numbers = number(column).zip(number(line));
    match (numbers, file) {
        (Some((_, line)), Some(file)) => (file, Some(line)),
        _ => (place, None),
    }
}
