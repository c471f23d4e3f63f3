//! Schemas compiled into one arena of shared nodes.
//!
//! Equal sub-schemas, also of different documents, get equal ids, so that what did not change is
//! recognised without looking at it. An *atom* is one keyword, guarded by the type it speaks of:
//! `minLength 3` means "no string, or at least three characters". So the denial of an atom fixes
//! the type of the instance.

use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashMap as HashMap;

use super::{
    instance::{Instance, Kind, Kinds},
    language::{Language, Patterns},
    rational::Rational,
};

/// A node of the arena.
pub(super) type Id = u32;
/// A property name in the arena.
pub(super) type Name = u32;
/// A pattern in the arena.
pub(super) type PatternId = u32;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    True,
    False,
    All(Vec<Id>),
    Any(Vec<Id>),
    /// Exactly one.
    One(Vec<Id>),
    Not(Id),
    /// A schema that was still being compiled: the target is in [`Arena::target`].
    Reference(u32),
    /// Something that cannot be looked into. Equal keys mean the same schema, whatever it is.
    Opaque(Opaque),
    Kinds(Kinds),
    Enumeration(u32),
    Minimum(Rational, Strictness),
    Maximum(Rational, Strictness),
    MultipleOf(Rational),
    MinLength(u64),
    MaxLength(u64),
    Pattern(PatternId),
    Format(String),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    Item(usize, Id),
    ItemsFrom(usize, Id),
    Contains(Id, u64, Option<u64>),
    MinProperties(u64),
    MaxProperties(u64),
    Required(Name),
    Absent(Name),
    Property(Name, Id),
    PatternProperty(PatternId, Id),
    /// Every property whose name is in neither list.
    Additional(KeySet, Id),
    PropertyNames(Id),
    /// Always true. Says which properties a sender knows of; see [`super::Senders`].
    Declares(KeySet, Openness),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Opaque {
    /// What is the same for the same meaning.
    pub(super) key: String,
    /// What stopped us: a keyword and why.
    pub(super) reason: String,
}

/// Whether a bound itself is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Strictness {
    Inclusive,
    Exclusive,
}

/// Which undeclared properties a schema object invites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Openness {
    /// It does not say, or forbids them.
    Closed,
    /// `additionalProperties: true`: whatever neither side names.
    Others,
    /// A schema for them: it is a map.
    Map,
}

/// Names and patterns, each sorted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct KeySet {
    pub(super) names: Vec<Name>,
    pub(super) patterns: Vec<PatternId>,
}

impl KeySet {
    pub(super) fn new(mut names: Vec<Name>, mut patterns: Vec<PatternId>) -> Self {
        names.sort_unstable();
        names.dedup();
        patterns.sort_unstable();
        patterns.dedup();
        Self { names, patterns }
    }

    pub(super) fn has_name(&self, name: Name) -> bool {
        self.names.binary_search(&name).is_ok()
    }
}

/// All nodes, names, patterns and enumerations of a pair of schemas.
#[derive(Debug, Default)]
pub(super) struct Arena {
    nodes: Vec<Node>,
    /// For each node, whether it may declare properties of the instance itself.
    declares: Vec<bool>,
    ids: HashMap<Node, Id>,
    references: Vec<Option<Id>>,
    names: Vec<String>,
    name_ids: HashMap<String, Name>,
    patterns: Vec<Rc<Language>>,
    known_patterns: Patterns,
    pattern_ids: HashMap<String, PatternId>,
    enumerations: Vec<BTreeSet<Instance>>,
    enumeration_ids: HashMap<BTreeSet<Instance>, u32>,
    /// What is left for evaluating instances.
    fuel: Cell<u32>,
}

/// Most nodes that are evaluated for one question.
const FUEL: u32 = 1_000_000;

pub(super) const TRUE: Id = 0;
pub(super) const FALSE: Id = 1;

impl Arena {
    pub(super) fn new(patterns: &Patterns) -> Self {
        let mut arena = Self { known_patterns: patterns.clone(), ..Self::default() };
        arena.refuel();
        arena.add(Node::True);
        arena.add(Node::False);
        arena
    }

