use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{Effect, KeyAdvice, effect, idempotency_key, key_advice},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/idempotency-key-misleads",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "make the description the contract: \"reuse the same key when you repeat this request; a new \
           key only for a different change\"",
    documentation: r#"
The description of an idempotency key tells the model to make a new key for each call.

## Why
The key works only if the second attempt carries the key of the first. A model knows of that nothing but
the description of the argument: told "generate a new UUID for each call", it does exactly so when it
repeats a request whose answer got lost, and the server, which sees another key, carries it out again.
Told only "unique identifier", a model made a new key for its retry, and a customer was billed twice.

A description that tells the model to make a new key is a warning. One that does not say a word about
repeating is information.

## Bad
```json
{"tools": [{
  "name": "create_invoice",
  "annotations": {"readOnlyHint": false},
  "inputSchema": {"type": "object", "properties": {"idempotency_key": {
    "type": "string", "description": "Generate a new UUID for each call."
  }}}
}]}
```
```json
{"tools": [{
  "name": "create_invoice",
  "annotations": {"readOnlyHint": false},
  "inputSchema": {"type": "object", "properties": {"idempotency_key": {
    "type": "string", "description": "Unique identifier"
  }}}
}]}
```

## Good
```json
{"tools": [{
  "name": "create_invoice",
  "annotations": {"readOnlyHint": false},
  "inputSchema": {"type": "object", "properties": {"idempotency_key": {
    "type": "string",
    "description": "reuse the same key when you repeat this request; a new key only for a different change"
  }}}
}]}
```

## References
- lago-agent-toolkit#65: the key that was renewed on retry
- draft-ietf-httpapi-idempotency-key-header: a key is unique for a request and its retries
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let name = idempotency_key(tool).filter(|_| effect(tool) != Effect::Reads)?;
    let (_, schema) = tool.arguments().find(|(argument, _)| *argument == name)?;
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let pointer = tool.argument_pointer(name);
    match key_advice(description) {
        KeyAdvice::Reuse => None,
        KeyAdvice::Renew(phrase) => {
            let message = format!(
                "`{name}` tells the model to make another key for a repeated call: \"{phrase}\""
            );
            Some(Hit::new(pointer.join("description"), message))
        }
        KeyAdvice::Silent => {
            let message = format!("`{name}` does not say to send the same key again on a repeat");
            Some(Hit::new(pointer, message).severity(Severity::Info))
        }
    }
}
