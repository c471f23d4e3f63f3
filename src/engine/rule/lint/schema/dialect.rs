use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
        wording,
    },
    schema::Dialect,
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/dialect",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "leave `$schema` out and write 2020-12, which every client has to know",
    documentation: r#"
A schema is written in a dialect of JSON Schema that clients need not know.

## Why
2020-12 is the default and the only dialect every client must support. draft-07 and 2019-09 are
understood nearly everywhere and pass. draft-04 and draft-06 are not: `exclusiveMinimum` is a
boolean in draft-04, `id` has no dollar sign, and a client that reads the schema as 2020-12
validates something else or refuses it. With a dialect nobody knows the specification asks for an
error.

## Bad
```json
{"tools": [{"name": "close_ticket", "inputSchema": {
  "$schema": "http://json-schema.org/draft-04/schema#",
  "type": "object",
  "properties": {"id": {"type": "string"}}
}}]}
```
```json
{"tools": [{"name": "close_ticket", "inputSchema": {
  "$schema": "https://example.com/our-schema", "type": "object"
}}]}
```

## Good
```json
{"tools": [{"name": "close_ticket", "inputSchema": {
  "type": "object",
  "properties": {"id": {"type": "string"}}
}}]}
```
```json
{"tools": [{"name": "close_ticket", "inputSchema": {
  "$schema": "http://json-schema.org/draft-07/schema#", "type": "object"
}}]}
```

## References
- Specification 2026-07-28, basic, "Schema Dialect": implementations "MUST support at least
  2020-12"; implementors "are RECOMMENDED to use JSON Schema 2020-12"
"#,
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("`$schema` goes where every keyword means the same in 2020-12"),
    not_safe: Some("`$schema` goes where it names a dialect that nobody knows"),
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for tool in &surface.tools {
        for (pointer, schema) in tool.schemas() {
            let Some(uri) = schema.get("$schema").and_then(Value::as_str) else { continue };
            let problem = match Dialect::from_uri(uri) {
                Some(old @ (Dialect::Draft4 | Dialect::Draft6)) => {
                    format!("is written in {}, which few clients still know", old.as_str())
                }
                None => format!("names the unknown dialect `{}`", wording::shorten(uri)),
                Some(_) => continue,
            };
            let member = pointer.last().unwrap_or_default();
            hits.push(Hit::new(pointer.join("$schema"), format!("`{member}` {problem}")));
        }
    }
    hits
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let pointer = occurrence.pointer();
    let schema = occurrence.surface.view(&pointer.parent()?)?.to_value();
    let edits = vec![Edit::Remove(pointer.clone())];
    match Dialect::of(&schema) {
        Some(dialect) => dialect
            .reads_as_2020(&schema)
            .then(|| Fix::safe("take out `$schema`; the schema means the same in 2020-12", edits)),
        None => Some(Fix::not_safe("take out `$schema`, which names an unknown dialect", edits)),
    }
}
