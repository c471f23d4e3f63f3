use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/concurrent-duplicate-effect",
    Aspect::Concurrent,
    &["replay/duplicate-effect"],
    "let a unique constraint on the key decide, not a look at the table before the change",
    r#"
Calls under one key that come at the same moment take effect more than once.

## Why
A client that has waited too long calls again while the first call is still at work. A server that looks
whether the key is known and then writes has a gap between the two, in which both calls see nothing. It
shows under load alone, which is why tests seldom find it. Those who lose the race wait for the winner's
answer, or are told that somebody is at it.

## Bad
```text
if select 1 from ledger where key = 'k1' is empty:     both calls come to here
    insert into entry …
    insert into ledger …
```

## Good
```text
insert into ledger (key, …) values ('k1', …) on conflict do nothing
0 rows → wait for the winner, or answer idempotency_in_flight with retry_after_ms
```

## References
- draft-ietf-httpapi-idempotency-key-header, "Concurrent Request"
"#,
);
