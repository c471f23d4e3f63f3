//! One direction of a comparison, from the search to what is reported.

use std::{cell::LazyCell, collections::HashSet};

use serde_json::Value;

use super::{
    Failure, Inclusion, Undecided,
    compile::{Compiled, Inner},
    confirm::Confirmation,
    cost,
    document::Document,
    goal::{Goal, goals},
    instance::Instance,
    node::{Arena, Id, KeySet, Node},
    search::{Outcome, Search},
};
use crate::engine::protocol::pointer::Pointer;

/// Most places of the instance that are shown for one keyword of a definition that many share.
const MAX_PLACES: usize = 8;
/// Most names that one closed object is shown to refuse.
const MAX_NAMES: usize = 64;
/// Most attempts to make the witnesses of a question smaller.
pub(super) const MAX_ATTEMPTS: usize = 500;
/// Most schemas that a validator is made to look at for one witness; see [`cost`].
const MAX_VISITS: u64 = 1_000_000;
/// The same for a witness that is made smaller, which asks the validator again and again.
const MAX_VISITS_OF_MANY: u64 = 10_000;
/// Largest witness that is made smaller, in [`Instance::size`].
const MAX_SIZE: usize = 2_000;
/// Most work spent on all places of one schema together; see [`Search::work`].
const MAX_WORK: u64 = 4_000_000;
/// The reason given when the validator contradicts the search. Never seen unless there is a bug.
pub(super) const REFUTED: &str = "the validator disagrees about the instance that was found";

type Confirm<'s> = LazyCell<Option<Confirmation>, Box<dyn FnOnce() -> Option<Confirmation> + 's>>;

type Names<'s> = LazyCell<HashSet<String>, Box<dyn FnOnce() -> HashSet<String> + 's>>;

/// Are the values of the sending schema accepted?
pub(super) struct Question<'s> {
    pub(super) sender: Id,
    pub(super) acceptor: &'s Compiled,
    pub(super) sending: &'s Document<'s>,
    pub(super) accepting: &'s Document<'s>,
    /// Whether either document says something that validators have to make up a meaning for: a
    /// reference that leads out of it, or back to itself.
    pub(super) has_open_meaning: bool,
    pub(super) search: Search<'s>,
    /// The validators, built when there is something to validate.
    pub(super) confirmation: Confirm<'s>,
    /// What is left of the attempts to make witnesses smaller.
    pub(super) attempts: usize,
    /// The names of the properties that the sender declares, anywhere.
    pub(super) declared: Names<'s>,
}

/// What is known about one goal.
enum Verdict {
    Holds,
    Fails(Value),
    Undecided(String),
}

