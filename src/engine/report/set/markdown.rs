//! A comment on a pull request: the table of all servers, then what could not be read, then each
//! server's findings. One limit of size holds for all of it, so what fails the run comes first.

use std::fmt::Write;

use super::{Failed, Outcome, Set, SetServer, numbers};
use crate::engine::{
    finding::{Finding, Severity},
    report::{
        Level, counted,
        escape::{for_markdown, for_markdown_code, for_markdown_message},
        grouped,
        markdown::{Page, fenced, item, one_line},
    },
};

/// Most characters of a message in the table.
const MAX_REASON: usize = 120;
/// Most rows of the table.
const MAX_ROWS: usize = 100;

pub(super) fn render(set: &Set<'_>) -> String {
    let mut page = Page { text: heading(set), left_out: 0 };
    page.text.push_str(&table(set));
    for reach in set.reaches().into_iter().filter(|reach| reach.is_beyond()) {
        let _ = write!(page.text, "\n- {}\n", for_markdown(&reach.to_string()));
    }
    if set.failed().next().is_some() {
        page.text.push_str("\n### Not read\n");
        page.push_all(set.failed().map(|(server, failed)| failure(server, failed)));
    }
    let fails = |finding: &&Finding| finding.fails(set.fail_on);
    for (server, report) in set.examined().filter(|(_, report)| report.fails()) {
        let _ = write!(page.text, "\n### {}\n", for_markdown(server.name));
        let failing = report.open.iter().filter(fails);
        page.push_all(failing.map(|finding| item(finding, None, report)));
    }
    for (server, report) in set.examined() {
        let others: Vec<&Finding> =
            report.open.iter().filter(|finding| !finding.fails(set.fail_on)).collect();
        let summary = format!("{}: {}", for_markdown(server.name), counts(&others));
        page.push_folded(&summary, others.into_iter().map(|finding| item(finding, None, report)));
        let allowed =
            format!("{}: {} allowed", for_markdown(server.name), grouped(report.allowed.len()));
        let items = report.allowed.iter().map(|it| item(&it.finding, Some(it), report));
        page.push_folded(&allowed, items);
        page.push_not_run(&format!("{}: ", for_markdown(server.name)), report);
    }
    page.push_left_out();
    let first = set.examined().find_map(|(_, report)| report.open.first());
    if let Some(first) = first {
        let why = for_markdown_code(&format!("mcp-kit explain {}", first.rule));
        let _ = writeln!(page.text, "\nWhy: {why}");
    }
    page.text
}

fn heading(set: &Set<'_>) -> String {
    let failed = set.failed().count();
    let mark = if set.fails() || failed > 0 { "❌" } else { "✅" };
    let found = set.examined().flat_map(|(_, report)| report.open).collect::<Vec<_>>();
    let found = if found.is_empty() { "no findings".to_owned() } else { counts(&found) };
    let not_read = match failed {
        0 => String::new(),
        failed => format!(", {} not read", counted(failed, "server")),
    };
    let servers = counted(set.servers.len(), "server");
    format!("## {mark} mcp-kit lint --all: {servers}, {found}{not_read}\n\n")
}

fn counts(findings: &[&Finding]) -> String {
    let of_level = |level: &Level| {
        let count = findings.iter().filter(|finding| Level::of(finding) == *level).count();
        (count > 0).then(|| level.counted(count))
    };
    Level::ALL.iter().filter_map(of_level).collect::<Vec<_>>().join(", ")
}

fn table(set: &Set<'_>) -> String {
    let mut text = String::from(
        "| server | tools | tokens | errors | warnings | infos |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for server in set.servers.iter().take(MAX_ROWS) {
        let name = for_markdown(server.name);
        let _ = match &server.outcome {
            Outcome::Examined(report) => {
                let same = server.same_as.map(|other| format!(" (as {})", for_markdown(other)));
                let name = format!("{name}{}", same.unwrap_or_default());
                writeln!(text, "{}", row(&name, numbers(report)))
            }
            Outcome::Failed(failed) => {
                let reason: String = failed.message.chars().take(MAX_REASON).collect();
                writeln!(text, "| {name} | not read: {} |||||", for_markdown(&reason))
            }
        };
    }
    if set.servers.len() > MAX_ROWS {
        let more = grouped(set.servers.len() - MAX_ROWS);
        let _ = writeln!(text, "| and {more} more ||||||");
    }
    let sums = [
        set.tools(),
        set.tokens().model,
        set.count(Severity::Error),
        set.count(Severity::Warning),
        set.count(Severity::Info),
    ];
    let _ = writeln!(text, "{}", row("**all**", sums));
    text
}

fn row(name: &str, numbers: [usize; 5]) -> String {
    format!("| {name} | {} |", numbers.map(grouped).join(" | "))
}

fn failure(server: &SetServer<'_>, failed: &Failed<'_>) -> String {
    let place = for_markdown_code(failed.place.unwrap_or(server.place));
    let name = for_markdown(server.name);
    let mut text = format!("- **{name}** ({place}): {}\n", for_markdown_message(failed.message));
    let said: Vec<String> = failed.last_lines().collect();
    if !said.is_empty() {
        let block = fenced("text", &said.join("\n")).replace('\n', "\n  ");
        let _ = write!(text, "\n  Its standard error:\n\n  {block}\n\n");
    }
    if let Some(help) = failed.help {
        let _ = writeln!(text, "  Help: {}", one_line(help));
    }
    text
}
