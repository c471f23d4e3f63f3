use serde_json::Value;

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::pattern::{Sketch, compile},
};

pub(super) const RULE: Rule = Rule {
    id: "schema/redos",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "let one round match one text in one way only: `^a+$` for `^(a+)+$`, \
           `^[a-z]+(-[a-z]+)*$` where a separator stands between the parts; and bound the length \
           with `maxLength`",
    documentation: r#"
A pattern divides one text in many ways, and a short text keeps a validator busy for hours.

## Why
`^(a+)+$` can divide a run of `a` among its two repetitions in exponentially many ways, and the
engines of JavaScript, Python, Java and .NET try them all before they give up: 30 characters followed
by a wrong one are enough. The text comes from a model that may be repeating what a stranger wrote.
The client that validates before it sends hangs as well.

Only groups are reported in which a repetition can be all there is (`(a+)+`), or in which one and the
same atom makes rounds of several lengths (`(a|aa)+`, `(x+x+)+`), where something that may fail follows.
`^([a-z]+\.)+com$` is safe, because the dot keeps the rounds apart. Silence is no proof: atoms that
are written differently and overlap (`^([a-z]|[a-m])*$`) are as slow and are not seen. Engines without
backtracking (RE2, Rust, Go) are safe with every pattern.

## Bad
```json
{"tools": [{"name": "validate_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {"type": "string", "pattern": "^(a+)+$"}}
}}]}
```
```json
{"tools": [{"name": "validate_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {"type": "string", "pattern": "^([A-Za-z0-9]+[-_]?)*$"}}
}}]}
```
```json
{"tools": [{"name": "price_tickets", "inputSchema": {
  "type": "object",
  "properties": {"seats": {"type": "object", "patternProperties": {
    "^([a-z]+)*$": {"type": "integer"}
  }}}
}}]}
```

```json
{"tools": [{"name": "validate_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {"type": "string", "pattern": "^(\\d|\\d\\d)+$"}}
}}]}
```

## Good
```json
{"tools": [{"name": "validate_sku", "inputSchema": {
  "type": "object",
  "properties": {"sku": {
    "type": "string", "pattern": "^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$", "maxLength": 64
  }}
}}]}
```

## References
- OWASP, Regular expression Denial of Service; CWE-1333
"#,
    check: Check::Schema(judge),
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    let own = spot.schema.get("pattern").and_then(Value::as_str);
    let of_keys = spot.schema.get("patternProperties").and_then(Value::as_object);
    let of_keys = of_keys.into_iter().flat_map(|schemas| schemas.keys());
    let own = own.map(|text| ("the pattern", text, spot.pointer().join("pattern")));
    let of_keys = of_keys.map(|text| {
        let place = spot.pointer().join("patternProperties").join(text);
        ("a pattern of the keys", text.as_str(), place)
    });
    own.into_iter().chain(of_keys).find_map(|(what, pattern, place)| {
        compile(pattern).ok()?;
        let group = Sketch::of(pattern).exponential?;
        let message = format!(
            "{what} of {} takes exponential time: `{}` divides one text in many ways",
            spot.name(),
            wording::shorten(&group)
        );
        Some(Hit::new(place, message))
    })
}
