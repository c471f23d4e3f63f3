//! The report in GitHub-flavoured Markdown.

use std::fmt::Write;

use super::{
    MAX_PAIRS, MAX_TROUBLES, Report,
    amount::{mean, number, percent, percentile},
};
use crate::engine::report::escape::{for_markdown, for_markdown_code, for_markdown_message};

pub(super) fn render(report: &Report<'_>) -> String {
    let mut text = format!("## Usage: {}\n", report.extent());
    text.push_str(
        "\n| tool | calls | wrong arguments | errors | retries | p50 | p95 | longest | tokens |\n",
    );
    text.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for tool in report.usage.tools.iter().filter(|tool| tool.calls > 0) {
        let times = [50, 95].map(|percent| percentile(tool.time_us.percentile(percent)));
        let longest = (tool.time_us.count() > 0).then(|| tool.time_us.max());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            for_markdown_code(&tool.name),
            number(tool.calls),
            number(tool.invalid.calls),
            number(tool.failed),
            number(tool.retries.all),
            times[0],
            times[1],
            percentile(longest),
            number(tool.returned.tokens()),
        );
    }
    let never_called: Vec<String> =
        report.never_called().into_iter().map(for_markdown_code).collect();
    if !never_called.is_empty() {
        let _ = write!(text, "\n**Never called**: {}\n", never_called.join(", "));
    }
    let never_correct: Vec<String> = report
        .never_correct()
        .into_iter()
        .map(|(name, calls)| format!("{} ({})", for_markdown_code(name), number(calls)))
        .collect();
    if !never_correct.is_empty() {
        let names = never_correct.join(", ");
        let _ = write!(text, "\n**Called, and only answered with errors**: {names}\n");
    }
    let troubles = report.troubles();
    if !troubles.is_empty() {
        text.push_str("\n### After an error\n\n| tool | error | times | other tools tried | then success |\n|---|---|--:|--:|--:|\n");
        for trouble in troubles.iter().take(MAX_TROUBLES) {
            let errors = trouble.errors;
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                for_markdown_code(trouble.tool),
                for_markdown_code(&errors.code),
                number(errors.count),
                mean(errors),
                percent(errors.ended_in_success, errors.followed),
            );
        }
        left_out(troubles.len().saturating_sub(MAX_TROUBLES), &mut text);
    }
    let retried = report.usage.tools.iter().filter(|tool| tool.retries.all > 0);
    for (index, tool) in retried.enumerate() {
        if index == 0 {
            text.push_str("\n### Retries\n\n");
        }
        let words = super::retries_in_words(&tool.retries);
        let _ = writeln!(text, "- {}: {words}", for_markdown_code(&tool.name));
    }
    let pairs = report.pairs();
    if !pairs.is_empty() {
        text.push_str("\n### May be taken for each other\n\n");
        for pair in pairs.iter().take(MAX_PAIRS) {
            let _ = writeln!(text, "- {}", for_markdown_message(&super::pair_in_words(pair, "`")));
        }
        left_out(pairs.len().saturating_sub(MAX_PAIRS), &mut text);
    }
    let remarks = report.remarks();
    if !remarks.is_empty() {
        text.push('\n');
        for remark in remarks {
            let _ = writeln!(text, "> {}", for_markdown(&remark));
        }
    }
    text
}

fn left_out(count: usize, text: &mut String) {
    if count > 0 {
        let _ = write!(text, "\n… and {count} more\n");
    }
}
