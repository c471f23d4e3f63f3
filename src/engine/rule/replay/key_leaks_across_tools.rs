use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/key-leaks-across-tools",
    Aspect::Conflict,
    &["replay/duplicate-effect"],
    "keep keys by tool: (tenant, actor, tool, key)",
    r#"
A key that was used with one tool answers for another one.

## Why
A key is made up by a model, and "order-17" is used for the order and for its invoice. A server with one
list of keys for everything answers the second call with what the first one did, and the invoice is never
written.

## Bad
```text
open_account {…, "idempotency_key": "k1"}   → {"account_id": "acct-1"}
deposit {…, "idempotency_key": "k1"}        → {"account_id": "acct-1"}          nothing is deposited
```

## Good
```text
primary key (tenant, actor, tool, key)
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Idempotency Fingerprint"
"#,
);
