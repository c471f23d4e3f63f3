//! Which kind of break a refused instance is, and what stood there before.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    super::{
        change::Member,
        deprecation::Notice,
        location::{self, Location, Step},
        rename::name_likeness,
    },
    resolved,
};
use crate::engine::{
    finding::Witness,
    protocol::pointer::Pointer,
    schema::{
        Dialect,
        inclusion::Failure,
        reference::{self, Target},
        types,
    },
};

/// The acceptor's schema refuses an instance of the producer's.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Which schema of the tool.
    pub member: Member,
    /// What kind of break.
    pub kind: Kind,
    /// The place in the instance, `filter.tags[]`; empty for the root.
    pub label: String,
    /// The keyword that refuses.
    pub keyword: String,
    /// The property concerned, where the keyword is about one.
    pub property: Option<String>,
    /// A property that takes the place of the one that is gone.
    pub similar: Option<String>,
    /// The keyword's value in the old schema.
    pub old: Option<Value>,
    /// The keyword's value in the new schema.
    pub new: Option<Value>,
    /// The value at the place that is refused.
    pub refused: Option<Value>,
    /// The instance that proves it.
    pub witness: Witness,
    /// What was said before a property went.
    pub notice: Notice,
    /// The same for the same change, in whatever order and behind whatever reference it is written.
    identity: String,
}

/// Most values of a schema that its identity is made of, and how deep.
const MAX_WRITTEN: usize = 2_000;
const MAX_WRITTEN_DEPTH: usize = 40;
/// What says nothing about what a schema accepts.
const SILENT: [&str; 5] = ["title", "description", "examples", "default", "$comment"];

/// The kinds of break. Each has two names: what happens to an input, and what to an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A property is required (input) or not promised any more (output).
    Required,
    /// The same, by way of `allOf`, a condition or a dependency.
    RequiredHidden,
    /// A declared property meets a closed object.
    PropertyClosed,
    /// A property has another name.
    PropertyRenamed,
    /// Undeclared properties meet a closed object.
    ObjectClosed,
    /// `type`.
    Type,
    /// `enum` or `const`, where there was a list before.
    EnumValue,
    /// The same value in another case.
    EnumCase,
    /// `enum` or `const`, where there was none before.
    EnumAdded,
    /// Bounds of a number.
    Range,
    /// Bounds of a string's length.
    Length,
    /// `pattern`.
    Pattern,
    /// `multipleOf`.
    Multiple,
    /// The items of an array, or how many.
    Items,
    /// The slots of a tuple.
    Tuple,
    /// The values or keys of a map, or how many.
    Map,
    /// A branch of a union.
    Union,
    /// Branches of a `oneOf` that overlap.
    Overlap,
    /// `$schema`: the same text under other rules.
    Dialect,
    /// `format`, where it is asserted.
    Format,
    /// `not`, `if`, `allOf` as a whole, or a schema that is `false`.
    Condition,
}

impl Kind {
    /// The sub-code a report shows.
    pub fn code(self, member: Member) -> &'static str {
        let (input, output) = match self {
            Self::Required => ("required-added", "required-dropped"),
            Self::RequiredHidden => ("required-hidden", "required-dropped"),
            Self::PropertyClosed => ("property-removed-closed", "property-added-closed"),
            Self::PropertyRenamed => ("property-renamed", "property-renamed"),
            Self::ObjectClosed => ("object-closed", "object-opened"),
            Self::Type => ("type-narrowed", "type-widened"),
            Self::EnumValue => ("enum-value-removed", "enum-value-added"),
            Self::EnumCase => ("enum-case-changed", "enum-case-changed"),
            Self::EnumAdded => ("enum-added", "enum-dropped"),
            Self::Range => ("range-tightened", "range-loosened"),
            Self::Length => ("length-tightened", "length-loosened"),
            Self::Pattern => ("pattern-tightened", "pattern-loosened"),
            Self::Multiple => ("multiple-tightened", "multiple-loosened"),
            Self::Items => ("items-narrowed", "items-widened"),
            Self::Tuple => ("tuple-narrowed", "tuple-widened"),
            Self::Map => ("map-narrowed", "map-widened"),
            Self::Union => ("union-branch-removed", "union-branch-added"),
            Self::Overlap => ("oneof-overlap", "oneof-overlap"),
            Self::Dialect => ("dialect-changed", "dialect-changed"),
            Self::Format => ("format-asserted", "format-dropped"),
            Self::Condition => ("condition-added", "condition-dropped"),
        };
        match member {
            Member::Input => input,
            Member::Output => output,
        }
    }
}

