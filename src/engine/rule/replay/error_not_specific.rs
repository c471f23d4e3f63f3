use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/error-not-specific",
    Aspect::Errors,
    gates(5),
    "name the argument and the value in every error, so that different mistakes read \
     differently",
    r#"
What is wrong with two different arguments reads the same.

## Why
An error that is the same whatever is wrong tells the model that something is wrong, which it knows. It
then changes what was right. However well such a text is put, it cannot help: this is why answers to
different mistakes are compared with each other, and not only read.

## Bad
```text
deposit {"amount": "ten", …}       → isError: invalid input
deposit {"account_id": 917401, …}  → isError: invalid input
```

## Good
```text
deposit {"amount": "ten", …}       → isError: `amount` must be a whole number, got "ten"
deposit {"account_id": 917401, …}  → isError: `account_id` must be text, got 917401
```

## References
- `docs/replay.md`, the wrong calls that are made
"#,
);
