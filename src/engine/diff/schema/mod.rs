//! Two versions of a schema: who is broken by the difference, and what proves it.
//!
//! For an input, callers of the old schema produce and the new one accepts; for an output, the new
//! server produces and readers of the old schema accept. The questions go to
//! `schema::inclusion`, as few as possible: none where only descriptions differ, one where
//! something breaks, and up to three where nothing does.

mod equal;
mod narrowing;

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use equal::FORMATS;
pub use narrowing::{Broken, Kind};

use super::{
    Options,
    change::{Fact, Member, SchemaFact},
    deprecation::{Deprecations, Notice},
    location::{self, Location, Pair as Places, Step},
};
use crate::engine::{
    finding::{Side, Witness},
    protocol::pointer::Pointer,
    schema::{
        Walk,
        inclusion::{self, Failure, Inclusion, Note, Pair, Patterns, Senders},
        reference,
    },
};

/// A fact with its places inside the two schemas.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) old: Option<Pointer>,
    pub(super) new: Option<Pointer>,
    pub(super) fact: Fact,
}

/// What the comparison of two schemas needs to know besides them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) tool: &'q str,
    pub(super) member: Member,
    pub(super) options: &'q Options,
    pub(super) deprecations: &'q Deprecations<'q>,
    pub(super) patterns: &'q Patterns,
}

/// Compares what two schemas accept. `places` are the places that both describe.
pub(super) fn compare(
    question: Question<'_>,
    old: &Value,
    new: &Value,
    places: &[Places<'_>],
) -> Vec<Found> {
    if equal::means_the_same(old, new, question.options.assert_formats) {
        return Vec::new();
    }
    let options = inclusion::Options {
        assert_formats: question.options.assert_formats,
        objects_only: question.member == Member::Input,
    };
    let mut pair = Pair::sharing(old, new, options, question.patterns);
    let lone = lone_properties(places);
    let mut comparison = Comparison { question, old, new, lone, found: Vec::new() };
    comparison.judge(&mut |way, senders| match way {
        Way::OldInNew => pair.first_in_second(senders),
        Way::NewInOld => pair.second_in_first(senders),
    });
    comparison.note_lone_properties();
    comparison.note_assumptions(pair.notes());
    comparison.found
}

/// Which schema is asked to be included in which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    OldInNew,
    NewInOld,
}

type Ask<'a> = dyn FnMut(Way, Senders) -> Inclusion + 'a;

struct Comparison<'a, 'q> {
    question: Question<'q>,
    old: &'a Value,
    new: &'a Value,
    lone: Vec<Lone<'a>>,
    found: Vec<Found>,
}

impl Comparison<'_, '_> {
    fn judge(&mut self, ask: &mut Ask<'_>) {
        let member = self.question.member;
        // Forward: is what the producer sends accepted? Back: does the acceptor accept no more?
        let (forward, back) = match member {
            Member::Input => (Way::OldInNew, Way::NewInOld),
            Member::Output => (Way::NewInOld, Way::OldInNew),
        };
        let declared = ask(forward, Senders::Declared);
        if declared.is_empty {
            self.add_root(Fact::EmptySchema(member));
            return;
        }
        let is_included = declared.is_included();
        for failure in &declared.failures {
            self.add_broken(failure);
        }
        for undecided in declared.undecided {
            let at = self.acceptor(&undecided.pointer);
            self.add(at, Fact::Undecided(member, undecided.reason));
        }
        // Where something breaks or may break, what else there is makes no difference any more.
        if !is_included {
            return;
        }
        let any = ask(forward, Senders::Any);
        for failure in &any.failures {
            self.add_undeclared(failure);
        }
        let back = ask(back, Senders::Any);
        let is_same = any.is_included() && back.is_included() && !back.is_empty;
        if is_same {
            self.add_root(Fact::Refactored(member));
        } else {
            self.add_eased(&back);
        }
    }