impl Broken {
    /// The members of `enum`, or the types of `type`, that the producer has and the acceptor lacks.
    pub fn lost(&self) -> Vec<&Value> {
        let (Some(producer), Some(acceptor)) = (match self.member {
            Member::Input => (&self.old, &self.new),
            Member::Output => (&self.new, &self.old),
        }) else {
            return Vec::new();
        };
        fn list(value: &Value) -> &[Value] {
            value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
        }
        let accepted = list(acceptor);
        // Most members are texts, and a list may have very many of them.
        let texts: HashSet<&str> = accepted.iter().filter_map(Value::as_str).collect();
        let is_lost = |value: &&Value| match value.as_str() {
            Some(text) => !texts.contains(text),
            None => !accepted.iter().any(|other| types::equal(value, other)),
        };
        list(producer).iter().filter(is_lost).collect()
    }

    /// The label of the property it is about.
    pub fn subject(&self) -> Option<String> {
        Some(location::label(&self.label, &Step::Property(self.property.clone()?)))
    }

    /// The label of the property that takes its place.
    pub(super) fn successor(&self) -> Option<String> {
        Some(location::label(&self.label, &Step::Property(self.similar.clone()?)))
    }

    pub(in crate::engine::diff) fn fragment(&self) -> String {
        let property = self.property.as_deref().unwrap_or_default();
        // A list of names changes for many reasons; the name concerned is what this is about.
        let identity = match self.kind {
            Kind::Required | Kind::PropertyClosed | Kind::PropertyRenamed => "",
            _ => &self.identity,
        };
        format!("{}\n{}\n{property}\n{identity}", self.label, self.keyword)
    }

    /// Reads a failure of the inclusion of the producer's schema in the acceptor's.
    pub(super) fn of(
        failure: &Failure,
        member: Member,
        old: &Value,
        new: &Value,
        witness: Witness,
    ) -> Self {
        let old_place = Location::root(old).at(&failure.instance);
        let new_place = Location::root(new).at(&failure.instance);
        let value =
            |place: &Option<Location<'_>>| Some(place.as_ref()?.get(&failure.keyword)?.1.clone());
        let mut broken = Self {
            member,
            kind: Kind::Condition,
            label: label(&failure.instance),
            keyword: failure.keyword.clone(),
            property: failure.member.clone(),
            similar: None,
            old: value(&old_place),
            new: value(&new_place),
            refused: at(&failure.witness, &failure.instance).cloned(),
            witness,
            notice: Notice::NotGiven,
            identity: String::new(),
        };
        broken.settle(failure, old_place.as_ref(), new_place.as_ref());
        if Dialect::of(old) != Dialect::of(new) && without_dialect(old) == without_dialect(new) {
            broken.kind = Kind::Dialect;
            broken.old = old.get("$schema").cloned();
            broken.new = new.get("$schema").cloned();
        }
        let acceptor = match member {
            Member::Input => new,
            Member::Output => old,
        };
        let keyword = acceptor.pointer(resolved(acceptor, &failure.pointer).as_str());
        let sides = [(old, broken.old.as_ref()), (new, broken.new.as_ref()), (acceptor, keyword)];
        let texts = sides.map(|(root, value)| value.map_or(String::new(), |it| written(root, it)));
        broken.identity = texts.join("\n");
        broken
    }

