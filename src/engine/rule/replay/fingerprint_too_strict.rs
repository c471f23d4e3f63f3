use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/fingerprint-too-strict",
    Aspect::Dup,
    &["replay/duplicate-effect"],
    "compare arguments as values: sort the members, fill in defaults, then take the \
     fingerprint",
    r#"
A repeated call is refused, or made again, because its arguments are written in another order.

## Why
JSON objects have no order, and whoever writes a call down a second time may write it differently. A
server that compares the bytes takes the retry for another change: it refuses it, so that nobody finds
out what came of the first one, or makes it again.

## Bad
```text
deposit {"amount": 500, "account_id": "acct-1", "idempotency_key": "k1"}   → done
deposit {"idempotency_key": "k1", "account_id": "acct-1", "amount": 500}   → idempotency_conflict
```

## Good
```text
fingerprint = sha256(canonical_json(arguments without the key, with defaults filled in))
```

## References
- RFC 8785, JSON Canonicalization Scheme
"#,
);
