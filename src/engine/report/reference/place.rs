//! All that a schema says about one place in a value.
//!
//! What is said may be spread over the schema itself, the targets of its references, the branches
//! of its `allOf` and the one branch of an "X or null". A [`Place`] holds these parts together and
//! answers for them as one. Not for: words (see `wording`) or the order of rows (see `table`).

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::node::Node;
use crate::engine::{
    protocol::pointer::Pointer,
    schema::{
        Walk,
        reference::{self, Target},
    },
};

/// More parts than this are not looked at; a schema of people's making has two or three.
pub(super) const MAX_PARTS: usize = 64;
/// There are seven types; more than this are not listed.
const MAX_TYPES: usize = 16;
/// How deep combinators are looked for directly inside each other.
const MAX_NESTING: usize = 4;
/// More different references than this are not resolved, and fewer of those that are no pointers:
/// each costs a walk of the schema.
const MAX_REFERENCES: usize = 1_000;
const MAX_SEARCHES: usize = 50;

/// One schema document with its references.
#[derive(Debug)]
pub(super) struct Schemas<'a> {
    targets: HashMap<&'a str, Option<Node<'a>>>,
    /// How often each referenced schema is come to, by identity.
    uses: HashMap<usize, usize>,
}

/// Which references are replaced by what they lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inline {
    /// Those that lead to something short or are the only one to lead there; others keep a name.
    Tables,
    /// Only those that lead to something short.
    Short,
    /// All of them.
    All,
}

/// All that a schema says about one place in a value.
#[derive(Debug, Default)]
pub(super) struct Place<'a> {
    pub(super) parts: Vec<Node<'a>>,
    /// One branch of a combinator is null.
    pub(super) is_nullable: bool,
    /// The types it refers to by name.
    pub(super) named: Vec<Named<'a>>,
    /// Combinators with more than one branch that is not null.
    pub(super) choices: Vec<Choice<'a>>,
    /// References that lead nowhere in this schema.
    pub(super) unresolved: Vec<&'a str>,
}

/// A type that is referred to by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) reference: &'a str,
    pub(super) target: Node<'a>,
}

/// The branches of an `anyOf` or a `oneOf`.
#[derive(Debug, Clone)]
pub(super) struct Choice<'a> {
    /// Exactly one (`oneOf`) rather than at least one (`anyOf`).
    pub(super) is_exclusive: bool,
    pub(super) options: Vec<Node<'a>>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(root: Node<'a>) -> Self {
        let mut schemas = Self { targets: HashMap::new(), uses: HashMap::new() };
        let mut holders = HashMap::new();
        let mut searches = 0;
        for subschema in Walk::of(root.value).iter() {
            let Some(reference) = subschema.get("$ref").and_then(Value::as_str) else { continue };
            if schemas.targets.len() < MAX_REFERENCES && !schemas.targets.contains_key(reference) {
                if reference::pointer(reference).is_none() {
                    searches += 1;
                    if searches > MAX_SEARCHES {
                        continue;
                    }
                }
                schemas.targets.insert(reference, resolve(root, reference, &mut holders));
            }
            if let Some(target) = schemas.target(reference) {
                // A schema outside the definitions is also come to without the reference.
                let elsewhere = usize::from(!is_definition(reference));
                *schemas.uses.entry(target.identity()).or_insert(elsewhere) += 1;
            }
        }
        schemas
    }

    fn target(&self, reference: &str) -> Option<Node<'a>> {
        self.targets.get(reference).copied().flatten()
    }

    fn is_inlined(&self, target: Node<'a>, inline: Inline) -> bool {
        inline == Inline::All
            || is_short(target)
            || (inline == Inline::Tables && self.uses.get(&target.identity()) == Some(&1))
    }

    /// Brings together all that `node` says about its place.
    pub(super) fn place(&self, node: Node<'a>, inline: Inline) -> Place<'a> {
        let mut place = Place::default();
        let mut queue = VecDeque::from([node]);
        let mut seen = HashSet::new();
        while let Some(part) = queue.pop_front() {
            if place.parts.len() == MAX_PARTS || !seen.insert(part.identity()) {
                continue;
            }
            place.parts.push(part);
            if let Some(reference) = part.get("$ref").and_then(Node::text) {
                match self.target(reference) {
                    Some(target) if self.is_inlined(target, inline) => queue.push_back(target),
                    Some(target) => place.named.push(Named { reference, target }),
                    None => place.unresolved.push(reference),
                }
            }
            queue.extend(part.get("allOf").map(Node::items).unwrap_or_default());
            for (keyword, is_exclusive) in [("anyOf", false), ("oneOf", true)] {
                let mut options = Vec::new();
                self.collect_options(part, keyword, inline, &mut options, 0);
                let count = options.len();
                options.retain(|option| !is_null(*option));
                place.is_nullable |= options.len() < count;
                match options.as_slice() {
                    [] => {}
                    [only] => queue.push_back(*only),
                    _ => place.choices.push(Choice { is_exclusive, options }),
                }
            }
        }
        place
    }

    /// The branches of a combinator, with those of a branch that is nothing but the same
    /// combinator in its place.
    fn collect_options(
        &self,
        part: Node<'a>,
        keyword: &str,
        inline: Inline,
        options: &mut Vec<Node<'a>>,
        nesting: usize,
    ) {
        for option in part.get(keyword).map(Node::items).unwrap_or_default() {
            let is_only = |node: Node<'_>, keyword: &str| {
                node.value
                    .as_object()
                    .is_some_and(|members| members.len() == 1 && members.contains_key(keyword))
            };
            let reference = option.get("$ref").filter(|_| is_only(option, "$ref"));
            let target = reference.and_then(Node::text).and_then(|text| self.target(text));
            let inside = target.filter(|target| self.is_inlined(*target, inline)).unwrap_or(option);
            if nesting < MAX_NESTING && is_only(inside, keyword) {
                self.collect_options(inside, keyword, inline, options, nesting + 1);
            } else {
                options.push(option);
            }
        }
    }
}

