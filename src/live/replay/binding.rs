//! Values that one call has produced and a later one uses: on replay the new value goes in the place of
//! the recorded one.

use std::collections::HashMap;

use serde_json::Value;

use super::recording::Step;

/// The shortest text that is taken for something produced, in characters.
const SHORTEST: usize = 4;
/// The smallest number that is.
const SMALLEST: u64 = 1_000;
/// The most values that are remembered: those that were seen or used last.
const MOST: usize = 200_000;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The line of the recorded call that has produced it.
    pub n: u64,
    /// Where it stood in what the call answered, as a JSON Pointer.
    pub pointer: String,
}

/// A link between two recorded calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where the value came from.
    pub from: Origin,
    /// Where it is used among the arguments of the later call, as a JSON Pointer.
    pub to: String,
}

/// What recorded calls have produced, and what stands for it now.
#[derive(Debug, Default)]
pub struct Values {
    known: HashMap<String, Known>,
    /// What was known before as many others as may be; forgotten with the next as many.
    older: HashMap<String, Known>,
    /// What calls have answered now, by their lines, for links that were given.
    answers: HashMap<u64, Value>,
}

type Known = (Origin, Option<Value>);

impl Values {
    /// Remembers what the recorded call of a line has answered, and what the same call answers now, if
    /// it was made. What was known before stays: a value comes from whoever has named it first.
    pub fn learn(&mut self, n: u64, recorded: &Value, now: Option<&Value>) {
        self.walk(n, recorded, now, &mut String::new());
    }

    /// That somebody has named a value before it was produced, so that it is not produced.
    pub fn was_given(&mut self, arguments: &Value) {
        each_scalar(arguments, &mut String::new(), &mut |pointer, value| {
            if let Some(text) = key_of(pointer, value)
                && self.get(&text).is_none()
            {
                self.insert(text, (Origin { n: 0, pointer: String::new() }, None));
            }
        });
    }

    /// The links of some arguments to what was produced before.
    pub fn bindings(&self, arguments: &Value) -> Vec<Binding> {
        let mut bindings = Vec::new();
        each_scalar(arguments, &mut String::new(), &mut |pointer, value| {
            let known = key_of(pointer, value).and_then(|text| self.get(&text));
            if let Some((from, _)) = known.filter(|(from, _)| from.n > 0) {
                bindings.push(Binding { from: from.clone(), to: pointer.to_owned() });
            }
        });
        // The order of members depends on what reads them.
        bindings.sort_by(|one, other| one.to.cmp(&other.to));
        bindings
    }

    /// The arguments with the values of now, but for those at pointers that are to stay.
    pub fn rewritten(&self, arguments: &Value, stays: &dyn Fn(&str) -> bool) -> Value {
        let mut rewritten = arguments.clone();
        each_scalar(arguments, &mut String::new(), &mut |pointer, value| {
            let known = key_of(pointer, value).and_then(|text| self.get(&text));
            if let Some((_, Some(now))) = known
                && !stays(pointer)
                && let Some(place) = rewritten.pointer_mut(pointer)
            {
                *place = now.clone();
            }
        });
        rewritten
    }

    /// Keeps what the call of a line has answered now: a link may have been given that needs it.
    pub fn keep(&mut self, n: u64, now: Option<&Value>) {
        self.answers.extend(now.map(|now| (n, now.clone())));
    }

    /// The arguments of a recorded call with the values of now. Places at which a link was given have what
    /// that leads to, and places at which there is to be none stay.
    pub fn of_step(&self, step: &Step, arguments: &Value) -> Value {
        let mut arguments =
            self.rewritten(arguments, &|pointer| step.fixed.iter().any(|fixed| fixed == pointer));
        for binding in step.bindings.iter().filter(|it| step.fixed.contains(&it.to)) {
            let answer = self.answers.get(&binding.from.n);
            let now = answer.and_then(|answer| answer.pointer(&binding.from.pointer));
            if let (Some(now), Some(place)) = (now, arguments.pointer_mut(&binding.to)) {
                *place = now.clone();
            }
        }
        arguments
    }

    fn get(&self, text: &str) -> Option<&Known> {
        self.known.get(text).or_else(|| self.older.get(text))
    }

    fn get_mut(&mut self, text: &str) -> Option<&mut Known> {
        // What is still spoken of is not old.
        if let Some((text, known)) = self.older.remove_entry(text) {
            self.insert(text, known);
        }
        self.known.get_mut(text)
    }

    fn insert(&mut self, text: String, known: Known) {
        if self.known.len() >= MOST / 2 {
            self.older = std::mem::take(&mut self.known);
        }
        self.known.insert(text, known);
    }