    /// The side whose schema accepts the witnesses of the way forward.
    fn producer(&self) -> Side {
        match self.question.member {
            Member::Input => Side::Old,
            Member::Output => Side::New,
        }
    }

    fn witness(&self, instance: &Value, accepted_by: Side) -> Witness {
        let is_call = self.question.member == Member::Input;
        Witness { instance: instance.clone(), is_call, accepted_by }
    }

    fn add_broken(&mut self, failure: &Failure) {
        let witness = self.witness(&failure.witness, self.producer());
        let mut broken = Broken::of(failure, self.question.member, self.old, self.new, witness);
        if let Some(lone) =
            self.lone.iter().find(|lone| Some(&lone.label) == broken.subject().as_ref())
            && lone.side == Side::Old
        {
            broken.notice = self.notice(lone);
        }
        // An object that requires the new name and is closed refuses the old one twice.
        let names = |broken: &Broken| BTreeSet::from([broken.subject(), broken.successor()]);
        let is_same = |fact: &Fact| match fact {
            Fact::Broken(other) => other.kind == broken.kind && names(other) == names(&broken),
            _ => false,
        };
        if broken.kind == Kind::PropertyRenamed && self.found.iter().any(|it| is_same(&it.fact)) {
            return;
        }
        let at = self.acceptor(&failure.pointer);
        self.add(at, Fact::Broken(Box::new(broken)));
    }

    /// What only a producer meets that sends what it does not declare.
    fn add_undeclared(&mut self, failure: &Failure) {
        let member = self.question.member;
        let (producer, acceptor) = match member {
            Member::Input => (self.old, self.new),
            Member::Output => (self.new, self.old),
        };
        let mut names = BTreeSet::new();
        location::names_in(&failure.witness, &mut names);
        let (own, accepted) = (location::declared(producer), location::declared(acceptor));
        let is_foreign = names.iter().any(|name| !accepted.contains(name));
        if !is_foreign && !names.is_subset(&own) {
            // A property that is new has a type that it had not; that it is new is said already.
            return;
        }
        let witness = Some(self.witness(&failure.witness, self.producer()));
        let label = narrowing::label(&failure.instance).trim_end_matches("[]").to_owned();
        let at = self.acceptor(&failure.pointer);
        let summary = String::new();
        let fact = SchemaFact { member, label, summary, witness };
        let fact = match is_foreign {
            false => Fact::BranchesParted(fact),
            true if closes(acceptor, failure) => Fact::ImplicitlyClosed(fact),
            true => Fact::UndeclaredRefused(fact),
        };
        self.add(at, fact);
    }

