//! Is there an instance that makes a set of literals true?
//!
//! That one question decides everything: what a schema accepts and another refuses, whether a
//! schema accepts anything, whether two exclude each other. A search answers *empty* (proved),
//! *found* (with the instance), or *unknown* (with the reason and perhaps a candidate).
//!
//! Soundness rests on one rule: a constraint that is not understood may be dropped on the way to
//! *found*, where a validator has the last word, and never on the way to *empty*.

mod array;
mod branch;
mod number;
mod object;
mod string;

use std::collections::{HashSet, VecDeque};

use rustc_hash::FxHashMap as HashMap;

use super::{
    Senders,
    instance::{Instance, Kind, Kinds},
    node::{Arena, Id, Node},
};
use branch::Branch;

/// A node that must hold, or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Literal {
    pub(super) node: Id,
    pub(super) is_positive: bool,
    /// Whether it comes from the schema that senders follow. Only told apart under
    /// [`Senders::Declared`].
    pub(super) is_sender: bool,
}

impl Literal {
    fn positive(node: Id, is_sender: bool) -> Self {
        Self { node, is_positive: true, is_sender }
    }

    fn negative(node: Id) -> Self {
        Self { node, is_positive: false, is_sender: false }
    }

    fn with(self, node: Id) -> Self {
        Self { node, ..self }
    }

    fn denied(self, node: Id) -> Self {
        Self { node, is_positive: !self.is_positive, ..self }
    }
}

/// The answer of a search.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// No instance exists.
    Empty,
    /// This one does.
    Found(Instance),
    /// Nothing is known; the candidate may be one.
    Unknown { reason: String, candidate: Option<Instance> },
}

impl Outcome {
    fn unknown(reason: &str) -> Self {
        Self::Unknown { reason: reason.to_owned(), candidate: None }
    }

    /// The instance, found or offered.
    fn instance(&self) -> Option<&Instance> {
        match self {
            Self::Found(instance) => Some(instance),
            Self::Unknown { candidate, .. } => candidate.as_ref(),
            Self::Empty => None,
        }
    }

    /// What is known after two ways were tried.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (found @ Self::Found(_), _) | (_, found @ Self::Found(_)) => found,
            (Self::Empty, other) => other,
            (unknown, Self::Empty) => unknown,
            (Self::Unknown { candidate: None, .. }, other) => other,
            (unknown, _) => unknown,
        }
    }

    /// The same with something left out of account.
    fn doubted(self, reason: &str) -> Self {
        match self {
            Self::Found(instance) => {
                Self::Unknown { reason: reason.to_owned(), candidate: Some(instance) }
            }
            other => other,
        }
    }
}

/// Steps of one question: a set of literals taken up, or a branch of it. Ten times as many decide
/// nothing more on real schemas.
const MAX_STEPS: u32 = 20_000;
/// Deepest nesting of questions and branches together; bounds the stack.
const MAX_DEPTH: usize = 400;
/// Deepest nesting of instances.
const MAX_NESTING: usize = 60;
/// Most nodes that are looked at to say what stopped a search.
const MAX_LOOK: usize = 1_000;
/// From so many refused branches on, an example is tried before they are put together.
const MANY_CHOICES: usize = 6;
/// The reason given when a question takes too many steps.
pub(super) const BUDGET: &str = "more work than the budget allows";

type Question = (Vec<Literal>, bool);

/// A search over one arena. What it learns serves the questions that follow.
pub(super) struct Search<'r> {
    pub(super) arena: &'r mut Arena,
    senders: Senders,
    learned: HashMap<Question, Outcome>,
    /// The questions being asked, each with its level.
    open: HashMap<Question, usize>,
    /// The shallowest open question that an answer was taken for granted of since the innermost
    /// one was opened.
    leaned: usize,
    depth: usize,
    steps: u32,
    /// What all questions together have cost, in literals and states looked at.
    pub(super) work: u64,
    is_exhausted: bool,
}

const NOTHING: usize = usize::MAX;

impl<'r> Search<'r> {
    pub(super) fn new(arena: &'r mut Arena, senders: Senders) -> Self {
        Self {
            arena,
            senders,
            learned: HashMap::default(),
            open: HashMap::default(),
            leaned: NOTHING,
            depth: 0,
            steps: 0,
            work: 0,
            is_exhausted: false,
        }
    }

