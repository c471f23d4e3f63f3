//! Values and names of a server as literals and identifiers of another language.
//!
//! Nothing of a server gets into a line of code but through here: what a language would take for
//! the end of a text, and what a terminal would act on, is written as the language escapes it.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Number, Value};

use super::MAX_TEXT;
use crate::engine::{report::escape::for_terminal, semantics::word::words};

/// How a language writes values.
pub(super) struct Literals {
    pub(super) null: &'static str,
    pub(super) booleans: [&'static str; 2],
    pub(super) number: fn(&Number) -> String,
    /// The key of an object.
    pub(super) key: fn(&str) -> String,
    /// A text in quotes.
    pub(super) text: fn(&str) -> String,
}

impl Literals {
    pub(super) fn write(&self, value: &Value) -> String {
        match value {
            Value::Null => self.null.to_owned(),
            Value::Bool(value) => self.booleans[usize::from(*value)].to_owned(),
            Value::Number(number) => (self.number)(number),
            Value::String(text) => (self.text)(text),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.write(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| {
                    format!("{}: {}", (self.key)(key), self.write(value))
                };
                let members: Vec<String> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }
}

/// A text in double quotes. `escape` writes a character that cannot be shown; the other escapes are
/// the same in all three languages.
pub(super) fn quoted(text: &str, escape: fn(char) -> String) -> String {
    let mut literal = String::from("\"");
    for character in text.chars().take(MAX_TEXT) {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            ' '..='~' => literal.push(character),
            other => {
                let shown = other.to_string();
                let is_shown = for_terminal(&shown) == shown;
                literal.push_str(&if is_shown { shown } else { escape(other) });
            }
        }
    }
    if text.chars().nth(MAX_TEXT).is_some() {
        literal.push('…');
    }
    literal.push('"');
    literal
}

/// Whether a text in a value is too long to be written whole.
pub(super) fn is_cut(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().nth(MAX_TEXT).is_some(),
        Value::Array(items) => items.iter().any(is_cut),
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.chars().nth(MAX_TEXT).is_some() || is_cut(value))
        }
        _ => false,
    }
}

/// An identifier for each name: the name itself where it is one, and no two the same.
pub(super) fn identifiers<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
    is_identifier: fn(&str) -> bool,
) -> BTreeMap<&'a str, String> {
    let mut identifiers: BTreeMap<&str, String> =
        names.clone().filter(|name| is_identifier(name)).map(|it| (it, it.to_owned())).collect();
    let mut taken: HashSet<String> = identifiers.values().cloned().collect();
    for name in names {
        if identifiers.contains_key(name) {
            continue;
        }
        let base = spelled(name, is_identifier);
        let numbered = (2..).map(|number: usize| format!("{base}_{number}"));
        let mut candidates = std::iter::once(base.clone()).chain(numbered);
        let free = candidates.find(|it| !taken.contains(it)).expect("numbers do not run out");
        taken.insert(free.clone());
        identifiers.insert(name, free);
    }
    identifiers
}

/// The words of a name in snake case, made an identifier.
fn spelled(name: &str, is_identifier: fn(&str) -> bool) -> String {
    let joined = words(name).join("_").to_ascii_lowercase();
    let ascii: String =
        joined.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').take(60).collect();
    let plain = ascii.trim_matches('_');
    match plain {
        "" => "argument".to_owned(),
        plain if is_identifier(plain) => plain.to_owned(),
        plain if plain.starts_with(|it: char| it.is_ascii_digit()) => format!("argument_{plain}"),
        // A word of the language.
        plain => format!("{plain}_"),
    }
}
