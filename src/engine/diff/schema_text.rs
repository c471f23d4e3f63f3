//! What is said about a property besides what it accepts: descriptions, defaults, formats, headers.

use serde_json::Value;

use super::{
    change::{Edit, Fact, Member},
    location::{Location, Pair},
    schema::{FORMATS, Found},
    text::{self, Vocabulary},
};
use crate::engine::protocol::pointer::Pointer;

/// Compares them at every place that both schemas describe.
pub(super) fn compare(
    member: Member,
    places: &[Pair<'_>],
    vocabulary: &Vocabulary<'_>,
) -> Vec<Found> {
    let mut found = Vec::new();
    for place in places {
        for edit in edits(place, "description") {
            let (old, new) = (as_text(edit.old_value), as_text(edit.new_value));
            if let Some(text) = text::compare("description", &place.label, old, new, vocabulary) {
                found.push(edit.found(Fact::Text(Box::new(text))));
            }
        }
        if member == Member::Input {
            for edit in edits(place, "default") {
                // Every call sends what is required, and its default never counts.
                let fact = match place.is_required {
                    true => Fact::Cosmetic("default".to_owned()),
                    false => Fact::Default(edit.values(&place.label)),
                };
                found.push(edit.found(fact));
            }
            for edit in edits(place, "x-mcp-header") {
                let fact = Fact::Header(edit.values(&place.label));
                found.push(edit.found(fact));
            }
        }
        for keyword in FORMATS {
            for edit in edits(place, keyword) {
                let fact = Fact::Format(member, keyword, edit.values(&place.label));
                found.push(edit.found(fact));
            }
        }
        for keyword in ["title", "examples", "$comment"] {
            for edit in edits(place, keyword) {
                found.push(edit.found(Fact::Cosmetic(keyword.to_owned())));
            }
        }
        for edit in edits(place, "deprecated") {
            let what = match edit.new_value {
                Some(Value::Bool(true)) => "deprecated".to_owned(),
                _ if edit.old_value == Some(&Value::Bool(true)) => {
                    "not deprecated any more".to_owned()
                }
                _ => continue,
            };
            let text =
                if place.label.is_empty() { what } else { format!("`{}` is {what}", place.label) };
            found.push(edit.found(Fact::DeprecationAnnounced(text)));
        }
    }
    found
}

fn as_text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// One keyword, before and after.
struct KeywordEdit<'a> {
    old: Option<Pointer>,
    new: Option<Pointer>,
    old_value: Option<&'a Value>,
    new_value: Option<&'a Value>,
}

impl KeywordEdit<'_> {
    fn found(self, fact: Fact) -> Found {
        Found { old: self.old, new: self.new, fact }
    }

    fn values(&self, label: &str) -> Edit {
        let (old, new) = (self.old_value.cloned(), self.new_value.cloned());
        Edit { label: label.to_owned(), old, new }
    }
}

/// Where a keyword differs between two places. It may stand several times at one of them, once in
/// each branch of a union: what stands on both sides is left out, the rest is paired in order.
fn edits<'a>(place: &Pair<'a>, keyword: &str) -> Vec<KeywordEdit<'a>> {
    let distinct = |location: &Location<'a>| {
        let mut values: Vec<(Pointer, &'a Value)> = Vec::new();
        for (pointer, value) in location.all(keyword) {
            if !values.iter().any(|(_, known)| *known == value) {
                values.push((pointer, value));
            }
        }
        values
    };
    let (mut old, mut new) = (distinct(&place.old), distinct(&place.new));
    let both: Vec<&Value> = old
        .iter()
        .map(|(_, value)| *value)
        .filter(|value| new.iter().any(|(_, other)| other == value))
        .collect();
    old.retain(|(_, value)| !both.contains(value));
    new.retain(|(_, value)| !both.contains(value));
    let count = old.len().max(new.len());
    (0..count)
        .map(|index| {
            let (before, after) = (old.get(index), new.get(index));
            KeywordEdit {
                old: before.map(|(pointer, _)| pointer.clone()),
                new: after.map(|(pointer, _)| pointer.clone()),
                old_value: before.map(|(_, value)| *value),
                new_value: after.map(|(_, value)| *value),
            }
        })
        .collect()
}
