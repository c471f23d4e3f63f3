//! One branch of a search: literals of one type, taken apart, and the choices still open.

use rustc_hash::FxHashMap as HashMap;

use super::{Literal, Outcome, Search};
use crate::engine::schema::inclusion::{
    instance::{Instance, Kind, Kinds},
    node::{FALSE, Id, KeySet, Node},
};

/// How deep alternatives are looked into to see that they cannot hold.
const LOOK_AHEAD: usize = 3;

/// What is asked of an instance of one type.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) kind: Kind,
    /// Atoms of the type, and enumerations.
    pub(super) atoms: Vec<Literal>,
    /// What cannot be looked into.
    pub(super) opaque: Vec<Id>,
    /// Of each, one alternative must hold.
    choices: Vec<Vec<Vec<Literal>>>,
    /// What was decided: whether it holds, and whether a sender said so.
    seen: HashMap<Id, (bool, bool)>,
}

impl Branch {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            atoms: Vec::new(),
            opaque: Vec::new(),
            choices: Vec::new(),
            seen: HashMap::default(),
        }
    }

    /// The choice with the fewest alternatives.
    pub(super) fn take_shortest(&mut self) -> Option<Vec<Vec<Literal>>> {
        let shortest = self.choices.iter().enumerate().min_by_key(|(_, choice)| choice.len())?.0;
        Some(self.choices.remove(shortest))
    }
}

