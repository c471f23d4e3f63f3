use super::{Aspect, Rule, gates, rule};

pub(super) const RULE: Rule = rule(
    "replay/failure-not-named",
    Aspect::Errors,
    gates(6),
    "name in the error what failed: the argument, the thing that there is not, the upstream \
     and its status",
    r#"
An error does not name what failed.

## Why
"Something went wrong" is true of every failure. The name of the argument, of the thing that does not
exist, of the upstream with the status that it gave is what tells the model, and whoever reads the log,
where to look.

## Bad
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "the request could not be understood"}}}}
```

## Good
```answer
{"arguments": {"account_id": "acct-1", "amount": "ten"}, "wrong": "amount",
 "result": {"isError": true, "structuredContent": {"error": {"code": "invalid_argument",
   "message": "`amount` is no whole number"}}}}
```

## References
- RFC 9457, Problem Details: `detail`
"#,
);
