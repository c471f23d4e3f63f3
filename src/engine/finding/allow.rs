//! Findings that a project lives with: what the `[[allow]]` entries of `mcp-kit.toml` let through.
//!
//! An allowed finding stays visible, with the reason. An entry that no longer does anything does
//! not stay unnoticed either: [`apply`] says which ones have lapsed, and the rules of the group
//! `allow` make findings of that.

use super::{Applied, Finding, Place};
use crate::engine::protocol::{date::Date, json::Position, pointer::Pointer};

/// One `[[allow]]` entry. It matches a finding at a place where everything that it names is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The rule's id.
    pub rule: String,
    /// The only tool it is about.
    pub tool: Option<String>,
    /// The place inside the tool, or inside the surface for what is about the server: this one
    /// and all that lies in it, so that an entry for a property also matches its `enum`.
    pub pointer: Option<Pointer>,
    /// The fingerprint of the place, or of the whole finding.
    pub fingerprint: Option<String>,
    /// Why the finding is lived with; never empty.
    pub reason: String,
    /// The last day on which the entry counts.
    pub until: Option<Date>,
    /// Where the entry stands in the file.
    pub position: Position,
}

impl Allow {
    /// Whether the entry counts on a day.
    pub fn is_valid(&self, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }

    /// The place of a finding in which the pointer of the entry lies, if nothing else about the entry
    /// keeps it from matching.
    fn around(&self, finding: &Finding, of_finding: &str) -> Option<Pointer> {
        let pointer = self.pointer.as_ref()?;
        let all = Self { pointer: None, ..self.clone() };
        let mut places = finding.places.iter().filter(|it| all.matches(finding, of_finding, it));
        let place = places.find(|it| pointer.strip_prefix(&it.within).is_some())?;
        Some(place.within.clone())
    }

    fn matches(&self, finding: &Finding, of_finding: &str, place: &Place) -> bool {
        let is_same = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        let is_inside = |pointer: &Pointer| place.within.strip_prefix(pointer).is_some();
        let is_it = |wanted: &String| *wanted == place.fingerprint || wanted == of_finding;
        self.rule == finding.rule
            && is_same(&self.tool, place.subject.tool())
            && self.pointer.as_ref().is_none_or(is_inside)
            && self.fingerprint.as_ref().is_none_or(is_it)
    }
}

/// A finding that an entry lets through, or that the baseline knows.
#[derive(Debug, Clone, PartialEq)]
pub struct AllowedFinding {
    /// The finding, with the places that the entry matches.
    pub finding: Finding,
    /// The index of the entry: the first one that matches. None for what the baseline knows.
    pub entry: Option<usize>,
    /// The reason that the entry gives, or where it is known from.
    pub reason: String,
    /// The last day on which the entry counts.
    pub until: Option<Date>,
}

/// Findings after the allow-list was asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    /// What nothing allows, in the order in which it came.
    pub open: Vec<Finding>,
    /// What is allowed.
    pub allowed: Vec<AllowedFinding>,
    /// The entries that do nothing any more.
    pub lapsed: Vec<Lapsed>,
}

/// An entry that does nothing any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapsed {
    /// The index of the entry.
    pub entry: usize,
    /// Whether its last day is over. If not, it is because it matches nothing.
    pub is_expired: bool,
    /// At how many places it matches a finding.
    pub places: usize,
    /// Where a finding stands that the entry would match without its pointer, which leads deeper:
    /// one that is said once for several arguments of a tool.
    pub around: Option<Pointer>,
}

