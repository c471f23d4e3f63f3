use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/redirected",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "give users the address that answers, down to the slash at the end",
    documentation: r#"
The endpoint answers with a redirect.

## Why
Some clients follow a redirect and some do not; of those that do, some drop the body or the
`Authorization` header on the way, as they should when the host changes. A 301 or 302 turns the POST
into a GET. Mostly it is `/mcp` against `/mcp/`, or http against https.

## Bad
```http
POST /mcp HTTP/1.1

HTTP/1.1 307 Temporary Redirect
Location: /mcp/
```

## Good
```http
POST /mcp/ HTTP/1.1

HTTP/1.1 200 OK
Content-Type: application/json
```

## References
- RFC 9110 §15.4: which redirects keep the method
- Specification 2026-07-28, basic/transports/streamable-http: one endpoint path that supports POST
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Redirected)
}
