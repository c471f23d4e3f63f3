use serde_json::{Value, json};

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
        wording,
    },
    schema::types,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/type-enum-contradiction",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "make `type` say what the listed values are, or list values of that type",
    documentation: r#"
A schema lists values that its own `type` forbids.

## Why
This is the one schema defect whose harm has been measured: with `type` and `enum` in
contradiction, task success fell by 13.3 to 28.9 percentage points on three model families
(agentgauge-harness 0.5.3, from its own rule table). The model sees two instructions and follows
one; the server checks the other. When no listed value is of the type, no call can ever succeed.

The typical case is an `enum` of words under `"type": "integer"`, or an `enum` that stands beside
`"type": "array"` and belongs under `items`.

When only some of the values contradict, the others still work, and the finding is a warning. `null`
among the values of an OpenAPI schema with `nullable` is no contradiction.

## Bad
```json
{"tools": [{"name": "set_priority", "inputSchema": {
  "type": "object",
  "properties": {"priority": {"type": "integer", "enum": ["low", "high"]}}
}}]}
```
```json
{"tools": [{"name": "find_orders", "inputSchema": {
  "type": "object",
  "properties": {"states": {"type": "array", "enum": ["open", "paid"], "items": {"type": "string"}}}
}}]}
```

## Good
```json
{"tools": [{"name": "set_priority", "inputSchema": {
  "type": "object",
  "properties": {"priority": {"type": "string", "enum": ["low", "high"]}}
}}]}
```
```json
{"tools": [{"name": "find_orders", "inputSchema": {
  "type": "object",
  "properties": {"states": {"type": "array", "items": {"type": "string", "enum": ["open", "paid"]}}}
}}]}
```

## References
- JSON Schema 2020-12, validation §6.1
- agentgauge-harness 0.5.3, README, "type_enum_contradiction"
"#,
    check: Check::Schema(judge),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "an `enum` beside the type array moves under `items`; else `type` becomes that of the values, where they have one",
    ),
    propose,
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let named = types::named(spot.schema.value());
    if named.is_empty() {
        return None;
    }
    let is_nullable = spot.schema.get("nullable") == Some(&Value::Bool(true));
    let contradicts = |value: &&Value| {
        !(named.iter().any(|name| types::is(value, name)) || is_nullable && value.is_null())
    };
    let (keyword, values) = match (spot.schema.get("enum"), spot.schema.get("const")) {
        (Some(Value::Array(values)), _) => ("enum", values.as_slice()),
        (_, Some(value)) => ("const", std::slice::from_ref(value)),
        _ => return None,
    };
    let wrong: Vec<&Value> = values.iter().filter(contradicts).collect();
    let example = wrong.first()?;
    let (name, shown, wanted) = (spot.name(), wording::value(example), named.join(" or "));
    let pointer = spot.pointer().join(keyword);
    if wrong.len() < values.len() {
        let message = format!("{name} lists {shown} among its values, but its type is {wanted}");
        return Some(Hit::new(pointer, message).severity(Severity::Warning));
    }
    let hit = match keyword {
        "const" => Hit::new(pointer, format!("{name} must be {shown}, but its type is {wanted}")),
        _ => {
            let message =
                format!("no value that {name} lists is of its type {wanted}: the first is {shown}");
            Hit::new(pointer, message)
        }
    };
    let is_list = named == ["array"];
    Some(if is_list {
        hit.help("move `enum` under `items`, beside the type of the items")
    } else {
        hit
    })
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let (pointer, values) = (occurrence.pointer(), occurrence.view()?.to_value());
    let at = pointer.parent()?;
    let schema = occurrence.surface.view(&at)?.to_value();
    let named = types::named(&schema);
    let listed = match pointer.last()?.as_ref() {
        "enum" => values.as_array()?.clone(),
        _ => vec![values.clone()],
    };
    let contradicts = |value: &Value| !named.iter().any(|name| types::is(value, name));
    if !listed.iter().all(contradicts) {
        return None;
    }
    if named == ["array"] && values.is_array() {
        let items = at.join("items");
        let add = match schema.get("items") {
            Some(Value::Object(_)) => Edit::add(items, "enum", values),
            None => Edit::add(at, "items", json!({"enum": values})),
            Some(_) => return None,
        };
        let edits = vec![Edit::Remove(pointer.clone()), add];
        return Some(Fix::not_safe("move `enum` under `items`", edits));
    }
    let first = types::of(listed.first()?);
    let meant = if listed.iter().all(|value| types::is(value, first)) {
        first
    } else if listed.iter().all(|value| types::is(value, "number")) {
        "number"
    } else {
        return None;
    };
    let edits = vec![Edit::Replace(at.join("type"), json!(meant))];
    Some(Fix::not_safe(format!("say the type {meant}, which the values have"), edits))
}
