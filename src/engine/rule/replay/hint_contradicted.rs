use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/hint-contradicted",
    Aspect::Dup,
    &[],
    "say `idempotentHint: false` and take a key, or let the second call do nothing",
    r#"
`idempotentHint` is true, and a second call does more.

## Why
Clients take the hint for a promise and repeat such a call without asking anybody. Where the promise is
not kept every timeout makes a duplicate. A wrong hint does more harm than a missing one.

## Bad
```text
close_account  idempotentHint: true
close_account {"account_id": "acct-1"}   → done, closing fee booked
close_account {"account_id": "acct-1"}   → done, closing fee booked
```

## Good
```text
close_account {"account_id": "acct-1"}   → done, closing fee booked
close_account {"account_id": "acct-1"}   → done, it was closed before
```

## References
- Specification 2026-07-28, `ToolAnnotations.idempotentHint`: "calling the tool repeatedly with the same
  arguments will have no additional effect"
"#,
);