    /// Finds the kind, and the property it is about.
    fn settle(
        &mut self,
        failure: &Failure,
        old: Option<&Location<'_>>,
        new: Option<&Location<'_>>,
    ) {
        let names = |place: Option<&Location<'_>>| place.map(properties).unwrap_or_default();
        let (old_names, new_names) = (names(old), names(new));
        // In the producer's schema and not in the acceptor's.
        let (producers, acceptors) = match self.member {
            Member::Input => (&old_names, &new_names),
            Member::Output => (&new_names, &old_names),
        };
        let gone = |name: &&String| !acceptors.contains(name);
        let (producer, acceptor) = match self.member {
            Member::Input => (old, new),
            Member::Output => (new, old),
        };
        // A property of another type is another property.
        let is_alike = |of_producer: &String, of_acceptor: &String| {
            let type_at = |place: Option<&Location<'_>>, name: &String| {
                let inner = place?.steps().remove(&Step::Property(name.clone()))?;
                Some(inner.get("type")?.1.clone())
            };
            match (type_at(producer, of_producer), type_at(acceptor, of_acceptor)) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            }
        };
        self.kind = kind(failure, self.old.as_ref(), self.new.as_ref(), self.member);
        match self.kind {
            Kind::Required => {
                let name = self.property.clone().unwrap_or_default();
                if !producers.contains(&name) {
                    let others = producers.iter().filter(gone);
                    self.similar = similar(&name, others.filter(|other| is_alike(other, &name)));
                }
                if self.similar.is_some() {
                    self.kind = Kind::PropertyRenamed;
                }
            }
            Kind::ObjectClosed => {
                let sent = self.refused.as_ref().and_then(Value::as_object);
                let sent = sent.into_iter().flatten().map(|(name, _)| name);
                let undeclared =
                    sent.into_iter().find(|name| producers.contains(name) && gone(name));
                let refused = self.property.clone();
                let refused = refused.filter(|name| producers.contains(name) && gone(&name));
                if let Some(name) = refused.as_ref().or(undeclared) {
                    self.kind = Kind::PropertyClosed;
                    let others = acceptors.iter().filter(|other| !producers.contains(other));
                    self.similar = similar(name, others.filter(|other| is_alike(name, other)));
                    self.property = Some(name.clone());
                } else if self.old.as_ref().is_some_and(Value::is_object)
                    || self.new.as_ref().is_some_and(Value::is_object)
                {
                    self.kind = Kind::Map;
                }
                if self.similar.is_some() {
                    self.kind = Kind::PropertyRenamed;
                }
            }
            Kind::EnumValue => {
                let accepted = match self.member {
                    Member::Input => self.new.as_ref(),
                    Member::Output => self.old.as_ref(),
                };
                if let (Some(Value::String(refused)), Some(accepted)) = (&self.refused, accepted) {
                    let is_near = |value: &Value| {
                        value
                            .as_str()
                            .is_some_and(|value| value.to_lowercase() == refused.to_lowercase())
                    };
                    let is_case = match accepted {
                        Value::Array(values) => values.iter().any(is_near),
                        only => is_near(only),
                    };
                    if is_case {
                        self.kind = Kind::EnumCase;
                    }
                }
            }
            _ => {}
        }
    }
}

fn kind(failure: &Failure, old: Option<&Value>, new: Option<&Value>, member: Member) -> Kind {
    let tokens: Vec<_> = failure.pointer.tokens().collect();
    let steps: Vec<&str> = tokens.iter().map(|token| &**token).collect();
    let is_hidden =
        ["allOf", "if", "then", "else", "dependentSchemas", "dependencies", "anyOf", "oneOf"]
            .iter()
            .any(|keyword| steps.contains(keyword));
    let container = steps.iter().rev().find_map(|step| match *step {
        "items" | "additionalItems" | "contains" | "unevaluatedItems" => Some(Kind::Items),
        "prefixItems" => Some(Kind::Tuple),
        "additionalProperties" | "patternProperties" | "propertyNames" => Some(Kind::Map),
        "properties" => Some(Kind::Condition),
        _ => None,
    });
    let inside = |own: Kind| match container {
        Some(kind @ (Kind::Items | Kind::Tuple | Kind::Map)) => kind,
        _ => own,
    };
    let (before, after) = match member {
        Member::Input => (old, new),
        Member::Output => (new, old),
    };
    let branches = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
    let demands = after.is_some_and(|branch| branch.get("required").is_some());
    match failure.keyword.as_str() {
        "required" if is_hidden => Kind::RequiredHidden,
        "required" => Kind::Required,
        "dependentRequired" | "dependencies" | "dependentSchemas" => Kind::RequiredHidden,
        "if" | "then" | "else" if demands => Kind::RequiredHidden,
        "additionalProperties" | "unevaluatedProperties" => Kind::ObjectClosed,
        // A property that is `false` is one that may not be sent.
        "properties" => Kind::PropertyClosed,
        "enum" | "const" if before.is_some() => Kind::EnumValue,
        "enum" | "const" => Kind::EnumAdded,
        "type" => inside(Kind::Type),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => inside(Kind::Range),
        "minLength" | "maxLength" => inside(Kind::Length),
        "pattern" => inside(Kind::Pattern),
        "multipleOf" => inside(Kind::Multiple),
        "format" => Kind::Format,
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "minContains" | "maxContains"
        | "items" | "unevaluatedItems" | "additionalItems" => Kind::Items,
        "prefixItems" => Kind::Tuple,
        "minProperties" | "maxProperties" | "propertyNames" | "patternProperties" => Kind::Map,
        "anyOf" => Kind::Union,
        "oneOf" if branches(after) > branches(before) || before.is_none() => Kind::Overlap,
        "oneOf" => Kind::Union,
        _ => inside(Kind::Condition),
    }
}