/// Sorts findings into open and allowed ones. A finding of which only some places are allowed
/// becomes one of each. An entry for a rule that was not applied matches nothing and has not lapsed
/// for that.
pub fn apply(findings: Vec<Finding>, entries: &[Allow], today: Date, applied: &Applied) -> Judged {
    let mut judged = Judged::default();
    if entries.is_empty() {
        judged.open = findings;
        return judged;
    }
    let mut places = vec![0; entries.len()];
    let mut around: Vec<Option<Pointer>> = vec![None; entries.len()];
    for finding in findings {
        let whole = finding.fingerprint();
        for (index, entry) in entries.iter().enumerate().filter(|(_, it)| it.rule == finding.rule) {
            let matching = finding.places.iter();
            places[index] +=
                matching.filter(|place| entry.matches(&finding, &whole, place)).count();
            if places[index] == 0 && around[index].is_none() {
                around[index] = entry.around(&finding, &whole);
            }
        }
        let mut rest = Some(finding);
        for (index, entry) in entries.iter().enumerate() {
            let Some(finding) = rest.take() else { break };
            if entry.rule != finding.rule || !entry.is_valid(today) {
                rest = Some(finding);
                continue;
            }
            let matcher = finding.clone();
            let (left, allowed) = finding.split(|place| entry.matches(&matcher, &whole, place));
            rest = left;
            judged.allowed.extend(allowed.map(|finding| AllowedFinding {
                finding,
                entry: Some(index),
                reason: entry.reason.clone(),
                until: entry.until,
            }));
        }
        judged.open.extend(rest);
    }
    for (index, ((entry, places), around)) in entries.iter().zip(places).zip(around).enumerate() {
        let is_expired = !entry.is_valid(today);
        let is_idle = places == 0 && applied.is_applied(&entry.rule, entry.tool.as_deref());
        if is_idle || is_expired && applied.is_in_force(&entry.rule) {
            let around = around.filter(|_| places == 0);
            judged.lapsed.push(Lapsed { entry: index, is_expired, places, around });
        }
    }
    judged
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::engine::finding::{Confidence, Severity, Side, Subject, fingerprint};

    /// An error of a rule at `/inputSchema/properties/a/enum` of tools.
    pub(crate) fn finding(rule: &'static str, tools: &[&str]) -> Finding {
        let place = |name: &&str| {
            let subject = Subject::Tool((*name).to_owned());
            let within = Pointer::from("/inputSchema/properties/a/enum");
            let fingerprint = fingerprint(rule, &subject, &within, None);
            let pointer = Pointer::from("/tools/0").concat(&within);
            Place::new(subject, Side::New, pointer, within, fingerprint)
        };
        Finding {
            rule,
            severity: Severity::Error,
            confidence: Confidence::High,
            message: "it is wrong".to_owned(),
            help: "put it right".to_owned(),
            places: tools.iter().map(place).collect(),
        }
    }

    /// An entry for all findings of a rule, for ever.
    pub(crate) fn entry(rule: &str) -> Allow {
        Allow {
            rule: rule.to_owned(),
            tool: None,
            pointer: None,
            fingerprint: None,
            reason: "the client is ours".to_owned(),
            until: None,
            position: Position { line: 1, column: 1 },
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn applied() -> Applied {
        let mut applied = Applied::of(["schema/a", "schema/b", "live/c"]);
        applied.leave_out(&["live/c"], Some("y"));
        applied
    }

    fn judge(findings: Vec<Finding>, entries: &[Allow]) -> Judged {
        apply(findings, entries, day("2026-11-22"), &applied())
    }

    #[test]
    fn everything_an_entry_names_has_to_be_so() {
        let found = finding("schema/a", &["x"]);
        let mark = found.places[0].fingerprint.clone();
        let matching = [
            entry("schema/a"),
            Allow { tool: Some("x".into()), ..entry("schema/a") },
            Allow { pointer: Some("/inputSchema/properties/a".into()), ..entry("schema/a") },
            Allow { fingerprint: Some(mark.clone()), tool: Some("x".into()), ..entry("schema/a") },
        ];
        for entry in matching {
            let judged = judge(vec![found.clone()], std::slice::from_ref(&entry));
            assert_eq!((judged.open.len(), judged.allowed.len()), (0, 1), "{entry:?}");
            assert_eq!(judged.lapsed, []);
        }
        let others = [
            entry("schema/b"),
            Allow { tool: Some("y".into()), ..entry("schema/a") },
            Allow { pointer: Some("/inputSchema/properties/ab".into()), ..entry("schema/a") },
            Allow { pointer: Some("/inputSchema/prop".into()), ..entry("schema/a") },
            Allow { fingerprint: Some(mark), tool: Some("y".into()), ..entry("schema/a") },
        ];
        for entry in others {
            let judged = judge(vec![found.clone()], std::slice::from_ref(&entry));
            assert_eq!((judged.open.len(), judged.allowed.len()), (1, 0), "{entry:?}");
            assert_eq!(
                judged.lapsed,
                [Lapsed { entry: 0, is_expired: false, places: 0, around: None }]
            );
        }
    }

    #[test]
    fn an_entry_that_leads_deeper_than_the_finding_is_told_where_the_finding_stands() {
        let deeper = Some("/inputSchema/properties/a/enum/0".into());
        let stale = [
            Allow { pointer: deeper.clone(), ..entry("schema/a") },
            Allow { pointer: deeper, tool: Some("y".into()), ..entry("schema/a") },
        ];
        let judged = judge(vec![finding("schema/a", &["x"])], &stale);
        let around: Vec<_> = judged.lapsed.into_iter().map(|it| it.around).collect();
        assert_eq!(around, [Some("/inputSchema/properties/a/enum".into()), None]);
    }

    #[test]
    fn the_places_that_are_not_allowed_stay_open() {
        let entries = [
            Allow { tool: Some("y".into()), ..entry("schema/a") },
            Allow { tool: Some("z".into()), ..entry("schema/a") },
        ];
        let judged = judge(vec![finding("schema/a", &["x", "y", "z"])], &entries);
        assert_eq!(judged.open[0].tools(), ["x"]);
        let allowed: Vec<_> =
            judged.allowed.iter().map(|it| (it.entry, it.finding.tools())).collect();
        assert_eq!(allowed, [(Some(0), vec!["y"]), (Some(1), vec!["z"])]);
    }

    #[test]
    fn a_fingerprint_may_be_that_of_the_whole_finding() {
        let found = finding("schema/a", &["x", "y"]);
        let whole = Allow { fingerprint: Some(found.fingerprint()), ..entry("schema/a") };
        let judged = judge(vec![found], &[whole]);
        assert_eq!((judged.open.len(), judged.allowed.len()), (0, 1));
    }

    #[test]
    fn the_last_day_still_counts_and_the_next_one_does_not() {
        let until = Some(day("2026-11-22"));
        let entries = [Allow { until, ..entry("schema/a") }];
        let on = |today| {
            let judged = apply(vec![finding("schema/a", &["x"])], &entries, day(today), &applied());
            (judged.open.len(), judged.allowed.len(), judged.lapsed)
        };
        assert_eq!(on("2026-11-22"), (0, 1, Vec::new()));
        let lapsed = vec![Lapsed { entry: 0, is_expired: true, places: 1, around: None }];
        assert_eq!(on("2026-11-23"), (1, 0, lapsed));
    }

    #[test]
    fn an_entry_is_not_stale_where_its_rule_was_not_asked_or_an_earlier_entry_matched_too() {
        let of = |tool: &str| Allow { tool: Some(tool.into()), ..entry("live/c") };
        let asked_elsewhere = [entry("live/c"), of("y")];
        let entries = [entry("schema/a"), entry("schema/a"), entry("other/rule")];
        let entries = [&entries[..], &asked_elsewhere].concat();
        let judged = judge(vec![finding("schema/a", &["x"])], &entries);
        assert_eq!(judged.allowed.len(), 1);
        assert_eq!(judged.lapsed, []);
        let judged = judge(Vec::new(), &[of("x")]);
        assert_eq!(
            judged.lapsed,
            [Lapsed { entry: 0, is_expired: false, places: 0, around: None }]
        );
    }
}
