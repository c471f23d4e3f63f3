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
    /// The shape of some lines, or of a document, which is one. Of a list its items count, and of an
    /// object with a list `data`, as interfaces wrap what they answer, the items of that besides.
    pub fn of(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut shape = Self { objects: Vec::new(), other: None };
        for line in lines.into_iter().take(LINES) {
            let before = shape.objects.len();
            shape.add(line);
            if shape.objects.len() == before {
                shape.other = shape.other.or(Some(line));
            }
        }
        shape
    }

    fn add(&mut self, text: &'a str) {
        let list = |text: &'a str| serde_json::from_str::<Vec<&'a RawValue>>(text);
        if text.trim_start().starts_with('[') {
            for item in list(text).unwrap_or_default().into_iter().take(LINES) {
                self.objects.extend(serde_json::from_str::<Members<'a>>(item.get()));
            }
        } else if let Ok(members) = serde_json::from_str::<Members<'a>>(text) {
            let inside = members.get("data").map(|data| list(data.get()).unwrap_or_default());
            self.objects.push(members);
            for item in inside.unwrap_or_default().into_iter().take(LINES) {
                self.objects.extend(serde_json::from_str::<Members<'a>>(item.get()));
            }
        }
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
