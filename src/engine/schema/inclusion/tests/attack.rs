//! Tries to prove one answer wrong: with instances by chance, with instances that the search itself
//! makes, and with a validator that knows nothing of it.

use std::{collections::BTreeMap, time::Duration};

use jsonschema::Validator;
use serde_json::Value;

use super::{
    convention::{self, Convention},
    generator::{self, Context},
    random::Random,
};
use crate::engine::schema::{
    Dialect,
    inclusion::{
        Inclusion, Options, Pair, Senders, Undecided,
        instance::Instance,
        question::REFUTED,
        search::{BUDGET, Outcome, Search},
    },
};

/// Two schemas, each with the document it stands in.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) contexts: [Context; 2],
    pub(super) bodies: [Value; 2],
}

impl Case {
    pub(super) fn documents(&self) -> [Value; 2] {
        [0, 1].map(|side| self.contexts[side].document(&self.bodies[side]))
    }
}

/// What was seen over many cases.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) pairs: usize,
    pub(super) included: usize,
    pub(super) empty: usize,
    pub(super) refused: usize,
    pub(super) undecided: usize,
    pub(super) included_by_convention: usize,
    pub(super) reasons: BTreeMap<String, usize>,
    pub(super) unreadable: usize,
    /// Instances judged by validator and evaluator, and those of which the evaluator knew nothing.
    pub(super) evaluations: usize,
    pub(super) unknown: usize,
    /// Instances of the first schema that were tried on the second after an inclusion.
    pub(super) attacks: usize,
    pub(super) attacks_by_convention: usize,
    pub(super) witnesses: usize,
    pub(super) laws: usize,
    pub(super) most_steps: u32,
    pub(super) slowest: (Duration, u64),
}

impl Tally {
    /// Adds what another thread saw.
    pub(super) fn add(&mut self, other: Self) {
        let Self { reasons, slowest, most_steps, .. } = other;
        for (reason, count) in reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.slowest = self.slowest.max(slowest);
        self.most_steps = self.most_steps.max(most_steps);
        let sums = [
            (&mut self.pairs, other.pairs),
            (&mut self.included, other.included),
            (&mut self.empty, other.empty),
            (&mut self.refused, other.refused),
            (&mut self.undecided, other.undecided),
            (&mut self.included_by_convention, other.included_by_convention),
            (&mut self.unreadable, other.unreadable),
            (&mut self.evaluations, other.evaluations),
            (&mut self.unknown, other.unknown),
            (&mut self.attacks, other.attacks),
            (&mut self.attacks_by_convention, other.attacks_by_convention),
            (&mut self.witnesses, other.witnesses),
            (&mut self.laws, other.laws),
        ];
        for (sum, more) in sums {
            *sum += more;
        }
    }
}

/// A mistake: the law that is broken, and the evidence.
pub(super) type Mistake = String;

/// The validator; none where it refuses to read the schema.
pub(super) fn validator(document: &Value) -> Option<Validator> {
    let draft = match Dialect::of(document)? {
        Dialect::Draft4 => jsonschema::Draft::Draft4,
        Dialect::Draft6 => jsonschema::Draft::Draft6,
        Dialect::Draft7 => jsonschema::Draft::Draft7,
        Dialect::Draft2019 => jsonschema::Draft::Draft201909,
        Dialect::Draft2020 => jsonschema::Draft::Draft202012,
    };
    jsonschema::options().with_draft(draft).should_validate_formats(false).build(document).ok()
}

/// Asks about a case in both ways, and tries to prove the answers wrong.
///
/// # Errors
/// The mistake that was found.
pub(super) fn attack(
    case: &Case,
    random: &mut Random,
    is_thorough: bool,
    tally: &mut Tally,
) -> Result<(), Mistake> {
    let documents = case.documents();
    let [first, second] = &documents;
    tally.pairs += 1;
    let mut pair = Pair::new(first, second, Options::default());
    let anybody = pair.first_in_second(Senders::Any);
    let declared = pair.first_in_second(Senders::Declared);
    for inclusion in [&anybody, &declared] {
        for place in &inclusion.undecided {
            if place.reason == REFUTED {
                return Err(format!("the validator refutes what was found: {place:?}"));
            }
        }
    }
    // Who sends what makes the search longer, so that it may run out of steps.
    let ran_out = |place: &Undecided| place.reason == BUDGET;
    let is_contradiction = !declared.failures.is_empty() || !declared.undecided.iter().all(ran_out);
    if anybody.is_included() && is_contradiction {
        return Err(format!("included for anybody, not by convention: {declared:#?}"));
    }
    if is_thorough {
        let mut again = Pair::new(first, second, Options::default());
        // In the other order, so that nothing depends on what was asked before.
        if again.first_in_second(Senders::Declared) != declared
            || again.first_in_second(Senders::Any) != anybody
        {
            return Err("asked twice, two answers".to_owned());
        }
    }
    count(&anybody, &declared, tally);
    let [Some(accepts), Some(receives)] = [first, second].map(validator) else {
        tally.unreadable += 1;
        return Ok(());
    };
    let convention =
        convention::is_plain(first).then(|| Convention::new(&case.contexts[0], second));
    for (inclusion, senders) in [(&anybody, Senders::Any), (&declared, Senders::Declared)] {
        for failure in &inclusion.failures {
            tally.witnesses += 1;
            let witness = &failure.witness;
            if !accepts.is_valid(witness) || receives.is_valid(witness) {
                return Err(format!("a witness that is none: {failure:?}"));
            }
            let is_sent = convention
                .as_ref()
                .filter(|_| senders == Senders::Declared)
                .and_then(|it| it.is_sent(&case.bodies[0], witness));
            if is_sent == Some(false) {
                return Err(format!("a witness that nobody sends: {failure:?}"));
            }
        }
    }
    for sample in samples(case, &accepts, random, is_thorough, tally)? {
        let judged = [accepts.is_valid(&sample), receives.is_valid(&sample)];
        evaluates_alike(&pair, &sample, judged, tally)?;
        let [true, is_received] = judged else { continue };
        if anybody.is_included() {
            tally.attacks += 1;
            if !is_received || anybody.is_empty {
                return Err(format!("included, and yet refused: {sample}"));
            }
        }
        let is_sent = convention.as_ref().and_then(|it| it.is_sent(&case.bodies[0], &sample));
        if declared.is_included() && is_sent == Some(true) {
            tally.attacks_by_convention += 1;
            if !is_received || declared.is_empty {
                return Err(format!("included by convention, and yet refused: {sample}"));
            }
        }
    }
    Ok(())
}

