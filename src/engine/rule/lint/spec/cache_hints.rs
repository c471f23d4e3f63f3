use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/cache-hints",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send `ttlMs` (milliseconds, 0 for not at all) and `cacheScope` (\"private\" where the \
           list depends on who asks) with every page",
    documentation: r#"
A list, or the answer to `server/discover`, does not say how long and for whom it may be kept.

## Why
Without sessions there is nothing that tells a client when its copy of a list has become old, so the
answer has to: `ttlMs` says for how long it holds, `cacheScope` whether it may be shown to other
users. A client that gets neither may ask every time, or keep a list of yesterday. A missing or
changing scope is the dangerous half: a list that was filtered for one user and is taken for public
is shown to all the others.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":60000,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":60000,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","ttlMs":60000,"cacheScope":"private","tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, "Caching": `ttlMs` and `cacheScope` are required on the results of
  `server/discover` and of lists, and all pages of one list have the same scope
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::CacheHints)
}
