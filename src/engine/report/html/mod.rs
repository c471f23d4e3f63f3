//! The report as one HTML page that needs nothing else: no scripts, no network.
//!
//! Findings and tools are `<details>`, which a keyboard opens; everything else is links inside the
//! page. What a server can make long is shortened and counted, so that the page stays one that a
//! browser opens. Read [`render`] first, then `finding`, `tool`, `chart`, `rule` and `split`, which
//! each write a section.

mod chart;
mod finding;
mod not_run;
mod rule;
mod split;
#[cfg(test)]
mod tests;
mod tool;

use std::collections::HashMap;

use super::{
    Examined, Level, Report, Source, counted,
    escape::{for_html, shorten},
    grouped,
    page::{Anchors, Page, code, one_line},
    text::advice,
};
use crate::engine::{
    finding::Severity,
    semantics::split::{Plan, Verdict},
};

const STYLE: &str = include_str!("style.css");
/// Characters of one line that a server wrote: a name, a message.
const MAX_LINE: usize = 400;

/// The whole page.
pub fn render(report: &Report<'_>) -> String {
    let sheet = Sheet::of(report);
    let title = format!("{} – mcp-kit {}", name(report), report.command());
    let mut page = Page::open(&one_line(&title), STYLE);
    sheet.navigation(&mut page);
    page.add("<main id=\"content\" tabindex=\"-1\">");
    sheet.header(&mut page);
    chart::section(&sheet, &mut page);
    if let Some(plan) = sheet.plan() {
        split::section(&sheet, plan, &mut page);
    }
    finding::sections(&sheet, &mut page);
    not_run::section(&sheet, &mut page);
    tool::section(&sheet, &mut page);
    rule::section(&sheet, &mut page);
    page.close()
}

/// What the sections share: the report, and where on the page its tools and findings stand.
struct Sheet<'a> {
    report: &'a Report<'a>,
    /// The anchors of the tools that have a place on the page, in the order of the list.
    tools: Vec<String>,
    by_name: HashMap<&'a str, usize>,
    /// The findings of each level, each with its number.
    groups: Vec<finding::Group<'a>>,
    /// The checks that were not made.
    not_run: Vec<super::not_run::Group<'a>>,
}

impl<'a> Sheet<'a> {
    fn of(report: &'a Report<'a>) -> Self {
        let mut anchors = Anchors::default();
        let tools = &report.subject().surface.tools;
        let shown = tools.iter().take(tool::MAX_TOOLS);
        let anchors = shown.map(|tool| anchors.next("tool", &tool.name)).collect::<Vec<_>>();
        let mut by_name = HashMap::new();
        for (index, tool) in tools.iter().take(anchors.len()).enumerate() {
            // Of two tools with one name a link leads to the first.
            by_name.entry(tool.name.as_str()).or_insert(index);
        }
        let (groups, not_run) = (finding::groups(report), super::not_run::groups(report));
        Self { report, tools: anchors, by_name, groups, not_run }
    }

    /// The split plan, where there is something to split.
    fn plan(&self) -> Option<&'a Plan> {
        match self.report.examined {
            Examined::Surface { plan, .. } => plan.filter(|plan| plan.verdict != Verdict::Small),
            Examined::Comparison { .. } => None,
        }
    }

    /// A tool's name as code, as a link where the tool has a place on the page.
    fn tool(&self, name: &str) -> String {
        let shown = code(&shorten(name, MAX_LINE));
        match self.by_name.get(name) {
            Some(index) => format!("<a href=\"#{}\">{shown}</a>", self.tools[*index]),
            None => shown,
        }
    }

    fn navigation(&self, page: &mut Page) {
        page.add("<nav aria-label=\"Contents\">\n<p><a href=\"#content\">Summary</a></p>");
        let surface = self.report.subject().surface;
        if !surface.tools.is_empty() {
            page.add("<p><a href=\"#cost\">Token cost</a></p>");
        }
        if self.plan().is_some() {
            page.add("<p><a href=\"#split\">Split plan</a></p>");
        }
        for group in &self.groups {
            let (id, title, count) = (group.id, group.title, grouped(group.findings.len()));
            page.add(&format!("<p><a href=\"#{id}\">{title}</a> <small>{count}</small></p>"));
        }
        if !self.not_run.is_empty() {
            page.add("<p><a href=\"#not-run\">Not run</a></p>");
        }
        if !surface.tools.is_empty() {
            let count = grouped(surface.tools.len());
            page.add(&format!("<p><a href=\"#tools\">Tools</a> <small>{count}</small></p>\n<ul>"));
            for (tool, anchor) in surface.tools.iter().zip(&self.tools) {
                let name = super::page::link(&shorten(&tool.name, MAX_LINE), anchor);
                page.add(&format!("<li>{name}</li>"));
            }
            page.add("</ul>");
        }
        if !self.groups.is_empty() {
            page.add("<p><a href=\"#rules\">Rules</a></p>");
        }
        page.add("</nav>");
    }

    fn header(&self, page: &mut Page) {
        let report = self.report;
        page.add(&format!(
            "<header>\n<p class=\"kicker\">mcp-kit {}</p>\n<h1 dir=\"auto\">{}</h1>",
            report.command(),
            for_html(&one_line(&shorten(name(report), MAX_LINE)))
        ));
        let (class, verdict) = verdict(report);
        page.add(&format!("<p class=\"verdict {class}\">{verdict}</p>"));
        if !self.groups.is_empty() {
            page.add("<ul class=\"tiles\">");
            for group in &self.groups {
                let (id, count) = (group.id, grouped(group.findings.len()));
                let (tone, title) = (group.tone, group.title);
                page.add(&format!(
                    "<li class=\"{tone}\"><a href=\"#{id}\"><strong>{count}</strong> {title}</a></li>"
                ));
            }
            page.add("</ul>");
        }
        page.add("<dl class=\"facts\">");
        for (label, value) in facts(report) {
            page.add(&format!("<div><dt>{label}</dt><dd>{value}</dd></div>"));
        }
        page.add("</dl>\n</header>");
    }
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
        Examined::Comparison { old, new, version, accept } => {
            for (label, source) in [("Before", old), ("Now", new)] {
                let said = source.surface.server.version.as_deref();
                let said = said.map(|version| format!(" {}", code(&shorten(version, MAX_LINE))));
                facts.push((label, format!("{}{}", target(source), said.unwrap_or_default())));
            }
            facts.extend(advice(version).map(|advice| ("Version", for_html(&advice))));
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