/// A value as it is known by: with what it refers to in the place of references, and without an
/// order, which in schemas hardly ever means anything.
fn written(root: &Value, value: &Value) -> String {
    fn write(root: &Value, value: &Value, depth: usize, room: &mut usize) -> String {
        *room = room.saturating_sub(1);
        if *room == 0 || depth > MAX_WRITTEN_DEPTH {
            return "…".to_owned();
        }
        let target = value.get("$ref").and_then(Value::as_str);
        if let Some(Target::Local(target)) = target.map(|it| reference::resolve(root, it)) {
            return write(root, target, depth + 1, room);
        }
        match value {
            Value::Array(items) => {
                let mut texts: Vec<String> =
                    items.iter().map(|item| write(root, item, depth + 1, room)).collect();
                texts.sort_unstable();
                format!("[{}]", texts.join(","))
            }
            Value::Object(members) => {
                let texts = members.iter().filter(|(name, _)| !SILENT.contains(&name.as_str()));
                let texts: Vec<String> = texts
                    .map(|(name, it)| format!("{name}:{}", write(root, it, depth + 1, room)))
                    .collect();
                format!("{{{}}}", texts.join(","))
            }
            scalar => scalar.to_string(),
        }
    }
    write(root, value, 0, &mut MAX_WRITTEN.clone())
}

/// The names declared at a place.
fn properties(place: &Location<'_>) -> Vec<String> {
    place
        .steps()
        .into_keys()
        .filter_map(|step| match step {
            Step::Property(name) => Some(name),
            _ => None,
        })
        .collect()
}

fn similar<'a>(name: &str, others: impl Iterator<Item = &'a String>) -> Option<String> {
    let scored = others.map(|other| (name_likeness(name, other), other));
    let best = scored.max_by(|one, two| one.0.total_cmp(&two.0))?;
    (best.0 >= 0.5).then(|| best.1.clone())
}

/// The value at a place of an instance; for `*`, the first one there.
fn at<'a>(instance: &'a Value, pointer: &Pointer) -> Option<&'a Value> {
    pointer.tokens().try_fold(instance, |value, token| match value {
        Value::Array(items) => {
            token.parse::<usize>().map_or(items.first(), |index| items.get(index))
        }
        Value::Object(members) if token == "*" => members.values().next(),
        Value::Object(members) => members.get(&*token),
        _ => None,
    })
}

/// `/filter/tags/*` as `filter.tags[]`.
pub(super) fn label(instance: &Pointer) -> String {
    let mut label = String::new();
    for token in instance.tokens() {
        match &*token {
            "*" => label.push_str("[]"),
            index if index.bytes().all(|byte| byte.is_ascii_digit()) && !index.is_empty() => {
                label.push_str(&format!("[{index}]"));
            }
            name if label.is_empty() => label.push_str(name),
            name => label.push_str(&format!(".{name}")),
        }
    }
    label
}

fn without_dialect(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut() {
        members.remove("$schema");
    }
    schema
}
