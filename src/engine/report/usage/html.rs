//! The report as one HTML page with plots that needs nothing else: no scripts, no network.
//!
//! Each plot is a bar in a table row, an SVG of its own, so that names and figures are text that can
//! be read aloud and copied, and stay legible on a narrow screen.

use super::{
    MAX_PAIRS, MAX_TROUBLES, Report,
    amount::{mean, number, percent, time},
    other_tools,
};
use crate::engine::{
    report::{
        escape::{for_html, shorten},
        page::{Page, code, message, name_code},
    },
    usage::{ErrorFigures, ToolUsage},
};

const STYLE: &str = include_str!("style.css");
/// Most tools with a row of their own in each table.
const MAX_ROWS: usize = 200;
/// Characters of a name.
const MAX_NAME: usize = 200;
/// The width of the longest bar, in units of the drawing.
const WIDTH: u64 = 1_000;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut page = Page::open("Usage – mcp-kit usage", STYLE);
    navigation(report, &mut page);
    page.add("<main id=\"content\" tabindex=\"-1\">");
    page.add(
        "<header>\n<p class=\"kicker\">mcp-kit usage</p>\n<h1>What the tools are used for</h1>",
    );
    page.add(&format!("<p>{}</p>", for_html(&report.extent())));
    for remark in report.remarks() {
        page.add(&format!("<p class=\"quiet\">{}</p>", message(&remark)));
    }
    page.add("</header>");
    calls(report, &mut page);
    never(report, &mut page);
    times(report, &mut page);
    tokens(report, &mut page);
    errors(report, &mut page);
    retries(report, &mut page);
    pairs(report, &mut page);
    page.close()
}

fn navigation(report: &Report<'_>, page: &mut Page) {
    page.add("<nav aria-label=\"Contents\">\n<p><a href=\"#content\">Summary</a></p>");
    let sections = [
        ("calls", "Calls", report.usage.calls > 0),
        ("never", "Never called, never correct", has_never(report)),
        ("times", "Time", has_times(report)),
        ("tokens", "Tokens returned", report.usage.calls > 0),
        ("errors", "After an error", !report.troubles().is_empty()),
        ("retries", "Retries", has_retries(report)),
        ("pairs", "Taken for each other", !report.pairs().is_empty()),
    ];
    for (id, title, _) in sections.into_iter().filter(|(.., is_there)| *is_there) {
        page.add(&format!("<p><a href=\"#{id}\">{title}</a></p>"));
    }
    page.add("</nav>");
}

fn open(id: &str, title: &str, page: &mut Page) {
    page.add(&format!("<section id=\"{id}\" aria-labelledby=\"{id}-title\">"));
    page.add(&format!("<h2 id=\"{id}-title\">{title}</h2>"));
}

fn name(name: &str) -> String {
    name_code(&shorten(name, MAX_NAME))
}

fn called<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a ToolUsage> {
    report.usage.tools.iter().filter(|tool| tool.calls > 0)
}

/// Bars beside each other in one drawing: a class and a length for each.
fn bar(parts: &[(&str, u64)], most: u64) -> String {
    let scaled =
        |count: u64| (u128::from(count) * u128::from(WIDTH)).div_ceil(u128::from(most.max(1)));
    let mut drawing = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 12\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\">"
    );
    let mut start = 0;
    for (class, count) in parts {
        let end = scaled(start + count);
        let begin = scaled(start);
        if end > begin {
            let width = end - begin;
            drawing.push_str(&format!(
                "<rect class=\"{class}\" x=\"{begin}\" width=\"{width}\" height=\"12\"/>"
            ));
        }
        start += count;
    }
    drawing.push_str("</svg>");
    drawing
}

/// A figure with what it is called, which is only shown where the cells of a row stand under each
/// other and the head of the column is out of sight.
fn figure(label: &str, figure: &str) -> String {
    format!("<span class=\"label\" aria-hidden=\"true\">{label}</span> {figure}")
}

/// What is behind the rows that are shown.
fn more(count: usize, columns: usize, page: &mut Page) {
    if count > MAX_ROWS {
        let cells = vec![String::new(); columns];
        page.table_row(&super::super::counted(count - MAX_ROWS, "more tool"), &cells);
    }
}

