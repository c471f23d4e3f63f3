use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/unrequested-notification",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send log messages only for a request with a `logLevel` in its `_meta`, progress only for \
           one with a `progressToken`, and changes only on a stream of `subscriptions/listen`",
    documentation: r#"
The server sends a notification that nobody has asked for.

## Why
Notifications are asked for: progress with a `progressToken` in all revisions, and from 2026-07-28 on
log messages with a `logLevel` and changes with `subscriptions/listen`. A client that has asked for
none has nothing to do with them; at best it drops them, and a client that finds the request a
notification belongs to by its token finds none. Log messages also carry what was meant for the
server's own log.

## Bad
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}}
!{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"listing tools"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
```stdout
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}}
{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, server/utilities/logging: no `notifications/message` for a request
  without a log level
- Specification 2026-07-28, basic/patterns/progress
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::UnrequestedNotification)
}
