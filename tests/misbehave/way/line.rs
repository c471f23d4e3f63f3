//! Ways to put messages on standard output: framing, order, and what comes between them.

use serde_json::json;

use super::Outcome::{Clean, Findings, Protocol, Startup};
use super::{At, BOTH, GOOD, MODERN, STDIO, Way};
use crate::drip::{drip, endless};
use crate::life;
use crate::message::{Ask, HOLE, around_hole, encode};
use crate::stdio::Stdio;
use crate::tools;

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "banner",
        on: STDIO,
        outcome: Findings,
        what: "writes a log line on stdout before the first answer",
        starts: |stdio| stdio.line(b"Lending library 1.4.0 is listening on stdio"),
        ..GOOD
    },
    Way {
        name: "chatter",
        on: STDIO,
        outcome: Findings,
        what: "writes log lines on stdout around every answer, one of them JSON",
        sends: |ask, bytes, stdio| {
            stdio.line(format!("[info] --> {}", ask.method).as_bytes());
            stdio.line(bytes);
            stdio.line(br#"{"level":"info","msg":"answered"}"#);
        },
        ..GOOD
    },
    Way {
        name: "modern-chatter",
        on: STDIO,
        outcome: Findings,
        what: "a 2026-07-28 server that writes log lines on stdout between its answers",
        sends: |ask, bytes, stdio| {
            stdio.line(format!("[info] --> {}", ask.method).as_bytes());
            stdio.line(bytes);
        },
        ..MODERN
    },
    Way {
        name: "blank-lines",
        on: STDIO,
        outcome: Clean,
        what: "writes empty lines around every answer",
        sends: |_, bytes, stdio| stdio.line(&[b"\n", bytes, b"\n"].concat()),
        ..GOOD
    },
    Way {
        name: "half-line",
        on: STDIO,
        outcome: Startup,
        what: "writes half of its answer to tools/list, then nothing, with the pipe open",
        at: At::List,
        sends: |_, bytes, stdio| stdio.bytes(&bytes[..bytes.len() / 2]),
        ..GOOD
    },
    Way {
        name: "no-final-newline",
        on: STDIO,
        outcome: Findings,
        what: "answers tools/list without a newline, then closes stdout by exiting",
        at: At::List,
        greets: |greeting| greeting["capabilities"] = json!({"tools": {}}),
        sends: |_, bytes, stdio| {
            stdio.bytes(bytes);
            life::leave(0)
        },
        ..GOOD
    },
    Way {
        name: "crlf",
        on: STDIO,
        outcome: Findings,
        what: "ends its lines with carriage return and newline",
        sends: |_, bytes, stdio| stdio.line(&[bytes, b"\r"].concat()),
        ..GOOD
    },
    Way {
        name: "bom",
        on: STDIO,
        outcome: Findings,
        what: "begins its output with a byte order mark",
        starts: |stdio| stdio.bytes("\u{feff}".as_bytes()),
        ..GOOD
    },
    Way {
        name: "pretty-printed",
        on: STDIO,
        outcome: Protocol,
        what: "spreads every answer over several lines",
        writes: |_, message| format!("{message:#}").into_bytes(),
        ..GOOD
    },
    Way {
        name: "content-length-framing",
        on: STDIO,
        outcome: Protocol,
        what: "frames its messages with Content-Length headers, as language servers do",
        sends: |_, bytes, stdio| {
            stdio.bytes(format!("Content-Length: {}\r\n\r\n", bytes.len()).as_bytes());
            stdio.bytes(bytes);
        },
        ..GOOD
    },
    Way {
        name: "huge-line",
        on: STDIO,
        outcome: Protocol,
        what: "answers tools/list in one valid line of 200 MB",
        at: At::List,
        lists: |_, list| list["tools"][0]["description"] = json!(HOLE),
        sends: |_, bytes, stdio| {
            let (before, after) = around_hole(bytes);
            let megabyte = [b'a'; 1_000_000];
            stdio.bytes(before);
            (0..200).for_each(|_| stdio.bytes(&megabyte));
            stdio.line(after);
        },
        ..GOOD
    },
    Way {
        name: "slow-drip",
        on: BOTH,
        outcome: Startup,
        what: "answers tools/list with one byte every 50 ms, for over an hour",
        at: At::List,
        sends: |_, bytes, stdio| drip(&endless(bytes)).for_each(|byte| stdio.bytes(byte)),
        replies: |_, mut response, connection| {
            response.body = endless(&response.body);
            let length = format!("Content-Length: {}\r\n\r\n", response.body.len());
            connection.bytes((response.head() + &length).as_bytes())?;
            drip(&response.body).try_for_each(|byte| connection.bytes(byte))
        },
        ..GOOD
    },
    Way {
        name: "answers-twice",
        on: STDIO,
        outcome: Findings,
        what: "sends every answer twice",
        sends: |_, bytes, stdio| {
            stdio.line(bytes);
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "answer-before-question",
        on: STDIO,
        outcome: Findings,
        what: "answers the next five request ids, unasked, before it answers the first",
        at: At::Greeting,
        sends: |ask, bytes, stdio| {
            // Ahead of the answer that the client waits for, so that it cannot have asked by then.
            for id in ask.id.as_i64().map(|id| id + 1..=id + 5).into_iter().flatten() {
                stdio.line(&encode(&json!({"jsonrpc": "2.0", "id": id, "result": {"tools": []}})));
            }
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "notification-flood",
        on: STDIO,
        outcome: Clean,
        what: "sends 100,000 log notifications before each answer, and declares logging",
        greets: |greeting| greeting["capabilities"]["logging"] = json!({}),
        sends: |_, bytes, stdio| {
            stdio.bytes(LOG_NOTIFICATION.repeat(100_000).as_bytes());
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "list-changes",
        on: STDIO,
        outcome: Clean,
        what: "says that its tool list has changed, as declared, before and after listing it",
        greets: |greeting| greeting["capabilities"]["tools"]["listChanged"] = json!(true),
        at: At::List,
        sends: |_, bytes, stdio| {
            let change = json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"});
            stdio.line(&encode(&change));
            stdio.line(bytes);
            stdio.line(&encode(&change));
        },
        ..GOOD
    },
    Way {
        name: "changing-list",
        on: STDIO,
        outcome: Clean,
        what: "lists one tool more each time it is asked (a finding only for who asks twice)",
        lists: |ask, list| {
            let extra = (1..ask.nth).map(|nth| tools::spare_tool(&format!("get_spare_{nth}")));
            let mut tools = tools::tools();
            tools.extend(extra);
            list["tools"] = json!(tools);
        },
        ..GOOD
    },
    Way {
        name: "server-pings",
        on: STDIO,
        outcome: Clean,
        what: "sends a ping under the id of the request and waits for our result before it answers",
        at: At::List,
        sends: |ask, bytes, stdio| answer_when_told(ask, bytes, stdio, &["ping"]),
        ..GOOD
    },
    Way {
        name: "server-requests",
        on: STDIO,
        outcome: Findings,
        what: "sends ping, roots/list and sampling/createMessage, and waits for three answers",
        at: At::List,
        sends: |ask, bytes, stdio| {
            let methods = ["ping", "roots/list", "sampling/createMessage"];
            answer_when_told(ask, bytes, stdio, &methods);
        },
        ..GOOD
    },
];

const LOG_NOTIFICATION: &str = concat!(
    r#"{"jsonrpc":"2.0","method":"notifications/message","#,
    r#""params":{"level":"debug","data":"shelf inspected"}}"#,
    "\n"
);

/// Sends requests of our own and, when the client has answered all of them, its answer.
fn answer_when_told(ask: &Ask, bytes: &[u8], stdio: &mut Stdio, methods: &[&str]) {
    let mut ids = Vec::new();
    for method in methods {
        // The ping takes the id of the client's own request: the two sides count separately.
        let id = if *method == "ping" { ask.id.clone() } else { json!(method) };
        let params = match *method {
            "sampling/createMessage" => json!({"messages": [], "maxTokens": 1}),
            _ => json!({}),
        };
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        stdio.line(&encode(&request));
        ids.push(id);
    }
    let Some(answers) = stdio.await_answers(&ids) else { return };
    if answers.iter().any(|answer| answer.id == ask.id && answer.agrees) {
        stdio.line(bytes);
    } else {
        let error = json!({"code": -32603, "message": "the client refused a ping"});
        stdio.line(&encode(&json!({"jsonrpc": "2.0", "id": ask.id, "error": error})));
    }
}
