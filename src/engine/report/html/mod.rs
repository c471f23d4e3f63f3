//! The report as one HTML page that needs nothing else: no scripts, no network.
//!
//! Findings and tools are `<details>`, which a keyboard opens; everything else is links inside the
//! page. What a server can make long is shortened and counted, so that the page stays one that a
//! browser opens. Read [`render`] first, then `sheet`, and `finding`, `tool`, `chart`, `rule`,
//! `not_run`, `split` and `replay`, which write the sections; `set` puts several servers on one page.

mod chart;
mod finding;
mod not_run;
mod replay;
mod rule;
pub(super) mod set;
mod sheet;
mod split;
#[cfg(test)]
pub(super) mod tests;
mod tool;

use self::sheet::Sheet;
use super::{
    Examined, Level, Report, Source, counted,
    escape::{for_html, shorten},
    grouped,
    page::{Page, code, one_line},
    recorded,
    text::advice,
};
use crate::engine::finding::Severity;

const STYLE: &str = include_str!("style.css");
/// Characters of one line that a server wrote: a name, a message.
const MAX_LINE: usize = 400;

/// The whole page.
pub fn render(report: &Report<'_>) -> String {
    let sheet = Sheet::of(report);
    let title = format!("{} – mcp-kit {}", name(report), report.command());
    let mut page = Page::open(&one_line(&title), STYLE);
    navigation(&sheet, &mut page);
    page.add("<main id=\"content\" tabindex=\"-1\">");
    header(&sheet, &mut page);
    sections(&sheet, &mut page);
    rule::section(&[sheet], &mut page);
    page.close()
}

/// All about one server.
fn sections(sheet: &Sheet<'_>, page: &mut Page) {
    if let Some(replay) = sheet.report.replay() {
        replay::outcomes(sheet, replay, page);
        finding::sections(sheet, page);
        not_run::section(sheet, page);
        replay::tools(sheet, replay, page);
        return;
    }
    chart::section(sheet, page);
    if let Some(plan) = sheet.plan() {
        split::section(sheet, plan, page);
    }
    finding::sections(sheet, page);
    not_run::section(sheet, page);
    tool::section(sheet, page);
}

fn navigation(sheet: &Sheet<'_>, page: &mut Page) {
    page.add("<nav aria-label=\"Contents\">\n<p><a href=\"#content\">Summary</a></p>");
    let surface = sheet.report.subject().surface;
    match sheet.report.replay() {
        Some(replay) if !replay.tools.is_empty() => {
            page.add("<p><a href=\"#outcomes\">Outcomes</a></p>");
        }
        None if !surface.tools.is_empty() => {
            page.add("<p><a href=\"#cost\">Token cost</a></p>");
        }
        _ => {}
    }
    if sheet.plan().is_some() {
        page.add("<p><a href=\"#split\">Split plan</a></p>");
    }
    for group in &sheet.groups {
        let (id, title, count) = (group.id, group.title, grouped(group.findings.len()));
        page.add(&format!("<p><a href=\"#{id}\">{title}</a> <small>{count}</small></p>"));
    }
    if !sheet.not_run.is_empty() {
        page.add("<p><a href=\"#not-run\">Not run</a></p>");
    }
    if !surface.tools.is_empty() {
        let count = grouped(surface.tools.len());
        page.add(&format!("<p><a href=\"#tools\">Tools</a> <small>{count}</small></p>\n<ul>"));
        for (tool, anchor) in surface.tools.iter().zip(&sheet.tools) {
            let name = super::page::link(&shorten(&tool.name, MAX_LINE), anchor);
            page.add(&format!("<li>{name}</li>"));
        }
        page.add("</ul>");
    }
    if !sheet.groups.is_empty() {
        page.add("<p><a href=\"#rules\">Rules</a></p>");
    }
    page.add("</nav>");
}

fn header(sheet: &Sheet<'_>, page: &mut Page) {
    let report = sheet.report;
    page.add(&format!(
        "<header>\n<p class=\"kicker\">mcp-kit {}</p>\n<h1 dir=\"auto\">{}</h1>",
        report.command(),
        for_html(&one_line(&shorten(name(report), MAX_LINE)))
    ));
    let (class, verdict) = verdict(report);
    page.add(&format!("<p class=\"verdict {class}\">{verdict}</p>"));
    if !sheet.groups.is_empty() {
        page.add("<ul class=\"tiles\">");
        for group in &sheet.groups {
            let href = format!("#{}", group.id);
            page.add(&tile(group.tone, &href, group.findings.len(), group.title));
        }
        page.add("</ul>");
    }
    facts_list(report, page);
    page.add("</header>");
}

