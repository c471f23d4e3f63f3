use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/no-retry-after",
    Aspect::Errors,
    gates(6),
    "say in `retry_after_ms` how long to wait, with every `rate_limited` and every overload",
    r#"
An answer that refuses a call because there were too many does not say when to try again.

## Why
Without a time a model tries again at once, and each try makes the overload worse; or it gives up what
would have worked a second later. The server, or its upstream with `Retry-After`, knows the time.

## Bad
```text
deposit {…}   → isError: rate_limited, retryable: true
```

## Good
```text
deposit {…}   → isError: rate_limited, retryable: true, retry_after_ms: 2000
```

## References
- RFC 9110, 10.2.3, `Retry-After`; RFC 6585, 429
"#,
);
