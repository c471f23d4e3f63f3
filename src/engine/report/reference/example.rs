//! One example call, built from the input schema.
//!
//! Takes what the author gives (`const`, `examples`, `default`, `enum`) and makes up the rest from
//! type, format, pattern and bounds. Where the schema does not tell what is valid, the example
//! says which value to replace instead of passing it off as valid.

use std::{collections::HashSet, fmt::Write};

use serde_json::Value;

use super::{
    node::Node,
    pattern::matching_text,
    place::{Inline, MAX_PARTS, Place, Schemas},
    shorten,
};
use crate::engine::schema::format;

/// Values in one example, its nesting, and the bytes of it and of a value that is taken over.
const MAX_VALUES: usize = 400;
const MAX_NESTING: usize = 12;
const MAX_BYTES: usize = 20_000;
const MAX_GIVEN: usize = 4_000;
/// Characters of one name in a path.
const MAX_NAME: usize = 80;
/// Characters of a list that stands on one line.
const MAX_LINE: usize = 60;

/// A call as a client sends it.
#[derive(Debug)]
pub(super) struct Example {
    /// The `params` of `tools/call`, indented.
    pub(super) json: String,
    /// Paths of values that had to be guessed.
    pub(super) guessed: Vec<String>,
}

/// The example call of a tool; none where it would be too long or there is nothing to build from.
pub(super) fn call(name: &str, schema: Node<'_>) -> Option<Example> {
    let mut builder =
        Builder { schemas: Schemas::new(schema), values_left: MAX_VALUES, guessed: Vec::new() };
    let arguments = builder.value(schema, "", 0)?;
    let members = vec![
        ("name".to_owned(), Json::Plain(Value::from(name))),
        ("arguments".to_owned(), arguments),
    ];
    let mut json = String::new();
    Json::Object(members).write(&mut json, 0);
    (json.len() <= MAX_BYTES).then_some(Example { json, guessed: builder.guessed })
}

/// JSON that keeps the order of members.
#[derive(Debug)]
enum Json {
    Plain(Value),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

struct Builder<'a> {
    schemas: Schemas<'a>,
    values_left: usize,
    guessed: Vec<String>,
}

impl<'a> Builder<'a> {
    /// A value for a schema; none where none was found.
    fn value(&mut self, schema: Node<'a>, path: &str, nesting: usize) -> Option<Json> {
        let place = self.schemas.place(schema, Inline::All);
        self.values_left = self.values_left.checked_sub(1)?;
        if nesting > MAX_NESTING || place.is_nothing() {
            return None;
        }
        if let Some(given) = given(&place) {
            return Some(Json::of(given));
        }
        let place = self.with_first_options(place);
        if let Some(given) = given(&place) {
            return Some(Json::of(given));
        }
        let is_undecided = ["not", "if", "contains", "propertyNames", "minProperties"];
        if is_undecided.iter().any(|keyword| place.get(keyword).is_some())
            || !place.unresolved.is_empty()
        {
            self.guess(path);
        }
        let types = place.types();
        match types.iter().find(|name| **name != "null").or(types.first()) {
            Some(&"object") => self.object(&place, path, nesting),
            Some(&"array") => self.array(&place, path, nesting),
            Some(&"string") => self.string(&place, path).map(Json::Plain),
            Some(&"integer") => Some(Json::Plain(self.number(&place, path, true))),
            Some(&"number") => Some(Json::Plain(self.number(&place, path, false))),
            Some(&"boolean") => Some(Json::Plain(Value::Bool(true))),
            Some(&"null") => Some(Json::Plain(Value::Null)),
            _ if place.is_nullable => Some(Json::Plain(Value::Null)),
            Some(_) => None,
            None => {
                if !place.unresolved.is_empty() {
                    self.guess(path);
                }
                Some(Json::Plain(Value::from("example")))
            }
        }
    }

