use serde_json::Value;

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::{Kind, edit::Edit},
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    schema::types,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/inverted-bounds",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "swap the two bounds or drop the one that is wrong, and list at least one value",
    documentation: r#"
A lower bound lies above the upper bound, or a list of values is empty, so that no value fits.

## Why
Every call with that argument is rejected, whatever the model sends, and the error message blames
the value. Validators accept such a schema without a word. The branches of an `allOf` are read
together, and bounds of an integer must have a whole number between them.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"limit": {"type": "integer", "minimum": 100, "maximum": 1}}
}}]}
```
```json
{"tools": [{"name": "tune_string", "inputSchema": {
  "type": "object",
  "properties": {"pitch": {"type": "number", "allOf": [{"minimum": 900}, {"maximum": 40}]}}
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"limit": {"type": "integer", "minimum": 1.2, "maximum": 1.8}}
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {"type": "string", "enum": []}}
}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    "page": {"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1.5},
    "share": {"type": "number", "minimum": 0.2, "allOf": [{"maximum": 0.8}]}
  }
}}]}
```

## References
- JSON Schema 2020-12, validation §6.2 to §6.5
"#,
    check: Check::Schema(judge),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some("two bounds of the same schema change places"),
    propose,
};

/// Lower and upper bound of the same measure. A value may not equal one that is exclusive.
const PAIRS: &[(&str, &str)] = &[
    ("minimum", "maximum"),
    ("exclusiveMinimum", "maximum"),
    ("minimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minContains", "maxContains"),
    ("minProperties", "maxProperties"),
];

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    if spot.schema.get("enum").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        let message = format!("{} has an empty `enum`, so no value fits", spot.name());
        return Some(Hit::new(spot.pointer().join("enum"), message));
    }
    let is_whole = types::named(spot.schema.value()) == ["integer"];
    PAIRS.iter().find_map(|&(lower, upper)| {
        let (low, high) = (tightest(spot, lower, f64::gt)?, tightest(spot, upper, f64::lt)?);
        // What stands in one branch is that branch's own business.
        if low.branch == high.branch && low.branch.is_some()
            || leaves_room((lower, low.number), (upper, high.number), is_whole)
        {
            return None;
        }
        let message = format!(
            "{} has `{lower}` {} and `{upper}` {}, so no value fits",
            spot.name(),
            low.value,
            high.value
        );
        let mut pointer = spot.pointer();
        if let Some(branch) = low.branch {
            pointer = pointer.join("allOf").join(branch);
        }
        Some(Hit::new(pointer.join(lower), message))
    })
}

/// One bound of a value.
struct Bound<'a> {
    value: &'a Value,
    number: f64,
    /// The branch of `allOf` in which it stands.
    branch: Option<usize>,
}

/// The strictest value of a keyword in a schema and the branches of its `allOf`.
fn tightest<'a>(
    spot: Spot<'_, 'a>,
    keyword: &str,
    is_stricter: fn(&f64, &f64) -> bool,
) -> Option<Bound<'a>> {
    let bound = |schema: &'a Value, branch| {
        let value = schema.get(keyword)?;
        Some(Bound { value, number: value.as_f64()?, branch })
    };
    let branches = spot.schema.get("allOf").and_then(Value::as_array);
    let branches = branches.into_iter().flatten().enumerate();
    let of_branches = branches.filter_map(|(index, schema)| bound(schema, Some(index)));
    let bounds = bound(spot.schema.value(), None).into_iter().chain(of_branches);
    bounds.reduce(|one, other| if is_stricter(&other.number, &one.number) { other } else { one })
}

/// Whether a value lies between two bounds.
fn leaves_room((lower, low): (&str, f64), (upper, high): (&str, f64), is_whole: bool) -> bool {
    let (is_above, is_below) = (lower.starts_with("exclusive"), upper.starts_with("exclusive"));
    if is_whole {
        let least = if is_above { low.floor() + 1.0 } else { low.ceil() };
        let most = if is_below { high.ceil() - 1.0 } else { high.floor() };
        return least <= most;
    }
    low < high || (low == high && !is_above && !is_below)
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let pointer = occurrence.pointer();
    let at = pointer.parent()?;
    let schema = occurrence.surface.view(&at)?;
    let lower = pointer.last()?;
    let (_, upper) = PAIRS.iter().find(|(name, upper)| {
        *name == lower && schema.get(upper).is_some_and(|it| it.kind() == Kind::Number)
    })?;
    let [low, high] = [schema.get(&lower)?, schema.get(upper)?].map(|bound| bound.to_value());
    let is_inverted = low.as_f64()? > high.as_f64()?;
    let edits = vec![Edit::Replace(pointer.clone(), high), Edit::Replace(at.join(upper), low)];
    is_inverted.then(|| Fix::not_safe(format!("let `{lower}` and `{upper}` change places"), edits))
}
