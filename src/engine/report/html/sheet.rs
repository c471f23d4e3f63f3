//! What the sections about one server share: the report, and where on the page things stand.

use std::collections::HashMap;

use super::{
    MAX_LINE,
    finding::{self, Group, Shown},
    tool,
};
use crate::engine::{
    report::{
        Examined, Report,
        escape::shorten,
        not_run,
        page::{Anchors, Page, code},
    },
    semantics::split::{Plan, Verdict},
};

/// One server on a page.
pub(super) struct Sheet<'a> {
    pub(super) report: &'a Report<'a>,
    /// The anchors of the tools that have a place on the page, in the order of the list.
    pub(super) tools: Vec<String>,
    /// The findings of each level, each with its number.
    pub(super) groups: Vec<Group<'a>>,
    /// The checks that were not made.
    pub(super) not_run: Vec<not_run::Group<'a>>,
    /// Most findings of a level that are shown.
    pub(super) most_findings: usize,
    by_name: HashMap<&'a str, usize>,
    /// What the anchors of this server begin with; empty where it is the only one.
    prefix: String,
    /// The element of a section's heading.
    heading: &'static str,
}

impl<'a> Sheet<'a> {
    /// The only server of a page.
    pub(super) fn of(report: &'a Report<'a>) -> Self {
        Self::new(report, &mut Anchors::default(), tool::MAX_TOOLS, finding::MAX_FINDINGS)
    }

    /// One of several, under a heading of its own: one of so many shares the room.
    pub(super) fn of_several(
        report: &'a Report<'a>,
        prefix: String,
        servers: usize,
        anchors: &mut Anchors,
    ) -> Self {
        let share = |all: usize| (all / servers.max(1)).max(20);
        let (tools, findings) = (share(tool::MAX_TOOLS), share(finding::MAX_FINDINGS));
        let sheet = Self::new(report, anchors, tools, findings);
        Self { prefix, heading: "h3", ..sheet }
    }

    fn new(
        report: &'a Report<'a>,
        anchors: &mut Anchors,
        most_tools: usize,
        most_findings: usize,
    ) -> Self {
        let tools = &report.subject().surface.tools;
        let shown = tools.iter().take(most_tools);
        let anchors = shown.map(|tool| anchors.next("tool", &tool.name)).collect::<Vec<_>>();
        let mut by_name = HashMap::new();
        for (index, tool) in tools.iter().take(anchors.len()).enumerate() {
            // Of two tools with one name a link leads to the first.
            by_name.entry(tool.name.as_str()).or_insert(index);
        }
        Self {
            report,
            tools: anchors,
            groups: finding::groups(report),
            not_run: not_run::groups(report),
            most_findings,
            by_name,
            prefix: String::new(),
            heading: "h2",
        }
    }

    /// Opens a section under its heading.
    pub(super) fn open_section(&self, id: &str, title: &str, page: &mut Page) {
        let Self { prefix, heading, .. } = self;
        page.add(&format!("<section id=\"{prefix}{id}\">\n<{heading}>{title}</{heading}>"));
    }

    /// The anchor inside the details of a finding: going there opens them.
    pub(super) fn anchor(&self, shown: &Shown<'_>) -> String {
        format!("{}finding-{}", self.prefix, shown.number)
    }

    /// The findings of a group that have a place on the page.
    pub(super) fn shown<'s>(&self, group: &'s Group<'a>) -> &'s [Shown<'a>] {
        &group.findings[..group.findings.len().min(self.most_findings)]
    }

    /// The split plan, where there is something to split.
    pub(super) fn plan(&self) -> Option<&'a Plan> {
        match self.report.examined {
            Examined::Surface { plan, .. } => plan.filter(|plan| plan.verdict != Verdict::Small),
            Examined::Comparison { .. } | Examined::Replay { .. } => None,
        }
    }

    /// A tool's name as code, as a link where the tool has a place on the page.
    pub(super) fn tool(&self, name: &str) -> String {
        let shown = code(&shorten(name, MAX_LINE));
        match self.by_name.get(name) {
            Some(index) => format!("<a href=\"#{}\">{shown}</a>", self.tools[*index]),
            None => shown,
        }
    }
}
