use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/hangs-on-slow-upstream",
    Aspect::Time,
    &["replay/slow-sync"],
    "give the upstream a time limit below five seconds, and answer then with an error or \
     something to poll",
    r#"
A call waits for a slow upstream beyond the limit.

## Why
An upstream that is slow is more common than one that is down. A server that waits for as long as it takes
hands the delay on: its connections fill up, and the client gives up without knowing what was done. After
the limit it is better to say so, with `effect: unknown` where the upstream may have acted, or with a job.

## Bad
```text
deposit {…}   … the payment network takes 30 s …   → 30 s later: done
```

## Good
```text
deposit {…}   → 3 s: upstream_unavailable, retryable: true, effect: unknown, next: retry_same_key
```

## References
- `replay/slow-sync`: the same without a slow upstream
"#,
);
