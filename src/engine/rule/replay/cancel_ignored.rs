use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/cancel-ignored",
    Aspect::Time,
    &[],
    "stop what was cancelled before its effect, or answer that it was too late",
    r#"
A call or a task that was cancelled goes on and takes effect.

## Why
A user who presses stop believes that it stops. Where the change is made all the same, and nobody is told,
they will do it once more in another way. What is past its last moment cannot be stopped; a task can say
so by ending as `completed`.

## Bad
```text
deposit {…}                      … notifications/cancelled while the payment is still to come
                                 the payment is made, seconds later
```

## Good
```text
deposit {…}                      … notifications/cancelled while the payment is still to come
                                 no payment
```

## References
- Specification 2026-07-28, basic/patterns/cancellation; extension `io.modelcontextprotocol/tasks`, `tasks/cancel`
"#,
);