impl Question<'_> {
    pub(super) fn answer(mut self) -> Inclusion {
        let overall = self.search.refused(self.sender, self.acceptor.root);
        if overall == Outcome::Empty {
            let is_empty = self.search.accepted(self.sender) == Outcome::Empty;
            return Inclusion { is_empty, ..Inclusion::default() };
        }
        let mut inclusion = self.goal_by_goal();
        if inclusion.is_included() {
            // The parts hold and the whole does not, or was not decided: then the whole is said.
            match self.verdict(self.acceptor.root, overall) {
                Verdict::Holds => {}
                Verdict::Fails(witness) => inclusion.failures.push(Failure {
                    pointer: Pointer::root(),
                    keyword: String::new(),
                    member: None,
                    instance: Pointer::root(),
                    witness,
                }),
                Verdict::Undecided(reason) => {
                    inclusion.undecided.push(Undecided { pointer: Pointer::root(), reason });
                }
            }
        }
        inclusion
    }

    fn goal_by_goal(&mut self) -> Inclusion {
        let known = self.known();
        let root = Inner::of(self.accepting.value());
        let goals = goals(self.search.arena, self.acceptor, root, &known);
        let mut inclusion = Inclusion::default();
        let mut failed: Vec<Goal> = Vec::new();
        // What leads back into itself comes last, to be left out where a shorter way fails.
        let (straight, cyclic): (Vec<_>, Vec<_>) =
            goals.into_iter().partition(|goal| goal.back_to.is_none());
        for goal in straight.into_iter().chain(cyclic) {
            let is_repetition = goal
                .back_to
                .is_some_and(|back_to| failed.iter().any(|other| other.path.contains(&back_to)));
            let is_same = |other: &&Goal| {
                (other.schema, other.keyword, &other.member)
                    == (goal.schema, goal.keyword, &goal.member)
            };
            if is_repetition || failed.iter().filter(is_same).count() >= MAX_PLACES {
                continue;
            }
            if self.search.work > MAX_WORK {
                let reason = "more places than the budget allows".to_owned();
                inclusion.undecided.push(Undecided { pointer: self.pointer(&goal), reason });
                break;
            }
            let outcome = self.search.refused(self.sender, goal.node);
            match self.verdict(goal.node, outcome) {
                Verdict::Holds => {}
                Verdict::Fails(witness) => {
                    let failure = self.failure(&goal, witness);
                    inclusion.failures.extend(self.name_by_name(&goal, failure));
                    failed.push(goal);
                }
                Verdict::Undecided(reason) => {
                    inclusion.undecided.push(Undecided { pointer: self.pointer(&goal), reason });
                }
            }
        }
        inclusion
    }

    /// A closed object refuses each name that the sender declares and it does not: one failure for
    /// each.
    fn name_by_name(&mut self, goal: &Goal, mut failure: Failure) -> Vec<Failure> {
        if !matches!(goal.keyword, "additionalProperties" | "unevaluatedProperties") {
            return vec![failure];
        }
        let mut goal = goal.clone();
        failure.member = self.refused_name(&goal, &failure.witness);
        let mut failures = vec![failure];
        while failures.len() < MAX_NAMES {
            let Some(known) = failures.last().and_then(|last| last.member.clone()) else { break };
            let Some(node) = self.except(goal.node, goal.instance.len(), &known) else { break };
            goal.node = node;
            let outcome = self.search.refused(self.sender, node);
            let Verdict::Fails(witness) = self.verdict(node, outcome) else { break };
            goal.member = self.refused_name(&goal, &witness);
            if goal.member.is_none() {
                break;
            }
            failures.push(self.failure(&goal, witness));
        }
        failures
    }

    /// The name that the sender declares, among those in a witness that a closed object refuses.
    fn refused_name(&self, goal: &Goal, witness: &Value) -> Option<String> {
        let keys = innermost(self.search.arena, goal.node, goal.instance.len())?;
        let object = goal.instance.iter().try_fold(witness, |value, step| match value {
            Value::Array(items) => match step.parse::<usize>() {
                Ok(index) => items.get(index),
                Err(_) => items.first(),
            },
            Value::Object(members) if step == "*" => members.values().next(),
            Value::Object(members) => members.get(step),
            _ => None,
        })?;
        let mut names = object.as_object()?.keys();
        let is_refused = |name: &&String| {
            self.search.arena.is_among(keys, name) == Some(false) && self.declared.contains(*name)
        };
        names.find(is_refused).cloned()
    }

    /// A goal about the names that are not listed, with one more name listed.
    fn except(&mut self, node: Id, depth: usize, name: &str) -> Option<Id> {
        let arena = &mut *self.search.arena;
        let changed = match arena.node(node).clone() {
            Node::Additional(mut keys, inner) if depth == 0 => {
                let name = arena.name(name);
                let place = keys.names.binary_search(&name).err()?;
                keys.names.insert(place, name);
                Node::Additional(keys, inner)
            }
            Node::Property(key, inner) => {
                Node::Property(key, self.except(inner, depth.checked_sub(1)?, name)?)
            }
            Node::PatternProperty(pattern, inner) => {
                Node::PatternProperty(pattern, self.except(inner, depth.checked_sub(1)?, name)?)
            }
            Node::Additional(keys, inner) => {
                Node::Additional(keys, self.except(inner, depth.checked_sub(1)?, name)?)
            }
            Node::Item(index, inner) => {
                Node::Item(index, self.except(inner, depth.checked_sub(1)?, name)?)
            }
            Node::ItemsFrom(from, inner) => {
                Node::ItemsFrom(from, self.except(inner, depth.checked_sub(1)?, name)?)
            }
            _ => return None,
        };
        Some(self.search.arena.add(changed))
    }

    /// What the sender asserts outright.
    fn known(&self) -> HashSet<Id> {
        match self.search.arena.node(self.sender) {
            Node::All(ids) => ids.iter().copied().collect(),
            _ => HashSet::from([self.sender]),
        }
    }

    fn verdict(&mut self, goal: Id, outcome: Outcome) -> Verdict {
        let (instance, reason) = match outcome {
            Outcome::Empty => return Verdict::Holds,
            Outcome::Found(instance) => (instance, REFUTED.to_owned()),
            Outcome::Unknown { reason, candidate: Some(instance) } => (instance, reason),
            Outcome::Unknown { reason, candidate: None } => return Verdict::Undecided(reason),
        };
        self.search.work += instance.size() as u64;
        let Some(confirmation) = &*self.confirmation else {
            return Verdict::Undecided("a schema that the validator refuses to read".to_owned());
        };
        let Some(json) = instance.to_json() else {
            return Verdict::Undecided("a number that JSON has no exact text for".to_owned());
        };
        let visits = cost::visits(self.sending, &json);
        let visits = visits.saturating_add(cost::visits(self.accepting, &json));
        if visits > MAX_VISITS {
            return Verdict::Undecided("an instance that takes a validator too long".to_owned());
        }
        let sender = self.sender;
        if !confirmation.confirms(&json)
            || (self.has_open_meaning && !self.is_certain(sender, goal, &instance))
        {
            return Verdict::Undecided(reason);
        }
        self.search.work += visits;
        if visits > MAX_VISITS_OF_MANY {
            return Verdict::Fails(json);
        }
        let (arena, attempts) = (&*self.search.arena, &mut self.attempts);
        Verdict::Fails(smaller(arena, confirmation, (sender, goal), instance, json, attempts))
    }

    /// Whether an instance is accepted and refused whatever is meant by what has no meaning here.
    /// Validators see only some of the things it can mean.
    fn is_certain(&self, sender: Id, goal: Id, instance: &Instance) -> bool {
        let arena = &self.search.arena;
        arena.refuel();
        arena.evaluate(sender, instance) == Some(true)
            && arena.evaluate(goal, instance) == Some(false)
    }

    fn pointer(&self, goal: &Goal) -> Pointer {
        let mut pointer = self.accepting.locate(goal.schema);
        if goal.schema == 0 {
            return Pointer::root();
        }
        pointer.push(goal.keyword);
        match (&goal.member, goal.keyword) {
            (Some(member), "required") => {
                let names = self.accepting.value().pointer(pointer.as_str());
                let names = names.and_then(Value::as_array);
                let index = names.and_then(|names| names.iter().position(|it| it == member));
                if let Some(index) = index {
                    pointer.push(index);
                }
            }
            // They name what is let through; what is refused stands nowhere.
            (_, "additionalProperties" | "unevaluatedProperties") => {}
            (Some(member), _) => pointer.push(member),
            (None, _) => {}
        }
        pointer
    }

    fn failure(&self, goal: &Goal, witness: Value) -> Failure {
        let mut instance = Pointer::root();
        for step in &goal.instance {
            instance.push(step);
        }
        Failure {
            pointer: self.pointer(goal),
            keyword: goal.keyword.to_owned(),
            member: goal.member.clone(),
            instance,
            witness,
        }
    }
}

