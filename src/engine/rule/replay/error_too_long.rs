use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/error-too-long",
    Aspect::Errors,
    gates(3),
    "put into an error what the next call needs, in a few sentences; the rest goes to the log",
    r#"
An error has more than 2,000 characters.

## Why
Every character is read by the model with each of the following requests, and what matters drowns in it.
A page of an upstream, a whole record or a list of everything that would have been possible does not
belong into an error.

## Bad
```text
deposit {"amount": "ten"}   → isError: the whole HTML page of the gateway, 14,210 characters
```

## Good
```text
deposit {"amount": "ten"}   → isError: `amount` must be a whole number of cents, got "ten"
```

## References
- Specification 2026-07-28, server/tools, "Error Handling"
"#,
);
