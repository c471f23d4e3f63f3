use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::reference::{Target, resolve},
};

pub(super) const RULE: Rule = Rule {
    id: "schema/remote-ref",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "copy the definition into the schema under `$defs` and refer to it with `#/$defs/…`",
    documentation: r##"
A `$ref` points to another document.

## Why
Clients must not fetch it: a server that could make them would have a way into the network behind
them. So the part of the schema behind the reference does not exist for anybody but the server, and
the specification asks clients to reject the schema rather than to accept anything in its place.

## Bad
```json
{"tools": [{"name": "import_order", "inputSchema": {
  "type": "object",
  "properties": {"order": {"$ref": "https://schemas.example.com/order.json"}}
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

## References
- Specification 2026-07-28, basic, "$ref Resolution": implementations "MUST NOT automatically
  dereference `$ref` values that resolve to a network URI"; schemas with an unresolved external
  reference "SHOULD be rejected"
"##,
    check: Check::Schema(judge),
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let reference = spot.schema.get("$ref")?.as_str()?;
    if resolve(spot.root, reference) != Target::Remote {
        return None;
    }
    let message = format!(
        "{} refers to another document, `{}`, which clients must not fetch",
        spot.name(),
        wording::shorten(reference)
    );
    Some(Hit::new(spot.pointer().join("$ref"), message))
}
