//! What somebody sends who knows a schema, read a second time: for schemas without composition,
//! from the schema's text and without the engine.
//!
//! At one place of an instance several schemas of the sender may apply; a property may occur when
//! one of them declares it, by name, by pattern or by being a map. Where none declares anything the
//! place is free, except for the root.

use serde_json::{Map, Value};

use super::generator::{Context, holder};
use crate::engine::schema::{Dialect, Walk, pattern};

/// Keywords that make the reading more than a look at names.
const COMPOSITION: &[&str] = &[
    "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "contains", "dependentSchemas",
    "unevaluatedProperties", "unevaluatedItems",
];

/// Whether a document is plain enough to be read here.
pub(super) fn is_plain(document: &Value) -> bool {
    let dialect = Dialect::of(document).expect("generated documents name a dialect we know");
    Walk::within(document, dialect).iter().all(|schema| {
        let Value::Object(members) = schema.value() else { return true };
        let dependencies = members.get("dependencies").and_then(Value::as_object);
        !COMPOSITION.iter().any(|name| members.contains_key(*name))
            && dependencies.is_none_or(|map| map.values().all(Value::is_array))
    })
}

/// The convention of one sender towards one acceptor.
pub(super) struct Convention<'a> {
    context: &'a Context,
    /// All the text of the accepting document: what it mentions is not sent as one of "others".
    acceptor: String,
}

impl<'a> Convention<'a> {
    pub(super) fn new(context: &'a Context, acceptor: &Value) -> Self {
        Self { context, acceptor: acceptor.to_string() }
    }

    /// Whether somebody who knows the schema would send the instance: `None` where it depends on
    /// which names an open object leaves to "others".
    pub(super) fn is_sent(&self, schema: &Value, instance: &Value) -> Option<bool> {
        self.obeys(&[schema], instance, true)
    }

    fn obeys(&self, schemas: &[&Value], instance: &Value, is_root: bool) -> Option<bool> {
        let schemas: Vec<&Map<String, Value>> =
            schemas.iter().flat_map(|schema| self.resolved(schema)).collect();
        if schemas.iter().any(|it| self.knows(it, "enum") || self.knows(it, "const")) {
            return Some(true);
        }
        match instance {
            Value::Object(members) => self.object_obeys(&schemas, members, is_root),
            Value::Array(items) => all(items.iter().enumerate().map(|(index, item)| {
                let inner: Vec<&Value> =
                    schemas.iter().filter_map(|it| item_schema(it, index, self.context)).collect();
                self.obeys(&inner, item, false)
            })),
            _ => Some(true),
        }
    }

    fn object_obeys(
        &self,
        schemas: &[&Map<String, Value>],
        members: &Map<String, Value>,
        is_root: bool,
    ) -> Option<bool> {
        let declares_nothing = schemas.iter().all(|schema| {
            self.names(schema).is_empty()
                && !schema.contains_key("patternProperties")
                && matches!(schema.get("additionalProperties"), None | Some(Value::Bool(false)))
        });
        let is_free = declares_nothing && !is_root;
        all(members.iter().map(|(key, value)| {
            let may_occur = if is_free { Some(true) } else { self.may_occur(schemas, key) };
            let inner: Vec<&Value> = schemas.iter().flat_map(|it| applied(it, key)).collect();
            all([may_occur, self.obeys(&inner, value, false)].into_iter())
        }))
    }

    fn may_occur(&self, schemas: &[&Map<String, Value>], key: &str) -> Option<bool> {
        let mut is_open = false;
        for schema in schemas {
            let is_map = match schema.get("additionalProperties") {
                Some(Value::Object(inner)) => !inner.is_empty(),
                _ => false,
            };
            if is_map || self.names(schema).iter().any(|name| name == key) {
                return Some(true);
            }
            let patterns = schema.get("patternProperties").and_then(Value::as_object);
            if patterns.into_iter().flatten().any(|(pattern, _)| matches(pattern, key)) {
                return Some(true);
            }
            is_open |= match schema.get("additionalProperties") {
                Some(Value::Bool(open)) => *open,
                Some(Value::Object(inner)) => inner.is_empty(),
                _ => false,
            };
        }
        if !is_open {
            return Some(false);
        }
        // "Others" is what neither side names; a key that the acceptor says nothing like is one.
        let is_unnamed = !self.acceptor.contains(&format!("{:?}", key))
            && !self.acceptor.contains("patternProperties");
        is_unnamed.then_some(true)
    }