    /// An instance that the sending schema accepts and the accepting one refuses.
    pub(super) fn refused(&mut self, sending: Id, accepting: Id) -> Outcome {
        self.ask(vec![Literal::positive(sending, self.is_declared()), Literal::negative(accepting)])
    }

    /// An instance of a schema, whoever sends it.
    pub(super) fn accepted(&mut self, schema: Id) -> Outcome {
        self.ask(vec![Literal::positive(schema, self.is_declared())])
    }

    fn ask(&mut self, literals: Vec<Literal>) -> Outcome {
        self.steps = MAX_STEPS;
        self.is_exhausted = false;
        self.arena.refuel();
        let is_root = self.is_declared();
        let outcome = self.find(literals, is_root);
        self.work += self.arena.burnt();
        outcome
    }

    /// The steps that the last question took.
    #[cfg(test)]
    pub(super) fn spent(&self) -> u32 {
        MAX_STEPS - self.steps
    }

    fn is_declared(&self) -> bool {
        self.senders == Senders::Declared
    }

    /// Takes a step; false when the budget is used up.
    fn spend(&mut self) -> bool {
        self.is_exhausted |= self.steps == 0 || self.depth >= MAX_DEPTH;
        self.steps = self.steps.saturating_sub(1);
        !self.is_exhausted
    }

    /// The question itself. A question inside itself is answered *empty*: a smallest instance does
    /// not contain the same question again. What is learned on that assumption is kept only once
    /// the question it was about is closed.
    fn find(&mut self, literals: Vec<Literal>, is_root: bool) -> Outcome {
        self.work += 1 + literals.len() as u64;
        let Some(state) = self.normalised(literals) else { return Outcome::Empty };
        let question = (state, is_root);
        if let Some(outcome) = self.learned.get(&question) {
            return outcome.clone();
        }
        if let Some(level) = self.open.get(&question) {
            self.leaned = self.leaned.min(*level);
            return Outcome::Empty;
        }
        let level = self.open.len();
        if level >= MAX_NESTING || !self.spend() {
            self.is_exhausted = true;
            return Outcome::unknown(BUDGET);
        }
        let before = std::mem::replace(&mut self.leaned, NOTHING);
        self.open.insert(question.clone(), level);
        self.depth += 1;
        let outcome = self.solve(&question.0, is_root);
        self.depth -= 1;
        self.open.remove(&question);
        let leaned_above = self.leaned < level;
        let is_lasting = matches!(outcome, Outcome::Found(_)) || !leaned_above;
        if is_lasting && !self.is_exhausted {
            self.learned.insert(question, outcome.clone());
        }
        self.leaned = before.min(if leaned_above { self.leaned } else { NOTHING });
        outcome
    }

    /// References and denials resolved, sorted, without doubles; none for a contradiction.
    fn normalised(&self, literals: Vec<Literal>) -> Option<Vec<Literal>> {
        let mut state = Vec::with_capacity(literals.len());
        for mut literal in literals {
            loop {
                match self.arena.node(literal.node) {
                    Node::Not(inner) => literal = literal.denied(*inner),
                    Node::Reference(reference) => {
                        literal = literal.with(self.arena.target(*reference));
                    }
                    _ => break,
                }
            }
            match (self.arena.node(literal.node), literal.is_positive) {
                (Node::True, true) | (Node::False, false) => {}
                (Node::True, false) | (Node::False, true) => return None,
                _ => state.push(literal),
            }
        }
        state.sort_unstable();
        state.dedup();
        let contradicts = |pair: &[Literal]| {
            pair[0].node == pair[1].node && pair[0].is_positive != pair[1].is_positive
        };
        // Three can share a node: denied, and asserted for either side.
        let is_contradiction = state.windows(2).any(contradicts)
            || state.windows(3).any(|three| contradicts(&[three[0], three[2]]));
        (!is_contradiction).then_some(state)
    }