fn calls(report: &Report<'_>, page: &mut Page) {
    let Some(most) = called(report).map(|tool| tool.calls).max() else { return };
    open("calls", "Calls", page);
    page.add(
        "<p class=\"legend\"><span class=\"swatch good\"></span> answered \
         <span class=\"swatch other\"></span> asked for input, became a task, or not answered \
         <span class=\"swatch bad\"></span> errors</p>",
    );
    let columns = ["Tool", "Outcome", "Calls", "Errors", "Wrong arguments"];
    page.open_table("Calls of the tools", "usage", &columns);
    for tool in called(report).take(MAX_ROWS) {
        let other = tool.input_required + tool.tasks + tool.unanswered;
        let bar = bar(&[("good", tool.succeeded), ("other", other), ("bad", tool.failed)], most);
        let invalid = match tool.invalid.calls {
            0 => "0".to_owned(),
            calls => format!(
                "{} <small>{} said by the server, {} by the schema</small>",
                number(calls),
                number(tool.invalid.said_by_server),
                number(tool.invalid.refused_by_schema)
            ),
        };
        let sessions = super::super::counted(tool.sessions as usize, "session");
        let calls = format!("{} <small>{sessions}</small>", number(tool.calls));
        let failed =
            format!("{} <small>{}</small>", number(tool.failed), percent(tool.failed, tool.calls));
        let listed = match tool.is_listed {
            Some(false) => " <small class=\"badge careful\">in no list</small>",
            _ => "",
        };
        let title = format!("{}{listed}", name(&tool.name));
        let cells = [
            bar,
            figure("calls", &calls),
            figure("errors", &failed),
            figure("wrong arguments", &invalid),
        ];
        page.table_row(&title, &cells);
    }
    more(called(report).count(), 4, page);
    page.close_table();
    page.add("</section>");
}

fn has_never(report: &Report<'_>) -> bool {
    !report.never_called().is_empty() || !report.never_correct().is_empty()
}

fn never(report: &Report<'_>, page: &mut Page) {
    if !has_never(report) {
        return;
    }
    open("never", "Never called, never correct", page);
    let never_called: Vec<String> =
        report.never_called().into_iter().take(MAX_ROWS).map(name).collect();
    if !never_called.is_empty() {
        page.add(&format!("<p>Listed and never called: {}.</p>", never_called.join(", ")));
    }
    let never_correct: Vec<String> = report
        .never_correct()
        .into_iter()
        .take(MAX_ROWS)
        .map(|(tool, calls)| format!("{} ({})", name(tool), number(calls)))
        .collect();
    if !never_correct.is_empty() {
        let names = never_correct.join(", ");
        page.add(&format!("<p>Called, and only answered with errors: {names}.</p>"));
    }
    page.add("</section>");
}

fn has_times(report: &Report<'_>) -> bool {
    called(report).any(|tool| tool.time_us.count() > 0)
}

fn times(report: &Report<'_>, page: &mut Page) {
    if !has_times(report) {
        return;
    }
    open("times", "Time", page);
    page.add(
        "<p class=\"legend\"><span class=\"swatch good\"></span> half of the answers \
         <span class=\"swatch other\"></span> 95 of 100. Percentiles are right within one part in \
         64.</p>",
    );
    page.open_table(
        "Time of the tools",
        "usage",
        &["Tool", "p50 and p95", "p50", "p95", "Longest"],
    );
    let p95 = |tool: &ToolUsage| tool.time_us.percentile(95).unwrap_or_default();
    let most = called(report).map(p95).max().unwrap_or_default();
    let mut tools: Vec<&ToolUsage> =
        called(report).filter(|tool| tool.time_us.count() > 0).collect();
    tools.sort_by_key(|tool| std::cmp::Reverse(p95(tool)));
    for tool in tools.iter().take(MAX_ROWS) {
        let p50 = tool.time_us.percentile(50).unwrap_or_default();
        let bar = bar(&[("good", p50), ("other", p95(tool).saturating_sub(p50))], most);
        let cells = [
            bar,
            figure("p50", &time(p50)),
            figure("p95", &time(p95(tool))),
            figure("longest", &time(tool.time_us.max())),
        ];
        page.table_row(&name(&tool.name), &cells);
    }
    more(tools.len(), 4, page);
    page.close_table();
    page.add("</section>");
}

fn tokens(report: &Report<'_>, page: &mut Page) {
    let Some(most) = called(report).map(|tool| tool.returned.tokens()).max() else { return };
    open("tokens", "Tokens returned", page);
    page.open_table(
        "Tokens that the tools return",
        "usage",
        &["Tool", "Share", "Tokens", "An answer"],
    );
    let mut tools: Vec<&ToolUsage> = called(report).collect();
    tools.sort_by_key(|tool| std::cmp::Reverse(tool.returned.tokens()));
    for tool in tools.iter().take(MAX_ROWS) {
        let tokens = tool.returned.tokens();
        let each = tokens.checked_div(tool.returned.answers).map_or("–".to_owned(), number);
        let sign = if tool.returned.is_exact() { "" } else { "about " };
        let cells = [
            bar(&[("good", tokens)], most),
            figure("tokens", &format!("{sign}{}", number(tokens))),
            figure("an answer", &each),
        ];
        page.table_row(&name(&tool.name), &cells);
    }
    more(tools.len(), 3, page);
    page.close_table();
    page.add("</section>");
}

