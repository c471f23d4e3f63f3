use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/near-limit",
    Aspect::Time,
    &["replay/slow-sync"],
    "make it faster, or answer with a task before the load of a busy day takes it over the \
     limit",
    r#"
A call takes over three fifths of what it may take.

## Why
What takes three seconds in a test takes six when others are at work, too. The time of an upstream is not
yours, and it grows first.

## Bad
```text
get_report {…}   → 3.4 s in the middle of 5, 3.9 s at most
```

## Good
```text
get_report {…}   → 240 ms in the middle of 5, 310 ms at most
```

## References
- `replay/slow-sync`
"#,
);
