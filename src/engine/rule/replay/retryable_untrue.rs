use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/retryable-untrue",
    Aspect::Errors,
    gates(6),
    "set `retryable` to true exactly where the same call may succeed later",
    r#"
An error says to try again where that cannot help, or not to where it does, or nothing about it.

## Why
Told to try again, a model repeats a call that fails for ever; told not to, it gives up a change that a
second later would have been made. Whether it is true is not believed but tried: the same call is made
again.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "retryable": true}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "retryable": false}}}}
```

## References
- RFC 9110, 9.2.2: when a client may repeat a request by itself
"#,
);
