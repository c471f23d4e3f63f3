//! One direction of a comparison, from the search to what is reported.

use std::{cell::LazyCell, collections::HashSet};

use serde_json::Value;

use super::{
    Failure, Inclusion, Undecided,
    compile::{Compiled, Inner},
    confirm::Confirmation,
    document::Document,
    goal::{Goal, goals},
    instance::Instance,
    node::{Arena, Id, Node},
    search::{Outcome, Search},
};
use crate::engine::protocol::pointer::Pointer;

/// Most attempts to make a witness smaller.
const MAX_ATTEMPTS: usize = 200;
/// Most steps spent on all places of one schema together.
const MAX_STEPS: u64 = 400_000;
/// The reason given when the validator contradicts the search. Never seen unless there is a bug.
pub(super) const REFUTED: &str = "the validator disagrees about the instance that was found";

type Confirm<'s> = LazyCell<Option<Confirmation>, Box<dyn FnOnce() -> Option<Confirmation> + 's>>;

/// Are the values of the sending schema accepted?
pub(super) struct Question<'s> {
    pub(super) sender: Id,
    pub(super) acceptor: &'s Compiled,
    pub(super) accepting: &'s Document<'s>,
    pub(super) search: Search<'s>,
    /// The validators, built when there is something to validate.
    pub(super) confirmation: Confirm<'s>,
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
        let mut steps = 0;
        for goal in straight.into_iter().chain(cyclic) {
            let is_repetition = goal
                .back_to
                .is_some_and(|back_to| failed.iter().any(|other| other.path.contains(&back_to)));
            if is_repetition {
                continue;
            }
            if steps > MAX_STEPS {
                let reason = "more places than the budget allows".to_owned();
                inclusion.undecided.push(Undecided { pointer: self.pointer(&goal), reason });
                break;
            }
            let outcome = self.search.refused(self.sender, goal.node);
            steps += u64::from(self.search.spent());
            match self.verdict(goal.node, outcome) {
                Verdict::Holds => {}
                Verdict::Fails(witness) => {
                    inclusion.failures.push(self.failure(&goal, witness));
                    failed.push(goal);
                }
                Verdict::Undecided(reason) => {
                    inclusion.undecided.push(Undecided { pointer: self.pointer(&goal), reason });
                }
            }
        }
        inclusion
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
        let Some(confirmation) = &*self.confirmation else {
            return Verdict::Undecided("a schema that the validator refuses to read".to_owned());
        };
        let Some(json) = instance.to_json() else {
            return Verdict::Undecided("a number that JSON has no exact text for".to_owned());
        };
        if !confirmation.confirms(&json) {
            return Verdict::Undecided(reason);
        }
        let sender = self.sender;
        Verdict::Fails(smaller(self.search.arena, confirmation, sender, goal, instance, json))
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

/// The witness with everything left out that it does without.
fn smaller(
    arena: &Arena,
    confirmation: &Confirmation,
    sender: Id,
    goal: Id,
    mut instance: Instance,
    mut json: Value,
) -> Value {
    let mut attempts = 0;
    arena.refuel();
    loop {
        let shorter = shortenings(&instance).into_iter().find_map(|candidate| {
            attempts += 1;
            if attempts > MAX_ATTEMPTS
                || arena.evaluate(sender, &candidate) != Some(true)
                || arena.evaluate(goal, &candidate) != Some(false)
            {
                return None;
            }
            let json = candidate.to_json().filter(|json| confirmation.confirms(json))?;
            Some((candidate, json))
        });
        match shorter {
            Some(found) => (instance, json) = found,
            None => return json,
        }
    }
}

/// The instance with one member or item left out, anywhere.
fn shortenings(instance: &Instance) -> Vec<Instance> {
    let mut all = Vec::new();
    match instance {
        Instance::Object(members) => {
            for name in members.keys() {
                let mut without = members.clone();
                without.remove(name);
                all.push(Instance::Object(without));
            }
            for (name, value) in members {
                for shorter in shortenings(value) {
                    let mut with = members.clone();
                    with.insert(name.clone(), shorter);
                    all.push(Instance::Object(with));
                }
            }
        }
        Instance::Array(items) if items.len() <= MAX_ATTEMPTS => {
            for index in 0..items.len() {
                let mut without = items.clone();
                without.remove(index);
                all.push(Instance::Array(without));
                for shorter in shortenings(&items[index]) {
                    let mut with = items.clone();
                    with[index] = shorter;
                    all.push(Instance::Array(with));
                }
            }
        }
        _ => {}
    }
    all
}
