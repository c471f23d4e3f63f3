//! Is every value that one schema accepts also accepted by another?
//!
//! The answer is *included* (proved), *not included* (with an instance that one schema accepts and
//! the other refuses, confirmed by an independent validator), or *undecided* (with what stopped
//! it). Read [`Pair`] first.

use serde_json::Value;

use crate::engine::protocol::pointer::Pointer;

/// Who makes the values, and so which of them occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Senders {
    /// Whoever knows the schema and sends only the properties that it declares. Under this
    /// convention a new optional property of an open object breaks nobody.
    Declared,
    /// Anybody: every value that the schema accepts.
    Any,
}

/// How a [`Pair`] is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// `format` is checked, instead of being an annotation.
    pub assert_formats: bool,
}

/// Two schemas, compiled to be asked about each other.
#[derive(Debug)]
pub struct Pair {}

/// Whether the values of one schema are values of another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inclusion {
    /// The places in the accepting schema that refuse a value, each with such a value.
    pub failures: Vec<Failure>,
    /// The places about which nothing could be found out.
    pub undecided: Vec<Undecided>,
    /// Whether the sending schema accepts nothing at all.
    pub is_empty: bool,
}

/// A place in the accepting schema that refuses a value of the sending one.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The keyword in the accepting schema, as a pointer into its text; a `$ref` on the way is a
    /// step of the pointer.
    pub pointer: Pointer,
    /// The keyword, the last named step of the pointer; `false` where the schema is `false`.
    pub keyword: String,
    /// The member concerned: the name under `required`, `properties` or `dependentRequired`.
    pub member: Option<String>,
    /// The place in the instance that is judged, with `*` for any item or extra key.
    pub instance: Pointer,
    /// A whole instance: accepted by the sending schema, refused by the accepting one. Minimal.
    pub witness: Value,
}

/// A place that was not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// The keyword in the accepting schema.
    pub pointer: Pointer,
    /// What stopped the search: a lowercase fragment.
    pub reason: String,
}

/// Something that was set aside or taken for granted while reading a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether it is about the second schema.
    pub is_second: bool,
    /// Where in the schema.
    pub pointer: Pointer,
    /// What, as a lowercase fragment: an invalid keyword that was left out, a remote reference that
    /// was taken to mean the same on both sides, an unknown dialect.
    pub message: String,
}

impl Inclusion {
    /// Proved: nothing fails and nothing is undecided.
    pub fn is_included(&self) -> bool {
        self.failures.is_empty() && self.undecided.is_empty()
    }
}

impl Pair {
    /// Reads two schemas. Neither has to be valid; see [`Pair::notes`].
    pub fn new(_first: &Value, _second: &Value, _options: Options) -> Self {
        Self {}
    }

    /// Whether every value of the first is a value of the second.
    pub fn first_in_second(&mut self, _senders: Senders) -> Inclusion {
        Inclusion::default()
    }

    /// Whether every value of the second is a value of the first.
    pub fn second_in_first(&mut self, _senders: Senders) -> Inclusion {
        Inclusion::default()
    }

    /// What was set aside or taken for granted.
    pub fn notes(&self) -> &[Note] {
        &[]
    }
}
