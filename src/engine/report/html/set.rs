//! Several servers on one page: the table of all, what could not be read, and then each server.

use super::{
    MAX_LINE, STYLE, Sheet, counted, facts_list, finding::said, for_html, grouped, one_line, rule,
    sections, shorten, tile, verdict,
};
use crate::engine::{
    finding::Severity,
    report::{
        page::{Anchors, Page, code, prose},
        set::{Failed, Outcome, Set, SetServer, numbers},
    },
};

/// Characters of what a server wrote to standard error.
const MAX_STDERR: usize = 4_000;

/// The whole page.
pub(in crate::engine::report) fn render(set: &Set<'_>) -> String {
    let mut anchors = Anchors::default();
    let of_servers: Vec<String> =
        set.servers.iter().map(|server| anchors.next("server", server.name)).collect();
    let mut sheets = Vec::new();
    for (server, anchor) in set.servers.iter().zip(&of_servers) {
        if let Outcome::Examined(report) = &server.outcome {
            let prefix = format!("{anchor}-");
            sheets.push(Sheet::of_several(report, prefix, set.servers.len(), &mut anchors));
        }
    }
    let mut page = Page::open("All servers – mcp-kit lint", STYLE);
    navigation(set, &of_servers, !sheets.is_empty(), &mut page);
    page.add("<main id=\"content\" tabindex=\"-1\">");
    header(set, &of_servers, &mut page);
    let mut left = sheets.iter();
    for (server, anchor) in set.servers.iter().zip(&of_servers) {
        page.add(&format!(
            "<section id=\"{anchor}\">\n<h2 dir=\"auto\">{}</h2>",
            for_html(&one_line(&shorten(server.name, MAX_LINE)))
        ));
        match &server.outcome {
            Outcome::Failed(failed) => failure(server, failed, &mut page),
            Outcome::Examined(report) => {
                let (class, verdict) = verdict(report);
                page.add(&format!("<p class=\"verdict {class}\">{verdict}</p>"));
                facts_list(report, &mut page);
                if let Some(sheet) = left.next() {
                    sections(sheet, &mut page);
                }
            }
        }
        page.add("</section>");
    }
    rule::section(&sheets, &mut page);
    page.close()
}

fn navigation(set: &Set<'_>, anchors: &[String], has_rules: bool, page: &mut Page) {
    page.add("<nav aria-label=\"Contents\">\n<p><a href=\"#content\">Summary</a></p>\n<ul>");
    for (server, anchor) in set.servers.iter().zip(anchors) {
        let name = crate::engine::report::page::link(&shorten(server.name, MAX_LINE), anchor);
        page.add(&format!("<li>{name}</li>"));
    }
    page.add("</ul>");
    if has_rules && set.examined().any(|(_, report)| !report.open.is_empty()) {
        page.add("<p><a href=\"#rules\">Rules</a></p>");
    }
    page.add("</nav>");
}

fn header(set: &Set<'_>, anchors: &[String], page: &mut Page) {
    let servers = counted(set.servers.len(), "server");
    page.add(&format!("<header>\n<p class=\"kicker\">mcp-kit lint --all</p>\n<h1>{servers}</h1>"));
    let failed = set.failed().count();
    let (class, verdict) = match (set.fails(), failed) {
        (true, _) => ("danger", "Fails.".to_owned()),
        (false, 0) => ("calm", "Passes.".to_owned()),
        (false, failed) => ("careful", format!("{} could not be read.", counted(failed, "server"))),
    };
    page.add(&format!("<p class=\"verdict {class}\">{verdict}</p>\n<ul class=\"tiles\">"));
    let counts = [
        ("danger", set.count(Severity::Error), "Errors"),
        ("careful", set.count(Severity::Warning), "Warnings"),
        ("neutral", set.count(Severity::Info), "Information"),
        ("danger", failed, "Not read"),
    ];
    for (tone, count, title) in counts.into_iter().filter(|(_, count, _)| *count > 0) {
        page.add(&tile(tone, "#content", count, title));
    }
    page.add("</ul>");
    let columns = ["Server", "Tools", "Tokens", "Errors", "Warnings", "Information"];
    page.open_table("Servers", "servers", &columns);
    for (server, anchor) in set.servers.iter().zip(anchors) {
        row(server, anchor, page);
    }
    let sums = [
        set.tools(),
        set.tokens().model,
        set.count(Severity::Error),
        set.count(Severity::Warning),
        set.count(Severity::Info),
    ];
    page.table_row("All", &cells(sums));
    page.close_table();
    let beyond: Vec<String> =
        set.reaches().iter().filter(|reach| reach.is_beyond()).map(ToString::to_string).collect();
    if !beyond.is_empty() {
        page.add("<ul class=\"places\">");
        for line in beyond {
            page.add(&format!("<li>{}</li>", for_html(&line)));
        }
        page.add("</ul>");
    }
    page.add("</header>");
}

fn row(server: &SetServer<'_>, anchor: &str, page: &mut Page) {
    let name = code(&shorten(server.name, MAX_LINE));
    let same = server
        .same_as
        .map(|other| format!(" <small>the same as {}</small>", code(&shorten(other, MAX_LINE))));
    let name = format!("<a href=\"#{anchor}\">{name}</a>{}", same.unwrap_or_default());
    match &server.outcome {
        Outcome::Examined(report) => page.table_row(&name, &cells(numbers(report))),
        Outcome::Failed(_) => {
            let empty = ["not read", "", "", "", ""].map(str::to_owned);
            page.table_row(&name, &empty);
        }
    }
}

/// The figures of a row, each with its noun for a narrow screen, where the head is not shown.
fn cells(numbers: [usize; 5]) -> [String; 5] {
    let nouns = ["tool", "token", "error", "warning", "info"];
    let mut nouns = nouns.into_iter();
    numbers.map(|number| {
        let noun = nouns.next().unwrap_or_default();
        let ending = if number == 1 { "" } else { "s" };
        format!("{} <small>{noun}{ending}</small>", grouped(number))
    })
}

fn failure(server: &SetServer<'_>, failed: &Failed<'_>, page: &mut Page) {
    page.add("<p class=\"verdict danger\">Not read.</p>");
    let place = code(&shorten(failed.place.unwrap_or(server.place), MAX_LINE));
    page.add(&format!("<p>{place}: {}</p>", said(failed.message)));
    if let Some(help) = failed.help {
        page.add(&format!("<p class=\"fix\"><strong>Fix</strong> {}</p>", said(help)));
    }
    if !failed.stderr.is_empty() {
        page.add("<p>Its last words on standard error:</p>");
        page.add(&prose(&shorten(&failed.stderr.join("\n"), MAX_STDERR)));
    }
}
