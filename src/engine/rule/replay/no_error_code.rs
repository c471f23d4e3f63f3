use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/no-error-code",
    Aspect::Errors,
    gates(6),
    "give each kind of failure a `code`, a word of a list that stays the same",
    r#"
A structured error has no code.

## Why
Texts change with each release and each language. A client that is to wait at one failure and to ask its
user at another needs a word that stays: `rate_limited`, `not_permitted`.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {
   "message": "`amount` is no whole number", "next": {"action": "fix_arguments"}}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "next": {"action": "fix_arguments"}}}}}
```

## References
- RFC 9457, Problem Details: `type`
"#,
);
