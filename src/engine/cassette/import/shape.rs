//! What a text looks like, to tell formats apart: the top members of its first objects.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// How many lines are looked at.
const LINES: usize = 64;

/// The objects that a text begins with.
#[derive(Debug)]
pub struct Shape<'a> {
    objects: Vec<Members<'a>>,
    /// The text, where it is no JSON.
    other: Option<&'a str>,
}

impl<'a> Shape<'a> {
    /// The shape of some lines, or of a document, which is one. Of a list its first item counts.
    pub fn of(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut objects = Vec::new();
        let mut other = None;
        for line in lines.into_iter().take(LINES) {
            let found = match line.trim_start().starts_with('[') {
                true => serde_json::from_str::<Vec<&RawValue>>(line).ok().and_then(|items| {
                    serde_json::from_str::<Members<'a>>(items.first()?.get()).ok()
                }),
                false => serde_json::from_str::<Members<'a>>(line).ok(),
            };
            match found {
                Some(members) => objects.push(members),
                None => other = other.or(Some(line)),
            }
        }
        Self { objects, other }
    }

    /// Whether an object has all of these members.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.objects.iter().any(|object| names.iter().all(|name| object.contains_key(*name)))
    }

    /// Whether an object has a member with one of these texts.
    pub(super) fn has_text(&self, name: &str, texts: &[&str]) -> bool {
        let is_one = |value: &&RawValue| {
            serde_json::from_str::<&str>(value.get()).is_ok_and(|text| texts.contains(&text))
        };
        self.objects.iter().any(|object| object.get(name).is_some_and(is_one))
    }

    /// The text, where it is no JSON at all.
    pub(super) fn other(&self) -> Option<&'a str> {
        self.other.filter(|_| self.objects.is_empty())
    }
}
