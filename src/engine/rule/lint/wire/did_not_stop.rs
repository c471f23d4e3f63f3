use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/did-not-stop",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "end the process when standard input ends: leave the reading loop, and let no timer \
           or thread hold it",
    documentation: r#"
The server does not stop when its standard input is closed.

## Why
Closing standard input is how a client asks a server to stop. One that goes on is killed after a
while, in the middle of whatever it does, or it is left behind: each start of the client adds a
process that holds memory, ports and locks.

## Bad
```text
client closes the standard input of the server
(two seconds later) the process is still there
client sends SIGTERM
```

## Good
```text
client closes the standard input of the server
the server finishes what it has begun and exits with status 0
```

## References
- Specification 2026-07-28, basic/transports/stdio, and 2025-11-25, basic/lifecycle, "Shutdown": the
  client closes the input stream and waits for the server to exit
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::DidNotStop)
}
