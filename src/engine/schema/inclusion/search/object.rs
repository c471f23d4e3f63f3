//! An object: which keys it has, and a value for each.
//!
//! Under [`Senders::Declared`](super::Senders) only keys that the sender knows of may occur.

use std::collections::{BTreeMap, BTreeSet};

use super::{Literal, Outcome, Search};
use crate::engine::schema::inclusion::{
    instance::{Instance, Kind, Kinds},
    node::{Id, KeySet, Name, Node, Openness, PatternId},
};

/// Most ways of choosing keys for what must exist.
const MAX_PLACEMENTS: usize = 3_000;
/// Most conditions on keys whose combinations are all looked at.
const MAX_PREDICATES: usize = 7;
/// Most properties that are written out.
const MAX_PROPERTIES: u64 = 10_000;

/// What is asked of an object.
#[derive(Debug, Default)]
struct Wanted {
    required: BTreeSet<Name>,
    absent: BTreeSet<Name>,
    min: u64,
    max: Option<u64>,
    properties: BTreeMap<Name, Vec<Literal>>,
    by_pattern: Vec<(PatternId, Literal)>,
    additional: Vec<(KeySet, Literal)>,
    names: Vec<Literal>,
    /// What must be true of some property.
    somewhere: Vec<Existential>,
    /// What senders know of; none where they may send anything.
    declared: Option<Declared>,
    /// All names that any of it mentions, in order of appearance.
    mentioned: Vec<Name>,
    /// Whether a pattern of names is not regular, so that the finished object is to be checked.
    is_unclear: bool,
    atoms: Vec<Literal>,
}

#[derive(Debug, Default)]
struct Declared {
    keys: KeySet,
    openness: Option<Openness>,
}

/// A property that must exist.
#[derive(Debug, Clone)]
struct Existential {
    key: KeyCondition,
    /// What its value must be, if that matters.
    value: Option<Literal>,
}

#[derive(Debug, Clone)]
enum KeyCondition {
    Matches(PatternId),
    IsNotAmong(KeySet),
    /// The key violates a schema.
    Violates(Literal),
}

/// Keys chosen so far, each with what was asked of its value because it was chosen.
type Chosen = BTreeMap<Name, Vec<Literal>>;

