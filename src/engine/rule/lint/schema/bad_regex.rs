use serde_json::Value;

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::pattern,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/bad-regex",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "write the pattern as ECMA-262 has it: `(?<name>…)` for a named group, no flags such as \
           `(?i)`, and every bracket closed",
    documentation: r#"
A `pattern` is not a regular expression.

## Why
A validator cannot be built from such a schema: the client refuses the tool, or every call to it
fails before it is sent. JSON Schema asks for the dialect of JavaScript (ECMA-262). Patterns written
for Python or PCRE often compile there and nowhere else: `(?P<name>…)`, `(?i)…`, `(?#comment)`,
possessive `a++`.

A pattern that either of the two grammars of ECMA-262 accepts, with the `u` flag or without, is fine
with this rule.

## Bad
```json
{"tools": [{"name": "lookup_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {"type": "string", "pattern": "^[A-Z"}}
}}]}
```
```json
{"tools": [{"name": "lookup_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {"type": "string", "pattern": "^(?i)[a-z]{3}-[0-9]+$"}}
}}]}
```

## Good
```json
{"tools": [{"name": "lookup_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {"type": "string", "pattern": "^[A-Za-z]{3}-[0-9]+$"}}
}}]}
```

## References
- JSON Schema 2020-12, core §6.4 and validation §6.3.3: a pattern "SHOULD be a valid regular
  expression, according to the ECMA-262 regular expression dialect"
"#,
    check: Check::Schema(judge),
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let own = spot.schema.get("pattern").and_then(Value::as_str);
    let of_keys = spot.schema.get("patternProperties").and_then(Value::as_object);
    let of_keys = of_keys.into_iter().flat_map(|schemas| schemas.keys().map(String::as_str));
    let places = own.map(|text| ("pattern", text)).into_iter();
    places.chain(of_keys.map(|text| ("patternProperties", text))).find_map(|(keyword, text)| {
        let reason = pattern::compile(text).err()?;
        let message = format!(
            "`{}`, the {} of {}, is not a regular expression: {}",
            wording::shorten(text),
            if keyword == "pattern" { "pattern" } else { "pattern of a property" },
            spot.name(),
            decapitalized(&reason)
        );
        let pointer = spot.pointer().join(keyword);
        Some(Hit::new(if keyword == "pattern" { pointer } else { pointer.join(text) }, message))
    })
}

fn decapitalized(sentence: &str) -> String {
    let mut characters = sentence.trim_end_matches('.').chars();
    let first = characters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(characters).collect()
}