    /// More is accepted than before, or more is promised.
    fn add_eased(&mut self, back: &Inclusion) {
        let member = self.question.member;
        // A failure of the way back stands in the schema of the producer.
        let accepted_by = match self.producer() {
            Side::Old => Side::New,
            Side::New => Side::Old,
        };
        let mut has_any = false;
        for failure in &back.failures {
            let (old, new) = (Location::root(self.old), Location::root(self.new));
            let value = |root: &Location<'_>| {
                let value = root.at(&failure.instance)?.get(&failure.keyword)?.1.clone();
                Some(value)
            };
            if self.is_about_a_lone_property(failure) {
                continue;
            }
            has_any = true;
            let show = |value: Option<Value>| value.map_or("none".to_owned(), |it| it.to_string());
            let summary = match failure.keyword.as_str() {
                "required" => {
                    let name = failure.member.clone().unwrap_or_default();
                    format!("required `{name}`")
                }
                "dependentRequired" => {
                    let name = failure.member.clone().unwrap_or_default();
                    format!("what `{name}` comes with")
                }
                // The same words under another keyword around them, or of another branch.
                _ if value(&old) == value(&new) => String::new(),
                keyword => format!("{keyword} {} → {}", show(value(&old)), show(value(&new))),
            };
            let label = narrowing::label(&failure.instance);
            let witness = Some(self.witness(&failure.witness, accepted_by));
            let at = self.producers(&failure.pointer);
            self.add(at, Fact::Eased(SchemaFact { member, label, summary, witness }));
        }
        let is_known = back.undecided.is_empty();
        let says_nothing = !has_any
            && !self.found.iter().any(|found| is_about_undeclared(&found.fact))
            && self.lone.is_empty();
        if says_nothing {
            let (label, summary) = (String::new(), String::new());
            self.add_root(match is_known {
                true => Fact::Eased(SchemaFact { member, label, summary, witness: None }),
                false => Fact::EaseUndecided(member),
            });
        }
    }

    /// Whether a failure of the way back only says that a property is gone, which is a fact of its
    /// own.
    fn is_about_a_lone_property(&self, failure: &Failure) -> bool {
        let acceptor = match self.question.member {
            Member::Input => self.new,
            Member::Output => self.old,
        };
        let root = Location::root(acceptor);
        let here = narrowing::label(&failure.instance);
        let is_closing =
            ["additionalProperties", "unevaluatedProperties"].contains(&failure.keyword.as_str());
        if is_closing && self.lone.iter().any(|lone| lone.outer == here) {
            return true;
        }
        !failure.instance.as_str().is_empty()
            && !failure.instance.tokens().any(|token| token == "*")
            && root.at(&failure.instance).is_none()
    }

    /// Properties that only one of the schemas declares: ignored by an open acceptor, or new.
    fn note_lone_properties(&mut self) {
        let member = self.question.member;
        let is_broken = |fact: &Fact, label: &String| match fact {
            Fact::Broken(broken) => {
                broken.subject().as_ref() == Some(label)
                    || broken.successor().as_ref() == Some(label)
            }
            _ => false,
        };
        for lone in &self.lone {
            if self.found.iter().any(|found| is_broken(&found.fact, &lone.label)) {
                continue;
            }
            let label = lone.label.clone();
            let fact = match (member, lone.side == self.producer()) {
                (Member::Input, true) if lone.is_other_open => {
                    Fact::PropertyIgnored(label, self.notice(lone))
                }
                (Member::Input, true) => continue,
                (Member::Input, false) | (Member::Output, true) => {
                    Fact::PropertyAdded(member, label)
                }
                (Member::Output, false) => Fact::PropertyDropped(label),
            };
            let place = Some(lone.here.pointer().clone());
            let (old, new) = if lone.side == Side::Old { (place, None) } else { (None, place) };
            self.found.push(Found { old, new, fact });
        }
    }

    /// Whether a property of the old schema was announced to go.
    fn notice(&self, lone: &Lone<'_>) -> Notice {
        let place = Pointer::root().join(self.question.member.as_str());
        let within = place.concat(lone.here.pointer());
        self.question.deprecations.of_property(self.question.tool, &within, &lone.here)
    }

    fn note_assumptions(&mut self, notes: &[Note]) {
        let mut seen = Vec::new();
        for note in notes {
            if !seen.contains(&note.message) {
                seen.push(note.message.clone());
                let pointer = Some(resolved(self.schema(note.is_second), &note.pointer));
                let (old, new) = if note.is_second { (None, pointer) } else { (pointer, None) };
                let fact = Fact::Assumed(self.question.member, note.message.clone());
                self.found.push(Found { old, new, fact });
            }
        }
    }

    fn schema(&self, is_second: bool) -> &Value {
        if is_second { self.new } else { self.old }
    }

    /// A place of the accepting schema, and the same place of the other one where it is there.
    fn acceptor(&self, pointer: &Pointer) -> (Option<Pointer>, Option<Pointer>) {
        self.both(pointer, self.question.member == Member::Input)
    }

    fn producers(&self, pointer: &Pointer) -> (Option<Pointer>, Option<Pointer>) {
        self.both(pointer, self.question.member == Member::Output)
    }

    fn both(&self, pointer: &Pointer, is_in_new: bool) -> (Option<Pointer>, Option<Pointer>) {
        let here = resolved(self.schema(is_in_new), pointer);
        let there = self.schema(!is_in_new).pointer(here.as_str()).is_some().then(|| here.clone());
        if is_in_new { (there, Some(here)) } else { (Some(here), there) }
    }

    fn add(&mut self, at: (Option<Pointer>, Option<Pointer>), fact: Fact) {
        let (old, new) = at;
        self.found.push(Found { old, new, fact });
    }

    fn add_root(&mut self, fact: Fact) {
        self.add((Some(Pointer::root()), Some(Pointer::root())), fact);
    }
}

