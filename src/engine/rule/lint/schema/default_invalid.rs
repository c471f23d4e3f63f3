use serde_json::Value;

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
        wording,
    },
    schema::{
        pattern::{Sketch, compile},
        reference::{Target, resolve},
        types,
    },
};

pub(super) const RULE: Rule = Rule {
    id: "schema/default-invalid",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "give a default that the schema accepts, or none",
    documentation: r##"
A default value breaks the schema it stands in.

## Why
Models and forms copy the default into the call, and the server rejects what its own definition
suggested. Where the server fills in the default itself after validating, the documentation still
promises something that a caller may not send.

What a `$ref` leads to, the alternatives of `anyOf` and `oneOf` and the items of an array are looked
at as well.

A `null` default on a type without null is how generators write "no default"; it does less harm and
is a warning.

## Bad
```json
{"tools": [{"name": "sort_orders", "inputSchema": {
  "type": "object",
  "properties": {"direction": {"type": "string", "enum": ["asc", "desc"], "default": "up"}}
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 50, "default": 100}}
}}]}
```
```json
{"tools": [{"name": "list_shelves", "inputSchema": {
  "type": "object",
  "properties": {"direction": {"$ref": "#/$defs/Direction", "default": "upwards"}},
  "$defs": {"Direction": {"type": "string", "enum": ["asc", "desc"]}}
}}]}
```
```json
{"tools": [{"name": "get_tides", "inputSchema": {
  "type": "object",
  "properties": {"days": {
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": "seven"
  }}
}}]}
```
```json
{"tools": [{"name": "get_menu", "inputSchema": {
  "type": "object",
  "properties": {"languages": {
    "type": "array", "items": {"type": "string", "enum": ["de", "fr"]}, "default": ["en"]
  }}
}}]}
```

## Good
```json
{"tools": [{"name": "sort_orders", "inputSchema": {
  "type": "object",
  "properties": {
    "direction": {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
    "state": {"anyOf": [{"$ref": "#/$defs/State"}, {"type": "null"}], "default": null},
    "columns": {"type": "array", "items": {"$ref": "#/$defs/State"}, "default": ["open"]}
  },
  "$defs": {"State": {"type": "string", "enum": ["open", "paid"]}}
}}]}
```

## References
- JSON Schema 2020-12, validation §9.2: a default is RECOMMENDED to "be valid against the associated
  schema"
"##,
    check: Check::Schema(judge),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "a number or boolean in quotes loses the quotes, a word in another case gets that of the `enum`, and any other such default goes",
    ),
    propose,
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let default = spot.schema.get("default")?;
    let reason =
        Inquiry { root: spot.root, steps: MAX_STEPS }.objection(spot.schema.value(), default)?;
    let message = format!("the default of {}, {}, {reason}", spot.name(), wording::value(default));
    let hit = Hit::new(spot.pointer().join("default"), message);
    if default.is_null() {
        let help = "leave `default` out, or add \"null\" to the type if null may be sent";
        return Some(hit.severity(Severity::Warning).help(help));
    }
    Some(hit)
}

/// How many schemas are asked about one default: enough for any that was written, and an end for
/// references that go round.
const MAX_STEPS: usize = 256;

/// Asking a schema and those it refers to about a value.
struct Inquiry<'a> {
    root: &'a Value,
    steps: usize,
}

impl Inquiry<'_> {
    /// What a schema has against a value, if it has anything for certain.
    fn objection(&mut self, schema: &Value, value: &Value) -> Option<String> {
        self.steps = self.steps.checked_sub(1)?;
        if value.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
            return None;
        }
        own_objection(schema, value)
            .or_else(|| {
                let reference = schema.get("$ref").and_then(Value::as_str)?;
                let Target::Local(target) = resolve(self.root, reference) else { return None };
                self.objection(target, value)
            })
            .or_else(|| {
                let parts = schema.get("allOf").and_then(Value::as_array)?;
                parts.iter().find_map(|part| self.objection(part, value))
            })
            .or_else(|| self.objection_of_all(schema.get("anyOf")?.as_array()?, value))
            .or_else(|| self.objection_of_all(schema.get("oneOf")?.as_array()?, value))
            .or_else(|| {
                // Beside `prefixItems` it is for the rest of them.
                let of_items = schema.get("items").filter(|items| items.is_object())?;
                if schema.get("prefixItems").is_some() {
                    return None;
                }
                value.as_array()?.iter().find_map(|item| {
                    let reason = self.objection(of_items, item)?;
                    Some(format!("holds {}, which {reason}", wording::value(item)))
                })
            })
    }

    /// What every one of several alternatives has against a value: the reason of the only one that
    /// is not null, or that there is none that fits.
    fn objection_of_all(&mut self, branches: &[Value], value: &Value) -> Option<String> {
        let reasons: Option<Vec<String>> =
            branches.iter().map(|branch| self.objection(branch, value)).collect();
        let mut telling = reasons?
            .into_iter()
            .zip(branches)
            .filter(|(_, branch)| types::named(branch) != ["null"]);
        match (telling.next(), telling.next()) {
            (Some((reason, _)), None) => Some(reason),
            (Some(_), Some(_)) => Some("fits none of the alternatives".to_owned()),
            (None, _) => None,
        }
    }
}

