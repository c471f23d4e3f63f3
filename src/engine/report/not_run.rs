//! The checks of a running server that were not made, in the words that formats share.
//!
//! Every format says them: a check that was not made must not look like one that found nothing.

use std::collections::HashMap;

use super::Report;
use crate::engine::surface::evidence::NotRun;

/// Checks that were not made for the same reason.
pub(super) struct Group<'a> {
    /// Their rules.
    pub(super) rules: &'a [&'static str],
    /// Why not.
    pub(super) reason: &'a str,
    /// For which tools; none where it is about the server.
    pub(super) tools: Vec<&'a str>,
}

/// All of them, in the order in which they came up.
pub(super) fn groups<'a>(report: &Report<'a>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known: HashMap<(&[&str], &str), usize> = HashMap::new();
    let evidence = report.subject().surface.evidence.as_ref();
    for NotRun { checks, tool, reason } in evidence.into_iter().flat_map(|it| &it.not_run) {
        let index = *known.entry((checks, reason)).or_insert_with(|| {
            groups.push(Group { rules: checks, reason, tools: Vec::new() });
            groups.len() - 1
        });
        groups[index].tools.extend(tool.as_deref());
    }
    groups
}

impl Group<'_> {
    /// What was not checked: the server, or so many names of tools at most.
    pub(super) fn subject(&self, most: usize) -> String {
        let shown = &self.tools[..self.tools.len().min(most)];
        match self.tools.len() - shown.len() {
            _ if shown.is_empty() => "server".to_owned(),
            0 => shown.join(", "),
            rest => format!("{} and {rest} more", shown.join(", ")),
        }
    }

    /// The rules, separated by commas.
    pub(super) fn rules(&self) -> String {
        self.rules.join(", ")
    }
}
