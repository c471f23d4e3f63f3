//! From the differences of two surfaces to findings.

use std::collections::HashMap;

use super::{Check, Rule, Selection, breaking};
use crate::engine::{
    diff::{Change, Diff, Fact, Stability, version::Bump},
    finding::{
        Confidence, Finding, Ordinals, Place, Severity, Side, Subject, Witness, fingerprint,
    },
    protocol::pointer::Pointer,
};

/// What a rule makes of one difference.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffHit {
    subject: Subject,
    side: Side,
    pointer: Pointer,
    fragment: String,
    message: String,
    note: Option<String>,
    witness: Option<Witness>,
    help: Option<String>,
    severity: Option<Severity>,
    confidence: Option<Confidence>,
    is_experimental: bool,
}

impl DiffHit {
    /// A hit at the place of a change: in the new surface where it still stands there, else in the
    /// old one. The message does not name the tool: reports do that, and hits that say the same
    /// fold into one finding.
    pub fn of(change: &Change, message: impl Into<String>) -> Self {
        let (side, pointer) = match (&change.new, &change.old) {
            (Some(new), _) => (Side::New, new.clone()),
            (None, Some(old)) => (Side::Old, old.clone()),
            (None, None) => (Side::New, Pointer::root()),
        };
        let (subject, fragment) = (change.subject.clone(), change.fact.fragment());
        Self { side, pointer, subject, fragment, ..Self::about_server(message, Pointer::root()) }
    }

    /// A hit at the new server as a whole.
    pub fn about_server(message: impl Into<String>, pointer: Pointer) -> Self {
        Self {
            subject: Subject::Server,
            side: Side::New,
            pointer,
            fragment: String::new(),
            message: message.into(),
            note: None,
            witness: None,
            help: None,
            severity: None,
            confidence: None,
            is_experimental: false,
        }
    }

    /// What is particular to this place; see [`super::Hit::note`].
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The instance that proves it.
    #[must_use]
    pub fn witness(mut self, witness: Option<Witness>) -> Self {
        self.witness = witness;
        self
    }

    /// Advice for this hit in particular.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A severity other than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// A confidence other than the rule's.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }
}

/// Applies the selected rules about differences. Findings come worst first, then in the order of
/// the registry, then in that of the changes; hits of one rule that say the same are one finding.
pub fn judge(diff: &Diff<'_>, selection: &Selection) -> Vec<Finding> {
    judge_unless(diff, selection, |_| false)
}

/// As [`judge`]; a finding that was accepted does not call for a new version.
pub fn judge_unless(
    diff: &Diff<'_>,
    selection: &Selection,
    is_accepted: impl Fn(&Finding) -> bool,
) -> Vec<Finding> {
    let rules: Vec<&Rule> = breaking::rules().filter(|rule| selection.contains(rule)).collect();
    let mut findings: Vec<Finding> =
        rules.iter().flat_map(|rule| fold(rule, diff, hits(rule, diff))).collect();
    let wanted = bump(findings.iter().filter(|finding| !is_accepted(finding)));
    for rule in rules {
        if let Check::Version(check) = rule.check {
            findings.extend(fold(rule, diff, check(diff, wanted).into_iter().collect()));
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// The step of the version number that findings call for: major where somebody is broken, minor
/// where there is more than before, patch for the rest. What promises nothing calls for nothing.
pub fn bump<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Bump {
    let of_one = |finding: &Finding| match finding.severity {
        _ if finding.is_experimental() => Bump::None,
        Severity::Error => Bump::Major,
        // However well it was announced (Semantic Versioning 2.0.0, "How should I handle deprecating
        // functionality?").
        _ if finding.rule == "breaking/tool-removed" => Bump::Major,
        _ if breaking::MEANS_THE_SAME.contains(&finding.rule) => Bump::None,
        _ if breaking::ADDS.contains(&finding.rule) => Bump::Minor,
        _ => Bump::Patch,
    };
    findings.into_iter().map(of_one).max().unwrap_or(Bump::None)
}

fn hits(rule: &Rule, diff: &Diff<'_>) -> Vec<DiffHit> {
    let Check::Change(check) = rule.check else { return Vec::new() };
    let judged = diff.changes.iter().filter_map(|change| {
        let hit = check(change, diff)?;
        Some(if is_experimental(change, diff) { softened(hit) } else { hit })
    });
    judged.collect()
}

fn is_experimental(change: &Change, diff: &Diff<'_>) -> bool {
    let is = |tool: &str| diff.stability(tool) == Stability::Experimental;
    let before = match &change.fact {
        Fact::ToolRenamed(rename) => Some(rename.from.as_str()),
        _ => None,
    };
    change.subject.tool().is_some_and(is) || before.is_some_and(is)
}

/// A hit about a tool that promises nothing is told and fails nothing.
fn softened(mut hit: DiffHit) -> DiffHit {
    hit.severity = Some(Severity::Info);
    hit.is_experimental = true;
    hit.note = Some(match hit.note {
        Some(note) => format!("{note}; experimental"),
        None => "experimental".to_owned(),
    });
    hit
}

/// Makes one finding of the hits that say the same.
fn fold(rule: &Rule, diff: &Diff<'_>, hits: Vec<DiffHit>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut by_text: HashMap<(Severity, String, String), usize> = HashMap::new();
    let mut ordinals = Ordinals::default();
    for hit in hits {
        let severity = hit.severity.unwrap_or(rule.severity);
        let help = hit.help.clone().unwrap_or_else(|| rule.help.to_owned());
        let confidence = hit.confidence.unwrap_or(rule.confidence);
        let message = hit.message.clone();
        let mut place = place(rule, diff, hit);
        place.fingerprint = ordinals.tell_apart(place.fingerprint);
        let next = findings.len();
        let index = *by_text.entry((severity, message.clone(), help.clone())).or_insert(next);
        if index < next {
            findings[index].places.push(place);
            continue;
        }
        let (rule, places) = (rule.id, vec![place]);
        findings.push(Finding { rule, severity, confidence, message, help, places });
    }
    findings
}

fn place(rule: &Rule, diff: &Diff<'_>, hit: DiffHit) -> Place {
    let surface = match hit.side {
        Side::Old => diff.old,
        Side::New => diff.new,
    };
    let (_, within) = surface.subject(&hit.pointer);
    let fingerprint =
        fingerprint(rule.id, &hit.subject, &without_order(&within), Some(&hit.fragment));
    let DiffHit { subject, side, pointer, note, witness, is_experimental, .. } = hit;
    let place = Place::new(subject, side, pointer, within, fingerprint);
    Place { note, witness, is_experimental, ..place }
}

/// A place without what reordering a list or renaming a definition changes about it. The fragment
/// tells apart what stands in one list.
fn without_order(within: &Pointer) -> Pointer {
    let mut place = Pointer::root();
    let mut is_name = false;
    for token in within.tokens() {
        let is_index = token.bytes().all(|byte| byte.is_ascii_digit());
        place.push(if is_index || is_name { "*" } else { &token });
        is_name = matches!(&*token, "$defs" | "definitions");
    }
    place
}

#[cfg(test)]
mod tests;
