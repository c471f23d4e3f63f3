use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/unhelpful-error",
    Aspect::Errors,
    gates(6),
    "answer with a structured error: code, message, argument, expected, got, retryable, \
     effect, next",
    r#"
The worst error of a tool makes fewer than 80 of 100 points.

## Why
Each point is something that the next call needs: that it is an error of the tool (15), its code (10), what
failed (10), which argument (15), what was expected and what came (10), whether to try again (15), when
(5), what to do next (15), and whether anything was changed (5). What does not apply does not count.
Errors in prose are judged by their words. That is a guess, so they make 60 points at most and are never
more than inconclusive.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is not valid"}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is not valid", "argument": "/amount",
   "expected": "a whole number of cents, 1 or more", "got": "ten",
   "retryable": false, "effect": "none",
   "next": {"action": "fix_arguments", "hint": "give the amount in cents, for example 1000"}}}}}
```

## References
- SEP-1303; RFC 9457, Problem Details
"#,
);
