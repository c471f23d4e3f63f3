use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/slow-sync",
    Aspect::Time,
    &[],
    "answer within five seconds, or answer at once with a task or a job that can be polled",
    r#"
A call takes over five seconds and answers with nothing to poll.

## Why
Clients give up, some after ten seconds, and nobody knows then what came of the call. A model waits with
its user. What takes long is begun by one call that answers at once, and asked for by others. The limit is
that of `--slow`; the first call on a new connection counts like the others.

## Bad
```text
export_statement {…}   → 48 s later: {"rows": 91204}
```

## Good
```text
export_statement {…}              → 20 ms: {"job_id": "j-1", "poll": "get_export"}
get_export {"job_id": "j-1"}      → running, 40 %
```

## References
- Specification 2026-07-28, extension `io.modelcontextprotocol/tasks`
- `latency/slow`: the same with one call of a reading tool by `mcp-kit lint`
"#,
);
