use std::collections::HashSet;

use serde_json::Value;

use super::spot::{Spot, is_in_place};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::reference,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/required-unknown",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "declare the property under `properties`, or take its name out of `required`",
    documentation: r##"
A schema requires a property that it does not declare.

## Why
Nobody can know what to send: the name is demanded, its type and meaning are not given. Usually a
property was renamed and the list forgotten. A model tends to leave the property out, and every call
is then rejected; Google's API refuses the whole request ("required: property is not defined").
Models recover from the error message where they get one, so the measured loss of success is small;
the loss of tools at Gemini clients is not.

A `required` inside `anyOf` may name properties of the schema around it, and an object of free keys
(`additionalProperties` or `unevaluatedProperties` with a schema, or `patternProperties`) may require
some of them. Definitions that nothing refers to are not looked at.

## Bad
```json
{"tools": [{"name": "cancel_order", "inputSchema": {
  "type": "object",
  "properties": {"order_id": {"type": "string"}},
  "required": ["order_id", "reason"]
}}]}
```

## Good
```json
{"tools": [{"name": "cancel_order", "inputSchema": {
  "type": "object",
  "properties": {"order_id": {"type": "string"}, "reason": {"type": "string"}},
  "required": ["order_id", "reason"]
}}]}
```
```json
{"tools": [{"name": "attach_file", "inputSchema": {
  "type": "object",
  "properties": {"file": {
    "type": "object",
    "properties": {"content": {"type": "string"}, "url": {"type": "string"}},
    "oneOf": [{"required": ["content"]}, {"required": ["url"]}]
  }}
}}]}
```
```json
{"tools": [{"name": "add_branch", "inputSchema": {
  "type": "object",
  "properties": {"tree": {"$ref": "#/$defs/Tree", "required": ["name"]}},
  "$defs": {"Tree": {"allOf": [{"$ref": "#/$defs/Tree"}], "properties": {"name": {"type": "string"}}}}
}}]}
```
```json
{"tools": [{"name": "price_basket", "inputSchema": {
  "type": "object",
  "properties": {"basket": {
    "type": "object", "unevaluatedProperties": {"type": "integer"}, "required": ["apple"]
  }},
  "$defs": {"Unused": {
    "type": "object", "properties": {"id": {"type": "string"}}, "required": ["id", "gone"]
  }}
}}]}
```

## References
- JSON Schema 2020-12, validation §6.5.3 `required`
- Gemini API: `parameters.required[0]: property is not defined` (moltis-org/moltis#747)
"##,
    check: Check::Schema(judge),
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let required = spot.schema.get("required")?.as_array()?;
    // All schemas of one value together say which properties it has. What stands under `not` or
    // `if` is not a demand at all.
    let mut outermost = spot.schema;
    while is_in_place(outermost) {
        if matches!(outermost.keyword(), "not" | "if") {
            return None;
        }
        outermost = outermost.parent()?;
    }
    let mut properties =
        Properties { root: spot.root, known: HashSet::new(), seen: HashSet::new() };
    let is_closed = properties.collect(outermost.value(), MAX_DEPTH);
    let known = properties.known;
    // A definition without properties of its own is a mixin for schemas that have them.
    let is_mixin = known.is_empty() && matches!(outermost.keyword(), "$defs" | "definitions");
    if !is_closed || is_mixin {
        return None;
    }
    let unknown: Vec<&str> =
        required.iter().filter_map(Value::as_str).filter(|name| !known.contains(name)).collect();
    if unknown.is_empty() {
        return None;
    }
    let verb = if unknown.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{} requires {}, which {verb} not among its properties",
        spot.name(),
        wording::names(&unknown)
    );
    Some(Hit::new(spot.pointer().join("required"), message).parts(unknown))
}

/// How far references and branches are followed.
const MAX_DEPTH: usize = 16;

/// The names that a schema and everything it applies to the same value declare.
struct Properties<'a> {
    root: &'a Value,
    known: HashSet<&'a str>,
    /// Schemas by address, so that references that go round or meet again are followed once.
    seen: HashSet<*const Value>,
}

impl<'a> Properties<'a> {
    /// False when there may be others than those gathered.
    fn collect(&mut self, schema: &'a Value, depth: usize) -> bool {
        let Some(members) = schema.as_object().filter(|_| self.seen.insert(schema)) else {
            return true;
        };
        let has_free_keys = |keyword| members.get(keyword).is_some_and(Value::is_object);
        let admits_others = has_free_keys("additionalProperties")
            || has_free_keys("unevaluatedProperties")
            || members.contains_key("patternProperties")
            || members.contains_key("$dynamicRef");
        if depth == 0 || admits_others {
            return false;
        }
        let declared = members.get("properties").and_then(Value::as_object);
        let names = declared.into_iter().flat_map(|declared| declared.keys().map(String::as_str));
        self.known.extend(names);
        let of = |keywords: &'static [&'static str]| {
            keywords.iter().filter_map(|keyword| members.get(*keyword))
        };
        let lists = of(&["allOf", "anyOf", "oneOf"]).filter_map(Value::as_array).flatten();
        let maps = of(&["dependentSchemas", "dependencies"]).filter_map(Value::as_object);
        let mut others: Vec<&Value> = lists.chain(of(&["then", "else", "if"])).collect();
        others.extend(maps.flat_map(|map| map.values()));
        if let Some(Value::String(reference)) = members.get("$ref") {
            match reference::resolve(self.root, reference) {
                reference::Target::Local(target) => others.push(target),
                _ => return false,
            }
        }
        others.into_iter().all(|other| self.collect(other, depth - 1))
    }
}