    /// The place with the first option of each combinator taken into it.
    fn with_first_options(&self, mut place: Place<'a>) -> Place<'a> {
        let mut choices = std::mem::take(&mut place.choices);
        for _ in 0..MAX_NESTING {
            if choices.is_empty() {
                break;
            }
            for choice in std::mem::take(&mut choices) {
                let Some(first) = choice.options.first() else { continue };
                if place.parts.len() >= MAX_PARTS {
                    break;
                }
                let option = self.schemas.place(*first, Inline::All);
                place.parts.extend(option.parts);
                place.unresolved.extend(option.unresolved);
                choices.extend(option.choices);
            }
        }
        place
    }

    fn object(&mut self, place: &Place<'a>, path: &str, nesting: usize) -> Option<Json> {
        let mut required = place.required();
        let mut is_required: HashSet<&str> = required.iter().copied().collect();
        // A member that is there may require others.
        let dependent = place.get("dependentRequired").map(Node::members).unwrap_or_default();
        for _ in 0..dependent.len().min(MAX_NESTING) {
            for (name, needed) in &dependent {
                if !is_required.contains(name) {
                    continue;
                }
                let needed = needed.items().into_iter().filter_map(Node::text);
                required.extend(needed.filter(|name| is_required.insert(name)));
            }
        }
        let mut members: Vec<(String, Json)> = Vec::new();
        for (name, schema, _) in place.properties() {
            let path = member_path(path, name);
            if is_required.contains(name) {
                members.push((name.to_owned(), self.value(schema, &path, nesting + 1)?));
            } else if is_worth_showing(&self.schemas.place(schema, Inline::All))
                && let Some(value) = self.value(schema, &path, nesting + 1)
            {
                members.push((name.to_owned(), value));
            }
        }
        for name in required {
            if !members.iter().any(|(known, _)| known == name) {
                self.values_left = self.values_left.checked_sub(1)?;
                self.guess(&member_path(path, name));
                members.push((name.to_owned(), Json::Plain(Value::from("example"))));
            }
        }
        Some(Json::Object(members))
    }

    fn array(&mut self, place: &Place<'a>, path: &str, nesting: usize) -> Option<Json> {
        let bound = |keyword| place.get(keyword).and_then(|count| count.value.as_u64());
        let least = usize::try_from(bound("minItems").unwrap_or(0)).ok()?;
        let most = usize::try_from(bound("maxItems").unwrap_or(u64::MAX)).ok()?;
        let path = format!("{path}[]");
        let mut items = Vec::new();
        for schema in place.prefix_items() {
            items.push(self.value(schema, &path, nesting + 1)?);
        }
        let wanted = least.max(1).min(most);
        if let Some(schema) = place.items() {
            while items.len() < wanted {
                match self.value(schema, &path, nesting + 1) {
                    Some(item) => items.push(item),
                    // A list of itself ends with an empty one.
                    None if items.len() >= least => break,
                    None => return None,
                }
            }
            if items.len() > 1 && place.get("uniqueItems").is_some() {
                self.guess(&path);
            }
        } else {
            while items.len() < least {
                self.values_left = self.values_left.checked_sub(1)?;
                items.push(Json::Plain(Value::from("example")));
            }
        }
        Some(Json::Array(items))
    }

    fn string(&mut self, place: &Place<'a>, path: &str) -> Option<Value> {
        let bound = |keyword| place.get(keyword).and_then(|count| count.value.as_u64());
        let least = usize::try_from(bound("minLength").unwrap_or(0)).ok()?;
        let most = usize::try_from(bound("maxLength").unwrap_or(u64::MAX)).ok()?;
        if let Some(pattern) = place.text("pattern") {
            if place.all("pattern").count() == 1
                && let Some(text) = matching_text(pattern, least.max(1).min(most), most)
            {
                return Some(Value::from(text));
            }
            self.guess(path);
        }
        let of_format = place.text("format").map(format::sample);
        if let Some(Some(sample)) = of_format
            && (least..=most).contains(&sample.len())
        {
            return Some(Value::from(sample));
        }
        // A format we have no sample for, or none of the right length.
        if of_format.is_some() {
            self.guess(path);
        }
        if least > MAX_GIVEN {
            return None;
        }
        let filler = "example ".chars().cycle();
        let text: String = filler.take(least.max(7).min(most)).collect();
        Some(Value::from(text))
    }

    fn number(&mut self, place: &Place<'a>, path: &str, is_integer: bool) -> Value {
        let fits = |number: f64| fits(place, number);
        let bound = |keyword| place.get(keyword).and_then(|bound| bound.value.as_f64());
        let step = bound("multipleOf").filter(|step| *step > 0.0);
        let unit = step.unwrap_or(1.0);
        let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
        let near_bounds = bounds.iter().filter_map(|keyword| bound(keyword)).flat_map(|bound| {
            let on_grid = (bound / unit).ceil() * unit;
            [on_grid, on_grid + unit, on_grid - unit, bound, bound + 0.5, bound - 0.5]
        });
        let is_fine = |number: &f64| (!is_integer || number.fract() == 0.0) && fits(*number);
        let found = [unit, 0.0].into_iter().chain(near_bounds).find(is_fine);
        if found.is_none() {
            self.guess(path);
        }
        let number = found.unwrap_or(1.0);
        // Whole numbers are written as such, in the range in which a float holds them exactly.
        if number.fract() == 0.0 && number.abs() < 9e15 {
            Value::from(number as i64)
        } else {
            Value::from(number)
        }
    }

    fn guess(&mut self, path: &str) {
        let path = if path.is_empty() { "arguments" } else { path };
        let path = shorten(path, 80);
        if self.guessed.len() < 20 && !self.guessed.contains(&path) {
            self.guessed.push(path);
        }
    }
}

fn member_path(path: &str, name: &str) -> String {
    let name = shorten(name, MAX_NAME);
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// A value that the author gives and that is not too long to be shown.
fn given<'a>(place: &Place<'a>) -> Option<Node<'a>> {
    let first = |keyword| place.get(keyword).map(Node::items).unwrap_or_default().into_iter();
    let is_shown = |node: &Node<'_>| node.size() <= MAX_GIVEN;
    let own = place.get("const").or_else(|| first("examples").next()).filter(is_shown);
    let default = place.get("default").filter(|node| !node.value.is_null());
    let listed = || first("enum").find(|node| !node.value.is_null());
    own.or(default).or_else(listed).filter(is_shown)
}

