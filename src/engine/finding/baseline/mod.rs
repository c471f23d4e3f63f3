//! Findings that were there before anybody looked: the file that says which, so that a project with
//! many of them can hold the line at once and put them right one by one.
//!
//! What a [`Baseline`] knows stays visible and fails nothing; everything else is new. It only
//! shrinks: an entry that matches nothing any more is stale, and whoever writes the file again takes
//! it out. Not for: what a project has decided to live with, which has a reason and stands in
//! `mcp-kit.toml` ([`super::allow`]).

mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use file::{BaselineError, FORMAT, read, render};

use super::{Finding, Place, Severity, Subject, without_ordinal};
use crate::engine::protocol::json::Position;

/// The findings that a project had.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// Sorted by rule, subject and fingerprint, each of them once.
    pub entries: Vec<Known>,
}

/// A finding at a place, as a baseline has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The rule's id; of a baseline that another version wrote perhaps none that exists.
    pub rule: String,
    /// How bad it was. A finding that has become worse is new.
    pub severity: Severity,
    /// What kind of thing it is about, in the words of reports. For the reader.
    pub kind: String,
    /// The name of that thing. For the reader.
    pub name: Option<String>,
    /// The fingerprint of the place, without an ordinal.
    pub fingerprint: String,
    /// How many findings the rule had there; which of them are left makes no difference.
    pub count: usize,
    /// The most of what was counted, where the finding is that it is too much. None where nothing is
    /// counted, or an earlier version wrote the entry; then it knows any figure.
    pub figure: Option<u64>,
    /// What the findings were about, where one stands for several things of a tool: sorted, each
    /// once. Empty where the place itself tells, or an earlier version wrote the entry; then it knows
    /// any.
    pub parts: Vec<String>,
    /// Where the entry stands in its file; the start of the file where it is in none yet.
    pub position: Position,
}

/// Findings after a baseline was asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// What is new, in the order in which it came.
    pub new: Vec<Finding>,
    /// What the baseline knows.
    pub known: Vec<Finding>,
    /// The entries that match less than they say, by index.
    pub stale: Vec<usize>,
    /// The baseline without what is stale.
    pub shrunk: Baseline,
}

impl Baseline {
    /// The baseline of findings. What is about the project's own files is none of a server's.
    pub fn of(findings: &[Finding]) -> Self {
        let mut baseline = Self::default();
        let mut indices: HashMap<(&str, &str), usize> = HashMap::new();
        for (finding, place) in
            findings.iter().flat_map(|finding| finding.places.iter().map(move |it| (finding, it)))
        {
            if matches!(place.subject, Subject::Project | Subject::Baseline) {
                continue;
            }
            let next = baseline.entries.len();
            let fingerprint = without_ordinal(&place.fingerprint);
            let index = *indices.entry((finding.rule, fingerprint)).or_insert(next);
            if let Some(entry) = baseline.entries.get_mut(index) {
                entry.count += 1;
                entry.severity = entry.severity.max(finding.severity);
                entry.figure = entry.figure.max(place.figure);
                entry.add_parts(&place.parts);
                continue;
            }
            let mut entry = Known {
                rule: finding.rule.to_owned(),
                severity: finding.severity,
                kind: place.subject.kind().to_owned(),
                name: place.subject.name().map(str::to_owned),
                fingerprint: fingerprint.to_owned(),
                count: 1,
                figure: place.figure,
                parts: Vec::new(),
                position: Position { line: 1, column: 1 },
            };
            entry.add_parts(&place.parts);
            baseline.entries.push(entry);
        }
        baseline.sort();
        baseline
    }

