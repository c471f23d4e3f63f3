use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/key-description-misleads",
    Aspect::Key,
    &["replay/no-idempotency-key"],
    "describe the key with: reuse the same key when you repeat this request; a new key only \
     for a different change",
    r#"
The description of the idempotency key does not have a model use the same key again.

## Why
A model knows of a key what its description says. Told of a "unique identifier for this request" it makes
up a new one for its retry, and the server takes the retry for another change. The server may do
everything right, and the customer still pays twice. A description that is silent about retries leaves it
to luck.

## Bad
```json
{"idempotency_key": {"type": "string", "description": "A unique identifier for each request"}}
```

## Good
```json
{"idempotency_key": {"type": "string", "description":
  "reuse the same key when you repeat this request; a new key only for a different change"}}
```

## References
- `write/idempotency-key-misleads`: the same without a running server
- lago-agent-toolkit#65: the key that was renewed on retry
"#,
);
