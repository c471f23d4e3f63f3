use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/crash-lost-effect",
    Aspect::Crash,
    &["replay/duplicate-effect"],
    "keep the answer of a change only together with the change itself",
    r#"
A call that was answered as done has no effect after the server was killed.

## Why
A server that keeps its answer under the key first and makes the change then can die in between. From
then on every retry is told that all is done, and it never is: no error, no duplicate, just an order that
nobody has. The data of the server have to outlive it for this question.

## Bad
```text
ledger.put("k1", answer)        # killed here
entries.add(deposit)
```

## Good
```text
begin; insert into entry …; insert into ledger (key, answer) …; commit
```

## References
- `docs/bank.md`: the points of a write at which a server can be killed
"#,
);
