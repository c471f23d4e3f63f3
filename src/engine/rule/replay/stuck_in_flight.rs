use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/stuck-in-flight",
    Aspect::Crash,
    &["replay/crash-duplicate"],
    "give each reservation of a key an end, and take over one that is past it where that is \
     safe",
    r#"
After the server was killed a key is taken for being in use, for ever.

## Why
A server that reserves a key before it begins, so that nobody else does the same, can die before it gives
the key back. Each retry is then told to wait for somebody who is dead. The change can never be made
under its key, and making it under another one is what keys are there to prevent.

## Bad
```text
deposit {…, "idempotency_key": "k1"}   killed
deposit {…, "idempotency_key": "k1"}   → idempotency_in_flight          tomorrow, too
```

## Good
```text
update ledger set owner = me, expires_at = now() + 3 s
 where key = 'k1' and expires_at < now()
what may have happened outside → outcome_unknown, and how to find out
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Concurrent Request"
"#,
);