impl Search<'_> {
    pub(super) fn object(&mut self, atoms: &[Literal], is_root: bool) -> Outcome {
        let Some(wanted) = self.wanted_of_object(atoms, is_root) else { return Outcome::Empty };
        let mut chosen = Chosen::new();
        let mut doubt = None;
        // Before anything is combined, a value that cannot be found ends it.
        let is_combined =
            !wanted.somewhere.is_empty() || wanted.required.len() < wanted.min as usize;
        for name in &wanted.required {
            match self.may_have_key(&wanted, *name) {
                Some(false) => return Outcome::Empty,
                Some(true) => {}
                None => doubt = Some("a key that a schema of names may refuse"),
            }
            if is_combined && self.find(self.slot(&wanted, *name), false) == Outcome::Empty {
                return Outcome::Empty;
            }
            chosen.insert(*name, Vec::new());
        }
        let mut budget = MAX_PLACEMENTS;
        let outcome = self.choose(&wanted, &mut chosen, 0, &mut budget);
        let outcome = match outcome {
            Outcome::Empty if budget == 0 => Outcome::unknown("too many ways to choose keys"),
            outcome => outcome,
        };
        match doubt {
            Some(doubt) => outcome.doubted(doubt),
            None => outcome,
        }
    }

    /// None where names contradict each other.
    fn wanted_of_object(&self, atoms: &[Literal], is_root: bool) -> Option<Wanted> {
        let mut wanted = Wanted { atoms: atoms.to_vec(), ..Wanted::default() };
        let mut declared: Option<(Vec<Name>, Vec<PatternId>, Openness)> = None;
        for literal in atoms {
            match (self.arena.node(literal.node), literal.is_positive) {
                (Node::Required(name), true) | (Node::Absent(name), false) => {
                    wanted.required.insert(*name);
                    wanted.mentioned.push(*name);
                }
                (Node::Required(name), false) | (Node::Absent(name), true) => {
                    wanted.absent.insert(*name);
                    wanted.mentioned.push(*name);
                }
                (Node::MinProperties(least), true) => wanted.min = wanted.min.max(*least),
                (Node::MinProperties(least), false) => wanted.limit(least.checked_sub(1)?),
                (Node::MaxProperties(most), true) => wanted.limit(*most),
                (Node::MaxProperties(most), false) => {
                    wanted.min = wanted.min.max(most.saturating_add(1));
                }
                (Node::Property(name, id), is_positive) => {
                    if !is_positive {
                        wanted.required.insert(*name);
                    }
                    wanted.properties.entry(*name).or_default().push(literal.with(*id));
                    wanted.mentioned.push(*name);
                }
                (Node::PatternProperty(pattern, id), true) => {
                    wanted.by_pattern.push((*pattern, literal.with(*id)));
                }
                (Node::PatternProperty(pattern, id), false) => wanted.somewhere.push(Existential {
                    key: KeyCondition::Matches(*pattern),
                    value: Some(literal.with(*id)),
                }),
                (Node::Additional(keys, id), is_positive) => {
                    wanted.mentioned.extend_from_slice(&keys.names);
                    if is_positive {
                        wanted.additional.push((keys.clone(), literal.with(*id)));
                    } else {
                        wanted.somewhere.push(Existential {
                            key: KeyCondition::IsNotAmong(keys.clone()),
                            value: Some(literal.with(*id)),
                        });
                    }
                }
                (Node::PropertyNames(id), true) => wanted.names.push(literal.with(*id)),
                (Node::PropertyNames(id), false) => wanted.somewhere.push(Existential {
                    key: KeyCondition::Violates(literal.with(*id)),
                    value: None,
                }),
                (Node::Declares(keys, openness), true) => {
                    wanted.mentioned.extend_from_slice(&keys.names);
                    let (names, patterns, widest) =
                        declared.get_or_insert((Vec::new(), Vec::new(), Openness::Closed));
                    names.extend_from_slice(&keys.names);
                    patterns.extend_from_slice(&keys.patterns);
                    *widest = (*widest).max(*openness);
                }
                _ => {}
            }
        }
        // `additionalProperties: true` and nothing else says what an empty schema says: anything.
        let is_free = |(names, patterns, openness): &(Vec<Name>, Vec<PatternId>, Openness)| {
            names.is_empty() && patterns.is_empty() && *openness == Openness::Others
        };
        if !is_root {
            declared = declared.filter(|declared| !is_free(declared));
        }
        if self.is_declared() && (is_root || declared.is_some()) {
            let (names, patterns, openness) =
                declared.unwrap_or((Vec::new(), Vec::new(), Openness::Closed));
            let keys = KeySet::new(names, patterns);
            wanted.declared = Some(Declared { keys, openness: Some(openness) });
        }
        let patterns = wanted.by_pattern.iter().map(|(pattern, _)| *pattern);
        let others = wanted.additional.iter().flat_map(|(keys, _)| keys.patterns.iter().copied());
        wanted.is_unclear =
            patterns.chain(others).any(|pattern| !self.arena.language(pattern).is_regular());
        let mut seen = BTreeSet::new();
        wanted.mentioned.retain(|name| seen.insert(*name));
        let is_consistent = wanted.required.is_disjoint(&wanted.absent)
            && wanted
                .max
                .is_none_or(|max| wanted.required.len() as u64 <= max && wanted.min <= max);
        is_consistent.then_some(wanted)
    }

    /// Chooses a key for one thing that must exist after the other.
    fn choose(
        &mut self,
        wanted: &Wanted,
        chosen: &mut Chosen,
        next: usize,
        budget: &mut usize,
    ) -> Outcome {
        let Some(existential) = wanted.somewhere.get(next) else {
            return self.complete(wanted, chosen);
        };
        let (candidates, is_complete) = self.candidates(wanted, chosen, existential);
        let mut best = Outcome::Empty;
        for (name, is_certain) in candidates {
            if *budget == 0 || self.is_exhausted {
                *budget = 0;
                break;
            }
            *budget -= 1;
            let is_new = !chosen.contains_key(&name);
            if is_new && wanted.max.is_some_and(|max| chosen.len() as u64 >= max) {
                continue;
            }
            let before = chosen.get(&name).cloned();
            chosen.entry(name).or_default().extend(existential.value);
            let mut slot = self.slot(wanted, name);
            slot.extend_from_slice(&chosen[&name]);
            if self.find(slot, false) != Outcome::Empty {
                let outcome = self.choose(wanted, chosen, next + 1, budget);
                let doubt = "a key that a `pattern` may not match";
                best = best.or(if is_certain { outcome } else { outcome.doubted(doubt) });
            }
            match before {
                Some(before) => chosen.insert(name, before),
                None => chosen.remove(&name),
            };
            if matches!(best, Outcome::Found(_)) {
                break;
            }
        }
        match best {
            Outcome::Empty if !is_complete => Outcome::unknown("many patterns of property names"),
            best => best,
        }
    }

    /// The keys that may serve: those in use, those that are mentioned, and new ones of every sort;
    /// each with whether it serves for certain. Then, whether that is all of them.
    fn candidates(
        &mut self,
        wanted: &Wanted,
        chosen: &Chosen,
        existential: &Existential,
    ) -> (Vec<(Name, bool)>, bool) {
        let mut candidates = Vec::new();
        let unused = wanted.mentioned.iter().filter(|name| !chosen.contains_key(name));
        let known: Vec<Name> = chosen.keys().chain(unused).copied().collect();
        for name in known {
            let serves = self.key_satisfies(&existential.key, name);
            let may_occur = if chosen.contains_key(&name) {
                Some(true)
            } else {
                self.may_have_key(wanted, name)
            };
            match (serves, may_occur) {
                (Some(false), _) | (_, Some(false)) => {}
                (serves, may) => candidates.push((name, serves.is_some() && may.is_some())),
            }
        }
        let (new, is_complete) = self.new_keys(wanted, chosen, Some(&existential.key));
        candidates.extend(new);
        (candidates, is_complete)
    }

    fn key_satisfies(&self, condition: &KeyCondition, name: Name) -> Option<bool> {
        let text = self.arena.name_text(name);
        match condition {
            KeyCondition::Matches(pattern) => self.arena.language(*pattern).matches(text),
            KeyCondition::IsNotAmong(keys) => self.arena.is_among(keys, text).map(|it| !it),
            KeyCondition::Violates(literal) => {
                let key = Instance::String(text.to_owned());
                self.arena.evaluate(literal.node, &key).map(|it| it == literal.is_positive)
            }
        }
    }

    /// Whether a mentioned key may occur at all.
    fn may_have_key(&self, wanted: &Wanted, name: Name) -> Option<bool> {
        if wanted.absent.contains(&name) {
            return Some(false);
        }
        if let Some(declared) = &wanted.declared {
            // A key that is mentioned is none of the `Others`.
            let is_known = declared.openness == Some(Openness::Map)
                || self.arena.is_among(&declared.keys, self.arena.name_text(name)) != Some(false);
            if !is_known {
                return Some(false);
            }
        }
        let key = Instance::String(self.arena.name_text(name).to_owned());
        self.holds(&wanted.names, &key)
    }

    /// New keys, one for each way in which the conditions on keys can come out.
    fn new_keys(
        &mut self,
        wanted: &Wanted,
        chosen: &Chosen,
        condition: Option<&KeyCondition>,
    ) -> (Vec<(Name, bool)>, bool) {
        let mut base = vec![self.string_literal()];
        base.extend_from_slice(&wanted.names);
        match condition {
            Some(KeyCondition::Matches(pattern)) => base.push(self.pattern_literal(*pattern, true)),
            Some(KeyCondition::IsNotAmong(keys)) => {
                let patterns = keys.patterns.clone();
                base.extend(patterns.iter().map(|pattern| self.pattern_literal(*pattern, false)));
            }
            Some(KeyCondition::Violates(literal)) => base.push(*literal),
            None => {}
        }
        let taken: BTreeSet<Instance> = wanted
            .mentioned
            .iter()
            .chain(chosen.keys())
            .map(|name| Instance::String(self.arena.name_text(*name).to_owned()))
            .collect();
        if !taken.is_empty() {
            let taken = self.arena.enumeration(taken);
            base.push(Literal::negative(taken));
        }
        let Some(predicates) = self.sender_limits(wanted, &mut base) else {
            return (Vec::new(), true);
        };
        let mut predicates: Vec<Literal> =
            predicates.iter().map(|pattern| self.pattern_literal(*pattern, true)).collect();
        if condition.is_some() {
            // One key can serve for several things that must exist.
            predicates.extend(wanted.somewhere.iter().filter_map(|other| match &other.key {
                KeyCondition::Violates(literal) if !base.contains(literal) => Some(*literal),
                _ => None,
            }));
        }
        let is_complete = predicates.len() <= MAX_PREDICATES;
        let assignments: Vec<usize> = if is_complete {
            (0..1 << predicates.len()).collect()
        } else {
            std::iter::once(0).chain((0..predicates.len().min(60)).map(|bit| 1 << bit)).collect()
        };
        let mut keys = Vec::new();
        let mut is_known = is_complete;
        for assignment in assignments {
            let mut state = base.clone();
            for (bit, predicate) in predicates.iter().enumerate() {
                let holds = assignment >> bit & 1 == 1;
                let is_positive = predicate.is_positive == holds;
                state.push(Literal { is_positive, ..*predicate });
            }
            let (text, is_certain) = match self.key(state) {
                Outcome::Found(Instance::String(text)) => (text, true),
                Outcome::Unknown { candidate, .. } => {
                    is_known = false;
                    let Some(Instance::String(text)) = candidate else { continue };
                    (text, false)
                }
                _ => continue,
            };
            keys.push((self.arena.name(&text), is_certain));
        }
        (keys, is_known)
    }

    /// A key, preferably a plain word.
    fn key(&mut self, state: Vec<Literal>) -> Outcome {
        let words = ["extra", "other", "more"].map(|word| Instance::String(word.to_owned()));
        match words.iter().find(|word| self.holds(&state, word) == Some(true)) {
            Some(word) => Outcome::Found(word.clone()),
            None => self.find(state, false),
        }
    }

    /// What a sender's knowledge says about new keys is added to the state; the patterns whose
    /// outcome matters are returned. None where no new key may occur.
    fn sender_limits(
        &mut self,
        wanted: &Wanted,
        state: &mut Vec<Literal>,
    ) -> Option<BTreeSet<PatternId>> {
        let mut predicates: BTreeSet<PatternId> =
            wanted.by_pattern.iter().map(|(pattern, _)| *pattern).collect();
        predicates.extend(wanted.additional.iter().flat_map(|(keys, _)| keys.patterns.clone()));
        for existential in &wanted.somewhere {
            match &existential.key {
                KeyCondition::Matches(pattern) => {
                    predicates.insert(*pattern);
                }
                KeyCondition::IsNotAmong(keys) => predicates.extend(keys.patterns.clone()),
                KeyCondition::Violates(_) => {}
            }
        }
        let Some(declared) = &wanted.declared else { return Some(predicates) };
        predicates.extend(&declared.keys.patterns);
        let own = declared.keys.patterns.clone();
        match declared.openness {
            Some(Openness::Map) => {}
            // What matches a pattern of either side is named, and only its own a sender knows of.
            Some(Openness::Others) => {
                let foreign = predicates.iter().filter(|it| !own.contains(it));
                let foreign: Vec<Id> = foreign.map(|it| self.refused_pattern(*it)).collect();
                let unnamed = self.arena.all(foreign);
                let known = self.any_pattern(&own);
                let allowed = self.arena.any([known, unnamed]);
                state.push(Literal::positive(allowed, false));
            }
            _ if own.is_empty() => return None,
            _ => {
                let known = self.any_pattern(&own);
                state.push(Literal::positive(known, false));
            }
        }
        Some(predicates)
    }

    fn any_pattern(&mut self, patterns: &[PatternId]) -> Id {
        let patterns: Vec<Id> =
            patterns.iter().map(|it| self.arena.add(Node::Pattern(*it))).collect();
        self.arena.any(patterns)
    }

    fn refused_pattern(&mut self, pattern: PatternId) -> Id {
        let pattern = self.arena.add(Node::Pattern(pattern));
        self.arena.not(pattern)
    }

    fn string_literal(&mut self) -> Literal {
        let strings = Kinds::default().with(Kind::String);
        Literal::positive(self.arena.add(Node::Kinds(strings)), false)
    }

    fn pattern_literal(&mut self, pattern: PatternId, is_positive: bool) -> Literal {
        let node = self.arena.add(Node::Pattern(pattern));
        Literal { node, is_positive, is_sender: false }
    }

    /// What is asked of the value of a key, should the key occur.
    fn slot(&self, wanted: &Wanted, name: Name) -> Vec<Literal> {
        let text = self.arena.name_text(name);
        let mut slot = wanted.properties.get(&name).cloned().unwrap_or_default();
        for (pattern, literal) in &wanted.by_pattern {
            // Where it is not known whether the key matches, nothing may be proved with it; the
            // finished object is looked at again.
            if self.arena.language(*pattern).matches(text) == Some(true) {
                slot.push(*literal);
            }
        }
        for (keys, literal) in &wanted.additional {
            if self.arena.is_among(keys, text) == Some(false) {
                slot.push(*literal);
            }
        }
        slot
    }

    /// Everything that must exist has its key: adds keys until there are enough, and finds values.
    fn complete(&mut self, wanted: &Wanted, chosen: &Chosen) -> Outcome {
        let mut keys = chosen.clone();
        if wanted.min > MAX_PROPERTIES {
            return Outcome::unknown("an object of more than 10,000 properties");
        }
        let mut is_certain = true;
        if (keys.len() as u64) < wanted.min {
            for name in &wanted.mentioned {
                if keys.len() as u64 >= wanted.min {
                    break;
                }
                if keys.contains_key(name) {
                    continue;
                }
                match self.may_have_key(wanted, *name) {
                    Some(false) => continue,
                    Some(true) => {}
                    None => is_certain = false,
                }
                match self.find(self.slot(wanted, *name), false) {
                    Outcome::Empty => {}
                    _ => {
                        keys.insert(*name, Vec::new());
                    }
                }
            }
        }
        while (keys.len() as u64) < wanted.min {
            let (new, is_complete) = self.new_keys(wanted, &keys, None);
            let mut usable = None;
            for (name, certain) in new {
                if self.find(self.slot(wanted, name), false) != Outcome::Empty {
                    is_certain &= certain;
                    usable = Some(name);
                    break;
                }
            }
            match usable {
                Some(name) => keys.insert(name, Vec::new()),
                None if is_complete && is_certain => return Outcome::Empty,
                None => return Outcome::unknown("`minProperties` over unclear property names"),
            };
        }
        self.values(wanted, &keys, is_certain)
    }

    fn values(&mut self, wanted: &Wanted, keys: &Chosen, is_certain: bool) -> Outcome {
        let mut members = BTreeMap::new();
        let mut reason = (!is_certain).then(|| "a key that may not be allowed".to_owned());
        for (name, extra) in keys {
            let mut slot = self.slot(wanted, *name);
            slot.extend_from_slice(extra);
            let text = self.arena.name_text(*name).to_owned();
            let outcome = self.find(slot, false);
            if let Outcome::Unknown { reason: why, .. } = &outcome {
                reason.get_or_insert_with(|| why.clone());
            }
            match outcome.instance() {
                Some(value) => members.insert(text, value.clone()),
                None if outcome == Outcome::Empty => return Outcome::Empty,
                None => {
                    let reason = reason.unwrap_or_default();
                    return Outcome::Unknown { reason, candidate: None };
                }
            };
        }
        let instance = Instance::Object(members);
        if reason.is_none()
            && wanted.is_unclear
            && self.holds(&wanted.atoms, &instance) != Some(true)
        {
            reason =
                Some("property names and a `pattern` that is not regular or too large".to_owned());
        }
        match reason {
            None => Outcome::Found(instance),
            Some(reason) => Outcome::Unknown { reason, candidate: Some(instance) },
        }
    }
}

impl Wanted {
    fn limit(&mut self, most: u64) {
        self.max = Some(self.max.map_or(most, |max| max.min(most)));
    }
}
