//! Fields that one tool answers and another one takes: `order_id` of `find_orders` and of
//! `cancel_order`. Such tools are used one after the other and belong together.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::name::{Names, cut};
use crate::engine::{
    semantics::word::{singular, words},
    surface::Tool,
};

/// What one server would take from another one: whoever calls the consumers needs both servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrossEdge {
    /// The field, in words joined by `_`.
    pub field: String,
    /// The server whose tools answer it, and these tools; no server where they fit into none.
    pub from: (Option<String>, Vec<String>),
    /// The server whose tools take it, and these tools; no server where they fit into none.
    pub to: (Option<String>, Vec<String>),
}

/// The fields that tools answer and take, by their words.
#[derive(Debug)]
pub(super) struct Edges {
    fields: BTreeMap<String, Ends>,
    answered_by: FxHashMap<usize, Vec<String>>,
}

#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) producers: BTreeSet<usize>,
    pub(super) consumers: BTreeSet<usize>,
}

/// Last words of what tells one thing from another; other fields (`status`, `name`) go from tool to
/// tool without anybody passing them on.
const IDENTIFIERS: [&str; 16] = [
    "code", "cursor", "handle", "hash", "id", "identifier", "key", "number", "ref", "reference",
    "sha", "slug", "token", "uri", "url", "uuid",
];
/// Fields that go through a list and not from tool to tool.
const PAGING: [&str; 6] =
    ["cursor", "next_cursor", "next_page_token", "page_token", "page_number", "idempotency_key"];
/// Budgets: more than this nobody writes.
const MAX_ARGUMENTS: usize = 64;
const MAX_FIELDS: usize = 256;
const MAX_DEPTH: usize = 5;
/// A field at more tools than this says nothing of where they belong.
const MAX_ENDS: usize = 64;
/// Most cross-edges of a plan.
const MAX_CROSS_EDGES: usize = 64;

impl Edges {
    pub(super) fn of(tools: &[Tool], names: &Names) -> Self {
        let mut fields: BTreeMap<String, Ends> = BTreeMap::new();
        for (index, tool) in tools.iter().enumerate() {
            if let Some(schema) = tool.output_schema() {
                let mut found =
                    Found { nouns: names.nouns(index), budget: MAX_FIELDS, fields: vec![] };
                found.look_into(schema, found.nouns.first().map(String::as_str), 0);
                for field in found.fields {
                    fields.entry(field).or_default().producers.insert(index);
                }
            }
        }
        if fields.is_empty() {
            return Self { fields, answered_by: FxHashMap::default() };
        }
        for (index, tool) in tools.iter().enumerate() {
            let noun = names.nouns(index).first().map(String::as_str);
            for (argument, schema) in tool.arguments().take(MAX_ARGUMENTS) {
                let taken = identifier(argument, noun).and_then(|field| fields.get_mut(&field));
                if let Some(ends) = taken {
                    ends.consumers.insert(index);
                } else if may_be_thing(schema) {
                    let thing = thing(argument);
                    // The zone of `list_zones`, be it answered as `zone` or as `id`.
                    let key = if fields.contains_key(&thing) { thing } else { thing + "_id" };
                    if let Some(ends) = fields.get_mut(&key) {
                        ends.consumers.insert(index);
                    }
                }
            }
        }
        fields.retain(|_, ends| ends.is_passed_on());
        let mut answered_by: FxHashMap<usize, Vec<String>> = FxHashMap::default();
        for (field, ends) in &fields {
            for producer in &ends.producers {
                answered_by.entry(*producer).or_default().push(field.clone());
            }
        }
        Self { fields, answered_by }
    }

    /// The fields with those who answer and take them, by name.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&String, &Ends)> {
        self.fields.iter()
    }

    /// The field of a tool that the most other servers take, where these are two or more. The tool
    /// answers it without being given it, and its server is where the field is at home.
    pub(super) fn most_taken(
        &self,
        tool: usize,
        server_of: &[Option<usize>],
        titles: &[String],
    ) -> Option<(String, Vec<usize>)> {
        let own = server_of[tool]?;
        let takers = |field: &String| -> BTreeSet<usize> {
            let consumers = self.fields[field].consumers.iter();
            consumers.filter_map(|tool| server_of[*tool]).filter(|server| *server != own).collect()
        };
        let is_source = |field: &&String| {
            let ends = &self.fields[*field];
            !ends.consumers.contains(&tool) && ends.home(field, server_of, titles) == Some(own)
        };
        let fields = self.answered_by.get(&tool)?.iter().filter(is_source);
        let counted = fields.map(|field| (field, takers(field)));
        let (field, takers) =
            counted.reduce(|most, next| if next.1.len() > most.1.len() { next } else { most })?;
        (takers.len() > 1).then(|| (field.clone(), takers.into_iter().collect()))
    }

    /// What goes from one server to another. `place_of` counts on behind the servers for tools that
    /// fit into none, with a place for each group of them.
    pub(super) fn between(
        &self,
        place_of: &[Option<usize>],
        titles: &[String],
        tools: &[Tool],
    ) -> Vec<CrossEdge> {
        let mut edges = Vec::new();
        let end = |place: usize, ends: &BTreeSet<usize>| {
            let there = ends.iter().filter(|tool| place_of[**tool] == Some(place));
            let mut names: Vec<String> = there.map(|tool| tools[*tool].name.clone()).collect();
            names.sort();
            (titles.get(place).cloned(), names)
        };
        for (field, ends) in &self.fields {
            let Some(home) = ends.home(field, place_of, titles) else { continue };
            let places = |ends: &BTreeSet<usize>| -> BTreeSet<usize> {
                ends.iter().filter_map(|tool| place_of[*tool]).collect()
            };
            // What is answered where it is taken is not fetched elsewhere.
            for taker in places(&ends.consumers).difference(&places(&ends.producers)) {
                let (from, to) = (end(home, &ends.producers), end(*taker, &ends.consumers));
                edges.push(CrossEdge { field: field.clone(), from, to });
            }
        }
        edges.truncate(MAX_CROSS_EDGES);
        edges
    }
}

