use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/retention-too-short",
    Aspect::Dup,
    &["replay/duplicate-effect"],
    "keep keys for 24 hours at the least, and longer where retries may come later",
    r#"
The same call takes effect again, or is refused, a day after the first one.

## Why
A laptop is closed over night, a queue stands still over a weekend, an agent is resumed the next morning:
the retry comes late. Once the key is forgotten it is a new change. A day is the least that others keep
keys, and a month costs little.

## Bad
```text
09:00  deposit {"amount": 500, "idempotency_key": "k1"}   → done, and the answer is lost
10:05  deposit {"amount": 500, "idempotency_key": "k1"}   → done          two entries
```

## Good
```text
delete from ledger where created_at < now() - interval '30 days'
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Idempotency Key Validity and Expiry"
- `--control`: how `replay` turns the server's clock
"#,
);
