//! What can be fixed, and what was: the same words in every format.

use serde_json::{Value, json};

use super::{Examined, Report, Transport, counted};
use crate::engine::{
    finding::{Applicability, Fix},
    protocol::json::{edit::Edit, ordered},
    rule::repair::{Fixed, Offers},
};

/// What was fixed before the rest was reported.
#[derive(Debug, Clone, Copy)]
pub struct Fixing<'a> {
    /// The file, as it is to be shown.
    pub file: &'a str,
    /// The findings that were put right, one for each place.
    pub fixed: &'a [Fixed],
}

impl Fixing<'_> {
    /// How many findings were put right; one at several places counts once.
    pub fn count(&self) -> usize {
        Fixed::count(self.fixed)
    }
}

/// How many open findings can be fixed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fixable {
    /// With `--fix`.
    pub safe: usize,
    /// Only with `--unsafe-fixes`.
    pub not_safe: usize,
}

impl Fixable {
    /// Counts what there is to fix.
    pub fn of(applicabilities: &[Option<Applicability>]) -> Self {
        let count = |wanted| applicabilities.iter().filter(|it| **it == Some(wanted)).count();
        Self { safe: count(Applicability::Safe), not_safe: count(Applicability::Unsafe) }
    }
}

impl<'a> Report<'a> {
    /// What works out fixes; none where there is no surface of one text or one server to put right.
    pub(super) fn offers(&self) -> Option<Offers<'a>> {
        let Examined::Surface { source, .. } = self.examined else { return None };
        let is_folder =
            source.surface.tools.iter().any(|it| source.surface.file(&it.pointer).is_some());
        let is_revision = source.origin.name.starts_with("git:");
        let is_text = source.origin.transport == Transport::File;
        (!is_text || !is_folder && !is_revision)
            .then(|| Offers::new(source.surface).foreseeing(self.foreseen))
    }

    /// How many findings `--fix` puts right.
    pub(super) fn fixable(&self, applicabilities: &[Option<Applicability>]) -> Fixable {
        match self.foreseen {
            Some(foreseen) => Fixable { safe: foreseen.safe(), not_safe: foreseen.not_safe() },
            None => Fixable::of(applicabilities),
        }
    }

    /// For each open finding what can be done about it.
    pub(super) fn applicabilities(&self) -> Vec<Option<Applicability>> {
        let offers = self.offers();
        let of = |finding| offers.as_ref().and_then(|offers| offers.applicability(finding));
        self.open.iter().map(of).collect()
    }

    /// What was fixed and what can be, in a sentence; none where there is nothing of either.
    pub(super) fn fixing_sentence(&self, fixable: Fixable) -> Option<String> {
        let Fixable { safe, not_safe } = fixable;
        if let Some(fixing) = self.fixing {
            let more = match not_safe {
                0 => String::new(),
                more => format!(" ({more} more with --unsafe-fixes)"),
            };
            let fixed = match fixing.count() {
                0 => "nothing to fix".to_owned(),
                count => format!("fixed {}", counted(count, "finding")),
            };
            return Some(format!("{fixed} in {}{more}", fixing.file));
        }
        let is_server = self.subject().origin.transport != Transport::File;
        let verb = if is_server { "with lines to write, from" } else { "fixable with" };
        match (safe, not_safe) {
            (0, 0) => None,
            _ if self.lists.is_some() => self.listed_sentence(fixable),
            (0, not_safe) => Some(format!("{not_safe} {verb} --fix --unsafe-fixes")),
            (safe, 0) => Some(format!("[*] {safe} {verb} --fix")),
            (safe, more) => {
                Some(format!("[*] {safe} {verb} --fix, {more} more with --unsafe-fixes"))
            }
        }
    }

    /// The same where the lines are listed with the report, which need not be asked for again.
    fn listed_sentence(&self, Fixable { safe, not_safe }: Fixable) -> Option<String> {
        let (listed, more) = match self.lists {
            Some(Applicability::Unsafe) => (safe + not_safe, 0),
            _ => (safe, not_safe),
        };
        let more = match more {
            0 => String::new(),
            more => format!(" ({more} more with --unsafe-fixes)"),
        };
        let listed = match listed {
            0 => "nothing safe to write".to_owned(),
            count => format!("lines to write for {}", counted(count, "finding")),
        };
        let mark = if safe > 0 { "[*] " } else { "" };
        Some(format!("{mark}{listed}{more}"))
    }
}

/// A fix, for programs: what it does, and the edits as a JSON Patch (RFC 6902) of the document that
/// was read. A change that is only one of spelling has no operation there.
pub(super) fn described(offers: &Offers<'_>, fix: &Fix) -> Value {
    let Fix { applicability, title, edits } = fix;
    let patch: Vec<Value> = edits.iter().flat_map(|edit| operations(offers, edit)).collect();
    ordered(json!({"applicability": applicability, "title": title, "patch": patch}))
}

fn operations(offers: &Offers<'_>, edit: &Edit) -> Vec<Value> {
    let path = edit.pointer();
    let one = |operation: Value| vec![operation];
    match edit {
        Edit::Remove(_) => one(json!({"op": "remove", "path": path})),
        Edit::Replace(_, value) => one(json!({"op": "replace", "path": path, "value": value})),
        Edit::Add { value, .. } | Edit::Append(_, value) => {
            one(json!({"op": "add", "path": path, "value": value}))
        }
        Edit::Rename(_, key) => renamed(&path, key),
        Edit::Strip(_, characters) => {
            let text = offers.text(&path).unwrap_or_default();
            one(json!({"op": "replace", "path": path, "value": without(&text, characters)}))
        }
        Edit::StripKey(_, characters) => {
            let key = path.last().unwrap_or_default();
            renamed(&path, &without(&key, characters))
        }
        Edit::KeepLast(_) | Edit::Escape(_) | Edit::DropMark => Vec::new(),
    }
}

fn renamed(path: &crate::engine::protocol::pointer::Pointer, key: &str) -> Vec<Value> {
    let to = path.parent().unwrap_or_default().join(key);
    vec![json!({"op": "move", "from": path, "path": to})]
}

fn without(text: &str, characters: &[usize]) -> String {
    let kept =
        text.chars().enumerate().filter(|(index, _)| characters.binary_search(index).is_err());
    kept.map(|(_, character)| character).collect()
}
