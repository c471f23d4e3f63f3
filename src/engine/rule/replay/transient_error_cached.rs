use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/transient-error-cached",
    Aspect::Conflict,
    &["replay/duplicate-effect"],
    "keep under a key what was done, and not a failure that says that the call may be tried \
     again",
    r#"
A passing failure of the upstream is kept under the key and answered again once it has passed.

## Why
The payment network is away for a second. The model waits, and calls again with the same key, as the
error has told it to. A server that keeps every answer under its key repeats the failure although the
network is back, so the change can never be made under this key. Some services keep server errors on
purpose; then the error must not say that a retry helps.

## Bad
```text
deposit {…, "idempotency_key": "k1"}   → upstream_unavailable, retryable: true
deposit {…, "idempotency_key": "k1"}   → upstream_unavailable, though the upstream answers again
```

## Good
```text
deposit {…, "idempotency_key": "k1"}   → upstream_unavailable, retryable: true, effect: none
deposit {…, "idempotency_key": "k1"}   → done
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Error Scenarios"
"#,
);
