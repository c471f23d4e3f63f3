use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/validation-error-burns-key",
    Aspect::Conflict,
    &["replay/duplicate-effect"],
    "check the arguments before the key is taken, and keep nothing of calls that were refused",
    r#"
After a call with wrong arguments the right one is refused under the same key.

## Why
A model puts its arguments right and calls again; it is the same change, so it uses the same key, as it
was told. A server that has kept the refusal, or the fingerprint of the wrong arguments, refuses the right
ones too. The model can only give up, or make a new key a habit.

## Bad
```text
deposit {"amount": "ten", "idempotency_key": "k1"}   → invalid_argument
deposit {"amount": 1000,  "idempotency_key": "k1"}   → idempotency_conflict
```

## Good
```text
deposit {"amount": "ten", "idempotency_key": "k1"}   → invalid_argument
deposit {"amount": 1000,  "idempotency_key": "k1"}   → done
```

## References
- draft-ietf-httpapi-idempotency-key-header
"#,
);
