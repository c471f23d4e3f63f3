use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/crash-duplicate",
    Aspect::Crash,
    &["replay/crash-lost-effect"],
    "keep keys where the changes are, on disk and in the same transaction",
    r#"
A call in the middle of which the server was killed takes effect twice when it is made again.

## Why
Servers are restarted with every release, and killed where memory runs out. What is known of keys in
memory is gone then, and the client, which has had no answer, calls again. A key that is written before
or after its change has a moment in which there is one without the other.

## Bad
```text
known = {}                 # in memory: empty after a restart
```

## Good
```text
begin; insert into entry …; insert into ledger (key, answer) …; commit
```

## References
- `docs/replay.md`: the server is killed with `SIGKILL` at moments spread over the time a call takes
"#,
);
