use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/key-reuse-not-rejected",
    Aspect::Conflict,
    &["replay/duplicate-effect"],
    "keep a fingerprint of the arguments with the key, and refuse other ones with \
     `idempotency_conflict`",
    r#"
Another change under a key that is taken is made, or answered with the result of the first.

## Why
Models copy arguments from one call to the next, the key too. To make the other change would make the
key worthless; to answer with the first result tells the caller that something was done which was not,
and that is worse. An error lets them choose: the same change again, or a new key.

## Bad
```text
deposit {"amount": 500, "idempotency_key": "k1"}   → {"balance": 500}
deposit {"amount": 900, "idempotency_key": "k1"}   → {"balance": 500}
```

## Good
```text
deposit {"amount": 900, "idempotency_key": "k1"}
  → isError: idempotency_conflict, next: use a new key for a different change
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Error Scenarios": 422 for a key with another payload
"#,
);
