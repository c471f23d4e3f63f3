use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/no-progress",
    Aspect::Time,
    &[],
    "send `notifications/progress` with the token of the request, a first one within a second",
    r#"
A call that takes over a second does not say how far it is, although progress was asked for.

## Why
A client that hears nothing cannot tell a long call from a dead one. Progress keeps its patience, and many
clients start their timeout anew with each notification. `replay` sends a `progressToken` with every call.

## Bad
```text
import_orders {…} _meta: progressToken 7   … 4 s of silence …   → done
```

## Good
```text
import_orders {…} _meta: progressToken 7
  ← notifications/progress {"progressToken": 7, "progress": 400, "total": 1200}
```

## References
- Specification 2026-07-28, basic/patterns/progress
"#,
);
