//! How long a validator would take over an instance, before it is asked.
//!
//! Validators follow every way through a schema. Where definitions are used twice at each of many
//! levels, the ways double with each level, and sixty of them take longer than anybody waits. They
//! can be counted without being followed.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{compile::address, document::Document};
use crate::engine::schema::reference::{Target, resolve};

/// Deepest way that is counted.
const MAX_DEPTH: usize = 1_000;

/// How many schemas a validator looks at, one way after the other; at most `u64::MAX`.
pub(super) fn visits(document: &Document<'_>, instance: &Value) -> u64 {
    let mut count = Count { root: document.value(), known: HashMap::new(), depth: 0 };
    count.schema(document.value(), instance)
}

struct Count<'a> {
    root: &'a Value,
    /// By the addresses of schema and instance; none while a pair is being counted.
    known: HashMap<(usize, usize), Option<u64>>,
    depth: usize,
}

impl<'a> Count<'a> {
    fn schema(&mut self, schema: &'a Value, instance: &Value) -> u64 {
        let Some(members) = schema.as_object() else { return 1 };
        let key = (address(schema), address(instance));
        match self.known.get(&key) {
            Some(Some(visits)) => return *visits,
            // A way back to where it came from is cut off by whoever compiles the schema.
            Some(None) => return 1,
            None if self.depth >= MAX_DEPTH => return u64::MAX,
            None => {}
        }
        self.known.insert(key, None);
        self.depth += 1;
        let visits =
            self.in_place(members, instance).saturating_add(self.inside(members, instance));
        self.depth -= 1;
        self.known.insert(key, Some(visits.saturating_add(1)));
        visits.saturating_add(1)
    }

    /// The schemas that are applied to the instance itself.
    fn in_place(&mut self, members: &'a Map<String, Value>, instance: &Value) -> u64 {
        let mut visits = 0_u64;
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for schema in members.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                visits = visits.saturating_add(self.schema(schema, instance));
            }
        }
        for keyword in ["not", "if", "then", "else"] {
            if let Some(schema) = members.get(keyword) {
                visits = visits.saturating_add(self.schema(schema, instance));
            }
        }
        for keyword in ["dependentSchemas", "dependencies"] {
            for schema in members.get(keyword).and_then(Value::as_object).into_iter().flatten() {
                visits = visits.saturating_add(self.schema(schema.1, instance));
            }
        }
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(reference) = members.get(keyword).and_then(Value::as_str) else { continue };
            if let Target::Local(target) = resolve(self.root, reference) {
                visits = visits.saturating_add(self.schema(target, instance));
            }
        }
        // What is evaluated is found out by applying the same schemas once more.
        let asks_twice = ["unevaluatedProperties", "unevaluatedItems"];
        let factor =
            1 + asks_twice.iter().filter(|keyword| members.contains_key(**keyword)).count();
        visits.saturating_mul(factor as u64)
    }

    /// The schemas that are applied to parts of the instance.
    fn inside(&mut self, members: &'a Map<String, Value>, instance: &Value) -> u64 {
        let mut visits = 0_u64;
        let mut add = |it: u64| visits = visits.saturating_add(it);
        match instance {
            Value::Object(values) => {
                let properties = members.get("properties").and_then(Value::as_object);
                for (name, schema) in properties.into_iter().flatten() {
                    if let Some(value) = values.get(name) {
                        add(self.schema(schema, value));
                    }
                }
                let by_pattern = members.get("patternProperties").and_then(Value::as_object);
                let others = ["additionalProperties", "unevaluatedProperties", "propertyNames"];
                let others = others.iter().filter_map(|keyword| members.get(*keyword));
                for schema in by_pattern.into_iter().flat_map(Map::values).chain(others) {
                    for value in values.values() {
                        add(self.schema(schema, value));
                    }
                }
            }
            Value::Array(items) => {
                let all = ["items", "contains", "additionalItems", "unevaluatedItems"];
                for schema in all.iter().filter_map(|keyword| members.get(*keyword)) {
                    for item in items.iter().filter(|_| !schema.is_array()) {
                        add(self.schema(schema, item));
                    }
                }
                let prefix = ["prefixItems", "items"];
                let prefix = prefix.iter().find_map(|keyword| members.get(*keyword)?.as_array());
                for (schema, item) in prefix.into_iter().flatten().zip(items) {
                    add(self.schema(schema, item));
                }
            }
            _ => {}
        }
        visits
    }
}