fn count(anybody: &Inclusion, declared: &Inclusion, tally: &mut Tally) {
    if !anybody.failures.is_empty() {
        tally.refused += 1;
    } else if anybody.is_included() {
        tally.included += 1;
    } else {
        tally.undecided += 1;
        *tally.reasons.entry(anybody.undecided[0].reason.clone()).or_default() += 1;
    }
    tally.empty += usize::from(anybody.is_empty);
    tally.included_by_convention += usize::from(declared.is_included());
}

fn evaluates_alike(
    pair: &Pair<'_>,
    sample: &Value,
    judged: [bool; 2],
    tally: &mut Tally,
) -> Result<(), Mistake> {
    let instance = Instance::from_json(sample).expect("samples have small numbers");
    for (compiled, is_valid) in pair.compiled.iter().zip(judged) {
        pair.arena.refuel();
        tally.evaluations += 1;
        match pair.arena.evaluate(compiled.root, &instance) {
            None => tally.unknown += 1,
            Some(own) if own != is_valid => {
                return Err(format!("evaluated to {own}, validated to {is_valid}: {sample}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Instances to judge: by chance, along the schemas, and what the search finds in the first
/// schema inside and outside of random others.
fn samples(
    case: &Case,
    accepts: &Validator,
    random: &mut Random,
    is_thorough: bool,
    tally: &mut Tally,
) -> Result<Vec<Value>, Mistake> {
    let dialect = case.contexts[0].dialect.min(case.contexts[1].dialect);
    let mut samples = Vec::new();
    for index in 0..if is_thorough { 12 } else { 9 } {
        let side = usize::from(index % 3 == 2);
        let (context, body) = (&case.contexts[side], &case.bodies[side]);
        samples.push(match index {
            0..8 => generator::likely(random, context, body, 4),
            _ => generator::value(random, dialect, 2),
        });
    }
    let first = case.contexts[0].document(&case.bodies[0]);
    for _ in 0..if is_thorough { 2 } else { 0 } {
        let other = generator::schema(random, &case.contexts[0]);
        let other = case.contexts[0].document(&other);
        samples.extend(found(&first, accepts, &other, tally)?);
    }
    Ok(samples)
}

/// What the search finds in one schema, inside and outside of another.
fn found(
    first: &Value,
    accepts: &Validator,
    other: &Value,
    tally: &mut Tally,
) -> Result<Vec<Value>, Mistake> {
    let contains = validator(other);
    let mut pair = Pair::new(first, other, Options::default());
    let roots = [pair.compiled[0].root, pair.compiled[1].root];
    let both = pair.arena.all(roots);
    let mut samples = Vec::new();
    for senders in [Senders::Any, Senders::Declared] {
        let mut search = Search::new(&mut pair.arena, senders);
        let inside = search.accepted(both);
        tally.most_steps = tally.most_steps.max(search.spent());
        let outside = search.refused(roots[0], roots[1]);
        tally.most_steps = tally.most_steps.max(search.spent());
        for (outcome, is_inside) in [(inside, true), (outside, false)] {
            let (instance, is_certain) = match outcome {
                Outcome::Empty | Outcome::Unknown { candidate: None, .. } => continue,
                Outcome::Found(instance) => (instance, true),
                Outcome::Unknown { candidate: Some(instance), .. } => (instance, false),
            };
            let Some(json) = instance.to_json() else { continue };
            if let (true, Some(contains)) = (is_certain, &contains)
                && (!accepts.is_valid(&json) || contains.is_valid(&json) != is_inside)
            {
                return Err(format!("found, inside is {is_inside}, and yet it is not: {json}"));
            }
            samples.push(json);
        }
    }
    Ok(samples)
}
