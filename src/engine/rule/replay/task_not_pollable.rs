use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/task-not-pollable",
    Aspect::Time,
    &[],
    "answer `tasks/get`, or the tool that asks for a job, for every task that was promised",
    r#"
A task or job that was promised cannot be asked for.

## Why
A promise without a way to ask is a result that nobody gets. It happens where a task is kept by one of
several processes, in the memory of one that was restarted, or under another user.

## Bad
```text
export_statement {…}        → task t-1
tasks/get {"taskId": "t-1"} → not found
```

## Good
```text
export_statement {…}        → task t-1
tasks/get {"taskId": "t-1"} → working, pollInterval 1000
```

## References
- Specification 2026-07-28, extension `io.modelcontextprotocol/tasks`, `tasks/get`
"#,
);
