use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/error-leaks",
    Aspect::Errors,
    gates(2),
    "log the inside of the server under a correlation id, and answer with that id alone",
    r#"
An error shows a stack trace, a statement of SQL or a secret.

## Why
Whatever is in an error is in the conversation of a model: it is kept, shown, and sent to whoever serves
the model. Somebody who wants to get in learns the paths, the tables and sometimes the password. The
model learns nothing that it could act on.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "content": [{"type": "text", "text":
   "Traceback (most recent call last):\n  File \"/srv/bank/tools.py\", line 41, in deposit"}]}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "content": [{"type": "text", "text":
   "`amount` must be a whole number of cents, got \"ten\" (correlation id 4f1c)"}]}}
```

## References
- `error/stack-trace`: the same with one question by `mcp-kit lint`
- OWASP, Improper Error Handling
"#,
);
