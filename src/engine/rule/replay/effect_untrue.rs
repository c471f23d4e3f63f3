use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/effect-untrue",
    Aspect::Errors,
    gates(6),
    "say in `effect` whether the write was made: `none`, `applied` or `unknown`",
    r#"
An error of a write does not say whether anything was changed, or says it wrongly.

## Why
After a failed write there is one question: was it made? `none` means call again, `applied` means read
what there is, `unknown` means find out first. A server that says `none` and has written makes somebody
write it twice. It is not believed but counted.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "effect": "applied"}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number", "effect": "none"}}}}
```

## References
- `docs/replay.md`, what counts effects
"#,
);
