use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/result-type",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: r#"send `"complete"` for an ordinary result; other values belong to extensions both sides have declared"#,
    documentation: r#"
A result has no `resultType`, or one that the client cannot know.

## Why
From 2026-07-28 on, `resultType` tells the client how to read a result: `"complete"`, or
`"input_required"` when the server asks back before it answers a call. Every result has to have it.
Extensions may add values, but only those the client
has declared. A client must treat any other value as an invalid result, so the answer is lost.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"partial","tools":[{"name":"get_order","inputSchema":{"type":"object"}}],"ttlMs":0,"cacheScope":"private"}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","tools":[{"name":"get_order","inputSchema":{"type":"object"}}],"ttlMs":0,"cacheScope":"private"}}
```

## References
- Specification 2026-07-28, basic, "ResultType": "A `resultType` of any value unrecognized by the client
  MUST be considered invalid"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::UnknownResultType)
}
