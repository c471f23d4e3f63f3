//! How closely an answer has to be like the recorded one, and where it is not.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{BuildHasher, RandomState},
};

use serde_json::{Map, Value, json};

use super::expected::Expected;
use crate::{
    engine::cassette::redact::{is_placeholder, placeholders},
    live::replay::{binding::push, compare::Difference},
};

/// How closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The same kind of answer with the same members and types.
    Shape,
    /// The same values, but for `_meta` and how JSON in text is written.
    Value,
    /// All of it.
    Exact,
}

impl Level {
    /// As it is named on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Value => "value",
            Self::Exact => "exact",
        }
    }
}

/// A place where an answer is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// Where, as a JSON Pointer into the result, or into `{"error": …}`.
    pub pointer: String,
    /// What is there and what should be.
    pub words: String,
    /// What is there, as far as it counts: equal for equal answers.
    pub now: u64,
}

/// Turns what stands at a place into one number, in the same way for all answers of a run.
#[derive(Debug, Default)]
pub struct Digests(RandomState);

impl Digests {
    pub(super) fn of(&self, level: Level, now: Option<&Value>) -> u64 {
        self.0.hash_one(match (now, level) {
            (None, _) => String::new(),
            (Some(value), Level::Shape) => signature(value),
            (Some(value), _) => value.to_string(),
        })
    }
}

/// Every place where an answer deviates from the recorded one.
pub fn deviations(
    level: Level,
    recorded: &Value,
    now: &Value,
    expected: &Expected<'_>,
    digests: &Digests,
) -> Vec<Deviation> {
    let mut walk = Walk { level, expected, digests, found: Vec::new(), is_stood_in: false };
    let (recorded, now) = (plain(level, recorded), plain(level, now));
    walk.both(Some(&recorded), Some(&now), &mut String::new());
    walk.found
}

/// Of an answer what counts at a level.
fn plain(level: Level, answer: &Value) -> Value {
    let Some(members) = answer.as_object().filter(|_| level != Level::Exact) else {
        return answer.clone();
    };
    let mut plain: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| !["_meta", "resultType"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !plain.contains_key("error") {
        plain.entry("isError").or_insert(json!(false));
    }
    let structured = plain.get("structuredContent").cloned();
    for block in plain.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(block) = block.as_object_mut() else { continue };
        block.remove("_meta");
        let Some(parsed) = block.get("text").and_then(embedded) else { continue };
        // The text that repeats the structured content would be told twice.
        let is_mirror = structured.as_ref() == Some(&parsed);
        block.insert("text".to_owned(), if is_mirror { json!(MIRROR) } else { parsed });
    }
    Value::Object(plain)
}

const MIRROR: &str = "(the same as structuredContent)";

/// The JSON in a text.
fn embedded(text: &Value) -> Option<Value> {
    let text = text.as_str().filter(|text| text.starts_with(['{', '[']))?;
    serde_json::from_str(text).ok()
}

struct Walk<'a, 'b> {
    level: Level,
    expected: &'a Expected<'b>,
    digests: &'a Digests,
    found: Vec<Deviation>,
    /// Whether a value was met in whose place another one may stand.
    is_stood_in: bool,
}

impl Walk<'_, '_> {
    fn both(&mut self, recorded: Option<&Value>, now: Option<&Value>, pointer: &mut String) {
        match (recorded, now) {
            (Some(Value::Object(recorded)), Some(Value::Object(now))) => {
                for (name, member) in recorded {
                    self.step(name, Some(member), now.get(name), pointer);
                }
                for (name, member) in now.iter().filter(|(name, _)| !recorded.contains_key(*name)) {
                    self.step(name, None, Some(member), pointer);
                }
            }
            // The blocks of an answer are what they are by their places; other lists are of a kind.
            (Some(Value::Array(recorded)), Some(Value::Array(now)))
                if self.level == Level::Shape && pointer != "/content" =>
            {
                self.items(recorded, now, pointer);
            }
            (Some(Value::Array(recorded)), Some(Value::Array(now))) => {
                for index in 0..recorded.len().max(now.len()) {
                    let (recorded, now) = (recorded.get(index), now.get(index));
                    self.step(&index.to_string(), recorded, now, pointer);
                }
            }
            (Some(recorded), Some(now)) => self.scalar(recorded, now, pointer),
            (recorded, now) => self.differ(recorded, now, pointer),
        }
    }

