//! A schema in the order its author wrote it.
//!
//! A `serde_json` object sorts its keys; the author put the important argument first. So a schema
//! goes through this page as the value that all of `schema` works on, together with the text it
//! was read from, which is asked for the order of members only.

use std::collections::HashMap;

use serde_json::Value;

use crate::engine::protocol::{json::View, pointer::Pointer};

/// A value and, where it is known, its place in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    view: Option<View<'a>>,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value, view: Option<View<'a>>) -> Self {
        Self { value, view }
    }

    /// A number that tells this value from every other one of the same surface.
    pub(super) fn identity(self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }

    pub(super) fn get(self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self { value, view: self.view.and_then(|view| view.get(name)) })
    }

    pub(super) fn at(self, pointer: &Pointer) -> Option<Self> {
        let value = self.value.pointer(pointer.as_str())?;
        Some(Self { value, view: self.view.and_then(|view| view.at(pointer)) })
    }

    pub(super) fn text(self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// Bytes of JSON text it takes up, if that is known without writing it.
    pub(super) fn size(self) -> usize {
        self.view.map_or(0, |view| view.span().len())
    }

    /// The elements of an array; nothing for anything else.
    pub(super) fn items(self) -> Vec<Self> {
        let views = self.view.into_iter().flat_map(View::items).map(Some);
        let views = views.chain(std::iter::repeat(None));
        let values = self.value.as_array().into_iter().flatten();
        values.zip(views).map(|(value, view)| Self { value, view }).collect()
    }

    /// The members of an object in the order of the text, each name once; nothing for anything
    /// else.
    pub(super) fn members(self) -> Vec<(&'a str, Self)> {
        let Some(object) = self.value.as_object() else { return Vec::new() };
        let Some(view) = self.view else {
            let members = object.iter();
            return members.map(|(name, value)| (name.as_str(), Self::new(value, None))).collect();
        };
        let mut indexes = HashMap::new();
        let mut members: Vec<(&str, Self)> = Vec::new();
        for (key, view) in view.members() {
            let name = key.as_str().expect("a key is a string");
            let Some((name, value)) = object.get_key_value(&*name) else { continue };
            // Of two equal keys the first gives the position and the last the value, as everywhere.
            let index = *indexes.entry(name.as_str()).or_insert(members.len());
            let member = (name.as_str(), Self::new(value, Some(view)));
            match members.get_mut(index) {
                Some(earlier) => *earlier = member,
                None => members.push(member),
            }
        }
        members
    }
}
