use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/task-duplicate",
    Aspect::Dup,
    &["replay/distinct-keys-collapsed"],
    "keep the id of the task under the key, and answer a repeated call with that task",
    r#"
A repeated call under its key begins a second task or job.

## Why
A call that takes long is answered with something to poll, and that answer can be lost like any other.
Whoever repeats it wants the task that was begun. A second one does the work twice, and nobody polls the
first one any more. A key has to be looked up before a task is begun, not when it ends.

## Bad
```text
export_statement {"account_id": "acct-1", "idempotency_key": "k1"}   → task t-1
export_statement {"account_id": "acct-1", "idempotency_key": "k1"}   → task t-2
```

## Good
```text
export_statement {"account_id": "acct-1", "idempotency_key": "k1"}   → task t-1
export_statement {"account_id": "acct-1", "idempotency_key": "k1"}   → task t-1, or its result
```

## References
- Specification 2026-07-28, extension `io.modelcontextprotocol/tasks`
"#,
);
