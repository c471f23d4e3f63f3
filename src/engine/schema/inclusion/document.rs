//! A schema as somebody wrote it, made fit to be compiled and validated.
//!
//! Keywords that are not valid in the dialect are set aside and said so; the rest is compared.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::compile::address;
use crate::engine::{
    protocol::pointer::Pointer,
    schema::{
        Dialect, Subschema, Walk, keyword, pattern,
        reference::{Target, resolve},
        validity,
    },
};

/// One of the two schemas.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: Text<'a>,
    pub(super) dialect: Dialect,
    /// What was set right or read as something else, each with its place.
    pub(super) remarks: Vec<(Pointer, String)>,
    /// What could not be set right, by the address of the schema it was taken out of.
    pub(super) faults: HashMap<usize, Vec<Fault>>,
}

/// Boxed where it is ours, so that addresses inside stay what they are.
#[derive(Debug)]
enum Text<'a> {
    Given(&'a Value),
    Repaired(Box<Value>),
}

/// Something in a schema that is not valid. The same text on the other side is taken to mean the
/// same, whatever it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Fault {
    /// None where the schema itself is none.
    pub(super) keyword: Option<&'static str>,
    pub(super) text: String,
}

/// A keyword to be set right or taken out.
struct Repair {
    schema: Pointer,
    keyword: Option<String>,
    /// The pattern, where one under `patternProperties` is meant.
    pattern: Option<String>,
    /// Whether it is no keyword at all, and so says nothing.
    is_foreign: bool,
    message: String,
}

impl<'a> Document<'a> {
    pub(super) fn read(schema: &'a Value) -> Self {
        let mut remarks = Vec::new();
        let dialect = Dialect::of(schema).unwrap_or_else(|| {
            let message = format!("{} is no dialect we know; read as 2020-12", schema["$schema"]);
            remarks.push((Pointer::root().join("$schema"), message));
            Dialect::Draft2020
        });
        let invalid = validity::check(schema, dialect).into_iter().map(|it| Repair {
            schema: it.schema,
            keyword: it.keyword,
            pattern: None,
            is_foreign: false,
            message: it.message,
        });
        let repairs = invalid.chain(bad_patterns(schema, dialect));
        let repairs: Vec<Repair> = repairs.chain(outdated_dependencies(schema, dialect)).collect();
        let mut document =
            Self { text: Text::Given(schema), dialect, remarks, faults: HashMap::new() };
        if !repairs.is_empty() {
            document.repair(schema, repairs);
        }
        document
    }

    /// The same, with a copy of what was given. What was given is whole, so that no fault is found by
    /// an address in it.
    pub(super) fn into_owned(self) -> Document<'static> {
        let text = match self.text {
            Text::Given(value) => Text::Repaired(Box::new(value.clone())),
            Text::Repaired(value) => Text::Repaired(value),
        };
        Document { text, dialect: self.dialect, remarks: self.remarks, faults: self.faults }
    }

    fn repair(&mut self, schema: &Value, repairs: Vec<Repair>) {
        let mut repaired = Box::new(schema.clone());
        let mut faults = Vec::new();
        for repair in repairs {
            let Some(place) = repaired.pointer_mut(repair.schema.as_str()) else { continue };
            let taken = repair.apply(place);
            let outcome = match &taken {
                Some(_) => "not compared",
                None if repair.is_foreign => "ignored",
                None => "set right",
            };
            let message = format!("{}; {outcome}", repair.message);
            self.remarks.push((repair.pointer(), message));
            faults.extend(taken.map(|value| (repair, value)));
        }
        for (Repair { schema, keyword, .. }, value) in faults {
            let Some(place) = repaired.pointer(schema.as_str()) else { continue };
            let keyword = keyword.and_then(|name| keyword::find(&name, self.dialect));
            let keyword = keyword.map(|keyword| keyword.name);
            let fault = Fault { keyword, text: value.to_string() };
            self.faults.entry(address(place)).or_default().push(fault);
        }
        self.text = Text::Repaired(repaired);
    }

    pub(super) fn value(&self) -> &Value {
        match &self.text {
            Text::Given(value) => value,
            Text::Repaired(value) => value,
        }
    }

    /// Where the schema object at an address stands.
    pub(super) fn locate(&self, wanted: usize) -> Pointer {
        let mut open = vec![(self.value(), Pointer::root())];
        while let Some((value, pointer)) = open.pop() {
            if address(value) == wanted {
                return pointer;
            }
            match value {
                Value::Array(items) => {
                    let children = items.iter().enumerate();
                    open.extend(children.map(|(index, it)| (it, pointer.join(index))));
                }
                Value::Object(members) => {
                    open.extend(members.iter().map(|(name, it)| (it, pointer.join(name))));
                }
                _ => {}
            }
        }
        Pointer::root()
    }

    /// Whether something was taken out that does not stand on the other side as well.
    pub(super) fn has_faults_beside(&self, other: &Document<'_>) -> bool {
        !self.faults_beside(other).is_empty()
    }

    /// The addresses of the schemas out of which something was taken that the other side does not
    /// have.
    fn faults_beside(&self, other: &Document<'_>) -> Vec<usize> {
        let shared: HashSet<&Fault> = other.faults.values().flatten().collect();
        let is_own = |faults: &[Fault]| faults.iter().any(|fault| !shared.contains(fault));
        let own = self.faults.iter().filter(|(_, faults)| is_own(faults));
        own.map(|(address, _)| *address).collect()
    }

    /// The schema with everything whose meaning is not known replaced by what accepts everything,
    /// or nothing: references that cannot be followed, and invalid keywords. An invalid keyword that
    /// stands on both sides means the same on both.
    pub(super) fn with_unknown_as(&self, accepts: bool, other: &Document<'_>) -> Value {
        let root = self.value();
        let mut copy = root.clone();
        if !accepts {
            for address in self.faults_beside(other) {
                if let Some(place) = copy.pointer_mut(self.locate(address).as_str()) {
                    *place = json!({"not": {}});
                }
            }
        }
        for subschema in Walk::within(root, self.dialect).iter() {
            let Some(reference) = subschema.get("$ref").and_then(Value::as_str) else { continue };
            let is_fine = matches!(
                resolve(root, reference),
                Target::Local(target) if target.is_object() || target.is_boolean()
            );
            let Some(place) = copy.pointer_mut(subschema.pointer().as_str()) else { continue };
            if is_fine {
                continue;
            }
            // In the older drafts, what stands beside a reference says nothing.
            let has_siblings = self.dialect > Dialect::Draft7;
            match place {
                Value::Object(members) if accepts && has_siblings => {
                    members.remove("$ref");
                }
                _ => *place = Value::Bool(accepts),
            }
        }
        copy
    }
}

