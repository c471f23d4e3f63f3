//! Ways to greet: `initialize`, `server/discover`, versions and capabilities.

use serde_json::{Value, json};

use super::Outcome::{Clean, Findings, Protocol};
use super::{At, BOTH, Era, GOOD, HTTP, MODERN, STDIO, Way};
use crate::answer::refusal;
use crate::connection::Response;

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "unsupported-version",
        on: STDIO,
        outcome: Findings,
        what: "answers initialize with the protocol version 1999-01-01",
        greets: |greeting| greeting["protocolVersion"] = json!("1999-01-01"),
        ..GOOD
    },
    Way {
        name: "old-version",
        on: BOTH,
        outcome: Findings,
        what: "answers initialize with the protocol version 2024-11-05",
        greets: |greeting| greeting["protocolVersion"] = json!("2024-11-05"),
        ..GOOD
    },
    Way {
        name: "initialize-empty",
        on: STDIO,
        outcome: Findings,
        what: "answers initialize with an empty object",
        greets: |greeting| *greeting = json!({}),
        ..GOOD
    },
    Way {
        name: "initialize-null",
        on: STDIO,
        outcome: Findings,
        what: "answers initialize with a null result",
        greets: |greeting| *greeting = Value::Null,
        ..GOOD
    },
    Way {
        name: "initialize-refused",
        on: BOTH,
        outcome: Protocol,
        what: "refuses initialize with an internal error",
        at: At::Greeting,
        says: |_, _| refusal(-32603, "the licence has expired"),
        ..GOOD
    },
    Way {
        name: "no-server-info",
        on: STDIO,
        outcome: Findings,
        what: "answers initialize without serverInfo",
        greets: |greeting| {
            greeting["serverInfo"].take();
        },
        writes: |_, message| crate::message::splice(&message, r#","serverInfo":null"#, b""),
        ..GOOD
    },
    Way {
        name: "no-tools-capability",
        on: STDIO,
        outcome: Findings,
        what: "does not declare the tools that it lists",
        greets: |greeting| greeting["capabilities"] = json!({"prompts": {}, "resources": {}}),
        ..GOOD
    },
    Way {
        name: "boolean-capabilities",
        on: STDIO,
        outcome: Findings,
        what: "declares its capabilities as booleans",
        greets: |greeting| greeting["capabilities"] = json!({"tools": true, "prompts": false}),
        ..GOOD
    },
    Way {
        name: "discover-silence",
        on: BOTH,
        outcome: Clean,
        what: "a legacy server that does not answer server/discover at all",
        sends: |ask, bytes, stdio| {
            if ask.method != "server/discover" {
                stdio.line(bytes);
            }
        },
        replies: |exchange, response, connection| {
            if exchange.ask().is_some_and(|ask| ask.method == "server/discover") {
                return connection.hold();
            }
            connection.send(&response)
        },
        ..GOOD
    },
    Way {
        name: "discover-invalid-params",
        on: STDIO,
        outcome: Clean,
        what: "a legacy server that answers server/discover with -32602, as if it knew the method",
        says: |ask, answer| match ask.method.as_str() {
            "server/discover" => refusal(-32602, "invalid request parameters"),
            _ => answer,
        },
        ..GOOD
    },
    Way {
        name: "discover-500",
        on: HTTP,
        outcome: Clean,
        what: "a legacy server that answers server/discover with status 500 and a stack trace",
        replies: |exchange, response, connection| {
            if exchange.ask().is_some_and(|ask| ask.method == "server/discover") {
                let trace = "Error: no handler\n    at Server.handle (server.js:7:11)";
                return connection.send(&Response::empty(500).with_body("text/plain", trace));
            }
            connection.send(&response)
        },
        ..GOOD
    },
    Way {
        name: "modern-unsupported",
        on: BOTH,
        outcome: Protocol,
        what: "refuses server/discover with -32022, and supports 2031-01-01 only",
        at: At::Greeting,
        says: |ask, answer| match ask.method.as_str() {
            "server/discover" => Err(json!({
                "code": -32022,
                "message": "unsupported protocol version",
                "data": {"supported": ["2031-01-01"], "requested": ask.meta_version()}
            })),
            _ => answer,
        },
        ..MODERN
    },
    Way {
        name: "modern-no-versions",
        on: STDIO,
        outcome: Findings,
        what: "answers server/discover without supportedVersions",
        greets: |greeting| {
            greeting.as_object_mut().map(|members| members.remove("supportedVersions"));
        },
        ..MODERN
    },
    Way {
        name: "modern-future-versions",
        on: STDIO,
        outcome: Protocol,
        what: "answers server/discover well, but supports 2031-01-01 only",
        greets: |greeting| greeting["supportedVersions"] = json!(["2031-01-01"]),
        at: At::List,
        says: |_, _| refusal(-32022, "unsupported protocol version"),
        ..MODERN
    },
    Way {
        name: "modern-era-differs",
        on: BOTH,
        outcome: Clean,
        what: "speaks both eras, and lists one tool less in the legacy one (a finding for both)",
        era: Era::Both,
        lists: |ask, list| {
            if ask.meta_version().is_none() {
                list["tools"].as_array_mut().map(Vec::pop);
            }
        },
        ..GOOD
    },
];
