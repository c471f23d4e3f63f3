//! Rules about the project's own allow-list: an entry that does nothing any more is found too, so
//! that the list only shrinks.

mod expired;
mod stale;

use super::{Check, Confidence, Rule};
use crate::engine::{
    finding::{
        Finding, Place, Side, Subject, adjust,
        allow::{self, Allow, Judged},
        fingerprint,
    },
    protocol::{date::Date, pointer::Pointer},
};

const RULES: &[Rule] = &[expired::RULE, stale::RULE];

/// The rules of the group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter()
}

/// Asks the allow-list about findings, see [`allow::apply`], and adds to the open ones what is to
/// be said of the list itself. The open ones come worst first.
pub fn apply(
    findings: Vec<Finding>,
    entries: &[Allow],
    today: Date,
    is_in_force: impl Fn(&str) -> bool,
) -> Judged {
    let mut judged = allow::apply(findings, entries, today, &is_in_force);
    for rule in rules().filter(|rule| is_in_force(rule.id)) {
        let Check::AllowList(check) = rule.check else { continue };
        let hits = judged.lapsed.iter().filter_map(|lapsed| {
            let entry = &entries[lapsed.entry];
            Some(finding(rule, lapsed.entry, entry, check(lapsed, entry)?))
        });
        judged.open.extend(hits);
    }
    adjust::worst_first(&mut judged.open);
    judged
}

/// A finding about an entry. Its pointer leads into the project's file; its identity is what the
/// entry names, so that moving entries about changes nothing.
fn finding(rule: &Rule, index: usize, entry: &Allow, said: Said) -> Finding {
    let pointer = Pointer::from("/allow").join(index);
    let named = [
        Some(entry.rule.as_str()),
        entry.tool.as_deref(),
        entry.pointer.as_ref().map(Pointer::as_str),
        entry.fingerprint.as_deref(),
    ];
    let named = named.map(Option::unwrap_or_default).join("\n");
    let fingerprint =
        fingerprint(rule.id, &Subject::Project, &Pointer::from("/allow"), Some(&named));
    let place = Place {
        subject: Subject::Project,
        side: Side::New,
        within: pointer.clone(),
        pointer,
        note: None,
        witness: None,
        is_experimental: false,
        fingerprint,
    };
    Finding {
        rule: rule.id,
        severity: rule.severity,
        confidence: Confidence::High,
        message: said.message,
        help: said.help.unwrap_or_else(|| rule.help.to_owned()),
        places: vec![place],
    }
}

/// What a check says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// What to do, where it is something else than the rule says.
    pub help: Option<String>,
}

/// What an entry is for, in a few words.
fn described(entry: &Allow) -> String {
    let mut text = format!("`{}`", entry.rule);
    if let Some(tool) = &entry.tool {
        text.push_str(&format!(" at `{tool}`"));
    }
    if let Some(pointer) = &entry.pointer {
        text.push_str(&format!(", `{pointer}`"));
    }
    if let Some(fingerprint) = &entry.fingerprint {
        text.push_str(&format!(", fingerprint `{fingerprint}`"));
    }
    text
}
