//! The rules that found something: why they exist, and how to allow what they find.

use super::{Sheet, finding::said};
use crate::engine::{
    report::{
        escape::for_html,
        page::{Page, message},
        rule_page::allow_entry,
    },
    rule::{self, page::section as part},
};

/// The anchor of a rule.
pub(super) fn anchor(id: &str) -> String {
    format!("rule-{}", id.replace('/', "-"))
}

pub(super) fn section(sheets: &[Sheet<'_>], page: &mut Page) {
    let mut ids: Vec<&str> = Vec::new();
    let groups = sheets.iter().flat_map(|sheet| &sheet.groups);
    for shown in groups.flat_map(|group| &group.findings) {
        if !ids.contains(&shown.finding.rule) {
            ids.push(shown.finding.rule);
        }
    }
    if ids.is_empty() {
        return;
    }
    page.add("<section id=\"rules\">\n<h2>Rules</h2>");
    for id in ids {
        let anchor = anchor(id);
        page.add(&format!(
            "<details class=\"tool\">\n<summary><code>{id}</code></summary>\n\
             <div class=\"body\" id=\"{anchor}\">"
        ));
        if let Some(rule) = rule::find(id) {
            page.add(&format!("<p>{}</p>", said(rule.summary())));
            page.add(&paragraphs(part(rule.documentation, "Why").unwrap_or_default()));
            page.add(&format!("<p class=\"fix\"><strong>Fix</strong> {}</p>", said(rule.help)));
            if let Some(entry) = allow_entry(rule) {
                page.add(&format!(
                    "<p>To live with it, in <code>mcp-kit.toml</code>:</p>\n\
                     <pre tabindex=\"0\"><code>{}</code></pre>",
                    for_html(&entry)
                ));
            }
        }
        page.add("</div>\n</details>");
    }
    page.add("</section>");
}

/// A section of a rule's documentation, which is Markdown of paragraphs, lists, code blocks and
/// code in backticks.
fn paragraphs(markdown: &str) -> String {
    let mut html = String::new();
    for block in markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        if let Some(code) = block.strip_prefix("```") {
            let code = code.split_once('\n').map_or("", |(_, code)| code).trim_end_matches("```");
            html.push_str(&format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", for_html(code)));
        } else if let Some(items) = block.strip_prefix("- ") {
            let items = items.split("\n- ").map(|item| format!("<li>{}</li>", message(item)));
            html.push_str(&format!("<ul class=\"places\">{}</ul>\n", items.collect::<String>()));
        } else {
            html.push_str(&format!("<p>{}</p>\n", message(block)));
        }
    }
    html
}