fn is_about_undeclared(fact: &Fact) -> bool {
    matches!(fact, Fact::ImplicitlyClosed(_) | Fact::UndeclaredRefused(_) | Fact::BranchesParted(_))
}

/// Whether it is a keyword about undeclared names that refuses, here or in what stands here.
fn closes(acceptor: &Value, failure: &Failure) -> bool {
    const CLOSING: [&str; 4] =
        ["additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties"];
    let pointer = resolved(acceptor, &failure.pointer);
    let steps: Vec<_> = pointer.tokens().collect();
    let is_keyword = |index: usize| index == 0 || steps[index - 1] != "properties";
    let mut steps_of_names = steps.iter().enumerate();
    if steps_of_names.any(|(index, step)| CLOSING.contains(&&**step) && is_keyword(index)) {
        return true;
    }
    let Some(inner) = acceptor.pointer(pointer.as_str()) else { return false };
    let branches: Vec<&Value> = match inner {
        Value::Array(branches) => branches.iter().collect(),
        // Names with a schema each, as in `dependentSchemas`, or a schema.
        Value::Object(members) => members.values().chain([inner]).collect(),
        _ => Vec::new(),
    };
    branches.into_iter().any(|branch| {
        let target = branch.get("$ref").and_then(Value::as_str);
        let branch = match target.map(|target| reference::resolve(acceptor, target)) {
            Some(reference::Target::Local(target)) => target,
            _ => branch,
        };
        let walk = Walk::of(branch);
        walk.iter().any(|schema| CLOSING.iter().any(|keyword| schema.get(keyword).is_some()))
    })
}

/// A property that only one of two schemas declares.
struct Lone<'a> {
    side: Side,
    label: String,
    /// The label of the object around it.
    outer: String,
    here: Location<'a>,
    is_other_open: bool,
}

fn lone_properties<'a>(places: &[Places<'a>]) -> Vec<Lone<'a>> {
    let mut lone = Vec::new();
    for place in places {
        // An object of which nothing is known takes everything and ignores nothing.
        let is_free =
            |location: &Location<'_>| !place.label.is_empty() && !location.declares_something();
        for (side, this, other) in
            [(Side::Old, &place.old, &place.new), (Side::New, &place.new, &place.old)]
        {
            let others = other.steps();
            for (step, here) in this.steps() {
                if !matches!(step, Step::Property(_))
                    || others.contains_key(&step)
                    || is_free(other)
                {
                    continue;
                }
                let label = location::label(&place.label, &step);
                let is_other_open = other.is_open();
                let outer = place.label.clone();
                lone.push(Lone { side, label, outer, here, is_other_open });
            }
        }
    }
    lone
}

/// A pointer without the steps that are a `$ref`: each leads on at the definition.
fn resolved(schema: &Value, pointer: &Pointer) -> Pointer {
    let mut here = Pointer::root();
    for token in pointer.tokens() {
        let value = schema.pointer(here.as_str());
        let reference = value.and_then(|value| value.get("$ref")?.as_str());
        match (&*token, reference.and_then(reference::pointer)) {
            ("$ref", Some(target)) => here = target,
            ("false", _) if value == Some(&Value::Bool(false)) => {}
            (token, _) => here.push(token),
        }
    }
    here
}
