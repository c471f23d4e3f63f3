use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/empty-error",
    Aspect::Errors,
    gates(1),
    "say what failed, what was expected, and what to do next",
    r#"
An error says nothing.

## Why
With `isError: true` and no word a model can only call again as it did, or give up.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "content": []}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "content": [{"type": "text", "text":
   "`amount` must be a whole number of cents, got \"ten\""}]}}
```

## References
- Specification 2026-07-28, server/tools, "Error Handling"
"#,
);
