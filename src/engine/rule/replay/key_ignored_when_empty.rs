use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/key-ignored-when-empty",
    Aspect::Conflict,
    &["replay/duplicate-effect"],
    "refuse a key that is missing, empty or too long with an error that names the argument",
    r#"
A key that is empty, too long or missing is passed over, and the change made each time.

## Why
A key that is no key protects nothing. A server that goes on without one does so in silence, and every
client that forgets to fill it in has duplicates from then on. The refusal has to name the argument, or
the model will look for the mistake somewhere else.

## Bad
```text
deposit {"amount": 500, "idempotency_key": ""}   → done, balance 500
deposit {"amount": 500, "idempotency_key": ""}   → done, balance 1000
```

## Good
```text
deposit {"amount": 500, "idempotency_key": ""}
  → isError: invalid_argument at /idempotency_key: expected 16 to 64 of A-Z a-z 0-9 _ -, got ""
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Error Scenarios": a missing key is refused
"#,
);