    /// Sorts findings into new ones and known ones; a finding of which only some places are known
    /// becomes one of each. `is_asked` says of an entry whether its rule was applied to what it is
    /// about; one whose rule was not says nothing and is kept.
    pub fn compare(&self, findings: Vec<Finding>, is_asked: impl Fn(&Known) -> bool) -> Compared {
        let mut compared = Compared::default();
        let mut uses = vec![Use::default(); self.entries.len()];
        let indices: HashMap<(&str, &str), usize> =
            self.entries.iter().enumerate().map(|(index, it)| (it.key(), index)).collect();
        for finding in findings {
            let (rule, severity) = (finding.rule, finding.severity);
            let (new, known) = finding.split(|place| {
                let fingerprint = without_ordinal(&place.fingerprint);
                let Some(&index) = indices.get(&(rule, fingerprint)) else { return false };
                let (entry, used) = (&self.entries[index], &mut uses[index]);
                let is_worse = severity > entry.severity || entry.is_outgrown(place);
                if is_worse || used.count == entry.count {
                    // It is there, so the entry is not stale, but it is not what was known.
                    used.is_worse |= is_worse;
                    return false;
                }
                used.count += 1;
                used.figure = used.figure.max(place.figure);
                used.parts.extend(place.parts.iter().cloned());
                used.severity = used.severity.max(Some(severity));
                true
            });
            compared.new.extend(new);
            compared.known.extend(known);
        }
        for (index, (entry, used)) in self.entries.iter().zip(uses).enumerate() {
            if !is_asked(entry) || used.is_worse {
                compared.shrunk.entries.push(entry.clone());
                continue;
            }
            if used.count < entry.count {
                compared.stale.push(index);
            }
            if let Some(severity) = used.severity {
                // A figure within the margin must not become the one that the next is measured by.
                let figure = match (entry.figure, used.figure) {
                    (Some(known), Some(figure)) => Some(known.min(figure)),
                    (known, figure) => known.or(figure),
                };
                let mut left = Known { severity, count: used.count, figure, ..entry.clone() };
                left.parts.retain(|part| used.parts.contains(part));
                compared.shrunk.entries.push(left);
            }
        }
        compared
    }

    /// The baseline with what another one has more.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let mut entries: BTreeMap<(String, String), Known> = BTreeMap::new();
        for entry in self.entries.into_iter().chain(other.entries) {
            let key = (entry.rule.clone(), entry.fingerprint.clone());
            match entries.get_mut(&key) {
                Some(known) => {
                    known.count = known.count.max(entry.count);
                    known.severity = known.severity.max(entry.severity);
                    known.figure = known.figure.max(entry.figure);
                    known.add_parts(&entry.parts);
                }
                None => drop(entries.insert(key, entry)),
            }
        }
        let mut joined = Self { entries: entries.into_values().collect() };
        joined.sort();
        joined
    }

    /// How many findings of each rule it knows.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.rule.as_str()).or_default() += entry.count;
        }
        counts
    }

    /// How many findings it knows.
    pub fn total(&self) -> usize {
        self.entries.iter().map(|entry| entry.count).sum()
    }

    fn sort(&mut self) {
        self.entries.sort_by(|left, right| left.order().cmp(&right.order()));
    }
}

impl Known {
    /// The tool it is about, if it is about one.
    pub fn tool(&self) -> Option<&str> {
        self.name.as_deref().filter(|_| self.kind == "tool")
    }

    /// Whether a finding at the place of the entry is more than the entry knows: more than a tenth
    /// above what was counted, or about something else as well.
    fn is_outgrown(&self, place: &Place) -> bool {
        let figures = self.figure.zip(place.figure);
        let is_another = |part: &String| self.parts.binary_search(part).is_err();
        figures.is_some_and(|(known, figure)| figure > known.saturating_add(known / 10))
            || (!self.parts.is_empty() && place.parts.iter().any(is_another))
    }

    fn add_parts(&mut self, parts: &[String]) {
        self.parts.extend_from_slice(parts);
        self.parts.sort_unstable();
        self.parts.dedup();
    }

    fn key(&self) -> (&str, &str) {
        (&self.rule, &self.fingerprint)
    }

    fn order(&self) -> (&str, &str, Option<&str>, &str) {
        (&self.rule, &self.kind, self.name.as_deref(), &self.fingerprint)
    }
}

/// What findings made of an entry.
#[derive(Debug, Clone, Default)]
struct Use {
    count: usize,
    severity: Option<Severity>,
    figure: Option<u64>,
    parts: HashSet<String>,
    is_worse: bool,
}