impl Ends {
    fn is_passed_on(&self) -> bool {
        let (producers, consumers) = (self.producers.len(), self.consumers.len());
        let is_between_two = producers > 0
            && consumers > 0
            && (producers + consumers > 2 || self.producers != self.consumers);
        is_between_two && producers <= MAX_ENDS && consumers <= MAX_ENDS
    }

    /// The server that answers a field: the one that is called like it, or else the one with the
    /// most tools that answer it.
    fn home(&self, field: &str, server_of: &[Option<usize>], titles: &[String]) -> Option<usize> {
        let mut answering: BTreeMap<usize, usize> = BTreeMap::new();
        for server in self.producers.iter().filter_map(|tool| server_of[*tool]) {
            *answering.entry(server).or_default() += 1;
        }
        let is_called_so = |place: usize| {
            titles.get(place).is_some_and(|title| field.starts_with(&title.replace('-', "_")))
        };
        let best = |(place, tools): &(usize, usize)| {
            (is_called_so(*place), *place < titles.len(), *tools, Reverse(*place))
        };
        answering.into_iter().max_by_key(best).map(|(server, _)| server)
    }
}

/// What an output schema has for other tools, as it is found.
struct Found<'a> {
    /// What the tool is about.
    nouns: &'a [String],
    /// How many more fields are looked at.
    budget: usize,
    fields: Vec<String>,
}

impl Found<'_> {
    /// The identifiers in a schema, and what is called like that which the tool is about: a `zone`
    /// of `list_zones`. An identifier called `id` belongs to what it stands in (`orders[].id` is an
    /// order's), or to what the tool is about.
    fn look_into(&mut self, schema: &Value, holder: Option<&str>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(items) = schema.get("items") {
            self.look_into(items, holder, depth + 1);
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            if let Some(field) = identifier(name, holder) {
                self.fields.push(field);
            } else if may_be_thing(schema) {
                let thing = thing(name);
                if self.is_about(&thing) {
                    self.fields.push(thing);
                }
            }
            if schema.get("properties").is_some() || schema.get("items").is_some() {
                let noun = words(cut(name, 64)).pop();
                let noun = noun.as_deref().map(singular);
                self.look_into(schema, noun.as_deref().or(holder), depth + 1);
            }
        }
    }

    fn is_about(&self, thing: &str) -> bool {
        self.nouns.iter().flat_map(|noun| noun.split('-')).any(|noun| noun == thing)
    }
}

/// Whether a value may be one of several things, or a list of them: no switch, no choice among a
/// few words, and nothing with fields of its own.
pub(super) fn may_be_thing(schema: &Value) -> bool {
    let is_plain = |schema: &Value| {
        let has = |keyword: &str| schema.get(keyword).is_some();
        !has("enum")
            && !has("properties")
            && schema.get("type").and_then(Value::as_str) != Some("boolean")
    };
    is_plain(schema) && schema.get("items").is_none_or(is_plain)
}

/// The words of a field in the singular, joined by `_`.
pub(super) fn thing(name: &str) -> String {
    let words = words(cut(name, 64));
    words.iter().map(|word| singular(word)).collect::<Vec<_>>().join("_")
}

/// The words of a field that tells one thing from another; `id` alone is that of its holder.
fn identifier(name: &str, holder: Option<&str>) -> Option<String> {
    let words: Vec<String> =
        words(cut(name, 64)).iter().map(|word| singular(word).into_owned()).collect();
    let last = match words.last()?.as_str() {
        "ids" => "id",
        last => last,
    };
    if !IDENTIFIERS.contains(&last) {
        return None;
    }
    let field = match (words.len(), holder) {
        (1, Some(holder)) => format!("{}_{last}", holder.replace('-', "_")),
        (1, None) => return None,
        _ => format!("{}_{last}", words[..words.len() - 1].join("_")),
    };
    (!PAGING.contains(&field.as_str())).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn fields_that_tell_things_apart_are_the_same_however_they_are_spelled() {
        for (name, holder, expected) in [
            ("orderId", None, Some("order_id")),
            ("order_ids", None, Some("order_id")),
            ("id", Some("order"), Some("order_id")),
            ("id", Some("data-source"), Some("data_source_id")),
            ("id", None, None),
            ("status", Some("order"), None),
            ("next_cursor", None, None),
            ("idempotency_key", None, None),
        ] {
            assert_eq!(identifier(name, holder).as_deref(), expected, "{name}");
        }
    }
}
