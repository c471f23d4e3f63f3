use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/no-expectation",
    Aspect::Errors,
    gates(6),
    "say in `expected` what the argument takes, and in `got` what came",
    r#"
An error about an argument does not say what was expected, or what came.

## Why
That something is wrong leaves the model to guess what would be right. What was expected is the next
call; what came shows a mistake of the client, which may have sent something else than the model wrote.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is not valid", "argument": "/amount"}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is not valid", "argument": "/amount",
   "expected": "a whole number of cents, 1 or more", "got": "ten"}}}}
```

## References
- SEP-1303: errors that let a model correct itself
"#,
);
