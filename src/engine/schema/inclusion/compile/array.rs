//! The keywords of arrays.

use serde_json::{Map, Value};

use super::{Applied, Compiler, Inner, Part, as_count, plain};
use crate::engine::schema::{
    Dialect,
    inclusion::node::{Node, TRUE},
};

impl<'a> Compiler<'a, '_> {
    pub(super) fn arrays(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        self.count(members, "minItems", Node::MinItems, parts);
        self.count(members, "maxItems", Node::MaxItems, parts);
        if self.get(members, "uniqueItems") == Some(&Value::Bool(true)) {
            let node = self.arena.add(Node::UniqueItems);
            parts.push(plain("uniqueItems", node));
        }
        self.items(members, parts);
        self.contains(members, parts);
    }

    fn items(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        let (prefix, rest) = prefix_and_rest(members, self.dialect);
        let (prefix_name, prefix) = prefix;
        for (index, schema) in prefix.iter().enumerate() {
            let inner = self.schema(schema);
            let node = if inner == TRUE { TRUE } else { self.arena.add(Node::Item(index, inner)) };
            let applied = Some((Applied::Item(index), Inner::of(schema)));
            let member = Some(index.to_string());
            parts.push(Part { keyword: prefix_name, member, node, inner: applied });
        }
        let Some((name, schema)) = rest else { return };
        let (inner, from) = (self.schema(schema), prefix.len());
        let node = if inner == TRUE { TRUE } else { self.arena.add(Node::ItemsFrom(from, inner)) };
        let applied = Some((Applied::ItemsFrom(from), Inner::of(schema)));
        parts.push(Part { keyword: name, member: None, node, inner: applied });
    }

    fn contains(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        let Some(schema) = self.get(members, "contains") else { return };
        let [min, max] = ["minContains", "maxContains"].map(|name| self.get(members, name));
        if [min, max].iter().flatten().any(|count| as_count(count).is_none()) {
            let node = self.opaque("a count of more than 64 bits");
            return parts.push(plain("contains", node));
        }
        let (min, max) = (min.and_then(as_count).unwrap_or(1), max.and_then(as_count));
        let inner = self.schema(schema);
        let is_nothing = min == 0 && max.is_none();
        let node = if is_nothing { TRUE } else { self.arena.add(Node::Contains(inner, min, max)) };
        parts.push(plain("contains", node));
    }
}

type Named<'a, T> = (&'static str, T);

/// The schemas of the first items, and the schema of the rest, each with the keyword it has in the
/// dialect.
pub(super) fn prefix_and_rest(
    members: &Map<String, Value>,
    dialect: Dialect,
) -> (Named<'_, &[Value]>, Option<Named<'_, &Value>>) {
    let array = |name: &str| members.get(name).and_then(Value::as_array).map(Vec::as_slice);
    let schema = |name: &'static str| Some((name, members.get(name).filter(|it| !it.is_array())?));
    if dialect == Dialect::Draft2020 {
        (("prefixItems", array("prefixItems").unwrap_or_default()), schema("items"))
    } else {
        match array("items") {
            Some(prefix) => (("items", prefix), schema("additionalItems")),
            None => (("items", &[]), schema("items")),
        }
    }
}