/// The names that are let through where a goal is about all others; none for other goals.
fn innermost(arena: &Arena, node: Id, depth: usize) -> Option<&KeySet> {
    match arena.node(node) {
        Node::Additional(keys, _) if depth == 0 => Some(keys),
        Node::Property(_, inner)
        | Node::PatternProperty(_, inner)
        | Node::Additional(_, inner)
        | Node::Item(_, inner)
        | Node::ItemsFrom(_, inner) => innermost(arena, *inner, depth.checked_sub(1)?),
        _ => None,
    }
}

/// The witness with everything left out that it does without. Searches leave little to take away,
/// so a few attempts are enough.
fn smaller(
    arena: &Arena,
    confirmation: &Confirmation,
    (sender, goal): (Id, Id),
    mut instance: Instance,
    mut json: Value,
    attempts: &mut usize,
) -> Value {
    if instance.size() > MAX_SIZE {
        return json;
    }
    arena.refuel();
    let mut place = 0;
    while *attempts > 0 {
        let Some(shorter) = without(&instance, &mut place.clone()) else { break };
        *attempts -= 1;
        let still_fails = arena.evaluate(sender, &shorter) == Some(true)
            && arena.evaluate(goal, &shorter) == Some(false);
        let confirmed = || shorter.to_json().filter(|json| confirmation.confirms(json));
        match still_fails.then(confirmed).flatten() {
            Some(text) => (instance, json) = (shorter, text),
            None => place += 1,
        }
    }
    json
}

/// The instance without the member or item that comes after `skipped` others, counted outside in.
fn without(instance: &Instance, skipped: &mut usize) -> Option<Instance> {
    match instance {
        Instance::Object(members) => {
            if let Some(name) = members.keys().nth(*skipped) {
                let mut rest = members.clone();
                rest.remove(name);
                return Some(Instance::Object(rest));
            }
            *skipped -= members.len();
            let (name, shorter) = members
                .iter()
                .find_map(|(name, value)| Some((name.clone(), without(value, skipped)?)))?;
            let mut rest = members.clone();
            rest.insert(name, shorter);
            Some(Instance::Object(rest))
        }
        Instance::Array(items) => {
            if *skipped < items.len() {
                let mut rest = items.clone();
                rest.remove(*skipped);
                return Some(Instance::Array(rest));
            }
            *skipped -= items.len();
            let (index, shorter) = items
                .iter()
                .enumerate()
                .find_map(|(index, item)| Some((index, without(item, skipped)?)))?;
            let mut rest = items.clone();
            rest[index] = shorter;
            Some(Instance::Array(rest))
        }
        _ => None,
    }
}