/// How many there are of something, in a box that leads to it.
fn tile(tone: &str, href: &str, count: usize, title: &str) -> String {
    let count = grouped(count);
    format!("<li class=\"{tone}\"><a href=\"{href}\"><strong>{count}</strong> {title}</a></li>")
}

fn facts_list(report: &Report<'_>, page: &mut Page) {
    page.add("<dl class=\"facts\">");
    for (label, value) in facts(report) {
        page.add(&format!("<div><dt>{label}</dt><dd>{value}</dd></div>"));
    }
    page.add("</dl>");
}

/// What the server calls itself, else the target.
fn name<'a>(report: &Report<'a>) -> &'a str {
    let Source { surface, origin } = report.subject();
    let said = |name: &'a Option<String>| name.as_deref().filter(|name| !name.trim().is_empty());
    said(&surface.server.title).or(said(&surface.server.name)).unwrap_or(&origin.name)
}

fn verdict(report: &Report<'_>) -> (&'static str, String) {
    let counts: Vec<String> = report.counts().into_iter().map(|(_, count)| count).collect();
    let found = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    if report.replay().is_some_and(|replay| replay.is_empty()) {
        return ("danger", "Fails: nothing was answered.".to_owned());
    }
    match report.fails() {
        true => ("danger", format!("Fails: {found}.")),
        false => ("calm", format!("Passes: {found}.")),
    }
}

/// What was looked at and how, label by label; the values are markup.
fn facts(report: &Report<'_>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    match report.examined {
        Examined::Surface { source, profile, .. } => {
            facts.push(("Target", target(source)));
            if let Some(version) = &source.surface.server.version {
                facts.push(("Version", code(&shorten(version, MAX_LINE))));
            }
            if let Some(revision) = &source.surface.server.revision_text {
                facts.push(("Protocol revision", code(&shorten(revision, MAX_LINE))));
            }
            facts.push(("Profile", profile.to_owned()));
        }
        Examined::Replay { source, replay } => {
            facts.push(("Target", target(source)));
            if let Some(version) = &source.surface.server.version {
                facts.push(("Version", code(&shorten(version, MAX_LINE))));
            }
            let recording = replay.cassette.as_deref().map(|file| code(&shorten(file, MAX_LINE)));
            let made = || "none: calls made from the input schemas".to_owned();
            facts.push(("Recording", recording.unwrap_or_else(made)));
            facts.push(("Seed", code(&format!("{:016x}", replay.seed))));
        }
        Examined::Comparison { old, new, version, accept, traffic } => {
            for (label, source) in [("Before", old), ("Now", new)] {
                let said = source.surface.server.version.as_deref();
                let said = said.map(|version| format!(" {}", code(&shorten(version, MAX_LINE))));
                facts.push((label, format!("{}{}", target(source), said.unwrap_or_default())));
            }
            facts.extend(advice(version).map(|advice| ("Version", for_html(&advice))));
            let losses = traffic.map(|losses| for_html(&recorded::sentence(losses)));
            facts.extend(losses.map(|losses| ("Recorded traffic", losses)));
            facts.extend(accept.map(|command| ("Accept on purpose", code(command))));
        }
    }
    let is_comparison = matches!(report.examined, Examined::Comparison { .. });
    let fails_on = match report.fail_on {
        Severity::Error if is_comparison => Level::Breaking.as_str(),
        severity => severity.as_str(),
    };
    facts.push(("Fails on", fails_on.to_owned()));
    facts.push(("Lists", lists(report.subject())));
    if let Some(list) = report.allow_list {
        facts.push(("Project", code(list.file)));
    }
    facts
}

fn target(source: Source<'_>) -> String {
    let name = code(&shorten(&source.origin.name, MAX_LINE));
    match source.origin.transport.era() {
        Some(era) => format!("{name} ({} era over {})", era, source.origin.transport.as_str()),
        None => name,
    }
}

fn lists(source: Source<'_>) -> String {
    let surface = source.surface;
    let counts = [
        (surface.tools.len(), "tool"),
        (surface.prompts.len(), "prompt"),
        (surface.resources.len(), "resource"),
        (surface.resource_templates.len(), "resource template"),
    ];
    let shown = counts.into_iter().filter(|(count, noun)| *count > 0 || *noun == "tool");
    shown.map(|(count, noun)| counted(count, noun)).collect::<Vec<_>>().join(", ")
}
