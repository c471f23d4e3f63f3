use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::json::View,
    rule::{Check, Hit, Profile, Rule, wording},
    surface::{
        Surface,
        evidence::{Outcome, Question},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "spec/discover",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "answer `server/discover` with `supportedVersions`, `capabilities`, `ttlMs` and \
           `cacheScope`, from the same configuration as every other answer",
    documentation: r#"
A server of the modern era does not say what it is, or does not say it as it should.

## Why
From 2026-07-28 on there is no handshake. `server/discover` is where a client learns which revisions
and which capabilities a server has, and how a client that speaks both eras tells a modern server
from an old one. A modern server that refuses it is taken for an old one, asked for `initialize`, and
given up when that fails too.

Reported as well: an answer without `supportedVersions` or `capabilities`, and one whose versions are
not those that the server names when it refuses a version (error -32022).

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```
```exchange
{"protocolVersion": "2025-11-25", "tools": [{"name": "get_order"}],
 "asked": [{"about": "tools, without server/discover",
            "result": {"resultType": "complete", "tools": [{"name": "get_order"}]}}]}
```
```exchange
{"protocolVersion": "2026-07-28", "supportedVersions": ["2026-07-28", "2025-11-25"],
 "tools": [{"name": "get_order"}],
 "asked": [{"about": "an unknown revision",
            "error": {"code": -32022, "message": "unsupported", "data": {"supported": ["2026-07-28"]}}}]}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```
```exchange
{"protocolVersion": "2026-07-28", "supportedVersions": ["2026-07-28"],
 "tools": [{"name": "get_order"}],
 "asked": [{"about": "an unknown revision",
            "error": {"code": -32022, "message": "unsupported", "data": {"supported": ["2026-07-28"]}}}]}
```

## References
- Specification 2026-07-28, basic/versioning: "Servers MUST implement `server/discover`", and
  "listing the versions it does support"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Hit::observed(surface, ObservationKind::Discover);
    let Some(evidence) = &surface.evidence else { return hits };
    let mut add = |message: String| hits.push(Hit::new(surface.pointer.clone(), message));
    if let Some(answer) = evidence.answer(&Question::UndiscoveredList)
        && let Outcome::Result(result) = &answer.outcome
        && result.get("resultType").is_some()
    {
        let message = "`server/discover` is refused, although `tools/list` is answered as 2026-07-28 \
                       has it";
        add(message.to_owned());
    }
    if let Some((named, declared)) = versions(surface)
        && named != declared
    {
        let (named, declared) = (wording::names(&named), wording::names(&declared));
        add(format!(
            "`server/discover` says {declared}, and a refused revision is answered with {named}"
        ));
    }
    hits
}

/// The versions that a refusal names and those that `server/discover` does, sorted; none where one
/// of the two has none.
fn versions(surface: &Surface) -> Option<(Vec<String>, Vec<String>)> {
    let answer = surface.evidence.as_ref()?.answer(&Question::UnknownRevision)?;
    let Outcome::Error { code: Some(-32022), data, .. } = &answer.outcome else { return None };
    let named = data.get("supported")?.as_array()?;
    let mut named: Vec<String> =
        named.iter().filter_map(|version| Some(version.as_str()?.to_owned())).collect();
    let declared = surface.view(&surface.pointer.join("supportedVersions"))?;
    let mut declared: Vec<String> =
        declared.items().filter_map(View::as_str).map(|version| version.into_owned()).collect();
    named.sort_unstable();
    declared.sort_unstable();
    Some((named, declared))
}
