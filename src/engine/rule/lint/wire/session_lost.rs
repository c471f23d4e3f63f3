use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/session-lost",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep sessions where every instance finds them, or serve 2026-07-28, which has none",
    documentation: r#"
The server forgets a session in the middle of it.

## Why
The client holds a session id that the server gave it, and the next request is answered with 404.
The specification lets a server end a session, and a client then starts a new one; but one that is
gone after seconds was most likely kept in the memory of one process while a balancer sent the
request to another. Users see tools that fail now and then.

## Bad
```http
POST /mcp HTTP/1.1

HTTP/1.1 200 OK
Mcp-Session-Id: 4f2a

POST /mcp HTTP/1.1
Mcp-Session-Id: 4f2a

HTTP/1.1 404 Not Found
```

## Good
```http
POST /mcp HTTP/1.1

HTTP/1.1 200 OK
Mcp-Session-Id: 4f2a

POST /mcp HTTP/1.1
Mcp-Session-Id: 4f2a

HTTP/1.1 200 OK
```

## References
- Specification 2025-11-25, basic/transports, "Session Management"
- Specification 2026-07-28, changelog: sessions are removed
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::SessionLost)
}
