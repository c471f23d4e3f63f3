//! Ways to answer an HTTP request with a stream of server-sent events.

use std::io;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::Outcome::{Clean, Findings, Protocol, Startup};
use super::{At, GOOD, HTTP, MODERN, Way};
use crate::connection::{Connection, Response};
use crate::endpoint::{Exchange, lock};

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "sse-good",
        on: HTTP,
        outcome: Clean,
        what: "answers every request with an event stream",
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                connection.chunk(format!("event: message\ndata: {answer}\n\n"))
            })
        },
        ..GOOD
    },
    Way {
        name: "modern-sse-good",
        on: HTTP,
        outcome: Clean,
        what: "a 2026-07-28 server that answers every request with an event stream",
        replies: |exchange, response, connection| {
            let response = response.with("X-Accel-Buffering", "no");
            stream(exchange, response, connection, |answer, connection| {
                connection.chunk(format!("event: message\ndata: {answer}\n\n"))
            })
        },
        ..MODERN
    },
    Way {
        name: "sse-cr",
        on: HTTP,
        outcome: Clean,
        what: "ends the lines of its events with carriage returns alone",
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                connection.chunk(format!("event: message\rdata: {answer}\r\r"))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-crlf-bom",
        on: HTTP,
        outcome: Clean,
        what: "begins its streams with a byte order mark and ends their lines with CR LF",
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                connection.chunk(format!("\u{feff}event:message\r\ndata:{answer}\r\n\r\n"))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-comments",
        on: HTTP,
        outcome: Clean,
        what: "fills its streams with comments, retry, other events and data of several lines",
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                let data = answer.replacen(',', ",\ndata:  ", 2);
                connection
                    .chunk(": welcome\n\nretry: 2500\nid\ndata\n\nevent: ping\ndata: 1\n\n")?;
                connection
                    .chunk(format!(":\ndata: {data}\nunknown: field\nevent: message\n\n:bye\n"))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-one-byte-chunks",
        on: HTTP,
        outcome: Clean,
        what: "sends its streams byte by byte, so that characters and CR LF are cut in two",
        lists: |_, list| list["tools"][0]["title"] = "Find books – Bücher".into(),
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                let event = format!("event: message\r\ndata: {answer}\r\n\r\n");
                event.as_bytes().chunks(1).try_for_each(|byte| connection.chunk(byte))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-notifications",
        on: HTTP,
        outcome: Clean,
        what: "sends a log notification and a ping before the answer on each stream",
        greets: |greeting| greeting["capabilities"]["logging"] = json!({}),
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                let ping = r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#;
                connection.chunk(format!("data: {LOGGED}\n\ndata: {ping}\n\n"))?;
                connection.chunk(format!("data: {answer}\n\n"))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-stays-open",
        on: HTTP,
        outcome: Clean,
        what: "leaves each stream open behind the answer",
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                connection.chunk(format!("event: message\ndata: {answer}\n\n"))?;
                connection.hold()
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-without-end",
        on: HTTP,
        outcome: Findings,
        what: "ends each stream without the empty line that makes the event count",
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                connection.chunk(format!("event: message\ndata: {answer}\n"))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-cut",
        on: HTTP,
        outcome: Protocol,
        what: "closes the connection in the middle of the event for tools/list; no event ids",
        at: At::List,
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |answer, connection| {
                connection
                    .chunk(format!("event: message\ndata: {}", &answer[..answer.len() / 2]))?;
                connection.cut()
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-no-answer",
        on: HTTP,
        outcome: Protocol,
        what: "ends the stream that should answer tools/list after a notification",
        at: At::List,
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |_, connection| {
                connection.chunk(format!("event: message\ndata: {LOGGED}\n\n"))
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-resume",
        on: HTTP,
        outcome: Clean,
        what: "ends the stream of tools/list after an event id; GET with it brings the answer",
        replies: resume,
        ..GOOD
    },
    Way {
        name: "sse-never-ends",
        on: HTTP,
        outcome: Startup,
        what: "sends notifications for ever and never the answer to tools/list",
        at: At::List,
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |_, connection| {
                loop {
                    connection.chunk(format!("event: message\ndata: {LOGGED}\n\n"))?;
                    thread::sleep(Duration::from_millis(20));
                }
            })
        },
        ..GOOD
    },
    Way {
        name: "sse-huge-event",
        on: HTTP,
        outcome: Protocol,
        what: "answers tools/list with one event that never ends",
        at: At::List,
        replies: |exchange, response, connection| {
            stream(exchange, response, connection, |_, connection| {
                connection.chunk("event: message\ndata: {\"")?;
                loop {
                    connection.chunk([b'a'; 100_000])?;
                }
            })
        },
        ..GOOD
    },
];

const LOGGED: &str = concat!(
    r#"{"jsonrpc":"2.0","method":"notifications/message","#,
    r#""params":{"level":"info","data":"shelf inspected"}}"#
);

/// Opens an event stream instead of a JSON response, lets `tell` fill it with the answer, and ends
/// it if the connection is still open. What is not the answer to a request stays as it is.
fn stream(
    exchange: &Exchange,
    response: Response,
    connection: &mut Connection,
    tell: fn(&str, &mut Connection) -> io::Result<()>,
) -> io::Result<()> {
    if exchange.ask().is_none() || response.status != 200 {
        return connection.send(&response);
    }
    let answer = String::from_utf8_lossy(&response.body).into_owned();
    connection.begin_chunks(&response.with("Content-Type", "text/event-stream"))?;
    tell(&answer, connection)?;
    if connection.open { connection.end_chunks() } else { Ok(()) }
}

/// The id of the event after which the stream of `tools/list` is resumed.
const EVENT_ID: &str = "stream-1/event-0";

fn resume(exchange: &Exchange, response: Response, connection: &mut Connection) -> io::Result<()> {
    let kept = &exchange.endpoint.kept;
    if exchange.ask().is_some_and(|ask| ask.method == "tools/list") && response.status == 200 {
        *lock(kept) = Some(response.body.clone());
        return stream(exchange, response, connection, |_, connection| {
            connection.chunk(format!("id: {EVENT_ID}\nretry: 100\ndata:\n\n"))
        });
    }
    let resumes = exchange.request.header("last-event-id") == Some(EVENT_ID);
    match lock(kept).take_if(|_| exchange.request.method == "GET" && resumes) {
        Some(answer) => {
            let head = Response::empty(200).with("Content-Type", "text/event-stream");
            connection.begin_chunks(&head)?;
            connection.chunk(
                [b"id: stream-1/event-1\nevent: message\ndata: ", &answer[..], b"\n\n"].concat(),
            )?;
            connection.end_chunks()
        }
        None => connection.send(&response),
    }
}
