//! One place in the values that a schema describes, and everything the schema says about it.
//!
//! The same property may be described in place, behind a `$ref`, in a branch of `allOf` or of a
//! union. To find what was said about it before and what is said now, all of these are taken
//! together. Which of them apply to a given value is a question for `schema::inclusion`, not here.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::engine::{
    protocol::pointer::Pointer,
    schema::{
        Walk,
        reference::{self, Target},
    },
};

/// Most schemas that are taken together at one place.
const MAX_PARTS: usize = 64;
/// Most places that are looked at in one schema.
const MAX_PAIRS: usize = 5_000;

/// A place, with the schemas that describe it.
#[derive(Debug, Clone)]
pub(super) struct Location<'a> {
    root: &'a Value,
    parts: Vec<Part<'a>>,
}

#[derive(Debug, Clone)]
struct Part<'a> {
    pointer: Pointer,
    schema: &'a Value,
    /// It always applies: not a branch of a union or of a condition.
    is_certain: bool,
}

/// The way from one place to another inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The property of that name.
    Property(String),
    /// The item at that index, where each has a schema of its own.
    Slot(usize),
    /// Any item.
    Item,
    /// Any property that has no schema of its own.
    Extra,
}

/// A place that both schemas describe.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    /// Its name for a reader: `filter.tags[]`; empty for the root.
    pub(super) label: String,
    pub(super) old: Location<'a>,
    pub(super) new: Location<'a>,
    /// Whether the old schema asks for it wherever the object around it is sent.
    pub(super) is_required: bool,
}

impl<'a> Location<'a> {
    pub(super) fn root(schema: &'a Value) -> Self {
        let mut location = Self { root: schema, parts: Vec::new() };
        location.add(Pointer::root(), schema, true);
        location
    }

    /// Where it is described first.
    pub(super) fn pointer(&self) -> &Pointer {
        &self.parts[0].pointer
    }

    /// A keyword and its place, where it stands first.
    pub(super) fn get(&self, keyword: &str) -> Option<(Pointer, &'a Value)> {
        self.all(keyword).into_iter().next()
    }

    /// A keyword everywhere it stands.
    pub(super) fn all(&self, keyword: &str) -> Vec<(Pointer, &'a Value)> {
        let stands =
            |part: &Part<'a>| Some((part.pointer.join(keyword), part.schema.get(keyword)?));
        self.parts.iter().filter_map(stands).collect()
    }