impl Search<'_> {
    /// Adds literals; false when the branch is dead.
    pub(super) fn push_all(&mut self, branch: &mut Branch, literals: &[Literal]) -> bool {
        let mut open: Vec<Literal> = literals.iter().rev().copied().collect();
        while let Some(literal) = open.pop() {
            self.work += 1;
            if let Some((is_positive, is_sender)) = branch.seen.get(&literal.node) {
                if *is_positive != literal.is_positive {
                    return false;
                }
                if *is_sender || !literal.is_sender {
                    continue;
                }
            }
            branch.seen.insert(literal.node, (literal.is_positive, literal.is_sender));
            if !self.push(branch, literal, &mut open) {
                return false;
            }
        }
        true
    }

    fn push(&mut self, branch: &mut Branch, literal: Literal, open: &mut Vec<Literal>) -> bool {
        let is_positive = literal.is_positive;
        match self.arena.node(literal.node) {
            Node::True => return is_positive,
            Node::False => return !is_positive,
            Node::Not(inner) => open.push(literal.denied(*inner)),
            Node::Reference(reference) => {
                open.push(literal.with(self.arena.target(*reference)));
            }
            Node::All(ids) if is_positive => {
                open.extend(ids.iter().rev().map(|id| literal.with(*id)));
            }
            Node::Any(ids) if !is_positive => {
                open.extend(ids.iter().rev().map(|id| literal.with(*id)));
            }
            Node::All(ids) | Node::Any(ids) => {
                branch.choices.push(ids.iter().map(|id| vec![literal.with(*id)]).collect());
            }
            Node::One(ids) => {
                let ids = ids.clone();
                let ways = if is_positive {
                    one_of(&ids, literal)
                } else {
                    self.none_or_two(&ids, literal)
                };
                branch.choices.push(ways);
            }
            Node::Opaque(_) => branch.opaque.push(literal.node),
            Node::Kinds(kinds) => return kinds.contains(branch.kind) == is_positive,
            Node::Enumeration(index) => {
                let index = *index;
                return self.push_enumeration(branch, literal, index, open);
            }
            Node::Declares(..) if !is_positive => return false,
            Node::Declares(..) => {
                if literal.is_sender && branch.kind == Kind::Object {
                    branch.atoms.push(literal);
                }
            }
            atom if atom.guard() != Some(branch.kind) => return is_positive,
            _ => branch.atoms.push(literal),
        }
        true
    }

    /// Lists of scalars are left to the solver of their type. Where objects and arrays are denied,
    /// or listed by the side that accepts, they are written out as what they consist of.
    fn push_enumeration(
        &mut self,
        branch: &mut Branch,
        literal: Literal,
        index: u32,
        open: &mut Vec<Literal>,
    ) -> bool {
        let is_compound = matches!(branch.kind, Kind::Object | Kind::Array);
        let is_known = !self.is_declared() || literal.is_sender;
        if !is_compound || (literal.is_positive && is_known) {
            branch.atoms.push(literal);
            return true;
        }
        let members = self.arena.members(index).iter().filter(|it| it.kind() == branch.kind);
        let members: Vec<Instance> = members.cloned().collect();
        let mut formulas = Vec::new();
        for member in &members {
            if !self.spend() {
                branch.opaque.push(literal.node);
                return true;
            }
            formulas.push(literal.with(self.formula(member)));
        }
        if literal.is_positive {
            branch.choices.push(formulas.into_iter().map(|formula| vec![formula]).collect());
        } else {
            open.extend(formulas.into_iter().rev());
        }
        true
    }

    /// The schema of exactly one value.
    pub(super) fn formula(&mut self, value: &Instance) -> Id {
        match value {
            Instance::Object(members) => {
                let mut all =
                    vec![self.arena.add(Node::Kinds(Kinds::default().with(Kind::Object)))];
                let mut names = Vec::new();
                for (text, value) in members {
                    let name = self.arena.name(text);
                    names.push(name);
                    all.push(self.arena.add(Node::Required(name)));
                    let value = self.formula(value);
                    all.push(self.arena.add(Node::Property(name, value)));
                }
                let keys = KeySet::new(names, Vec::new());
                all.push(self.arena.add(Node::Additional(keys, FALSE)));
                self.arena.all(all)
            }
            Instance::Array(items) => {
                let count = items.len() as u64;
                let mut all = vec![self.arena.add(Node::Kinds(Kinds::default().with(Kind::Array)))];
                all.push(self.arena.add(Node::MinItems(count)));
                all.push(self.arena.add(Node::MaxItems(count)));
                for (index, item) in items.iter().enumerate() {
                    let item = self.formula(item);
                    all.push(self.arena.add(Node::Item(index, item)));
                }
                self.arena.all(all)
            }
            scalar => self.arena.enumeration([scalar.clone()].into()),
        }
    }

    /// Not exactly one holds: none does, or two do. Branches that exclude each other, as those with
    /// a discriminator do, are found out once; every pair of them would be a choice otherwise.
    fn none_or_two(&mut self, ids: &[Id], literal: Literal) -> Vec<Vec<Literal>> {
        let with = |id: Id, is_positive| Literal { node: id, is_positive, ..literal };
        let mut ways = vec![ids.iter().map(|id| with(*id, false)).collect()];
        for (index, one) in ids.iter().enumerate() {
            for other in &ids[index + 1..] {
                let both = [*one, *other].map(|id| Literal::positive(id, false));
                let may_overlap =
                    ids.len() < 3 || self.find(both.to_vec(), false) != Outcome::Empty;
                if may_overlap {
                    ways.push(vec![with(*one, true), with(*other, true)]);
                }
            }
        }
        ways
    }

    /// Drops alternatives that cannot hold and choices that are made; false when a choice has no
    /// alternative left.
    pub(super) fn propagate(&mut self, branch: &mut Branch) -> bool {
        loop {
            let mut forced: Vec<Literal> = Vec::new();
            let mut choices = std::mem::take(&mut branch.choices);
            let mut is_dead = false;
            choices.retain_mut(|alternatives| {
                let mut is_made = false;
                alternatives.retain(|alternative| match self.status_of_all(branch, alternative) {
                    Some(holds) => {
                        is_made |= holds;
                        holds
                    }
                    None => true,
                });
                if is_made && !self.matters(alternatives) {
                    return false;
                }
                match alternatives.as_slice() {
                    [] => is_dead = true,
                    [only] => forced.extend_from_slice(only),
                    _ => return true,
                }
                false
            });
            branch.choices.append(&mut choices);
            if is_dead {
                return false;
            }
            if forced.is_empty() {
                return true;
            }
            if !self.push_all(branch, &forced) {
                return false;
            }
        }
    }

    /// Whether it makes a difference for the sender which of several alternatives is followed.
    fn matters(&self, alternatives: &[Vec<Literal>]) -> bool {
        let declares =
            |literal: &Literal| literal.is_sender && self.arena.may_declare(literal.node);
        self.is_declared() && alternatives.iter().flatten().any(declares)
    }

    fn status_of_all(&self, branch: &Branch, literals: &[Literal]) -> Option<bool> {
        let mut is_known = true;
        for literal in literals {
            match self.status(branch, *literal, LOOK_AHEAD) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(true)
    }

    /// Whether a literal holds in a branch, as far as a look at it tells.
    fn status(&self, branch: &Branch, literal: Literal, look_ahead: usize) -> Option<bool> {
        let Literal { node: id, is_positive, is_sender } = literal;
        if let Some((seen, seen_sender)) = branch.seen.get(&id) {
            if *seen != is_positive {
                return Some(false);
            }
            if *seen_sender || !is_sender || !self.arena.may_declare(id) {
                return Some(true);
            }
        }
        let holds = |holds: bool| Some(holds == is_positive);
        match self.arena.node(id) {
            Node::True | Node::Declares(..) => holds(true),
            Node::False => holds(false),
            Node::Kinds(kinds) => holds(kinds.contains(branch.kind)),
            Node::Not(inner) if look_ahead > 0 => {
                self.status(branch, literal.denied(*inner), look_ahead - 1)
            }
            Node::Reference(reference) if look_ahead > 0 => {
                let target = self.arena.target(*reference);
                self.status(branch, literal.with(target), look_ahead - 1)
            }
            Node::All(ids) | Node::Any(ids) if look_ahead > 0 => {
                // Denied, an `Any` is a conjunction and an `All` a choice.
                let is_conjunction = matches!(self.arena.node(id), Node::All(_)) == is_positive;
                let mut is_known = true;
                for id in ids {
                    match self.status(branch, literal.with(*id), look_ahead - 1) {
                        Some(holds) if holds != is_conjunction => return Some(holds),
                        Some(_) => {}
                        None => is_known = false,
                    }
                }
                is_known.then_some(is_conjunction)
            }
            node => match node.guard() {
                Some(kind) if kind != branch.kind => holds(true),
                _ => None,
            },
        }
    }
}

/// Exactly one holds: one does and the others do not.
fn one_of(ids: &[Id], literal: Literal) -> Vec<Vec<Literal>> {
    let chosen = |chosen: usize| {
        let holds = |(index, id): (usize, &Id)| Literal {
            node: *id,
            is_positive: index == chosen,
            ..literal
        };
        ids.iter().enumerate().map(holds).collect()
    };
    (0..ids.len()).map(chosen).collect()
}
