use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/distinct-keys-collapsed",
    Aspect::Dup,
    &["replay/no-idempotency-key"],
    "tell changes apart by their keys alone, not by their arguments or the time",
    r#"
Two changes under two keys are not two changes.

## Why
Somebody who asks for the same thing twice, on purpose, sends two keys: two coffees, two transfers of the
same amount. A server that takes them for one loses an order and answers that it was made. It is also the
control without which a server that does nothing at all would pass every other question.

## Bad
```text
deposit {"amount": 500, "idempotency_key": "k1"}   → done, balance 500
deposit {"amount": 500, "idempotency_key": "k2"}   → done, balance 500
```

## Good
```text
deposit {"amount": 500, "idempotency_key": "k1"}   → done, balance 500
deposit {"amount": 500, "idempotency_key": "k2"}   → done, balance 1000
```

## References
- `docs/replay.md`, what counts effects
"#,
);
