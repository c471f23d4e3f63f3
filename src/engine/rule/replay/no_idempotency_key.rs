use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/no-idempotency-key",
    Aspect::Key,
    &[],
    "take a required argument `idempotency_key`, and do the change of each key once",
    r#"
A tool that changes something takes no idempotency key.

## Why
Models call again what seemed to fail, and clients call again what was not answered. Without a key a
server cannot tell a call that is repeated from a second change: the mail goes out twice, the customer
pays twice. Whoever calls makes a key up for each change and sends it again with each repetition.

## Bad
```text
deposit {"account_id": "acct-1", "amount": 500}
```

## Good
```text
deposit {"account_id": "acct-1", "amount": 500, "idempotency_key": "9f2c41d7a0b34e65"}
```

## References
- `write/no-idempotency-key`: the same by the words of the tool, without calling it
- draft-ietf-httpapi-idempotency-key-header: the same idea for HTTP
"#,
);
