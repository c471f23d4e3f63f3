use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/lost-response-duplicate",
    Aspect::Crash,
    &["replay/duplicate-effect"],
    "keep the key of a call that was cancelled or whose client has gone as long as its effect",
    r#"
A call whose client went away before the answer takes effect twice when it is made again.

## Why
The answer is lost where it matters: the change is made, and the client does not know. It comes back with
a new connection, a new request id, and the same key. A server that forgets the key with the request, as
some do when it is cancelled, does the change again.

## Bad
```text
deposit {"amount": 500, "idempotency_key": "k1"}   … notifications/cancelled, the entry is there
deposit {"amount": 500, "idempotency_key": "k1"}   → done          two entries
```

## Good
```text
deposit {"amount": 500, "idempotency_key": "k1"}   … notifications/cancelled, the entry is there
deposit {"amount": 500, "idempotency_key": "k1"}   → the answer of the first call
```

## References
- Specification 2026-07-28, basic/patterns/cancellation: a cancellation may arrive after the request was carried out
"#,
);
