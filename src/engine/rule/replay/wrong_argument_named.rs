use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/wrong-argument-named",
    Aspect::Errors,
    gates(6),
    "point to the wrong argument with a JSON Pointer into the arguments as they were sent",
    r#"
An error points to another argument than the wrong one, or to none.

## Why
A model that is sent to the wrong place breaks what was right. The pointer has to lead into the arguments
of the call, as they were sent, and not into what the server has made of them (`/body/amount`).

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "argument": "/body/amount"}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "argument": "/amount"}}}}
```

## References
- RFC 6901, JSON Pointer
"#,
);
