use serde_json::Value;

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::reference::{Target, resolve},
};

pub(super) const RULE: Rule = Rule {
    id: "schema/dangling-ref",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "put the definition into the same schema under `$defs`, or write it out in place",
    documentation: r##"
A `$ref` points to a place in its own schema where nothing is, or only back to itself.

## Why
A validator cannot be built from such a schema, so the client refuses the tool, or sends it on and
the model provider does. Each tool's schema is a document of its own: `#` is the root of
`inputSchema`, not of the tool list and not of the API description the tool was generated from. The
usual cause is a generator that copies a schema and leaves the definitions behind
(`#/components/schemas/Order`).

References that only lead to each other describe no value, and many validators follow them until the
stack is full. A tree whose children are trees is another matter: each round takes one step into the
value.

## Bad
```json
{"tools": [{"name": "import_order", "inputSchema": {
  "type": "object",
  "properties": {"order": {"$ref": "#/components/schemas/Order"}}
}}]}
```
```json
{"tools": [{"name": "fold_map", "inputSchema": {
  "type": "object",
  "properties": {"map": {"$ref": "#/$defs/A"}},
  "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}
}}]}
```

## Good
```json
{"tools": [{"name": "import_order", "inputSchema": {
  "type": "object",
  "properties": {"order": {"$ref": "#/$defs/Order"}},
  "$defs": {"Order": {"type": "object", "properties": {"id": {"type": "string"}}}}
}}]}
```
```json
{"tools": [{"name": "walk_family", "inputSchema": {
  "type": "object",
  "properties": {"root": {"$ref": "#/$defs/Person"}},
  "$defs": {"Person": {"type": "object", "properties": {
    "children": {"type": "array", "items": {"$ref": "#/$defs/Person"}}
  }}}
}}]}
```

## References
- Specification 2026-07-28, basic, "$ref Resolution"
- JSON Schema 2020-12, core §8.2.3
"##,
    check: Check::Schema(judge),
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let reference = spot.schema.get("$ref")?.as_str()?;
    if is_in_embedded_document(spot) {
        return None;
    }
    let target = resolve(spot.root, reference);
    if let Target::Local(target) = target
        && leads_nowhere(spot, target)
    {
        let message = format!(
            "{} refers to `{}`, which only leads back to itself",
            spot.name(),
            wording::shorten(reference)
        );
        return Some(Hit::new(spot.pointer().join("$ref"), message));
    }
    if target != Target::Dangling {
        return None;
    }
    let message = format!(
        "{} refers to `{}`, and nothing is there",
        spot.name(),
        wording::shorten(reference)
    );
    Some(Hit::new(spot.pointer().join("$ref"), message))
}

/// Whether a chain of references goes round for ever. Of a ring of definitions, those who enter it
/// are told and not its members.
fn leads_nowhere<'a>(spot: Spot<'_, 'a>, target: &'a Value) -> bool {
    let mut seen: Vec<&Value> = Vec::new();
    let mut current = target;
    while seen.len() < MAX_CHAIN {
        if seen.iter().any(|schema| std::ptr::eq(*schema, current)) {
            let is_member = seen.iter().any(|schema| std::ptr::eq(*schema, spot.schema.value()));
            return !is_member || spot.schema.definition().is_none();
        }
        seen.push(current);
        let next = current.get("$ref").and_then(Value::as_str);
        match next.map(|reference| resolve(spot.root, reference)) {
            Some(Target::Local(next)) => current = next,
            _ => return false,
        }
    }
    false
}

/// Longest chain of references that is followed.
const MAX_CHAIN: usize = 32;

/// Whether a schema around this one has an `$id` and so is a document of its own, from whose root
/// the reference starts.
fn is_in_embedded_document(spot: Spot<'_, '_>) -> bool {
    let mut around = Some(spot.schema);
    while let Some(schema) = around.filter(|schema| !schema.is_root()) {
        if schema.get("$id").is_some() {
            return true;
        }
        around = schema.parent();
    }
    false
}
