use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/not-a-message",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "write logs to standard error; standard output carries messages only",
    documentation: r#"
The server writes something that is not a message where a message belongs.

## Why
On stdio every line of standard output is a JSON-RPC message. A greeting, a log line or a stack
trace there is read as a broken message: some clients skip it, others close the connection. It shows
up when a library prints something once, on a machine that is not the developer's. Over HTTP it is a
body that is an error page of a proxy, say, instead of JSON.

## Bad
```stdout
!Orders server listening on stdio
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## Good
The greeting goes to standard error, and standard output holds this:
```stdout
{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"method not found"}}
{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"1.0.0"}}}
{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}}
```

## References
- Specification 2026-07-28, basic/transports/stdio: "The server MUST NOT write anything to its `stdout`
  that is not a valid MCP message"
"#,
    check: Check::Surface(check),
};

/// How many of them are quoted: a server that writes its log there writes many.
const QUOTED: usize = 3;

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Hit::observed(surface, ObservationKind::NotAMessage);
    let more = hits.len().saturating_sub(QUOTED);
    if more > 0 {
        hits.truncate(QUOTED);
        // A conversation keeps the first few only.
        let message = format!("at least {more} more of what it writes are no messages");
        hits.push(Hit::new(surface.pointer.clone(), message));
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{finding::Observation, protocol::json::Limits, surface};

    #[test]
    fn of_a_log_the_first_lines_are_quoted_and_the_rest_is_counted() {
        let found = |count: usize| {
            let mut surface = surface::read(b"[]", &Limits::default()).unwrap();
            let lines = (0..count).map(|line| format!("line {line}"));
            let observed = lines.map(|it| Observation::on_wire(ObservationKind::NotAMessage, it));
            surface.observations.extend(observed);
            let hits = check(&surface).into_iter();
            hits.map(|hit| hit.message).collect::<Vec<_>>()
        };
        assert_eq!(found(3), ["line 0", "line 1", "line 2"]);
        assert_eq!(found(16).len(), 4);
        assert_eq!(found(16)[3], "at least 13 more of what it writes are no messages");
    }
}
