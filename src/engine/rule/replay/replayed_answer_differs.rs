use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/replayed-answer-differs",
    Aspect::Dup,
    &["replay/duplicate-effect"],
    "keep the answer under the key and give that one again; a mark that it is repeated may be \
     added",
    r#"
A repeated call is answered differently from the first time.

## Why
Whoever repeats a call has not got the first answer, and needs what it said: the number of the order, the
receipt. Another receipt for the same change is a wrong one, and an answer that is computed anew tells of
a later state. Times and marks such as `replayed` may differ.

## Bad
```text
deposit {"amount": 500, "idempotency_key": "k1"}   → {"receipt_id": "r-1"}
deposit {"amount": 500, "idempotency_key": "k1"}   → {"receipt_id": "r-2"}
```

## Good
```text
deposit {"amount": 500, "idempotency_key": "k1"}   → {"receipt_id": "r-1"}
deposit {"amount": 500, "idempotency_key": "k1"}   → {"receipt_id": "r-1"}, _meta: replayed
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Duplicate request"
"#,
);
