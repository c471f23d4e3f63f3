use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::Walk,
    semantics::{secret, word::words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/x-mcp-header-secret",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Spec,
    help: "take `x-mcp-header` off the argument; better still, take a secret out of the arguments",
    documentation: r#"
An argument that holds a secret or personal data is repeated in an HTTP header.

## Why
Headers are read and written to logs by every proxy, gateway and tracing system on the way; bodies
mostly are not. An argument with `x-mcp-header` travels in both.

## Bad
```json
{"tools": [{"name": "sign_in", "inputSchema": {"type": "object", "properties": {
  "password": {"type": "string", "x-mcp-header": "Password"}
}}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "region": {"type": "string", "x-mcp-header": "Region"}
}}}]}
```

## References
- Specification 2026-07-28, server/tools, "x-mcp-header": servers SHOULD NOT mark sensitive parameters
  (passwords, API keys, tokens, PII)
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool)
}

fn judge(tool: &Tool) -> Vec<Hit> {
    let Some(schema) = tool.input_schema() else { return Vec::new() };
    let walk = Walk::of(schema);
    let is_exposed = walk.iter().filter(|subschema| {
        subschema.get("x-mcp-header").is_some()
            && subschema.property().is_some_and(|name| {
                let schema = subschema.value();
                secret(name, schema).is_some() || is_personal(name) || is_sign_in(name, schema)
            })
    });
    is_exposed
        .map(|subschema| {
            let pointer = tool.pointer.join("inputSchema").concat(&subschema.pointer());
            let message = format!(
                "`{}` holds a secret or personal data and goes into a header",
                subschema.label()
            );
            Hit::new(pointer.join("x-mcp-header"), message)
        })
        .collect()
}

/// Whether an argument is called like something one signs in with. Outside a header that may be much
/// else; what goes into one is read by every hop.
fn is_sign_in(name: &str, schema: &Value) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = description.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| description.contains(sign));
    match words.as_slice() {
        ["token"] => {
            !says(&["page", "next", "cursor", "sync", "continu", "previous", "last answer"])
        }
        [.., "otp" | "passcode"] => true,
        [.., "pin"] | [.., "pin", "code"] => !says(&["board", "gpio", "map", "post"]),
        _ => false,
    }
}

/// Whether an argument is called like something that says who a person is.
fn is_personal(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        [.., "ssn" | "iban" | "email" | "birthday" | "birthdate" | "cvv" | "passport"]
            | [.., "email", "address"]
            | [.., "social", "security", "number"]
            | [.., "passport" | "card" | "phone", "number"]
            | [.., "date", "of", "birth"]
            | [.., "birth", "date"]
    )
}