    fn solve(&mut self, state: &[Literal], is_root: bool) -> Outcome {
        let flat = self.flattened(state);
        self.work += flat.len() as u64;
        if let Some(outcome) = self.among_members(&flat, state) {
            return outcome;
        }
        if let Some(example) = self.example(&flat, is_root) {
            return Outcome::Found(example);
        }
        let mut kinds = Kinds::ALL;
        for literal in &flat {
            let allowed = match (self.arena.node(literal.node), literal.is_positive) {
                (Node::Kinds(kinds), true) => *kinds,
                (Node::Kinds(kinds), false) => kinds.complement(),
                (node, false) => node.guard().map_or(Kinds::ALL, |it| Kinds::default().with(it)),
                _ => Kinds::ALL,
            };
            kinds = kinds.intersection(allowed);
        }
        let mut best = Outcome::Empty;
        for kind in kinds.iter() {
            let mut branch = Branch::new(kind);
            if !self.push_all(&mut branch, &flat) {
                continue;
            }
            best = best.or(self.explore(branch, is_root));
            if matches!(best, Outcome::Found(_)) {
                break;
            }
        }
        best
    }

    /// An example of one branch of a union that many others refuse. To put together what each of
    /// them refuses, one by one, doubles the work with each; an example of a branch that is gone is
    /// refused by all of them as it stands.
    fn example(&mut self, flat: &[Literal], is_root: bool) -> Option<Instance> {
        let is_choice =
            |it: &Literal| !it.is_positive && matches!(self.arena.node(it.node), Node::All(_));
        if flat.iter().filter(|literal| is_choice(literal)).count() < MANY_CHOICES {
            return None;
        }
        let mut positive: Vec<Literal> =
            flat.iter().filter(|literal| literal.is_positive).copied().collect();
        let is_union =
            |it: &Literal| matches!(self.arena.node(it.node), Node::Any(_) | Node::One(_));
        let union = positive.remove(positive.iter().position(is_union)?);
        let (Node::Any(branches) | Node::One(branches)) = self.arena.node(union.node) else {
            return None;
        };
        for branch in branches.clone() {
            let mut state = positive.clone();
            state.push(union.with(branch));
            if let Outcome::Found(instance) = self.find(state, is_root)
                && self.holds(flat, &instance) == Some(true)
            {
                return Some(instance);
            }
        }
        None
    }

    /// The literals with their conjunctions taken apart.
    fn flattened(&self, state: &[Literal]) -> Vec<Literal> {
        let mut flat = Vec::new();
        let mut open: Vec<Literal> = state.iter().rev().copied().collect();
        while let Some(literal) = open.pop() {
            match (self.arena.node(literal.node), literal.is_positive) {
                (Node::All(ids), true) | (Node::Any(ids), false) => {
                    open.extend(ids.iter().rev().map(|id| literal.with(*id)));
                }
                (Node::Not(inner), _) => open.push(literal.denied(*inner)),
                (Node::Reference(it), _) => open.push(literal.with(self.arena.target(*it))),
                _ => flat.push(literal),
            }
        }
        flat
    }

    /// Where the instance must be one of a list, the list is gone through.
    fn among_members(&mut self, flat: &[Literal], state: &[Literal]) -> Option<Outcome> {
        let list = flat
            .iter()
            .filter(|literal| literal.is_positive)
            .filter_map(|literal| match self.arena.node(literal.node) {
                Node::Enumeration(index) => Some((literal.is_sender, *index)),
                _ => None,
            })
            .filter(|(is_sender, index)| {
                // A value that the accepting side lists is no value that a sender knows of.
                let is_simple = || !self.arena.members(*index).iter().any(Instance::is_compound);
                !self.is_declared() || *is_sender || is_simple()
            })
            .min_by_key(|(_, index)| self.arena.members(*index).len())?;
        let members = self.arena.members(list.1);
        Some(self.best_of(members.iter(), state))
    }

