//! The tools: what each says of itself, what it costs, and what was found about it.

use std::collections::HashMap;

use super::{MAX_LINE, Sheet, finding::Shown};
use crate::engine::{
    report::{
        counted,
        escape::{for_html, for_json, shorten},
        grouped,
        page::{Page, code, message, name_code, one_line, prose},
        reference::html::effects,
    },
    surface::Tool,
};

/// How many tools are shown.
pub(super) const MAX_TOOLS: usize = 500;
/// How many findings of a tool are listed.
const MAX_FINDINGS: usize = 20;
/// Characters of the message of one of them.
const MAX_MESSAGE: usize = 160;
/// Characters of a description, and of a definition.
const MAX_DESCRIPTION: usize = 3_000;
const MAX_DEFINITION: usize = 6_000;

pub(super) fn section(sheet: &Sheet<'_>, page: &mut Page) {
    let tools = &sheet.report.subject().surface.tools;
    if tools.is_empty() {
        return;
    }
    sheet.open_section("tools", "Tools", page);
    let findings = findings(sheet);
    for (tool, anchor) in tools.iter().zip(&sheet.tools) {
        let found = findings.get(tool.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        item(sheet, tool, anchor, found, page);
    }
    if tools.len() > sheet.tools.len() {
        let rest = counted(tools.len() - sheet.tools.len(), "more tool");
        page.add(&format!("<p class=\"quiet\">And {rest}; the page is full.</p>"));
    }
    page.add("</section>");
}

/// The findings about each tool that have a place on the page, each with its tone.
type Found<'a> = Vec<(&'static str, &'a Shown<'a>)>;

fn findings<'a>(sheet: &'a Sheet<'_>) -> HashMap<&'a str, Found<'a>> {
    let mut findings: HashMap<&str, Found<'_>> = HashMap::new();
    for group in &sheet.groups {
        for shown in sheet.shown(group) {
            for tool in shown.finding.tools() {
                findings.entry(tool).or_default().push((group.tone, shown));
            }
        }
    }
    findings
}

fn item(
    sheet: &Sheet<'_>,
    tool: &Tool,
    anchor: &str,
    found: &[(&'static str, &Shown<'_>)],
    page: &mut Page,
) {
    let tokens = tool.tokens();
    let marks = ["danger", "careful", "neutral"].map(|tone| {
        let count = found.iter().filter(|(of, shown)| *of == tone && shown.allowed.is_none());
        let what = match tone {
            "danger" => "error",
            "careful" => "warning",
            _ => "info",
        };
        match count.count() {
            0 => String::new(),
            count => format!(" <span class=\"badge {tone}\">{}</span>", counted(count, what)),
        }
    });
    page.add(&format!(
        "<details class=\"tool\">\n<summary>{}{} <span class=\"where\">{}</span></summary>\n\
         <div class=\"body\" id=\"{anchor}\">",
        name_code(&shorten(&tool.name, MAX_LINE)),
        marks.concat(),
        counted(tokens.model, "token"),
    ));
    if let Some(title) = tool.title.as_deref().filter(|title| !title.trim().is_empty()) {
        let title = for_html(&one_line(&shorten(title, MAX_LINE)));
        page.add(&format!("<p class=\"title\" dir=\"auto\">{title}</p>"));
    }
    page.add(&format!("<p class=\"badges\">{}</p>", effects(&tool.annotations)));
    match tool.description.as_deref().filter(|description| !description.trim().is_empty()) {
        Some(description) => {
            page.add(&prose(&shorten(description.trim(), MAX_DESCRIPTION)));
            let length = description.chars().count();
            if length > MAX_DESCRIPTION {
                let (shown, all) = (grouped(MAX_DESCRIPTION), grouped(length));
                page.add(&format!("<p class=\"quiet\">{shown} of {all} characters.</p>"));
            }
        }
        None => page.add("<p class=\"quiet\">No description.</p>"),
    }
    if !found.is_empty() {
        page.add("<ul class=\"places\">");
        for (_, shown) in found.iter().take(MAX_FINDINGS) {
            let message = message(&shorten(&shown.finding.message, MAX_MESSAGE));
            let allowed = if shown.allowed.is_some() { ", allowed" } else { "" };
            page.add(&format!(
                "<li><a href=\"#{}\">{message}</a> <small>{}{allowed}</small></li>",
                sheet.anchor(shown),
                shown.finding.rule
            ));
        }
        if found.len() > MAX_FINDINGS {
            let rest = counted(found.len() - MAX_FINDINGS, "more finding");
            page.add(&format!("<li>and {rest}</li>"));
        }
        page.add("</ul>");
    }
    let definition = serde_json::to_string_pretty(tool.value()).expect("a value becomes JSON");
    let definition = for_html(&for_json(&shorten(&definition, MAX_DEFINITION)));
    page.add(&format!(
        "<details class=\"definition\">\n<summary>Definition</summary>\n\
         <pre tabindex=\"0\"><code>{definition}</code></pre>\n</details>"
    ));
    let (model, wire) = (grouped(tokens.model), grouped(tokens.wire));
    page.add(&format!(
        "<p class=\"quiet\">Cost: {model} tokens before the model, {wire} on the wire · {}</p>\n\
         </div>\n</details>",
        code(tool.pointer.as_str())
    ));
}