fn errors(report: &Report<'_>, page: &mut Page) {
    let troubles = report.troubles();
    if troubles.is_empty() {
        return;
    }
    open("errors", "After an error", page);
    page.add(
        "<p>How many other tools are tried after an error until something succeeds or the session \
         ends: the darker, the more.</p>",
    );
    let columns = ["Tool and error", "Other tools tried", "Times", "On average", "Then success"];
    page.open_table("What is done after an error", "usage", &columns);
    for trouble in troubles.iter().take(MAX_TROUBLES) {
        let errors = trouble.errors;
        let title = format!(
            "{} <small>{}</small>",
            name(trouble.tool),
            code(&shorten(&errors.code, MAX_NAME))
        );
        let cells = [
            lengths(errors),
            figure("times", &number(errors.count)),
            figure("on average", &mean(errors)),
            figure("then success", &percent(errors.ended_in_success, errors.followed)),
        ];
        page.table_row(&title, &cells);
    }
    page.close_table();
    page.add("</section>");
}

/// The distribution as a bar of shades, and in words.
fn lengths(errors: &ErrorFigures) -> String {
    const SHADES: [&str; 4] = ["good", "some", "many", "bad"];
    let parts = errors.other_tools.iter().enumerate();
    let parts: Vec<_> = parts.map(|(index, count)| (SHADES[index.min(3)], *count)).collect();
    let words = errors.other_tools.iter().enumerate().filter(|(_, count)| **count > 0);
    let words: Vec<String> = words
        .map(|(index, count)| format!("{} × {}", number(*count), other_tools(index)))
        .collect();
    format!("{} <small>{}</small>", bar(&parts, errors.followed), words.join(", "))
}

fn has_retries(report: &Report<'_>) -> bool {
    called(report).any(|tool| tool.retries.all > 0)
}

fn retries(report: &Report<'_>, page: &mut Page) {
    if !has_retries(report) {
        return;
    }
    open("retries", "Retries", page);
    page.add(
        "<p class=\"legend\"><span class=\"swatch good\"></span> with the same key \
         <span class=\"swatch bad\"></span> with a new key \
         <span class=\"swatch other\"></span> without a key</p>",
    );
    page.open_table("Retries", "usage", &["Tool", "Key", "Retries", "May be done twice"]);
    let mut tools: Vec<&ToolUsage> = called(report).filter(|tool| tool.retries.all > 0).collect();
    tools.sort_by_key(|tool| std::cmp::Reverse((tool.retries.at_risk, tool.retries.all)));
    let most = tools.iter().map(|tool| tool.retries.all).max().unwrap_or_default();
    for tool in tools.iter().take(MAX_ROWS) {
        let retries = &tool.retries;
        let parts =
            [("good", retries.same_key), ("bad", retries.new_key), ("other", retries.without_key)];
        let cells = [
            bar(&parts, most),
            figure("retries", &number(retries.all)),
            figure("may be done twice", &number(retries.at_risk)),
        ];
        page.table_row(&name(&tool.name), &cells);
    }
    more(tools.len(), 3, page);
    page.close_table();
    page.add("</section>");
}

fn pairs(report: &Report<'_>, page: &mut Page) {
    let pairs = report.pairs();
    if pairs.is_empty() {
        return;
    }
    open("pairs", "Taken for each other", page);
    page.add(
        "<p>The first tool fails because of its arguments and the other one succeeds with the same \
         value, or the two are called one right after the other with the same values. The second \
         is a hint only: the next step of a task looks the same.</p>",
    );
    let columns = ["First", "Then", "After a failure", "Same values"];
    page.open_table("Tools that may be taken for each other", "usage", &columns);
    for pair in pairs.iter().take(MAX_PAIRS) {
        let cells = [
            figure("then", &name(&pair.then)),
            figure("after a failure", &number(pair.after_failure)),
            figure("same values", &number(pair.same_values)),
        ];
        page.table_row(&name(&pair.first), &cells);
    }
    page.close_table();
    page.add("</section>");
}
