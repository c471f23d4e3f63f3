//! A schema as somebody wrote it, made fit to be compiled and validated.
//!
//! Keywords that are not valid in the dialect are left out and said so; the rest is compared.

use serde_json::Value;

use super::compile::address;
use crate::engine::{
    protocol::pointer::Pointer,
    schema::{
        Dialect, Walk, pattern,
        reference::{Target, resolve},
        validity,
    },
};

/// One of the two schemas.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: Text<'a>,
    pub(super) dialect: Dialect,
    /// What was left out or read as something else, each with its place.
    pub(super) remarks: Vec<(Pointer, String)>,
}

/// Boxed where it is ours, so that addresses inside stay what they are.
#[derive(Debug)]
enum Text<'a> {
    Given(&'a Value),
    Repaired(Box<Value>),
}

impl<'a> Document<'a> {
    pub(super) fn read(schema: &'a Value) -> Self {
        let mut remarks = Vec::new();
        let dialect = Dialect::of(schema).unwrap_or_else(|| {
            let message = format!("{} is no dialect we know; read as 2020-12", schema["$schema"]);
            remarks.push((Pointer::root().join("$schema"), message));
            Dialect::Draft2020
        });
        let mut faults: Vec<(Pointer, String)> = validity::check(schema, dialect)
            .into_iter()
            .map(|fault| (fault.pointer, format!("{}; left out", fault.message)))
            .collect();
        faults.extend(bad_patterns(schema, dialect));
        let mut text = Text::Given(schema);
        if !faults.is_empty() {
            let mut repaired = Box::new(schema.clone());
            for (pointer, _) in &faults {
                remove(&mut repaired, pointer);
            }
            text = Text::Repaired(repaired);
            remarks.extend(faults);
        }
        Self { text, dialect, remarks }
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

    /// The schema with every reference that cannot be followed replaced by what accepts everything,
    /// or nothing.
    pub(super) fn with_unresolved_as(&self, accepts: bool) -> Value {
        let root = self.value();
        let mut copy = root.clone();
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

/// The patterns that no engine would accept.
fn bad_patterns(schema: &Value, dialect: Dialect) -> Vec<(Pointer, String)> {
    let mut bad = Vec::new();
    for subschema in Walk::within(schema, dialect).iter() {
        let own = subschema.get("pattern").and_then(Value::as_str);
        let keys = subschema.get("patternProperties").and_then(Value::as_object);
        let own = own.map(|text| (text, subschema.pointer().join("pattern")));
        let keys = keys.into_iter().flatten().map(|(text, _)| {
            (text.as_str(), subschema.pointer().join("patternProperties").join(text))
        });
        for (text, pointer) in own.into_iter().chain(keys) {
            if let Err(reason) = pattern::compile(text) {
                bad.push((pointer, format!("not a regular expression ({reason}); left out")));
            }
        }
    }
    bad
}

/// Takes the value at a pointer out of its object; what stands in an array accepts everything.
fn remove(schema: &mut Value, pointer: &Pointer) {
    let tokens: Vec<String> = pointer.tokens().map(|token| token.into_owned()).collect();
    let Some((last, parents)) = tokens.split_last() else {
        *schema = Value::Bool(true);
        return;
    };
    let mut current = schema;
    for token in parents {
        let next = match current {
            Value::Object(members) => members.get_mut(token),
            Value::Array(items) => token.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
            _ => None,
        };
        let Some(next) = next else { return };
        current = next;
    }
    match current {
        Value::Object(members) => {
            members.remove(last);
        }
        Value::Array(items) => {
            if let Some(item) = last.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                *item = Value::Bool(true);
            }
        }
        _ => {}
    }
}
