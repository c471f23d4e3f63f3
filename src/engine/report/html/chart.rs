//! What the tools cost, as bars: the most expensive ones, and the rest in one figure.
//!
//! Each bar is an SVG of its own in a table, so that names and figures are text that can be read
//! aloud, copied, and stays legible on a narrow screen.

use std::cmp::Reverse;

use super::{Sheet, grouped};
use crate::engine::{report::page::Page, surface::Tokens};

/// How many tools have a bar of their own.
const MAX_BARS: usize = 20;
/// The width of the longest bar, in units of the drawing.
const WIDTH: usize = 1_000;

pub(super) fn section(sheet: &Sheet<'_>, page: &mut Page) {
    let surface = sheet.report.subject().surface;
    if surface.tools.is_empty() {
        return;
    }
    let mut tools: Vec<_> = surface.tools.iter().collect();
    tools.sort_by_key(|tool| Reverse(tool.tokens().model));
    let (shown, rest) = tools.split_at(tools.len().min(MAX_BARS));
    let total = surface.tokens();
    sheet.open_section("cost", "Token cost", page);
    page.add(&format!(
        "<p>{} tokens before the model, {} on the wire (o200k_base).</p>",
        grouped(total.model),
        grouped(total.wire)
    ));
    page.add(
        "<p class=\"legend\"><span class=\"swatch model\"></span> before the model: name, \
         description, input schema <span class=\"swatch wire\"></span> on the wire besides</p>",
    );
    page.open_table("Token cost of the tools", "cost", &["Tool", "Cost", "Tokens"]);
    let most = shown.iter().map(|tool| tool.tokens().wire).max().unwrap_or_default();
    for tool in shown {
        let bar = bar(tool.tokens(), most);
        page.table_row(&sheet.tool(&tool.name), &[bar, figure(tool.tokens(), total)]);
    }
    if !rest.is_empty() {
        // Without a bar: it would be the longest, and nothing could be seen of the others.
        let name = super::counted(rest.len(), "more tool");
        let tokens = rest.iter().map(|tool| tool.tokens()).sum();
        page.table_row(&name, &[String::new(), figure(tokens, total)]);
    }
    page.close_table();
    page.add("</section>");
}

fn figure(tokens: Tokens, total: Tokens) -> String {
    let share = tokens.model * 100 / total.model.max(1);
    let (model, wire) = (grouped(tokens.model), grouped(tokens.wire));
    format!("{model} <small>{share} %, {wire} on the wire</small>")
}

fn bar(tokens: Tokens, most: usize) -> String {
    let width = |count: usize| (count * WIDTH).div_ceil(most.max(1));
    let (model, wire) = (width(tokens.model), width(tokens.wire));
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 12\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><rect class=\"wire\" width=\"{wire}\" height=\"12\"/>\
         <rect class=\"model\" width=\"{model}\" height=\"12\"/></svg>"
    )
}
