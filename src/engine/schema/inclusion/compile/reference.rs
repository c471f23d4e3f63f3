//! `$ref` and its relatives, and what makes them mean something else.

use serde_json::{Map, Value};

use super::{Applied, Compiler, Inner, Part};
use crate::engine::schema::{
    Dialect, Walk,
    inclusion::node::{Node, Opaque},
    reference::{Target, resolve},
};

/// Whether a schema inside the document has an address of its own, so that references below it are
/// read against that, or a dialect of its own.
pub(super) fn has_nested_ids(root: &Value, dialect: Dialect) -> bool {
    // Looking for the text is enough to rule it out, and a walk costs more.
    let mut schemas = Vec::from_iter(root.as_object().map(|members| members.values()));
    let mut has_id = false;
    let mut open: Vec<&Value> = schemas.drain(..).flatten().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                has_id |= stands_apart(value, dialect);
                open.extend(members.values());
            }
            _ => {}
        }
    }
    has_id
        && Walk::within(root, dialect)
            .iter()
            .skip(1)
            .any(|schema| stands_apart(schema.value(), dialect))
}

/// Whether what is inside a schema is read by other rules than what is outside.
fn stands_apart(schema: &Value, dialect: Dialect) -> bool {
    own_base(schema, dialect).is_some() || is_foreign(schema, dialect)
}

/// Whether a schema names another dialect than the one around it.
fn is_foreign(schema: &Value, dialect: Dialect) -> bool {
    schema.get("$schema").is_some() && Dialect::of(schema) != Some(dialect)
}

/// The address a schema gives itself; a bare fragment is an anchor.
fn own_base(schema: &Value, dialect: Dialect) -> Option<&str> {
    let name = if dialect == Dialect::Draft4 { "id" } else { "$id" };
    schema.get(name)?.as_str().filter(|id| !id.starts_with('#'))
}

impl<'a> Compiler<'a, '_> {
    /// Why a schema cannot be read here, if it cannot: it is not the root, and is written in another
    /// dialect, or has an address of its own and references below.
    pub(super) fn foreign_base(&self, schema: &'a Value) -> Option<&'static str> {
        if !self.has_nested_ids || std::ptr::eq(schema, self.root) {
            return None;
        }
        if is_foreign(schema, self.dialect) {
            return Some("a `$schema` inside that names another dialect");
        }
        own_base(schema, self.dialect)?;
        let has_reference = Walk::within(schema, self.dialect).iter().any(|inner| {
            ["$ref", "$dynamicRef", "$recursiveRef"].iter().any(|it| inner.get(it).is_some())
        });
        has_reference.then_some("a `$ref` below an `$id`")
    }

    /// The references of a schema object.
    pub(super) fn references(&mut self, members: &'a Map<String, Value>) -> Vec<Part> {
        let mut parts = Vec::new();
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(text) = self.get(members, keyword).and_then(Value::as_str) else { continue };
            parts.push(self.reference(keyword, text));
        }
        parts
    }

    fn reference(&mut self, keyword: &'static str, text: &'a str) -> Part {
        // With one resource there is one dynamic scope, and a dynamic reference is a plain one.
        if keyword != "$ref" && self.has_nested_ids {
            let node = self.opaque("a dynamic reference beside an `$id`");
            return Part { keyword, member: None, node, inner: None };
        }
        let target = self.target(text);
        let (node, inner) = match target {
            Target::Local(schema) if self.crosses_base(text, schema) => {
                (self.opaque("a `$ref` into a schema with an `$id`"), None)
            }
            Target::Local(schema) if schema.is_object() || schema.is_boolean() => {
                (self.schema(schema), Some((Applied::InPlace, Inner::of(schema))))
            }
            Target::Local(_) => {
                self.has_unresolved = true;
                (self.opaque("a `$ref` to something that is no schema"), None)
            }
            Target::Dangling => {
                self.has_unresolved = true;
                (self.opaque("a `$ref` that leads nowhere"), None)
            }
            // With addresses inside, it may be one of them that is meant.
            Target::Remote if self.has_nested_ids => {
                self.has_unresolved = true;
                (self.opaque("a `$ref` to another document, beside an `$id`"), None)
            }
            Target::Remote => {
                self.has_unresolved = true;
                self.remote.insert(text.to_owned());
                let reason = "a `$ref` to another document".to_owned();
                // A relative address is read against that of the root.
                let base = own_base(self.root, self.dialect).unwrap_or_default();
                let base = if text.contains(':') { "" } else { base };
                let key = format!("remote {base} {text}");
                (self.arena.add(Node::Opaque(Opaque { key, reason })), None)
            }
        };
        Part { keyword, member: None, node, inner }
    }

    pub(super) fn target(&mut self, text: &'a str) -> Target<'a> {
        let root = self.root;
        *self.targets.entry(text).or_insert_with(|| resolve(root, text))
    }

    /// Whether a target lies inside a schema with an address of its own.
    fn crosses_base(&self, text: &str, target: &Value) -> bool {
        if !self.has_nested_ids || std::ptr::eq(target, self.root) {
            return false;
        }
        let Some(pointer) = text.strip_prefix("#/") else { return true };
        let mut current = self.root;
        for token in pointer.split('/') {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match current {
                Value::Array(items) => token.parse::<usize>().ok().and_then(|at| items.get(at)),
                other => other.get(&token),
            };
            let Some(next) = next else { return true };
            if stands_apart(next, self.dialect) {
                return true;
            }
            current = next;
        }
        false
    }
}
