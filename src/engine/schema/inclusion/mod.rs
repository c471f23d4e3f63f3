//! Is every value that one schema accepts also accepted by another?
//!
//! The answer is *included* (proved), *not included* (with an instance that one schema accepts and
//! the other refuses, confirmed by an independent validator), or *undecided* (with what stopped
//! it). Read [`Pair`] first.
//!
//! Inclusion is a search for one instance: A is not included in B exactly when some instance
//! satisfies A and violates B. So nothing is compared by shape, and refactorings need no rules of
//! their own: `compile` turns both schemas into nodes of one arena, `search` looks for the instance,
//! `goal` takes B apart so that every place that fails is reported, `question` puts it together, and
//! `confirm` asks a validator that knows nothing of all this.

mod compile;
mod confirm;
mod conformance;
mod cost;
mod document;
mod ecma;
mod evaluate;
mod goal;
mod instance;
mod language;
mod node;
mod question;
mod rational;
mod search;
#[cfg(test)]
mod tests;

use std::cell::LazyCell;

use serde_json::Value;

use crate::engine::{protocol::pointer::Pointer, schema::Walk};
use compile::Compiled;
use confirm::Confirmation;
pub use conformance::{Conformance, Objection, Unjudged, Violation};
use document::Document;
use instance::{Kind, Kinds};
pub use language::Patterns;
use node::{Arena, Node};
use question::Question;
use search::Search;

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
    /// Only objects are ever sent, whatever the schemas say: the arguments of a call.
    pub objects_only: bool,
}

/// Two schemas, compiled to be asked about each other.
///
/// ```
/// use mcp_kit::engine::schema::inclusion::{Options, Pair, Senders};
/// use serde_json::json;
///
/// let old = json!({"type": "object", "properties": {"size": {"type": "number"}}});
/// let new = json!({"type": "object", "properties": {"size": {"type": "integer"}}});
/// let mut pair = Pair::new(&old, &new, Options::default());
/// let inclusion = pair.first_in_second(Senders::Declared);
/// assert_eq!(inclusion.failures[0].witness, json!({"size": 1.5}));
/// assert!(pair.second_in_first(Senders::Declared).is_included());
/// ```
#[derive(Debug)]
pub struct Pair<'a> {
    first: Document<'a>,
    second: Document<'a>,
    compiled: [Compiled; 2],
    arena: Arena,
    options: Options,
    notes: Vec<Note>,
}

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
    /// The keyword in the text of the accepting schema; behind a `$ref`, where the definition is.
    pub pointer: Pointer,
    /// The keyword; `false` where the whole schema is `false`.
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

impl<'a> Pair<'a> {
    /// Reads two schemas. Neither has to be valid; see [`Pair::notes`].
    pub fn new(first: &'a Value, second: &'a Value, options: Options) -> Self {
        Self::sharing(first, second, options, &Patterns::default())
    }

    /// As [`Pair::new`], with patterns that other pairs may have read before.
    pub fn sharing(
        first: &'a Value,
        second: &'a Value,
        options: Options,
        patterns: &Patterns,
    ) -> Self {
        let (first, second) = (Document::read(first), Document::read(second));
        let mut arena = Arena::new(patterns);
        let mut compile = |document: &Document<'_>, name| {
            compile::compile(&mut arena, document, name, options.assert_formats)
        };
        let compiled = [compile(&first, "first schema"), compile(&second, "second schema")];
        let mut pair = Self { first, second, compiled, arena, options, notes: Vec::new() };
        pair.take_notes();
        pair
    }

    /// Whether every value of the first is a value of the second.
    pub fn first_in_second(&mut self, senders: Senders) -> Inclusion {
        self.included(Order::FirstInSecond, senders)
    }

    /// Whether every value of the second is a value of the first.
    pub fn second_in_first(&mut self, senders: Senders) -> Inclusion {
        self.included(Order::SecondInFirst, senders)
    }

    /// What was set aside or taken for granted.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    fn take_notes(&mut self) {
        for (document, is_second) in [(&self.first, false), (&self.second, true)] {
            self.notes.extend(document.remarks.iter().map(|(pointer, message)| Note {
                is_second,
                pointer: pointer.clone(),
                message: message.clone(),
            }));
        }
        let [first, second] = &self.compiled;
        for reference in first.remote.intersection(&second.remote) {
            let message =
                format!("`{reference}` is not fetched; taken to mean the same on both sides");
            self.notes.push(Note { is_second: true, pointer: Pointer::root(), message });
        }
    }

    fn included(&mut self, order: Order, senders: Senders) -> Inclusion {
        let (sender, acceptor) = match order {
            Order::FirstInSecond => (&self.compiled[0], &self.compiled[1]),
            Order::SecondInFirst => (&self.compiled[1], &self.compiled[0]),
        };
        if sender.root == acceptor.root {
            return Inclusion::default();
        }
        let (sending, accepting) = match order {
            Order::FirstInSecond => (&self.first, &self.second),
            Order::SecondInFirst => (&self.second, &self.first),
        };
        let has_unresolved = sender.has_unresolved || acceptor.has_unresolved;
        let has_unknown = has_unresolved
            || sending.has_faults_beside(accepting)
            || accepting.has_faults_beside(sending);
        let has_cycle = sender.has_empty_cycle || acceptor.has_empty_cycle;
        let is_too_deep = sender.is_too_deep || acceptor.is_too_deep;
        let formats = self.options.assert_formats;
        let mut sender = sender.root;
        if self.options.objects_only {
            let objects = Kinds::default().with(Kind::Object);
            let objects = self.arena.add(Node::Kinds(objects));
            sender = self.arena.all([sender, objects]);
        }
        let question = Question {
            sender,
            acceptor,
            sending,
            accepting,
            has_open_meaning: has_unresolved || has_cycle,
            search: Search::new(&mut self.arena, senders),
            confirmation: LazyCell::new(Box::new(move || {
                let new = || Confirmation::new(sending, accepting, has_unknown, formats);
                if is_too_deep { None } else { new() }
            })),
            attempts: question::MAX_ATTEMPTS,
            declared: LazyCell::new(Box::new(|| {
                let walk = Walk::within(sending.value(), sending.dialect);
                let properties = walk.iter().filter_map(|it| it.get("properties")?.as_object());
                properties.flat_map(|properties| properties.keys().cloned()).collect()
            })),
        };
        question.answer()
    }
}

#[derive(Debug, Clone, Copy)]
enum Order {
    FirstInSecond,
    SecondInFirst,
}
