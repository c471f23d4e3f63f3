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
    semantics::closed_list,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/enum-candidate",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "list the values in `enum`, and keep the description for what they mean",
    documentation: r#"
A description lists the values an argument may have, and the schema accepts any text.

## Why
Only `enum` is checked before the call is made: providers with constrained decoding cannot even
produce another value, forms become menus, and a misspelt one is refused at the door with the list
beside it. In prose the list is a hint that a model may overlook or extend.

The rule reads only lists that say they are closed ("one of", "must be", "allowed values") and whose
end it can see; "such as" and "e.g." are left alone.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {"type": "string", "description": "State, one of: open, paid, shipped"}}
}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {
    "type": "string", "enum": ["open", "paid", "shipped"], "description": "State of the order"
  }}
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"tag": {"type": "string", "description": "Any tag, such as urgent or gift"}}
}}]}
```

## References
- JSON Schema 2020-12, validation §6.1.2 `enum`
"#,
    check: Check::Schema(judge),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some("the values that the description lists become an `enum`"),
    propose,
};

/// Keywords that limit a text already.
const LIMITS: &[&str] = &["enum", "const", "pattern", "format", "$ref", "allOf"];

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let property = spot.schema.property().filter(|_| spot.is_input())?;
    let schema = spot.schema.value();
    let description = schema.get("description").and_then(Value::as_str)?;
    let types = types::named_in_branches(schema);
    let is_text =
        types.contains(&"string") && types.iter().all(|name| matches!(*name, "string" | "null"));
    let branches = ["anyOf", "oneOf"].into_iter().filter_map(|name| schema.get(name)?.as_array());
    let mut alternatives = branches.flatten().chain([schema]);
    let is_limited =
        alternatives.any(|schema| LIMITS.iter().any(|name| schema.get(name).is_some()));
    if !is_text || is_limited {
        return None;
    }
    let values = closed_list(description).filter(|values| !values.contains(&property))?;
    let message = format!(
        "{} is one of {} by its description, and any text by its schema",
        spot.name(),
        wording::names(&values)
    );
    let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    let help = format!("add \"enum\": [{}]", quoted.join(", "));
    Some(Hit::new(spot.pointer(), message).help(help))
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let pointer = occurrence.pointer();
    let schema = occurrence.view()?.to_value();
    let values = closed_list(schema.get("description")?.as_str()?)?;
    let mut listed: Vec<Value> = values.iter().map(|value| json!(value)).collect();
    let named = types::named(&schema);
    let at = if named.is_empty() {
        // Text or null, each in a branch of its own.
        let keyword = ["anyOf", "oneOf"].into_iter().find(|name| schema.get(name).is_some())?;
        let is_text = |branch: &Value| types::named(branch) == ["string"];
        let branch = schema.get(keyword)?.as_array()?.iter().position(is_text)?;
        pointer.join(keyword).join(branch)
    } else {
        listed.extend(named.contains(&"null").then_some(Value::Null));
        pointer.clone()
    };
    let edits = vec![Edit::add(at, "enum", listed)];
    Some(Fix::not_safe("list the values of the description in `enum`", edits))
}
