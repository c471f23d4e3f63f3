//! JSON, TOML and YAML as one tree in which every value knows its line and column.
//!
//! The shapes of client configurations are read from this tree, once for all three syntaxes. It
//! keeps what a server entry can hold and no more: numbers stay text, dates and YAML aliases are
//! leaves with a name for the error message.
//!
//! Not for: surfaces and frames, which need the bytes exactly as sent; those are read with
//! [`Document`](crate::engine::protocol::json::Document).

mod json;
mod position;
mod toml;
mod yaml;

use std::path::Path;

use crate::engine::protocol::json::{Position, ReadError};

/// Deepest nesting that is kept. Server entries need five levels; what is deeper is a leaf, so that
/// no recursion over a tree can run out of stack.
const MAX_DEPTH: usize = 64;

/// Which syntax a configuration file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Toml,
    Yaml,
}

impl Syntax {
    /// By the file's ending; JSON where it says nothing.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Json,
        }
    }

    /// Reads one file. JSON may hold comments and trailing commas, as editors allow.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Node, ReadError> {
        match self {
            Self::Json => json::read(bytes),
            Self::Toml => toml::read(decode(bytes)?),
            Self::Yaml => yaml::read(decode(bytes)?),
        }
    }
}

/// A value and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) position: Position,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    /// The text of the number.
    Number(String),
    String(String),
    List(Vec<Node>),
    /// In source order, duplicate keys included.
    Table(Vec<Member>),
    /// Something no server entry can hold, as it is named in a sentence: `a date`.
    Other(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) name: String,
    /// Where the key stands.
    pub(super) position: Position,
    pub(super) value: Node,
}

impl Node {
    /// The members, if this is a table; nothing otherwise.
    pub(super) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Table(members) => members,
            _ => &[],
        }
    }

    /// The member of that name; the last one where the key stands twice, as nearly all readers
    /// have it. A null counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let member = self.members().iter().rev().find(|member| member.name == name)?;
        (member.value.value != Value::Null).then_some(&member.value)
    }

    /// What this is, as it is named in a sentence.
    pub(super) fn with_article(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Boolean(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(name) => name,
        }
    }
}

/// TOML and YAML readers take text; a byte order mark is no part of it.
fn decode(bytes: &[u8]) -> Result<&str, ReadError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = std::str::from_utf8(&bytes[..error.valid_up_to()])
            .expect("the part before the error is UTF-8");
        let position = position::Positions::of(valid).at(valid.len());
        ReadError { message: "bytes that are not UTF-8".to_owned(), position: Some(position) }
    })
}

/// Writes a tree as compact text with positions, for the tests of the three front ends.
#[cfg(test)]
fn show(node: &Node) -> String {
    let at = format!("{}:{}", node.position.line, node.position.column);
    match &node.value {
        Value::Null => format!("null@{at}"),
        Value::Boolean(value) => format!("{value}@{at}"),
        Value::Number(text) => format!("{text}@{at}"),
        Value::String(text) => format!("{text:?}@{at}"),
        Value::Other(name) => format!("<{name}>@{at}"),
        Value::List(items) => {
            format!("[{}]@{at}", items.iter().map(show).collect::<Vec<_>>().join(" "))
        }
        Value::Table(members) => {
            let member = |member: &Member| {
                let Position { line, column } = member.position;
                format!("{}@{line}:{column}={}", member.name, show(&member.value))
            };
            format!("{{{}}}@{at}", members.iter().map(member).collect::<Vec<_>>().join(" "))
        }
    }
}
