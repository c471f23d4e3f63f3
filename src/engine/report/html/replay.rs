//! What was put to a server: the table of outcomes, what was done for a question, and each tool with all
//! of its questions.

use std::collections::HashMap;

use super::{MAX_LINE, Sheet, finding::said};
use crate::engine::{
    finding::verdict::{Verdict, VerdictOutcome},
    report::{
        counted,
        escape::{for_html, shorten},
        page::{Page, code, message, name_code},
        replay::{Cell, Replay, Standing, Tested, done},
    },
};

/// How many tools have a row.
const MAX_ROWS: usize = 200;
/// How many lines are shown of what was done for one question, and characters of each.
const MAX_LINES: usize = 40;
const MAX_HISTORY: usize = 300;

/// A row for each tool, with the worst outcome of each kind of question.
pub(super) fn outcomes(sheet: &Sheet<'_>, replay: &Replay, page: &mut Page) {
    if replay.tools.is_empty() {
        return;
    }
    sheet.open_section("outcomes", "Outcomes", page);
    let columns: Vec<&str> =
        ["Tool"].into_iter().chain(replay.aspects().iter().map(|it| it.as_str())).collect();
    page.open_table("Outcomes of the questions to each tool", "outcomes", &columns);
    let mut met = Vec::new();
    for tested in replay.tools.iter().take(MAX_ROWS) {
        let cells = replay.aspects().iter().map(|aspect| {
            let cell = sheet.report.cell(tested, *aspect);
            met.push(cell);
            let label = aspect.as_str();
            format!("<span class=\"label\" aria-hidden=\"true\">{label}</span> {}", badge(cell))
        });
        let figures = tested.figures().map(|it| format!("<small>{}</small>", said(it)));
        let header = format!("{}{}", sheet.tool(&tested.tool), figures.collect::<String>());
        page.table_row(&header, &cells.collect::<Vec<_>>());
    }
    page.close_table();
    if replay.tools.len() > MAX_ROWS {
        let rest = counted(replay.tools.len() - MAX_ROWS, "more tool");
        page.add(&format!("<p class=\"quiet\">And {rest}; --format json has all.</p>"));
    }
    let meanings = Cell::ALL.into_iter().filter(|cell| met.contains(cell));
    let meanings: Vec<String> =
        meanings.filter_map(|cell| Some(format!("{} {}", badge(cell), cell.meaning()?))).collect();
    if !meanings.is_empty() {
        page.add(&format!("<p class=\"legend\">{}</p>", meanings.join(" · ")));
    }
    page.add("</section>");
}

fn badge(cell: Cell) -> String {
    let (tone, word) = match cell {
        Cell::Failed => ("danger", "FAIL"),
        Cell::Inconclusive => ("careful", "?"),
        Cell::Blocked => ("neutral", "blocked"),
        Cell::Allowed => ("neutral", "allowed"),
        Cell::Passed => ("calm", "pass"),
        Cell::Nothing => return "–".to_owned(),
    };
    format!("<span class=\"badge {tone}\">{word}</span>")
}

/// How to do it again, and what was done.
pub(super) fn done_for(verdict: &Verdict, page: &mut Page) {
    page.add(&format!(
        "<p><strong>Again</strong></p>\n<pre class=\"again\" tabindex=\"0\"><code>{}</code></pre>",
        for_html(&verdict.again)
    ));
    let (lines, more) = done(verdict, MAX_LINES);
    if lines.is_empty() {
        return;
    }
    let lines: Vec<String> = lines.iter().map(|line| shorten(line, MAX_HISTORY)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).chain(more.as_deref()).collect();
    page.add(&format!(
        "<p><strong>What was done</strong></p>\n<pre tabindex=\"0\"><code>{}</code></pre>",
        for_html(&lines.join("\n"))
    ));
}

/// Every tool of the list, with every question that was put to it.
pub(super) fn tools(sheet: &Sheet<'_>, replay: &Replay, page: &mut Page) {
    let tools = &sheet.report.subject().surface.tools;
    if tools.is_empty() {
        return;
    }
    let mut findings: HashMap<(&str, &str), String> = HashMap::new();
    for group in &sheet.groups {
        for shown in sheet.shown(group) {
            if let Some(tool) = shown.finding.tool() {
                findings.insert((shown.finding.rule, tool), sheet.anchor(shown));
            }
        }
    }
    sheet.open_section("tools", "Tools", page);
    for (tool, anchor) in tools.iter().zip(&sheet.tools) {
        let name = name_code(&shorten(&tool.name, MAX_LINE));
        let tested = replay.tools.iter().find(|tested| tested.tool == tool.name);
        let left_out = replay.left_out.iter().find(|(name, _)| *name == tool.name);
        let aside = match (tested, left_out) {
            (Some(tested), _) => counted(tested.verdicts.len(), "question"),
            (None, Some(_)) => "not put to the test".to_owned(),
            (None, None) => "not asked for".to_owned(),
        };
        page.add(&format!(
            "<details class=\"tool\">\n<summary>{name} <span class=\"where\">{aside}</span>\
             </summary>\n<div class=\"body\" id=\"{anchor}\">"
        ));
        match (tested, left_out) {
            (Some(tested), _) => questions(sheet, tested, &findings, page),
            (None, Some((_, reason))) => page.add(&format!("<p>{}</p>", said(reason))),
            (None, None) => page.add("<p class=\"quiet\">The run was about other tools.</p>"),
        }
        page.add("</div>\n</details>");
    }
    if tools.len() > sheet.tools.len() {
        let rest = counted(tools.len() - sheet.tools.len(), "more tool");
        page.add(&format!("<p class=\"quiet\">And {rest}; the page is full.</p>"));
    }
    page.add("</section>");
}

fn questions(
    sheet: &Sheet<'_>,
    tested: &Tested,
    findings: &HashMap<(&str, &str), String>,
    page: &mut Page,
) {
    let origin = format!("arguments: {}", tested.origin);
    let said_of_it = std::iter::once(origin).chain(tested.counted_in_words());
    for line in said_of_it {
        page.add(&format!("<p class=\"quiet\">{}</p>", said(&line)));
    }
    page.add("<ul class=\"places questions\">");
    for verdict in &tested.verdicts {
        let (tone, word) = match verdict.outcome {
            VerdictOutcome::Passed => ("calm", "pass"),
            VerdictOutcome::Blocked => ("neutral", "blocked"),
            VerdictOutcome::Skipped => ("neutral", "skipped"),
            VerdictOutcome::Failed | VerdictOutcome::Inconclusive => {
                match (sheet.report.standing(verdict), verdict.outcome) {
                    (Standing::Allowed(_), _) => ("neutral", "allowed"),
                    (Standing::Off, _) => ("neutral", "off"),
                    (Standing::Open(_), VerdictOutcome::Failed) => ("danger", "FAIL"),
                    (Standing::Open(_), _) => ("careful", "inconclusive"),
                }
            }
        };
        let rule = match findings.get(&(verdict.rule, tested.tool.as_str())) {
            Some(anchor) => format!("<a href=\"#{anchor}\">{}</a>", code(verdict.rule)),
            None => code(verdict.rule),
        };
        let reason = message(&shorten(&verdict.reason, MAX_LINE));
        page.add(&format!(
            "<li><span class=\"badge {tone}\">{word}</span> {rule} <small>{reason}</small></li>"
        ));
    }
    page.add("</ul>");
}
