use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/task-never-terminal",
    Aspect::Time,
    &["replay/task-not-pollable"],
    "end every task as `completed`, `failed` or `cancelled`, also where its process dies",
    r#"
A task has not ended within `--task-limit`.

## Why
A client polls a task for as long as it is running. One whose worker has died and that nobody ends is
polled for ever. An end that says `failed` is a result; silence is not.

## Bad
```text
tasks/get {"taskId": "t-1"} → working          after 60 s, and tomorrow
```

## Good
```text
tasks/get {"taskId": "t-1"} → failed: the export was broken off, nothing was written
```

## References
- Specification 2026-07-28, extension `io.modelcontextprotocol/tasks`: the states that are final
"#,
);