    /// Whether a property that is not declared here is let through.
    pub(super) fn is_open(&self) -> bool {
        let is_closed = |part: &Part<'_>| {
            ["additionalProperties", "unevaluatedProperties"].iter().any(|keyword| {
                let value = part.schema.get(keyword);
                value.is_some_and(|value| !is_true(value))
            }) || part.schema.get("patternProperties").is_some()
        };
        !self.parts.iter().any(|part| part.is_certain && is_closed(part))
    }

    /// Whether a property has to be there, whatever branch applies.
    fn requires(&self, name: &str) -> bool {
        let has_it = |part: &Part<'_>| {
            let required = part.schema.get("required").and_then(Value::as_array);
            required.is_some_and(|names| names.iter().any(|it| it == name))
        };
        self.parts.iter().any(|part| part.is_certain && has_it(part))
    }

    /// Whether it describes an object: something is declared here.
    pub(super) fn declares_something(&self) -> bool {
        self.parts.iter().any(|part| {
            let properties = part.schema.get("properties").and_then(Value::as_object);
            properties.is_some_and(|properties| !properties.is_empty())
        })
    }

    /// What can be reached from here in one step.
    pub(super) fn steps(&self) -> BTreeMap<Step, Self> {
        let mut found: BTreeMap<Step, Self> = BTreeMap::new();
        for part in &self.parts {
            let mut add = |step: Step, pointer: Pointer, schema: &'a Value| {
                let location = found
                    .entry(step)
                    .or_insert_with(|| Self { root: self.root, parts: Vec::new() });
                location.add(pointer, schema, part.is_certain);
            };
            let Some(members) = part.schema.as_object() else { continue };
            for (keyword, value) in members {
                let pointer = || part.pointer.join(keyword);
                match (keyword.as_str(), value) {
                    ("properties", Value::Object(properties)) => {
                        for (name, schema) in properties {
                            add(Step::Property(name.clone()), pointer().join(name), schema);
                        }
                    }
                    ("prefixItems" | "items", Value::Array(slots)) => {
                        for (index, schema) in slots.iter().enumerate() {
                            add(Step::Slot(index), pointer().join(index), schema);
                        }
                    }
                    ("items" | "additionalItems" | "contains", Value::Object(_)) => {
                        add(Step::Item, pointer(), value);
                    }
                    ("additionalProperties", Value::Object(_)) => {
                        add(Step::Extra, pointer(), value);
                    }
                    ("patternProperties", Value::Object(patterns)) => {
                        for (pattern, schema) in patterns {
                            add(Step::Extra, pointer().join(pattern), schema);
                        }
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// The place that a pointer into an instance leads to, `*` for any item or extra key.
    pub(super) fn at(&self, instance: &Pointer) -> Option<Self> {
        let mut here = self.clone();
        for token in instance.tokens() {
            let mut steps = here.steps();
            let slot = token.parse().ok().map(Step::Slot);
            let candidates = [
                Some(Step::Property(token.to_string())),
                slot,
                Some(Step::Item),
                Some(Step::Extra),
            ];
            here = candidates.into_iter().flatten().find_map(|step| steps.remove(&step))?;
        }
        Some(here)
    }

    fn add(&mut self, pointer: Pointer, schema: &'a Value, is_certain: bool) {
        let is_known = self.parts.iter().any(|part| std::ptr::eq(part.schema, schema));
        if is_known || self.parts.len() >= MAX_PARTS {
            return;
        }
        self.parts.push(Part { pointer: pointer.clone(), schema, is_certain });
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && let Target::Local(target) = reference::resolve(self.root, reference)
        {
            let place = reference::pointer(reference).unwrap_or_else(|| pointer.join("$ref"));
            self.add(place, target, is_certain);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let branches = schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
            for (index, branch) in branches.enumerate() {
                let is_certain = is_certain && keyword == "allOf";
                self.add(pointer.join(keyword).join(index), branch, is_certain);
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(branch) = schema.get(keyword) {
                self.add(pointer.join(keyword), branch, false);
            }
        }
        let dependent = schema.get("dependentSchemas").and_then(Value::as_object);
        for (name, branch) in dependent.into_iter().flatten() {
            self.add(pointer.join("dependentSchemas").join(name), branch, false);
        }
    }
}

/// Whether a schema is one of the two spellings of "anything".
fn is_true(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The names of all properties that a schema declares, anywhere.
pub(super) fn declared(schema: &Value) -> BTreeSet<&str> {
    let walk = Walk::of(schema);
    let properties = walk.iter().filter_map(|it| it.get("properties")?.as_object());
    properties.flat_map(|properties| properties.keys().map(String::as_str)).collect()
}

/// Adds the names of all members of a value, at any depth.
pub(super) fn names_in<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        Value::Object(members) => {
            for (name, member) in members {
                names.insert(name);
                names_in(member, names);
            }
        }
        _ => {}
    }
}

/// Every place that both schemas describe, outer before inner.
pub(super) fn pairs<'a>(old: &'a Value, new: &'a Value) -> Vec<Pair<'a>> {
    let root = Pair {
        label: String::new(),
        old: Location::root(old),
        new: Location::root(new),
        is_required: false,
    };
    let mut pairs = vec![root];
    // A recursive schema comes back to a pair of places that was looked at.
    let mut seen = HashSet::from([(Pointer::root(), Pointer::root())]);
    let mut next = 0;
    while next < pairs.len() && pairs.len() < MAX_PAIRS {
        let pair = &pairs[next];
        next += 1;
        let mut others = pair.new.steps();
        let mut inner = Vec::new();
        for (step, old) in pair.old.steps() {
            let Some(new) = others.remove(&step) else { continue };
            if seen.insert((old.pointer().clone(), new.pointer().clone())) {
                let is_required = matches!(&step, Step::Property(name) if pair.old.requires(name));
                inner.push(Pair { label: label(&pair.label, &step), old, new, is_required });
            }
        }
        pairs.extend(inner);
    }
    pairs
}

/// The name of a place inside another one.
pub(super) fn label(outer: &str, step: &Step) -> String {
    match step {
        Step::Property(name) if outer.is_empty() => name.clone(),
        Step::Property(name) => format!("{outer}.{name}"),
        Step::Slot(index) => format!("{outer}[{index}]"),
        Step::Item => format!("{outer}[]"),
        Step::Extra if outer.is_empty() => "*".to_owned(),
        Step::Extra => format!("{outer}.*"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pairs;

    fn check(old: serde_json::Value, new: serde_json::Value, expected: &[&str]) {
        let found: Vec<String> = pairs(&old, &new).into_iter().map(|pair| pair.label).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_property_is_met_again_wherever_it_is_described() {
        let inline = json!({"properties": {"a": {"properties": {"b": {"type": "string"}}}}});
        let defined = json!({
            "allOf": [{"properties": {"a": {"$ref": "#/$defs/A"}}}],
            "$defs": {"A": {"properties": {"b": {"type": "string"}}}}
        });
        check(inline, defined, &["", "a", "a.b"]);
    }

    #[test]
    fn a_recursive_schema_ends() {
        let tree = json!({"properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}});
        check(tree.clone(), tree, &["", "kids", "kids[]"]);
    }
}