    fn names(&self, schema: &Map<String, Value>) -> Vec<String> {
        let mut names = Vec::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        names.extend(properties.into_iter().flat_map(Map::keys).cloned());
        let list = |value: &Value| -> Vec<String> {
            let names = value.as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        names.extend(schema.get("required").map(list).unwrap_or_default());
        for keyword in ["dependentRequired", "dependencies"] {
            if !self.knows(schema, keyword) {
                continue;
            }
            let dependencies = schema[keyword].as_object().into_iter().flatten();
            for (name, others) in dependencies {
                names.push(name.clone());
                names.extend(list(others));
            }
        }
        names
    }

    /// Whether a schema has a keyword that its dialect has.
    fn knows(&self, schema: &Map<String, Value>, keyword: &str) -> bool {
        let dialect = self.context.dialect;
        schema.contains_key(keyword)
            && match keyword {
                "dependentRequired" => dialect >= Dialect::Draft2019,
                "dependencies" => dialect < Dialect::Draft2019,
                "const" => dialect > Dialect::Draft4,
                _ => true,
            }
    }

    /// The schema objects that a schema stands for.
    fn resolved(&self, schema: &'a Value) -> Vec<&'a Map<String, Value>> {
        let mut found = Vec::new();
        let mut seen: Vec<&Map<String, Value>> = Vec::new();
        let mut open = vec![schema];
        while let Some(schema) = open.pop() {
            let Value::Object(members) = schema else { continue };
            if seen.iter().any(|it| std::ptr::eq(*it, members)) {
                continue;
            }
            seen.push(members);
            let reference = members.get("$ref").and_then(Value::as_str);
            let prefix = format!("#/{}/", holder(self.context.dialect));
            let target = reference.and_then(|it| it.strip_prefix(&prefix));
            open.extend(target.and_then(|name| self.context.definitions.get(name)));
            if reference.is_none() || self.context.dialect > Dialect::Draft7 {
                found.push(members);
            }
        }
        found
    }
}

/// The schemas that apply to the value of a key.
fn applied<'s>(schema: &'s Map<String, Value>, key: &str) -> Vec<&'s Value> {
    let mut schemas = Vec::new();
    schemas.extend(schema.get("properties").and_then(|it| it.get(key)));
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let matching = patterns.into_iter().flatten().filter(|(pattern, _)| matches(pattern, key));
    schemas.extend(matching.map(|(_, schema)| schema));
    if schemas.is_empty() {
        schemas.extend(schema.get("additionalProperties"));
    }
    schemas
}

fn item_schema<'s>(
    schema: &'s Map<String, Value>,
    index: usize,
    context: &Context,
) -> Option<&'s Value> {
    let list = |name: &str| schema.get(name).and_then(Value::as_array);
    let schema_of = |name: &str| schema.get(name).filter(|it| !it.is_array());
    if context.dialect == Dialect::Draft2020 {
        list("prefixItems").and_then(|it| it.get(index)).or_else(|| schema_of("items"))
    } else {
        match list("items") {
            Some(prefix) => prefix.get(index).or_else(|| schema_of("additionalItems")),
            None => schema_of("items"),
        }
    }
}

fn matches(text: &str, key: &str) -> bool {
    pattern::compile(text).is_ok_and(|pattern| pattern.find(key).is_some())
}

fn all(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_known = true;
    for verdict in verdicts {
        match verdict {
            Some(false) => return Some(false),
            Some(true) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(true)
}