    fn step(
        &mut self,
        token: &str,
        recorded: Option<&Value>,
        now: Option<&Value>,
        pointer: &mut String,
    ) {
        let length = pointer.len();
        push(pointer, token);
        self.both(recorded, now, pointer);
        pointer.truncate(length);
    }

    /// Items of a list by shape: each has to be made of what recorded ones are made of.
    fn items(&mut self, recorded: &[Value], now: &[Value], pointer: &mut String) {
        if recorded.is_empty() {
            return;
        }
        let known: HashSet<String> = recorded.iter().map(signature).collect();
        let recorded: Vec<&Value> = recorded.iter().collect();
        for (index, item) in now.iter().enumerate() {
            if !known.contains(&signature(item)) {
                let length = pointer.len();
                pointer.push_str(&format!("/{index}"));
                self.like_one_of(&recorded, item, pointer);
                pointer.truncate(length);
            }
        }
    }

    /// What has the shapes of several recorded values, member by member.
    fn like_one_of(&mut self, recorded: &[&Value], now: &Value, pointer: &mut String) {
        let alike = recorded.iter().filter(|it| kind_of(it) == kind_of(now));
        let alike: Vec<&Value> = alike.copied().collect();
        let Some(first) = alike.first() else {
            if let Some(first) = recorded.first() {
                self.scalar(first, now, pointer);
            }
            return;
        };
        let length = pointer.len();
        match now {
            Value::Object(members) => {
                for (name, member) in members {
                    push(pointer, name);
                    let of_it: Vec<&Value> = alike.iter().filter_map(|it| it.get(name)).collect();
                    if of_it.is_empty() {
                        self.differ(None, Some(member), pointer);
                    } else {
                        self.like_one_of(&of_it, member, pointer);
                    }
                    pointer.truncate(length);
                }
                for (name, member) in first.as_object().into_iter().flatten() {
                    let is_in_all = alike.iter().all(|it| it.get(name).is_some());
                    if is_in_all && !members.contains_key(name) {
                        push(pointer, name);
                        self.differ(Some(member), None, pointer);
                        pointer.truncate(length);
                    }
                }
            }
            Value::Array(items) => {
                let all = alike.iter().filter_map(|it| it.as_array()).flatten();
                let all: Vec<&Value> = all.collect();
                for (index, item) in items.iter().enumerate().filter(|_| !all.is_empty()) {
                    push(pointer, &index.to_string());
                    self.like_one_of(&all, item, pointer);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn scalar(&mut self, recorded: &Value, now: &Value, pointer: &mut String) {
        if recorded == now {
            return;
        }
        let is_plain = |value: &Value| !value.is_object() && !value.is_array();
        if recorded.as_str().is_some_and(is_placeholder) && is_plain(now) && !now.is_null() {
            self.is_stood_in = true;
            return;
        }
        if is_plain(recorded) && is_plain(now) && self.expected.is_met(pointer, recorded, now) {
            self.is_stood_in = true;
            return;
        }
        let is_alike = match (recorded, now) {
            (Value::String(recorded), Value::String(now)) => {
                self.texts(recorded, now, pointer);
                return;
            }
            (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) => {
                self.level == Level::Shape && !is_kind(pointer)
            }
            _ => false,
        };
        if !is_alike {
            self.differ(Some(recorded), Some(now), pointer);
        }
    }

    fn texts(&mut self, recorded: &str, now: &str, pointer: &mut String) {
        let (one, other) = (Value::from(recorded), Value::from(now));
        if self.level == Level::Shape {
            if is_kind(pointer) {
                self.differ(Some(&one), Some(&other), pointer);
            }
            return;
        }
        if self.level == Level::Exact
            && pointer.starts_with("/content/")
            && let (Some(recorded), Some(now)) = (embedded(&one), embedded(&other))
        {
            // What the texts say is told; how they are written only where nothing else is different.
            let (before, stood_in) = (self.found.len(), self.is_stood_in);
            self.is_stood_in = false;
            self.both(Some(&recorded), Some(&now), pointer);
            let is_told = self.found.len() > before || self.is_stood_in;
            self.is_stood_in |= stood_in;
            if is_told {
                return;
            }
        } else if has_placeholders(recorded, now) {
            self.is_stood_in = true;
            return;
        }
        self.differ(Some(&one), Some(&other), pointer);
    }

    fn differ(&mut self, recorded: Option<&Value>, now: Option<&Value>, pointer: &str) {
        let of = |value: Option<&Value>| {
            value.map(|value| match self.level {
                Level::Shape if !is_kind(pointer) => json!(kind_of(value)),
                _ => value.clone(),
            })
        };
        let difference =
            Difference { pointer: pointer.to_owned(), before: of(recorded), after: of(now) };
        let words = match (self.level, is_kind(pointer), &difference.before, &difference.after) {
            (Level::Shape, false, Some(Value::String(before)), Some(Value::String(after))) => {
                let pointer = if pointer.is_empty() { "the whole" } else { pointer };
                format!("{pointer} is {after} instead of {before}")
            }
            (Level::Shape, false, Some(_), None) => format!("{pointer} is missing"),
            (Level::Shape, false, None, Some(_)) => format!("{pointer} is new"),
            _ => difference.to_string(),
        };
        let level = if is_kind(pointer) { Level::Value } else { self.level };
        let now = self.digests.of(level, now);
        self.found.push(Deviation { pointer: pointer.to_owned(), words, now });
    }
}

/// Whether what stands at a place says what kind of answer it is, so that its value is its shape.
fn is_kind(pointer: &str) -> bool {
    let is_type_of_block = || {
        let steps: Vec<&str> = pointer.split('/').collect();
        matches!(steps.as_slice(), ["", "content", _, "type"])
    };
    pointer == "/isError" || pointer == "/error/code" || is_type_of_block()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The shape of a value: equal for values of the same shape.
fn signature(value: &Value) -> String {
    match value {
        Value::Null => "0".to_owned(),
        Value::Bool(_) => "b".to_owned(),
        Value::Number(_) => "n".to_owned(),
        Value::String(_) => "t".to_owned(),
        Value::Array(items) => {
            let shapes: BTreeSet<String> = items.iter().map(signature).collect();
            format!("[{}]", shapes.into_iter().collect::<Vec<_>>().join(","))
        }
        Value::Object(members) => {
            let mut shapes: Vec<String> = members
                .iter()
                .map(|(name, member)| format!("{}:{}", json!(name), signature(member)))
                .collect();
            shapes.sort_unstable();
            format!("{{{}}}", shapes.join(","))
        }
    }
}

/// Whether a text is the recorded one with something in the place of each placeholder.
fn has_placeholders(recorded: &str, now: &str) -> bool {
    let (mut rest, mut end, mut is_first) = (now, 0, true);
    let mut places = placeholders(recorded).peekable();
    if places.peek().is_none() {
        return false;
    }
    for place in places {
        let fixed = &recorded[end..place.start];
        let found = if is_first { rest.starts_with(fixed).then_some(0) } else { rest.find(fixed) };
        let Some(found) = found else { return false };
        rest = &rest[found + fixed.len()..];
        (end, is_first) = (place.end, false);
    }
    rest.ends_with(&recorded[end..])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Digests, Level, deviations};
    use crate::live::replay::comparison::expected::{Expected, Now, Survey};

    fn found(level: Level, recorded: &Value, now: &Value) -> Vec<String> {
        let (survey, values) = (Survey::default(), Now::default());
        let expected = Expected::new(&survey, &values);
        let found = deviations(level, recorded, now, &expected, &Digests::default());
        let mut words: Vec<String> = found.into_iter().map(|it| it.words).collect();
        words.sort_unstable();
        words
    }

    #[test]
    fn a_shape_is_members_types_and_what_kind_of_answer_it_is() {
        let recorded = json!({"structuredContent": {"id": 1, "list": [{"a": "x"}, {"b": 1}]},
            "content": [{"type": "text", "text": "hello"}]});
        let same = json!({"structuredContent": {"id": 2, "list": [{"b": 7}]},
            "content": [{"type": "text", "text": "there"}], "isError": false, "_meta": {"x": 1}});
        assert!(found(Level::Shape, &recorded, &same).is_empty());
        let mixed = json!([{"a": 1, "b": null}, {"a": null, "b": "x"}]);
        let of_both = json!([{"a": null, "b": null}, {"a": 2, "b": "y"}, {"a": 2, "b": 3}]);
        assert_eq!(
            found(
                Level::Shape,
                &json!({"structuredContent": mixed}),
                &json!({"structuredContent": of_both})
            ),
            ["/structuredContent/2/b is a number instead of null"]
        );
        let other = json!({"structuredContent": {"id": "2", "list": [{"a": 1}], "more": null},
            "content": [{"type": "image", "data": "", "mimeType": ""}], "isError": true});
        assert_eq!(
            found(Level::Shape, &recorded, &other),
            [
                "/content/0/data is new",
                "/content/0/mimeType is new",
                "/content/0/text is missing",
                "/content/0/type is \"image\" instead of \"text\"",
                "/isError is true instead of false",
                "/structuredContent/id is a text instead of a number",
                "/structuredContent/list/0/a is a number instead of a text",
                "/structuredContent/more is new",
            ]
        );
        let error = json!({"error": {"code": -32602, "message": "no"}});
        assert!(
            found(Level::Shape, &error, &json!({"error": {"code": -32602, "message": "never"}}))
                .is_empty()
        );
        assert_eq!(
            found(Level::Shape, &error, &json!({"error": {"code": -32603, "message": "no"}})),
            ["/error/code is -32603 instead of -32602"]
        );
    }

    #[test]
    fn values_are_told_once_and_not_by_how_they_are_written() {
        let answer = |text: &str, id: i64| {
            json!({"structuredContent": {"id": id, "n": 5},
                "content": [{"type": "text", "text": text}]})
        };
        let recorded = answer("{\"id\":1,\"n\":5}", 1);
        assert!(found(Level::Value, &recorded, &answer("{ \"n\": 5, \"id\": 1 }", 1)).is_empty());
        assert_eq!(
            found(Level::Value, &recorded, &answer("{\"id\":2,\"n\":5}", 2)),
            ["/structuredContent/id is 2 instead of 1"]
        );
        assert_eq!(
            found(Level::Exact, &recorded, &answer("{ \"n\": 5, \"id\": 1 }", 1)),
            [
                "/content/0/text is \"{ \\\"n\\\": 5, \\\"id\\\": 1 }\" instead of \"{\\\"id\\\":1,\\\"n\\\":5}\""
            ]
        );
        assert_eq!(
            found(Level::Exact, &recorded, &answer("{\"id\":2,\"n\":5}", 1)),
            ["/content/0/text/id is 2 instead of 1"]
        );
    }

    #[test]
    fn a_placeholder_is_equal_to_anything_of_its_kind() {
        let recorded = json!({"content": [{"type": "text",
            "text": "key «redacted:secret:0badcafe» is valid until «redacted:secret:0badcaff»."}],
            "structuredContent": {"key": "«redacted:secret:0badcafe»"}});
        let now = |text: &str, key: Value| json!({"content": [{"type": "text", "text": text}], "structuredContent": {"key": key}});
        for level in [Level::Shape, Level::Value, Level::Exact] {
            let same = now("key s3cret is valid until 2027.", json!("s3cret"));
            assert!(found(level, &recorded, &same).is_empty(), "{level:?}");
            assert_eq!(
                found(level, &recorded, &now("key s3cret is valid until 2027.", json!({}))).len(),
                1
            );
        }
        let other = now("key s3cret was valid until 2027.", json!(12));
        assert_eq!(found(Level::Value, &recorded, &other).len(), 1);
    }
}
