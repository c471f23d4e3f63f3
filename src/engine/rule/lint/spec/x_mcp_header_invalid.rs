use std::collections::HashMap;

use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::{Subschema, Walk},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/x-mcp-header-invalid",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "put it on a string, integer or boolean that is reached through `properties` alone, with a \
           name of letters, digits and hyphens that is used once in the tool",
    documentation: r#"
An `x-mcp-header` breaks a rule that makes clients drop the tool.

## Why
With `x-mcp-header` a server asks clients to repeat an argument in the HTTP header `Mcp-Param-…`,
for gateways that route by it. Over HTTP a client must leave out every tool whose annotation is not
right, so the tool is missing without a word. Right means: the name is not empty and made of token
characters, no other argument of the tool has the same name in any case, the argument is a string,
an integer (within ±(2⁵³−1)) or a boolean, but not a number, and the way to it from the root of the
schema passes `properties` only: not `items`, `anyOf`, `if` or `$ref`.

## Bad
```json
{"tools": [{"name": "convert_amount", "inputSchema": {"type": "object", "properties": {
  "amount": {"type": "number", "x-mcp-header": "Amount"}
}}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "region": {"type": "string", "x-mcp-header": "Sales Region"}
}}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "from": {"type": "string", "x-mcp-header": "Region"},
  "to": {"type": "string", "x-mcp-header": "region"}
}}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "regions": {"type": "array", "items": {"type": "string", "x-mcp-header": "Region"}}
}}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "region": {"type": "string", "x-mcp-header": "Region"},
  "filter": {"type": "object", "properties": {"open": {"type": "boolean", "x-mcp-header": "Open"}}}
}}}]}
```

## References
- Specification 2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters"
- RFC 9110 §5.6.2: token characters
"#,
    check: Check::Tool(check),
};

const KEYWORD: &str = "x-mcp-header";
/// The largest integer that every JSON decoder keeps exactly.
const SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool)
}

fn judge(tool: &Tool) -> Vec<Hit> {
    let Some(schema) = tool.input_schema() else { return Vec::new() };
    let mut labels_by_name: HashMap<String, String> = HashMap::new();
    let mut hits = Vec::new();
    for subschema in Walk::of(schema).iter() {
        let Some(name) = subschema.get(KEYWORD) else { continue };
        let problem = problem_of(subschema, name).or_else(|| {
            let name = name.as_str()?;
            let before = labels_by_name.insert(name.to_lowercase(), subschema.label())?;
            Some(format!("has the name of `{before}`: {name}"))
        });
        if let Some(problem) = problem {
            let pointer = tool.pointer.join("inputSchema").concat(&subschema.pointer());
            let message = format!("`{KEYWORD}` of `{}` {problem}", subschema.label());
            hits.push(Hit::new(pointer.join(KEYWORD), message));
        }
    }
    hits
}

fn problem_of(subschema: Subschema<'_, '_>, name: &Value) -> Option<String> {
    let Some(name) = name.as_str() else { return Some(format!("is {name}, not a string")) };
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if !name.bytes().all(is_token_byte) {
        return Some(format!("is no HTTP token: {name:?}"));
    }
    if subschema.is_root() {
        return Some("stands on the root, which is no argument".to_owned());
    }
    if let Some(keyword) = detour(subschema) {
        return Some(format!("is reached through `{keyword}`, not through `properties` alone"));
    }
    match subschema.get("type").and_then(Value::as_str) {
        Some("string" | "boolean") => None,
        Some("integer") => {
            let beyond = |bound: &&str| {
                let bound = subschema.get(bound).and_then(Value::as_f64);
                bound.is_some_and(|bound| bound.abs() > SAFE_INTEGER)
            };
            let bound = ["minimum", "maximum"].into_iter().find(|bound| beyond(bound))?;
            Some(format!("is on an integer whose `{bound}` is beyond 2^53-1"))
        }
        _ => {
            let kind = subschema.get("type").map_or("no type".to_owned(), Value::to_string);
            Some(format!("is on {kind}, where only string, integer and boolean are allowed"))
        }
    }
}

/// The first keyword on the way from the root that is not `properties`.
fn detour<'a>(subschema: Subschema<'_, 'a>) -> Option<&'a str> {
    let mut outer = Some(subschema);
    let mut detour = None;
    while let Some(schema) = outer.filter(|schema| !schema.is_root()) {
        if schema.keyword() != "properties" {
            detour = Some(schema.keyword());
        }
        outer = schema.parent();
    }
    detour
}

/// RFC 9110 §5.6.2, `tchar`.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