    /// The id of a node, the same for equal nodes.
    pub(super) fn add(&mut self, node: Node) -> Id {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = Id::try_from(self.nodes.len()).expect("memory ends before ids do");
        let declares = match &node {
            Node::All(ids) | Node::Any(ids) | Node::One(ids) => {
                ids.iter().any(|id| self.may_declare(*id))
            }
            Node::Not(inner) => self.may_declare(*inner),
            Node::Declares(..) | Node::Reference(_) => true,
            _ => false,
        };
        self.nodes.push(node.clone());
        self.declares.push(declares);
        self.ids.insert(node, id);
        id
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// Allows for another question.
    pub(super) fn refuel(&self) {
        self.fuel.set(FUEL);
    }

    /// What was evaluated since.
    pub(super) fn burnt(&self) -> u64 {
        u64::from(FUEL - self.fuel.get())
    }

    /// Whether there is something left for one more evaluation.
    pub(super) fn burn(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether a sender that follows this node may know of more properties than it otherwise does.
    pub(super) fn may_declare(&self, id: Id) -> bool {
        self.declares[id as usize]
    }

    /// All of the given, flattened.
    pub(super) fn all(&mut self, ids: impl IntoIterator<Item = Id>) -> Id {
        let mut flat = Vec::new();
        for id in ids {
            match self.node(id) {
                Node::True => {}
                Node::False => return FALSE,
                Node::All(inner) => flat.extend_from_slice(inner),
                _ => flat.push(id),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.as_slice() {
            [] => TRUE,
            [one] => *one,
            _ => self.add(Node::All(flat)),
        }
    }

    /// At least one of the given, flattened. Beside an alternative that is always true, the others
    /// still matter if they declare properties.
    pub(super) fn any(&mut self, ids: impl IntoIterator<Item = Id>) -> Id {
        let mut flat = Vec::new();
        for id in ids {
            match self.node(id) {
                Node::False => {}
                Node::Any(inner) => flat.extend_from_slice(inner),
                _ => flat.push(id),
            }
        }
        if flat.contains(&TRUE) && !flat.iter().any(|id| self.may_declare(*id)) {
            return TRUE;
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.as_slice() {
            [] => FALSE,
            [one] => *one,
            _ => self.add(Node::Any(flat)),
        }
    }

    /// Exactly one of the given. Order does not matter, repetition does.
    pub(super) fn one(&mut self, mut ids: Vec<Id>) -> Id {
        ids.retain(|id| *id != FALSE);
        ids.sort_unstable();
        match ids.as_slice() {
            [] => FALSE,
            [one] => *one,
            _ => self.add(Node::One(ids)),
        }
    }

    pub(super) fn not(&mut self, id: Id) -> Id {
        match self.node(id) {
            Node::True => FALSE,
            Node::False => TRUE,
            Node::Not(inner) => *inner,
            _ => self.add(Node::Not(id)),
        }
    }

    /// The name as an id.
    pub(super) fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.name_ids.get(text) {
            return *name;
        }
        let name = Name::try_from(self.names.len()).expect("memory ends before ids do");
        self.names.push(text.to_owned());
        self.name_ids.insert(text.to_owned(), name);
        name
    }

    pub(super) fn name_text(&self, name: Name) -> &str {
        &self.names[name as usize]
    }

    /// The id of a name that is mentioned somewhere.
    pub(super) fn find_name(&self, text: &str) -> Option<Name> {
        self.name_ids.get(text).copied()
    }

    /// The id of an ECMA-262 pattern.
    pub(super) fn pattern(&mut self, text: &str) -> PatternId {
        if let Some(pattern) = self.pattern_ids.get(text) {
            return *pattern;
        }
        let pattern = PatternId::try_from(self.patterns.len()).expect("memory ends before ids do");
        self.patterns.push(self.known_patterns.language(text));
        self.pattern_ids.insert(text.to_owned(), pattern);
        pattern
    }

    pub(super) fn language(&self, pattern: PatternId) -> &Language {
        &self.patterns[pattern as usize]
    }

    /// One of the given values.
    pub(super) fn enumeration(&mut self, members: BTreeSet<Instance>) -> Id {
        if members.is_empty() {
            return FALSE;
        }
        let index = match self.enumeration_ids.get(&members) {
            Some(index) => *index,
            None => {
                let index = u32::try_from(self.enumerations.len()).expect("memory ends before");
                self.enumerations.push(members.clone());
                self.enumeration_ids.insert(members, index);
                index
            }
        };
        self.add(Node::Enumeration(index))
    }

    pub(super) fn members(&self, enumeration: u32) -> &BTreeSet<Instance> {
        &self.enumerations[enumeration as usize]
    }

    /// A reference to something that is not compiled yet.
    pub(super) fn forward(&mut self) -> u32 {
        self.references.push(None);
        u32::try_from(self.references.len() - 1).expect("memory ends before ids do")
    }

    pub(super) fn set_target(&mut self, reference: u32, target: Id) {
        self.references[reference as usize] = Some(target);
    }

    /// What a reference stands for. Every reference has a target once compilation is over.
    pub(super) fn target(&self, reference: u32) -> Id {
        self.references[reference as usize].expect("a reference outlives its compilation")
    }

    /// References that lead back to themselves without going into the instance mean nothing; they
    /// become opaque. `document` keeps those of one document apart from those of another. Returns
    /// whether there are any.
    pub(super) fn cut_empty_cycles(&mut self, from: u32, document: &str) -> bool {
        let mut has_any = false;
        for reference in from..u32::try_from(self.references.len()).expect("as above") {
            let start = self.target(reference);
            if self.reaches_in_place(start, reference) {
                has_any = true;
                let opaque = self.add(Node::Opaque(Opaque {
                    key: format!("cycle {document} {reference}"),
                    reason: "a `$ref` that leads back to itself".to_owned(),
                }));
                self.set_target(reference, opaque);
            }
        }
        has_any
    }

    fn reaches_in_place(&self, start: Id, reference: u32) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.node(id) {
                Node::All(ids) | Node::Any(ids) | Node::One(ids) => open.extend_from_slice(ids),
                Node::Not(inner) => open.push(*inner),
                Node::Reference(other) if *other == reference => return true,
                Node::Reference(other) => open.push(self.target(*other)),
                _ => {}
            }
        }
        false
    }

    pub(super) fn reference_count(&self) -> u32 {
        u32::try_from(self.references.len()).expect("memory ends before ids do")
    }
}

impl Node {
    /// The type that an atom speaks of; none for what is not guarded by one type.
    pub(super) fn guard(&self) -> Option<Kind> {
        Some(match self {
            Self::Minimum(..) | Self::Maximum(..) | Self::MultipleOf(_) => Kind::Number,
            Self::MinLength(_) | Self::MaxLength(_) | Self::Pattern(_) | Self::Format(_) => {
                Kind::String
            }
            Self::MinItems(_)
            | Self::MaxItems(_)
            | Self::UniqueItems
            | Self::Item(..)
            | Self::ItemsFrom(..)
            | Self::Contains(..) => Kind::Array,
            Self::MinProperties(_)
            | Self::MaxProperties(_)
            | Self::Required(_)
            | Self::Absent(_)
            | Self::Property(..)
            | Self::PatternProperty(..)
            | Self::Additional(..)
            | Self::PropertyNames(_)
            | Self::Declares(..) => Kind::Object,
            _ => return None,
        })
    }
}
