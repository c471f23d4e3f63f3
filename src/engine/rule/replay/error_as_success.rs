use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/error-as-success",
    Aspect::Errors,
    gates(0),
    "check arguments against the input schema, and answer with `isError: true` what does not \
     fit",
    r#"
Arguments that the input schema refuses are answered as if they were right.

## Why
The schema is a promise, and the model believes it. What is wrong and goes through is either ignored, so
that something else is done than was asked, or it fails in words inside of a success, which a client takes
for the result.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"content": [{"type": "text", "text": "Error: amount is not a number"}]}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "content": [{"type": "text", "text":
   "`amount` must be a whole number of cents, got \"ten\""}]}}
```

## References
- Specification 2026-07-28, server/tools, "Error Handling" and "Security Considerations": "Servers MUST
  validate all tool inputs"
- `error/not-is-error`: the same with one question by `mcp-kit lint`
"#,
);