/// The members of objects that hold targets, by pointer. A text is only read from start to end, so
/// each of a thousand definitions would be a search through all of them.
type Holders<'a> = HashMap<Pointer, HashMap<&'a str, Node<'a>>>;

fn resolve<'a>(root: Node<'a>, reference: &str, holders: &mut Holders<'a>) -> Option<Node<'a>> {
    let Target::Local(value) = reference::resolve(root.value, reference) else { return None };
    let Some(pointer) = reference::pointer(reference) else { return Some(Node::new(value, None)) };
    let tokens: Vec<_> = pointer.tokens().collect();
    let Some((last, before)) = tokens.split_last() else { return Some(root) };
    let mut holder = Pointer::root();
    before.iter().for_each(|token| holder.push(token));
    let members = holders.entry(holder).or_insert_with_key(|holder| {
        root.at(holder).map(Node::members).unwrap_or_default().into_iter().collect()
    });
    // A target in an array has no name; there are never many.
    members.get(&**last).copied().or_else(|| root.at(&pointer))
}

fn is_definition(reference: &str) -> bool {
    let Some(pointer) = reference::pointer(reference) else { return false };
    let tokens: Vec<_> = pointer.tokens().collect();
    matches!(tokens.as_slice(), [holder, _] if matches!(&**holder, "$defs" | "definitions"))
}

/// Whether a schema fits into the cell of its user: it has no insides that need rows.
fn is_short(schema: Node<'_>) -> bool {
    const INSIDES: &[&str] = &[
        "$ref", "additionalProperties", "allOf", "anyOf", "if", "items", "not", "oneOf",
        "patternProperties", "prefixItems", "properties",
    ];
    schema
        .value
        .as_object()
        .is_some_and(|schema| !INSIDES.iter().any(|name| schema.contains_key(*name)))
}

fn is_null(schema: Node<'_>) -> bool {
    schema.value.get("type").and_then(Value::as_str) == Some("null")
        || schema.value.get("const").is_some_and(Value::is_null)
}

impl<'a> Place<'a> {
    /// The value of a keyword: the outermost one, where several parts have it.
    pub(super) fn get(&self, keyword: &str) -> Option<Node<'a>> {
        self.parts.iter().find_map(|part| part.get(keyword))
    }

    /// The values of a keyword in all parts.
    pub(super) fn all(&self, keyword: &str) -> impl Iterator<Item = Node<'a>> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    /// The string under a keyword, the outermost one that is not empty.
    pub(super) fn text(&self, keyword: &str) -> Option<&'a str> {
        self.all(keyword).filter_map(Node::text).find(|text| !text.trim().is_empty())
    }

    /// The properties of all parts, each name once, with whether it is required.
    pub(super) fn properties(&self) -> Vec<(&'a str, Node<'a>, bool)> {
        let required: HashSet<&str> = self.required().into_iter().collect();
        let mut seen = HashSet::new();
        let members = self.all("properties").flat_map(Node::members);
        let members = members.filter(|(name, _)| seen.insert(*name));
        members.map(|(name, schema)| (name, schema, required.contains(name))).collect()
    }

    /// The names under `required` in all parts.
    pub(super) fn required(&self) -> Vec<&'a str> {
        self.all("required").flat_map(Node::items).filter_map(Node::text).collect()
    }

    /// The types that are named or, where none is, that the other keywords speak of.
    pub(super) fn types(&self) -> Vec<&'a str> {
        if let Some(types) = self.get("type") {
            return match types.text() {
                Some(only) => vec![only],
                None => types.items().into_iter().filter_map(Node::text).take(MAX_TYPES).collect(),
            };
        }
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| self.get(keyword).is_some());
        if has(&["properties", "additionalProperties", "patternProperties"]) {
            vec!["object"]
        } else if has(&["items", "prefixItems"]) {
            vec!["array"]
        } else {
            Vec::new()
        }
    }

    /// Whether nothing at all is allowed here.
    pub(super) fn is_nothing(&self) -> bool {
        self.parts.iter().any(|part| *part.value == Value::Bool(false))
    }

    /// The schema of array elements after any `prefixItems`.
    pub(super) fn items(&self) -> Option<Node<'a>> {
        let schema = self.all("items").find(|items| !items.value.is_array());
        schema.or_else(|| self.get("additionalItems")).filter(|items| !is_anything(*items))
    }

    /// The schemas of the first array elements, one each.
    pub(super) fn prefix_items(&self) -> Vec<Node<'a>> {
        let tuple = self.get("prefixItems");
        // Before 2020-12 `items` was the tuple.
        let tuple = tuple.or_else(|| self.all("items").find(|items| items.value.is_array()));
        tuple.map(Node::items).unwrap_or_default()
    }

    /// The schema of members that are not named, where there is one that says something.
    pub(super) fn other_members(&self) -> Option<Node<'a>> {
        self.all("additionalProperties")
            .find(|schema| !is_anything(*schema) && *schema.value != Value::Bool(false))
    }
}

/// Whether a schema allows everything and says nothing.
fn is_anything(schema: Node<'_>) -> bool {
    match schema.value {
        Value::Object(members) => members.is_empty(),
        other => *other == Value::Bool(true) || other.is_null(),
    }
}