    fn walk(&mut self, n: u64, recorded: &Value, now: Option<&Value>, pointer: &mut String) {
        let length = pointer.len();
        match recorded {
            Value::Object(members) => {
                for (name, member) in members {
                    push(pointer, name);
                    self.walk(n, member, now.and_then(|now| now.get(name)), pointer);
                    pointer.truncate(length);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    push(pointer, &index.to_string());
                    self.walk(n, item, now.and_then(|now| now.get(index)), pointer);
                    pointer.truncate(length);
                }
            }
            scalar => {
                let Some(text) = key_of(pointer, scalar) else { return };
                let now = now.filter(|now| !now.is_object() && !now.is_array()).cloned();
                // The version that was seen last is the one that is meant.
                let is_newer = is_version(pointer) && now.is_some();
                match self.get_mut(&text) {
                    Some(known) if is_newer => {
                        *known = (Origin { n, pointer: pointer.clone() }, now);
                    }
                    Some((origin, known)) if origin.n == n && known.is_none() => *known = now,
                    Some(_) => {}
                    None => self.insert(text, (Origin { n, pointer: pointer.clone() }, now)),
                }
            }
        }
    }
}

/// What is remembered of a value: neither what is too short to be one of its kind, nor what is true or
/// false. A small number counts only where its name says that it is a version, and then under its name.
pub(super) fn key_of(pointer: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.chars().count() >= SHORTEST => Some(format!("\"{text}")),
        Value::Number(number) if number.as_u64().is_some_and(|it| it >= SMALLEST) => {
            Some(number.to_string())
        }
        Value::Number(number) => is_version(pointer).then(|| format!("version {number}")),
        _ => None,
    }
}

fn is_version(pointer: &str) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["version", "revision", "generation", "etag"].iter().any(|word| name.ends_with(word))
}

/// Every scalar with its pointer.
pub(super) fn each_scalar(value: &Value, pointer: &mut String, see: &mut impl FnMut(&str, &Value)) {
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                push(pointer, name);
                each_scalar(member, pointer, see);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                push(pointer, &index.to_string());
                each_scalar(item, pointer, see);
                pointer.truncate(length);
            }
        }
        scalar => see(pointer, scalar),
    }
}

pub(super) fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Binding, Origin, Values};

    #[test]
    fn what_a_call_has_produced_is_rewritten_where_it_is_used() {
        let mut values = Values::default();
        values.was_given(&json!({"name": "Ada Lovelace"}));
        let recorded = json!({"id": "c-1842", "name": "Ada Lovelace", "version": 7, "ok": true,
            "big": 4_200, "list": [{"id": "n-1815"}]});
        let now = json!({"id": "c-9001", "name": "Ada Lovelace", "version": 8, "ok": true,
            "big": 5_300, "list": [{"id": "n-2000"}]});
        values.learn(3, &recorded, Some(&now));
        let used = json!({"customer": "c-1842", "of": {"notes": ["n-1815", "n-1816"]},
            "name": "Ada Lovelace", "expected_version": 7, "big": 4_200, "flag": true});
        let expected = json!({"customer": "c-9001", "of": {"notes": ["n-2000", "n-1816"]},
            "name": "Ada Lovelace", "expected_version": 8, "big": 5_300, "flag": true});
        assert_eq!(values.rewritten(&used, &|_| false), expected);
        assert_eq!(values.rewritten(&used, &|_| true), used);
        let from = |pointer: &str| Origin { n: 3, pointer: pointer.to_owned() };
        let binding = |from, to: &str| Binding { from, to: to.to_owned() };
        let expected = [
            binding(from("/big"), "/big"),
            binding(from("/id"), "/customer"),
            binding(from("/version"), "/expected_version"),
            binding(from("/list/0/id"), "/of/notes/0"),
        ];
        assert_eq!(values.bindings(&used), expected);
    }

    #[test]
    fn a_value_comes_from_whoever_has_named_it_first() {
        let mut values = Values::default();
        values.learn(1, &json!({"id": "abcd"}), Some(&json!({"id": "wxyz"})));
        values.learn(2, &json!({"other": "abcd"}), Some(&json!({"other": "1234"})));
        let rewritten = values.rewritten(&json!({"a~b/c": "abcd"}), &|_| false);
        assert_eq!(rewritten, json!({"a~b/c": "wxyz"}));
        assert_eq!(values.bindings(&json!({"a~b/c": "abcd"}))[0].to, "/a~0b~1c");
    }
}