/// Whether an optional argument is part of the example: its author thought of one.
fn is_worth_showing(place: &Place<'_>) -> bool {
    let is_deprecated = place.all("deprecated").any(|flag| flag.value == true);
    place.get("examples").is_some() && !is_deprecated
}

fn fits(place: &Place<'_>, number: f64) -> bool {
    let all = |keyword: &str, holds: &dyn Fn(f64) -> bool| {
        place.all(keyword).filter_map(|bound| bound.value.as_f64()).all(holds)
    };
    let is_strict = |keyword| place.all(keyword).any(|flag| flag.value == true);
    let (above, below) = (is_strict("exclusiveMinimum"), is_strict("exclusiveMaximum"));
    all("minimum", &|bound| if above { number > bound } else { number >= bound })
        && all("maximum", &|bound| if below { number < bound } else { number <= bound })
        && all("exclusiveMinimum", &|bound| number > bound)
        && all("exclusiveMaximum", &|bound| number < bound)
        && all("multipleOf", &|step| (number / step).fract() == 0.0)
}

/// A short list of plain values, as one writes it.
fn one_line(items: &[Json]) -> Option<String> {
    let plain = items.iter().map(|item| match item {
        Json::Plain(value) => Some(value.to_string()),
        Json::Array(_) | Json::Object(_) => None,
    });
    let line = format!("[{}]", plain.collect::<Option<Vec<_>>>()?.join(", "));
    (line.len() <= MAX_LINE).then_some(line)
}

impl Json {
    fn of(node: Node<'_>) -> Self {
        match node.value {
            Value::Array(_) => Self::Array(node.items().into_iter().map(Self::of).collect()),
            Value::Object(_) => {
                let members = node.members().into_iter();
                Self::Object(
                    members.map(|(name, node)| (name.to_owned(), Self::of(node))).collect(),
                )
            }
            plain => Self::Plain(plain.clone()),
        }
    }

    fn write(&self, text: &mut String, indent: usize) {
        let new_line = |text: &mut String, indent: usize| {
            text.push('\n');
            text.extend(std::iter::repeat_n("  ", indent));
        };
        match self {
            // Writing to a string does not fail.
            Self::Plain(value) => drop(write!(text, "{value}")),
            Self::Array(items) if items.is_empty() => text.push_str("[]"),
            Self::Object(members) if members.is_empty() => text.push_str("{}"),
            Self::Array(items) if let Some(line) = one_line(items) => text.push_str(&line),
            Self::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    text.push(if index == 0 { '[' } else { ',' });
                    new_line(text, indent + 1);
                    item.write(text, indent + 1);
                }
                new_line(text, indent);
                text.push(']');
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    text.push(if index == 0 { '{' } else { ',' });
                    new_line(text, indent + 1);
                    let _ = write!(text, "{}: ", Value::from(name.as_str()));
                    value.write(text, indent + 1);
                }
                new_line(text, indent);
                text.push('}');
            }
        }
    }
}
