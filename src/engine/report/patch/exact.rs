//! Values as they were sent, with the text of their numbers.
//!
//! A line of code may say less than a schema does. What it says is told as a plain value, and what
//! is left of the schema is found here by comparing the two, whatever keywords there are. Not for
//! code in an SDK's language ([`super::word`]).

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::{MAX_TEXT, word::quoted};
use crate::engine::protocol::json::{Kind, View};

/// A value that has lost nothing but the order of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exact {
    Null,
    Bool(bool),
    /// As it is written: it may be larger than any type has room for.
    Number(String),
    String(String),
    Array(Vec<Exact>),
    Object(BTreeMap<String, Exact>),
}

/// What stands behind a comment that is not written whole.
pub(super) const CUT: &str = "… (cut)";

impl Exact {
    pub(super) fn of(view: View<'_>) -> Self {
        match view.kind() {
            Kind::Null => Self::Null,
            Kind::True | Kind::False => Self::Bool(view.kind() == Kind::True),
            Kind::Number => Self::Number(view.text().to_owned()),
            Kind::String => Self::String(view.as_str().unwrap_or_default().into_owned()),
            Kind::Array => Self::Array(view.items().map(Self::of).collect()),
            Kind::Object => {
                let member = |(key, value): (View<'_>, View<'_>)| {
                    (key.as_str().unwrap_or_default().into_owned(), Self::of(value))
                };
                Self::Object(view.members().map(member).collect())
            }
            Kind::TooDeep => Self::Object(BTreeMap::new()),
        }
    }

    pub(super) fn members(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.members()?.get(name)
    }

    /// Whether a list of texts has this one.
    pub(super) fn lists(&self, text: &str) -> bool {
        let Self::Array(items) = self else { return false };
        items.iter().any(|item| matches!(item, Self::String(it) if it == text))
    }

    /// The same as a plain value, without the members in which a number would become another one;
    /// none where the value is such a number itself. `holds` says which integers a language has.
    pub(super) fn plain(&self, holds: fn(&Number) -> bool) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(text) => Value::Number(number(text).filter(holds)?),
            Self::String(text) => Value::String(text.clone()),
            Self::Array(items) => {
                let items: Option<Vec<Value>> = items.iter().map(|it| it.plain(holds)).collect();
                Value::Array(items?)
            }
            Self::Object(members) => {
                let member = |(key, it): (&String, &Self)| Some((key.clone(), it.plain(holds)?));
                Value::Object(members.iter().filter_map(member).collect())
            }
        })
    }

    /// What of this is not in `said`; none where all of it is.
    pub(super) fn beyond(&self, said: &Value) -> Option<Self> {
        match (self, said) {
            (Self::Object(members), Value::Object(said)) => {
                let left = |(key, value): (&String, &Self)| {
                    let left =
                        said.get(key).map_or_else(|| Some(value.clone()), |it| value.beyond(it));
                    Some((key.clone(), left?))
                };
                let left: BTreeMap<String, Self> = members.iter().filter_map(left).collect();
                (!left.is_empty()).then_some(Self::Object(left))
            }
            _ => (!self.is(said)).then(|| self.clone()),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Array(items), Value::Array(others)) => {
                items.len() == others.len()
                    && items.iter().zip(others).all(|(it, other)| it.is(other))
            }
            (Self::Object(members), Value::Object(others)) => {
                members.len() == others.len()
                    && members
                        .iter()
                        .all(|(key, it)| others.get(key).is_some_and(|other| it.is(other)))
            }
            (Self::Number(text), Value::Number(other)) => number(text).as_ref() == Some(other),
            (Self::String(text), Value::String(other)) => text == other,
            (Self::Bool(value), Value::Bool(other)) => value == other,
            (Self::Null, Value::Null) => true,
            _ => false,
        }
    }

    /// What makes `after` of this, as a JSON merge patch (RFC 7396); none where nothing does.
    pub(super) fn changes(&self, after: &Self) -> Option<Self> {
        match (self, after) {
            _ if self == after => None,
            (Self::Object(before), Self::Object(after)) => {
                let gone = before.keys().filter(|key| !after.contains_key(*key));
                let gone = gone.map(|key| (key.clone(), Self::Null));
                let changed = after.iter().filter_map(|(key, value)| {
                    let change =
                        before.get(key).map_or_else(|| Some(value.clone()), |it| it.changes(value));
                    Some((key.clone(), change?))
                });
                Some(Self::Object(gone.chain(changed).collect()))
            }
            _ => Some(after.clone()),
        }
    }

    /// Whether a text in it is too long to be written whole.
    pub(super) fn has_cut_text(&self) -> bool {
        let is_long = |text: &String| text.chars().nth(MAX_TEXT).is_some();
        match self {
            Self::String(text) => is_long(text),
            Self::Array(items) => items.iter().any(Self::has_cut_text),
            Self::Object(members) => {
                members.iter().any(|(key, value)| is_long(key) || value.has_cut_text())
            }
            _ => false,
        }
    }

    /// As JSON on one line, where a comment can have it: nothing in it ends the line, or acts on a
    /// terminal. Cut where it is too long.
    pub(super) fn in_comment(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        match text.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => format!("{}{CUT}", &text[..end]),
            None => text,
        }
    }

    fn write(&self, text: &mut String) {
        let mut separator = "";
        let mut next = |text: &mut String| {
            text.push_str(separator);
            separator = ", ";
        };
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => text.push_str(number),
            Self::String(string) => text.push_str(&in_quotes(string)),
            Self::Array(items) => {
                text.push('[');
                for item in items {
                    next(text);
                    item.write(text);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (key, value) in members {
                    next(text);
                    text.push_str(&in_quotes(key));
                    text.push_str(": ");
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}

/// A number that is the same in 64 bits: an integer that has room there, or a float that is finite.
fn number(text: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(text).ok()?;
    let is_integer = !text.contains(['.', 'e', 'E']);
    // `-0` is read as a float.
    (!is_integer || !number.is_f64() || text == "-0").then_some(number)
}

fn in_quotes(text: &str) -> String {
    quoted(text, |character| {
        let units = &mut [0; 2];
        character.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}
