use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/key-leaks-across-tenants",
    Aspect::Conflict,
    &["replay/duplicate-effect"],
    "keep keys by tenant and user, so that nobody meets a key of somebody else",
    r#"
Another user gets the answer of a change, or learns of it, by using its key.

## Why
Keys can be guessed: models like "payment-2026-01". A server that looks a key up without asking whose it
is hands one customer's receipt to another. Even a conflict tells that somebody has used the key. To
another user a key has to be what it is to them: new.

## Bad
```text
alice: deposit {…, "idempotency_key": "k1"}   → {"receipt_id": "r-1"}
dave:  deposit {…, "idempotency_key": "k1"}   → {"receipt_id": "r-1"}
```

## Good
```text
select answer from ledger where tenant = ? and actor = ? and tool = ? and key = ?
```

## References
- OWASP API Security Top 10 2023, API1: broken object level authorization
- `--other-bearer-env`, `--other-command`: how `replay` calls as another user
"#,
);