    /// The shortest of some instances that makes all literals true.
    fn best_of<'i>(
        &self,
        instances: impl Iterator<Item = &'i Instance>,
        literals: &[Literal],
    ) -> Outcome {
        let (mut found, mut doubtful): (Option<&Instance>, Option<&Instance>) = (None, None);
        for instance in instances {
            let is_longer = |best: &Instance| best.size() <= instance.size();
            if found.is_some_and(is_longer) {
                continue;
            }
            match self.holds(literals, instance) {
                Some(true) => found = Some(instance),
                None if !doubtful.is_some_and(is_longer) => doubtful = Some(instance),
                _ => {}
            }
        }
        match (found, doubtful) {
            (Some(instance), _) => Outcome::Found(instance.clone()),
            (None, Some(instance)) => Outcome::Unknown {
                reason: self.doubt(literals).unwrap_or(BUDGET).to_owned(),
                candidate: Some(instance.clone()),
            },
            (None, None) => Outcome::Empty,
        }
    }

    /// Whether an instance makes all literals true.
    fn holds(&self, literals: &[Literal], instance: &Instance) -> Option<bool> {
        let mut is_known = true;
        for literal in literals {
            match self.arena.evaluate(literal.node, instance) {
                Some(holds) if holds != literal.is_positive => return Some(false),
                Some(_) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(true)
    }

    /// The first thing in some literals that cannot be looked into.
    fn doubt(&self, literals: &[Literal]) -> Option<&str> {
        literals.iter().find_map(|literal| self.arena.doubt(literal.node))
    }

    /// Follows the alternatives until none is left.
    fn explore(&mut self, mut branch: Branch, is_root: bool) -> Outcome {
        if !self.spend() {
            return Outcome::unknown(BUDGET);
        }
        if !self.propagate(&mut branch) {
            return Outcome::Empty;
        }
        let Some(alternatives) = branch.take_shortest() else {
            return self.leaf(&branch, is_root);
        };
        let mut best = Outcome::Empty;
        self.depth += 1;
        for alternative in alternatives {
            let mut next = branch.clone();
            if !self.push_all(&mut next, &alternative) {
                continue;
            }
            best = best.or(self.explore(next, is_root));
            if matches!(best, Outcome::Found(_)) || self.is_exhausted {
                break;
            }
        }
        self.depth -= 1;
        if self.is_exhausted { best.or(Outcome::unknown(BUDGET)) } else { best }
    }

    /// Only atoms of one type are left.
    fn leaf(&mut self, branch: &Branch, is_root: bool) -> Outcome {
        let lists = branch.atoms.iter().filter(|literal| literal.is_positive);
        let lists = lists.filter_map(|literal| match self.arena.node(literal.node) {
            Node::Enumeration(index) => Some(*index),
            _ => None,
        });
        let shortest = lists.min_by_key(|index| self.arena.members(*index).len());
        let outcome = if let Some(index) = shortest {
            let of_kind = self.arena.members(index).iter().filter(|it| it.kind() == branch.kind);
            self.best_of(of_kind, &branch.atoms)
        } else {
            match branch.kind {
                Kind::Null => self.best_of([Instance::Null].iter(), &branch.atoms),
                Kind::Boolean => {
                    let both = [true, false].map(Instance::Boolean);
                    self.best_of(both.iter(), &branch.atoms)
                }
                Kind::Number => self.number(&branch.atoms),
                Kind::String => self.string(&branch.atoms),
                Kind::Array => self.array(&branch.atoms),
                Kind::Object => self.object(&branch.atoms, is_root),
            }
        };
        match branch.opaque.first() {
            Some(id) => {
                let reason = self.arena.doubt(*id).unwrap_or(BUDGET).to_owned();
                outcome.doubted(&reason)
            }
            None => outcome,
        }
    }
}

impl Arena {
    /// What cannot be looked into in a node, if anything was met among the nearest ones.
    fn doubt(&self, id: Id) -> Option<&str> {
        let mut seen = HashSet::from([id]);
        let mut open = VecDeque::from([id]);
        while let Some(id) = open.pop_front() {
            let inner = match self.node(id) {
                Node::Opaque(opaque) => return Some(&opaque.reason),
                Node::Format(_) => return Some("a `format` that is asserted"),
                Node::Pattern(pattern) | Node::PatternProperty(pattern, _)
                    if !self.language(*pattern).is_regular() =>
                {
                    return Some("a `pattern` that is not regular or too large");
                }
                Node::All(ids) | Node::Any(ids) | Node::One(ids) => ids.as_slice(),
                Node::Not(id)
                | Node::Item(_, id)
                | Node::ItemsFrom(_, id)
                | Node::Contains(id, ..)
                | Node::Property(_, id)
                | Node::PatternProperty(_, id)
                | Node::Additional(_, id)
                | Node::PropertyNames(id) => std::slice::from_ref(id),
                Node::Reference(reference) => &[self.target(*reference)],
                _ => &[],
            };
            for id in inner {
                if seen.len() < MAX_LOOK && seen.insert(*id) {
                    open.push_back(*id);
                }
            }
        }
        None
    }
}
