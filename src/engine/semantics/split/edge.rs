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
    /// The server whose tools answer it, and these tools.
    pub from: (String, Vec<String>),
    /// The server whose tools take it, and these tools.
    pub to: (String, Vec<String>),
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
            let noun = names.nouns(index).first().map(String::as_str);
            for (argument, _) in tool.arguments().take(MAX_ARGUMENTS) {
                if let Some(field) = identifier(argument, noun) {
                    fields.entry(field).or_default().consumers.insert(index);
                }
            }
            if let Some(schema) = tool.output_schema() {
                let mut found = Vec::new();
                let mut budget = MAX_FIELDS;
                outputs(schema, noun, 0, &mut budget, &mut found);
                for field in found {
                    fields.entry(field).or_default().producers.insert(index);
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

    /// What goes from one server to another.
    pub(super) fn between(
        &self,
        server_of: &[Option<usize>],
        titles: &[String],
        tools: &[Tool],
    ) -> Vec<CrossEdge> {
        let mut edges = Vec::new();
        let names_in = |server: usize, ends: &BTreeSet<usize>| {
            let there = ends.iter().filter(|tool| server_of[**tool] == Some(server));
            let mut names: Vec<String> = there.map(|tool| tools[*tool].name.clone()).collect();
            names.sort();
            names
        };
        for (field, ends) in &self.fields {
            let Some(home) = ends.home(field, server_of, titles) else { continue };
            let servers = |ends: &BTreeSet<usize>| -> BTreeSet<usize> {
                ends.iter().filter_map(|tool| server_of[*tool]).collect()
            };
            // What is answered where it is taken is not fetched elsewhere.
            for taker in servers(&ends.consumers).difference(&servers(&ends.producers)) {
                let from = (titles[home].clone(), names_in(home, &ends.producers));
                let to = (titles[*taker].clone(), names_in(*taker, &ends.consumers));
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
        let is_called_so = |server: usize| field.starts_with(&titles[server].replace('-', "_"));
        let best =
            |(server, tools): &(usize, usize)| (is_called_so(*server), *tools, Reverse(*server));
        answering.into_iter().max_by_key(best).map(|(server, _)| server)
    }
}

/// The identifiers in an output schema. One called `id` belongs to what it stands in (`orders[].id`
/// is an order's), or to what the tool is about.
fn outputs(
    schema: &Value,
    holder: Option<&str>,
    depth: usize,
    budget: &mut usize,
    found: &mut Vec<String>,
) {
    if depth > MAX_DEPTH {
        return;
    }
    if let Some(items) = schema.get("items") {
        outputs(items, holder, depth + 1, budget, found);
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        found.extend(identifier(name, holder));
        if schema.get("properties").is_some() || schema.get("items").is_some() {
            let noun = words(cut(name, 64)).pop();
            let noun = noun.as_deref().map(singular);
            outputs(schema, noun.as_deref().or(holder), depth + 1, budget, found);
        }
    }
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
