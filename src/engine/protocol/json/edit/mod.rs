//! Changing a JSON text: a few bytes are replaced and all others stay as they are.
//!
//! An [`Edit`] says what is to be different, at JSON Pointers; [`Editor::splices`] says which bytes
//! of the text that takes, and [`apply`] puts them in. What is removed takes its comma and its line
//! along, and what is added is laid out as its neighbours are (`layout`).
//!
//! Not for: deciding what to change (the rules do), or JSON that is written from nothing.

mod comment;
mod container;
mod layout;
mod string;
#[cfg(test)]
mod tests;

use std::ops::Range;

use serde_json::Value;

use super::{Document, Kind, View};
use crate::engine::protocol::pointer::Pointer;
use container::Change;
use layout::Style;

/// One thing to be different in a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A member of an object, or an element of an array, goes; where the key stands more than once,
    /// with all its values.
    Remove(Pointer),
    /// Of a key that stands more than once only the last value stays.
    KeepLast(Pointer),
    /// A value becomes another one.
    Replace(Pointer, Value),
    /// An object gets a member that it does not have.
    Add {
        /// The object.
        to: Pointer,
        /// The name of the member.
        key: String,
        /// Its value.
        value: Value,
        /// Whether it stands before all others, rather than behind them.
        is_first: bool,
    },
    /// An array gets a last element.
    Append(Pointer, Value),
    /// A member gets another name.
    Rename(Pointer, String),
    /// A string loses some of its characters: those with these indices, in ascending order, counted in
    /// characters of the decoded string.
    Strip(Pointer, Vec<usize>),
    /// The name of a member loses some of its characters.
    StripKey(Pointer, Vec<usize>),
    /// Control characters in a string, or in the key that names the value, are written as escapes.
    Escape(Pointer),
    /// The text no longer begins with a byte order mark.
    DropMark,
}

impl Edit {
    /// Adds a member behind the others of an object.
    pub fn add(to: Pointer, key: &str, value: impl Into<Value>) -> Self {
        Self::Add { to, key: key.to_owned(), value: value.into(), is_first: false }
    }

    /// Where the edit changes something: the value, or the container that gets one more.
    pub fn pointer(&self) -> Pointer {
        match self {
            Self::Add { to, key, .. } => to.join(key),
            Self::Append(pointer, _) => pointer.join("-"),
            Self::Remove(pointer)
            | Self::KeepLast(pointer)
            | Self::Replace(pointer, _)
            | Self::Rename(pointer, _)
            | Self::Strip(pointer, _)
            | Self::StripKey(pointer, _)
            | Self::Escape(pointer) => pointer.clone(),
            Self::DropMark => Pointer::root(),
        }
    }
}

/// Some bytes of a text and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Splice {
    /// The bytes that go; empty where something is only put in.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}

/// The text with all splices put in. No two of them may touch.
pub fn apply(text: &str, splices: &[Splice]) -> String {
    let mut ordered: Vec<&Splice> = splices.iter().collect();
    ordered.sort_by_key(|splice| splice.span.start);
    let mut result = String::with_capacity(text.len());
    let mut kept = 0;
    for splice in ordered {
        result.push_str(&text[kept..splice.span.start]);
        result.push_str(&splice.text);
        kept = splice.span.end;
    }
    result.push_str(&text[kept..]);
    result
}

/// Works out what edits take in the text of one document.
#[derive(Debug)]
pub struct Editor {
    style: Style,
}

impl Editor {
    /// An editor that writes as the document is written.
    pub fn new(document: &Document) -> Self {
        Self { style: Style::of(document) }
    }

    /// The splices that make all the edits; none where one of them leads nowhere or adds what is
    /// there already. `find` looks up values, all of the document that the editor was made for.
    pub fn splices<'d>(
        &self,
        edits: &[Edit],
        find: impl Fn(&Pointer) -> Option<View<'d>>,
    ) -> Option<Vec<Splice>> {
        let mut splices = Vec::new();
        let mut changes: Vec<Change<'d>> = Vec::new();
        for edit in edits {
            match edit {
                Edit::Remove(pointer) | Edit::KeepLast(pointer) => {
                    let change = change_of(&mut changes, find(&pointer.parent()?)?);
                    change.remove(&pointer.last()?, matches!(edit, Edit::KeepLast(_)))?;
                }
                Edit::Add { to, key, value, is_first } => {
                    change_of(&mut changes, find(to)?).add(key, value.clone(), *is_first)?;
                }
                Edit::Append(pointer, value) => {
                    change_of(&mut changes, find(pointer)?).append(value.clone())?;
                }
                Edit::Replace(pointer, value) => {
                    let old = find(pointer)?;
                    let around = pointer.parent().and_then(|parent| find(&parent));
                    let text = self.style.replacement(old, around, value);
                    splices.push(Splice { span: old.span(), text });
                }
                Edit::Rename(pointer, key) => {
                    let around = find(&pointer.parent()?)?;
                    if around.get(key).is_some() {
                        return None;
                    }
                    let named = keys(around, &pointer.last()?);
                    splices.extend(named.into_iter().map(|it| whole(it, string::literal(key))));
                }
                Edit::Strip(pointer, characters) => {
                    let view = find(pointer).filter(|view| view.kind() == Kind::String)?;
                    splices.push(whole(view, string::stripped(view.text(), characters)));
                }
                Edit::StripKey(pointer, characters) => {
                    let around = find(&pointer.parent()?)?;
                    let named = keys(around, &pointer.last()?);
                    let strip = |it: View<'d>| whole(it, string::stripped(it.text(), characters));
                    splices.extend(named.into_iter().map(strip));
                }
                Edit::Escape(pointer) => {
                    let value = find(pointer).into_iter();
                    let around =
                        pointer.parent().and_then(|parent| find(&parent)).zip(pointer.last());
                    let named = around.map(|(around, name)| keys(around, &name));
                    let value = value.chain(named.unwrap_or_default());
                    let strings = value.filter(|view| view.kind() == Kind::String);
                    splices.extend(
                        strings.filter_map(|view| Some(whole(view, string::escaped(view.text())?))),
                    );
                }
                Edit::DropMark => {}
            }
        }
        for change in changes {
            splices.extend(change.splices(&self.style));
        }
        Some(splices)
    }
}

fn change_of<'c, 'd>(changes: &'c mut Vec<Change<'d>>, container: View<'d>) -> &'c mut Change<'d> {
    let known = changes.iter().position(|change| change.is_about(container));
    let index = known.unwrap_or_else(|| {
        changes.push(Change::new(container));
        changes.len() - 1
    });
    &mut changes[index]
}

/// The keys of an object that read as a name.
fn keys<'d>(object: View<'d>, name: &str) -> Vec<View<'d>> {
    let is_it = |key: &View<'d>| key.as_str().is_some_and(|text| text == name);
    object.members().map(|(key, _)| key).filter(is_it).collect()
}

fn whole(view: View<'_>, text: String) -> Splice {
    Splice { span: view.span(), text }
}
