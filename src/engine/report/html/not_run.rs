//! The checks of a running server that were not made.

use super::{MAX_LINE, Sheet};
use crate::engine::report::{
    counted,
    escape::shorten,
    page::{Page, code, message},
};

/// How many reasons are shown, and tools with each.
const MAX_REASONS: usize = 100;
const MAX_TOOLS: usize = 20;

pub(super) fn section(sheet: &Sheet<'_>, page: &mut Page) {
    if sheet.not_run.is_empty() {
        return;
    }
    sheet.open_section("not-run", "Not run", page);
    page.add("<p>Nothing is known about what these checks would have found.</p>");
    page.add("<ul class=\"places\">");
    for group in sheet.not_run.iter().take(MAX_REASONS) {
        let mut subjects: Vec<String> =
            group.tools.iter().take(MAX_TOOLS).map(|name| sheet.tool(name)).collect();
        match group.tools.len().saturating_sub(MAX_TOOLS) {
            _ if subjects.is_empty() => subjects.push("the server".to_owned()),
            0 => {}
            rest => subjects.push(format!("{rest} more")),
        }
        let mut rules: Vec<String> = group.rules.iter().map(|rule| code(rule)).collect();
        if group.is_about_all() {
            rules.push(group.rules());
        }
        let reason = message(&shorten(group.reason, MAX_LINE));
        let (subjects, rules) = (subjects.join(", "), rules.join(", "));
        page.add(&format!("<li>{subjects}: {reason} <small>{rules}</small></li>"));
    }
    if sheet.not_run.len() > MAX_REASONS {
        let rest = counted(sheet.not_run.len() - MAX_REASONS, "more reason");
        page.add(&format!("<li>and {rest}</li>"));
    }
    page.add("</ul>\n</section>");
}