impl Repair {
    fn pointer(&self) -> Pointer {
        let steps = self.keyword.iter().chain(&self.pattern);
        steps.fold(self.schema.clone(), |pointer, step| pointer.join(step.as_str()))
    }

    /// Sets the schema right. What had to be taken out, because nobody can say what it means, is
    /// returned.
    fn apply(&self, schema: &mut Value) -> Option<Value> {
        let Some(keyword) = &self.keyword else {
            return Some(std::mem::replace(schema, Value::Bool(true)));
        };
        let members = schema.as_object_mut()?;
        if let Some(pattern) = &self.pattern {
            let value = members.get_mut(keyword)?.as_object_mut()?.remove(pattern)?;
            return Some(json!({ pattern: value }));
        }
        let value = members.remove(keyword).filter(|_| !self.is_foreign)?;
        match without_doubles(&value) {
            // An empty list of required names asks for nothing; draft-04 forbids it all the same.
            Some(names) if names.is_empty() && keyword == "required" => None,
            Some(names) if names.is_empty() => Some(value),
            Some(names) => {
                members.insert(keyword.clone(), names.into());
                None
            }
            None => Some(value),
        }
    }
}

/// A list of names with a name that stands twice, or an empty one.
fn without_doubles(value: &Value) -> Option<Vec<Value>> {
    let names = value.as_array()?;
    let mut kept: Vec<Value> = Vec::new();
    for name in names {
        if !name.is_string() {
            return None;
        }
        if !kept.contains(name) {
            kept.push(name.clone());
        }
    }
    (kept.is_empty() || kept.len() < names.len()).then_some(kept)
}

/// The patterns that no engine would accept.
fn bad_patterns(schema: &Value, dialect: Dialect) -> Vec<Repair> {
    let mut bad = Vec::new();
    for subschema in Walk::within(schema, dialect).iter() {
        let own = subschema.get("pattern").and_then(Value::as_str).map(|text| (text, "pattern"));
        let keys = subschema.get("patternProperties").and_then(Value::as_object);
        let keys = keys.into_iter().flatten().map(|(text, _)| (text.as_str(), "patternProperties"));
        for (text, keyword) in own.into_iter().chain(keys) {
            let Err(reason) = pattern::compile(text) else { continue };
            bad.push(Repair {
                schema: subschema.pointer(),
                keyword: Some(keyword.to_owned()),
                pattern: (keyword == "patternProperties").then(|| text.to_owned()),
                is_foreign: false,
                message: format!("`{text}` is not a regular expression ({reason})"),
            });
        }
    }
    bad
}

/// `dependencies` where the dialect has split it into two others. The specification has it ignored;
/// some validators keep to it, so it must not reach the one that has the last word.
fn outdated_dependencies(schema: &Value, dialect: Dialect) -> Vec<Repair> {
    if dialect <= Dialect::Draft7 {
        return Vec::new();
    }
    let walk = Walk::within(schema, dialect);
    let having = walk.iter().filter(|schema| schema.get("dependencies").is_some());
    let repair = |schema: Subschema<'_, '_>| Repair {
        schema: schema.pointer(),
        keyword: Some("dependencies".to_owned()),
        pattern: None,
        is_foreign: true,
        message: format!("`dependencies` is no keyword of {}", dialect.as_str()),
    };
    having.map(repair).collect()
}
