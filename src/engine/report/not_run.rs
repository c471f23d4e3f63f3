//! The checks of a running server that were not made, in the words that formats share.
//!
//! Every format says them: a check that was not made must not look like one that found nothing.

use std::collections::HashMap;

use super::{Report, replay::Replay};
use crate::engine::{finding::verdict::VerdictOutcome, surface::evidence::NotRun};

/// Checks that were not made for the same reason.
pub(super) struct Group<'a> {
    /// Their rules; none where it is about everything that could be asked.
    pub(super) rules: Vec<&'static str>,
    /// Why not.
    pub(super) reason: &'a str,
    /// For which tools; none where it is about the server.
    pub(super) tools: Vec<&'a str>,
}

/// All of them, in the order in which they came up.
pub(super) fn groups<'a>(report: &Report<'a>) -> Vec<Group<'a>> {
    if let Some(replay) = report.replay() {
        return of_replay(replay);
    }
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known: HashMap<(&[&str], &str), usize> = HashMap::new();
    let evidence = report.subject().surface.evidence.as_ref();
    for NotRun { checks, tool, reason } in evidence.into_iter().flat_map(|it| &it.not_run) {
        let index = *known.entry((checks, reason)).or_insert_with(|| {
            groups.push(Group { rules: checks.clone(), reason, tools: Vec::new() });
            groups.len() - 1
        });
        groups[index].tools.extend(tool.as_deref());
    }
    groups
}

/// The tools that were not put to the test, and the questions that were not put, or would have said
/// nothing new.
fn of_replay(replay: &Replay) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut add = |rules: Vec<&'static str>, reason, tool| {
        let same = groups.iter_mut().find(|it| it.rules == rules && it.reason == reason);
        match same {
            Some(group) => group.tools.push(tool),
            None => groups.push(Group { rules, reason, tools: vec![tool] }),
        }
    };
    for (tool, reason) in &replay.left_out {
        add(Vec::new(), reason.as_str(), tool.as_str());
    }
    for tested in &replay.tools {
        let mut reasons: Vec<(&str, Vec<&'static str>)> = Vec::new();
        for verdict in &tested.verdicts {
            if !matches!(verdict.outcome, VerdictOutcome::Skipped | VerdictOutcome::Blocked) {
                continue;
            }
            match reasons.iter_mut().find(|(reason, _)| *reason == verdict.reason) {
                Some((_, rules)) => rules.push(verdict.rule),
                None => reasons.push((&verdict.reason, vec![verdict.rule])),
            }
        }
        for (reason, rules) in reasons {
            add(rules, reason, tested.tool.as_str());
        }
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

    /// Whether nothing at all was asked of the tools.
    pub(super) fn is_about_all(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules, separated by commas.
    pub(super) fn rules(&self) -> String {
        match self.is_about_all() {
            true => "every question".to_owned(),
            false => self.rules.join(", "),
        }
    }
}