/// What a schema's own simple keywords have against a value.
fn own_objection(schema: &Value, value: &Value) -> Option<String> {
    let named = types::named(schema);
    if !named.is_empty() && !named.iter().any(|name| types::is(value, name)) {
        return Some(format!("is not of the type {}", named.join(" or ")));
    }
    if let Some(Value::Array(values)) = schema.get("enum")
        && !values.iter().any(|allowed| types::equal(allowed, value))
    {
        return Some("is not among the values of `enum`".to_owned());
    }
    if schema.get("const").is_some_and(|constant| !types::equal(constant, value)) {
        return Some("is not the value of `const`".to_owned());
    }
    match value {
        Value::Number(number) => breaks_bound(schema, number.as_f64()?, NUMBER),
        Value::String(text) => {
            breaks_bound(schema, text.chars().count() as f64, LENGTH).or_else(|| {
                let pattern = schema.get("pattern")?.as_str()?;
                breaks_pattern(pattern, text)
                    .then(|| format!("does not match `{}`", wording::shorten(pattern)))
            })
        }
        Value::Array(items) => breaks_bound(schema, items.len() as f64, ITEMS),
        _ => None,
    }
}

/// A keyword that bounds a number, and how the number may stand to its value.
type Bound = (&'static str, fn(f64, f64) -> bool);

const NUMBER: &[Bound] = &[
    ("minimum", |number, bound| number >= bound),
    ("maximum", |number, bound| number <= bound),
    ("exclusiveMinimum", |number, bound| number > bound),
    ("exclusiveMaximum", |number, bound| number < bound),
];
const LENGTH: &[Bound] = &[
    ("minLength", |length, bound| length >= bound),
    ("maxLength", |length, bound| length <= bound),
];
const ITEMS: &[Bound] =
    &[("minItems", |count, bound| count >= bound), ("maxItems", |count, bound| count <= bound)];

fn breaks_bound(schema: &Value, measure: f64, bounds: &[Bound]) -> Option<String> {
    bounds.iter().find_map(|(keyword, holds)| {
        let bound = schema.get(keyword)?;
        (!holds(measure, bound.as_f64()?)).then(|| format!("breaks `{keyword}` {bound}"))
    })
}

/// Longest default that is matched; a surface is read in milliseconds, whatever it holds.
const MAX_MATCHED: usize = 64;

fn breaks_pattern(pattern: &str, text: &str) -> bool {
    text.len() <= MAX_MATCHED
        && compile(pattern)
            .is_ok_and(|regex| Sketch::of(pattern).is_cheap() && regex.find(text).is_none())
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let (pointer, default) = (occurrence.pointer(), occurrence.view()?.to_value());
    let schema = occurrence.surface.view(&pointer.parent()?)?.to_value();
    Some(match meant(&schema, &default) {
        Some(meant) => {
            let title = format!("give the default {}", wording::value(&meant));
            Fix::not_safe(title, vec![Edit::Replace(pointer.clone(), meant)])
        }
        None => Fix::not_safe("take out the default", vec![Edit::Remove(pointer.clone())]),
    })
}

/// The value that a default in another spelling stands for.
fn meant(schema: &Value, default: &Value) -> Option<Value> {
    let text = default.as_str()?;
    let is_listed = |value: &&Value| {
        value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(text.trim()))
    };
    let listed = schema.get("enum").and_then(Value::as_array);
    let of_enum = listed.and_then(|values| values.iter().find(is_listed)).cloned();
    let unquoted = || serde_json::from_str::<Value>(&text.trim().to_lowercase()).ok();
    let meant = of_enum.or_else(|| unquoted().filter(|it| it.is_number() || it.is_boolean()))?;
    own_objection(schema, &meant).is_none().then_some(meant)
}
