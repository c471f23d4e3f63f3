//! Ways to answer an HTTP request with one body: statuses, types, lengths, compression.

use super::Outcome::{Clean, Findings, Protocol, Startup};
use super::{At, GOOD, HTTP, Way};
use crate::connection::Response;
use crate::gzip;
use crate::message::{HOLE, around_hole};

const PAGE: &str =
    "<!doctype html><html><head><title>Library</title></head><body>Hello</body></html>";

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "html-200",
        on: HTTP,
        outcome: Protocol,
        what: "answers everything with 200 and a page of HTML",
        replies: |_, _, connection| {
            connection.send(&Response::empty(200).with_body("text/html; charset=utf-8", PAGE))
        },
        ..GOOD
    },
    Way {
        name: "html-500",
        on: HTTP,
        outcome: Protocol,
        what: "answers everything with 500 and a page of HTML",
        replies: |_, _, connection| {
            connection.send(&Response::empty(500).with_body("text/html; charset=utf-8", PAGE))
        },
        ..GOOD
    },
    Way {
        name: "html-404",
        on: HTTP,
        outcome: Protocol,
        what: "answers everything with 404 and a page of HTML, as a web site does at a wrong path",
        replies: |_, _, connection| {
            connection.send(&Response::empty(404).with_body("text/html; charset=utf-8", PAGE))
        },
        ..GOOD
    },
    Way {
        name: "gateway-503",
        on: HTTP,
        outcome: Startup,
        what: "answers everything with 503 and Retry-After, as a proxy before a dead server does",
        replies: |_, _, connection| {
            let response = Response::empty(503).with("Retry-After", "3600");
            connection.send(&response.with_body("text/plain", "no healthy upstream"))
        },
        ..GOOD
    },
    Way {
        name: "rate-limited",
        on: HTTP,
        outcome: Startup,
        what: "answers tools/list with 429 and Retry-After for an hour",
        at: At::List,
        replies: |_, _, connection| {
            connection.send(&Response::empty(429).with("Retry-After", "3600"))
        },
        ..GOOD
    },
    Way {
        name: "post-405",
        on: HTTP,
        outcome: Protocol,
        what: "refuses POST with 405 and streams an endpoint on GET (HTTP+SSE of 2024-11-05)",
        replies: |exchange, _, connection| {
            if exchange.request.method != "GET" {
                return connection.send(&Response::empty(405).with("Allow", "GET"));
            }
            let head = Response::empty(200).with("Content-Type", "text/event-stream");
            connection.begin_chunks(&head)?;
            connection.chunk("event: endpoint\ndata: /messages?session=1\n\n")?;
            connection.hold()
        },
        ..GOOD
    },
    Way {
        name: "hangs-up",
        on: HTTP,
        outcome: Startup,
        what: "closes the connection after each request without an answer",
        replies: |_, _, connection| connection.cut(),
        ..GOOD
    },
    Way {
        name: "accepted",
        on: HTTP,
        outcome: Protocol,
        what: "answers requests with 202 and no body, and the answer never comes",
        replies: |_, _, connection| connection.send(&Response::empty(202)),
        ..GOOD
    },
    Way {
        name: "empty-200",
        on: HTTP,
        outcome: Protocol,
        what: "answers everything with 200 and an empty body of type JSON",
        replies: |_, _, connection| connection.send(&Response::json(200, Vec::new())),
        ..GOOD
    },
    Way {
        name: "no-content-type",
        on: HTTP,
        outcome: Findings,
        what: "answers well, but without Content-Type",
        replies: |_, response, connection| connection.send(&response.without("Content-Type")),
        ..GOOD
    },
    Way {
        name: "plain-text",
        on: HTTP,
        outcome: Findings,
        what: "answers well, but calls its JSON text/plain",
        replies: |_, response, connection| {
            connection.send(&response.with("Content-Type", "text/plain"))
        },
        ..GOOD
    },
    Way {
        name: "charset",
        on: HTTP,
        outcome: Clean,
        what: "writes Application/JSON;charset=\"UTF-8\" and its header names in odd letters",
        replies: |_, response, connection| {
            let length = response.body.len();
            let response = response.without("Content-Type");
            let kind = "cONTENT-tYPE:Application/JSON;charset=\"UTF-8\"";
            let head = format!("{}{kind}\r\nCONTENT-LENGTH: {length}\r\n\r\n", response.head());
            connection.bytes(&[head.as_bytes(), &response.body].concat())
        },
        ..GOOD
    },
    Way {
        name: "http-1.0",
        on: HTTP,
        outcome: Clean,
        what: "answers in HTTP/1.0, without a length, and closes the connection behind the body",
        replies: |_, response, connection| {
            let head = response.head().replacen("HTTP/1.1", "HTTP/1.0", 1) + "\r\n";
            connection.bytes(&[head.as_bytes(), &response.body].concat())?;
            connection.cut()
        },
        ..GOOD
    },
    Way {
        name: "one-byte-chunks",
        on: HTTP,
        outcome: Clean,
        what: "sends its JSON in chunks of one byte, with chunk extensions and a trailer",
        replies: |exchange, response, connection| {
            if exchange.ask().is_none() {
                return connection.send(&response);
            }
            let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", response.head());
            let chunks = response
                .body
                .iter()
                .flat_map(|byte| [b"1;x=y\r\n", &[*byte][..], b"\r\n"].concat());
            let body: Vec<u8> = chunks.collect();
            connection.bytes(&[head.as_bytes(), &body, b"0\r\nX-Done: yes\r\n\r\n"].concat())
        },
        ..GOOD
    },
    Way {
        name: "wrong-content-length",
        on: HTTP,
        outcome: Protocol,
        what: "promises 1,000 bytes more than it sends, then closes the connection",
        at: At::List,
        replies: |_, response, connection| {
            let length = format!("Content-Length: {}\r\n\r\n", response.body.len() + 1000);
            let head = response.head() + &length;
            connection.bytes(&[head.as_bytes(), &response.body].concat())?;
            connection.cut()
        },
        ..GOOD
    },
    Way {
        name: "not-http",
        on: HTTP,
        outcome: Protocol,
        what: "answers in a protocol that is not HTTP",
        replies: |_, _, connection| {
            connection.bytes(b"SSH-2.0-Library_1.4\r\n")?;
            connection.cut()
        },
        ..GOOD
    },
    Way {
        name: "huge-body",
        on: HTTP,
        outcome: Protocol,
        what: "answers tools/list with a body that never ends",
        at: At::List,
        lists: |_, list| list["tools"][0]["description"] = HOLE.into(),
        replies: |_, response, connection| {
            let (before, _) = around_hole(&response.body);
            connection.begin_chunks(&response)?;
            connection.chunk(before)?;
            loop {
                connection.chunk([b'a'; 100_000])?;
            }
        },
        ..GOOD
    },
    Way {
        name: "huge-header",
        on: HTTP,
        outcome: Protocol,
        what: "answers tools/list with a header line that never ends",
        at: At::List,
        replies: |_, response, connection| {
            connection.bytes((response.head() + "X-Shelf: ").as_bytes())?;
            loop {
                connection.bytes(&[b'a'; 100_000])?;
            }
        },
        ..GOOD
    },
    Way {
        name: "gzip-good",
        on: HTTP,
        outcome: Clean,
        what: "compresses its answers with gzip",
        replies: |_, mut response, connection| {
            response.body = gzip::gzip(&response.body);
            connection.send(&response.with("Content-Encoding", "gzip"))
        },
        ..GOOD
    },
    Way {
        name: "gzip-bomb",
        on: HTTP,
        outcome: Protocol,
        what: "answers tools/list with 7 MB of gzip that unpack to 1 GB of spaces before the list",
        at: At::List,
        replies: |_, mut response, connection| {
            response.body = gzip::bomb(&response.body);
            connection.send(&response.with("Content-Encoding", "gzip"))
        },
        ..GOOD
    },
    Way {
        name: "bad-gzip",
        on: HTTP,
        outcome: Protocol,
        what: "says that its answers are gzip, and they are not",
        replies: |_, response, connection| {
            connection.send(&response.with("Content-Encoding", "gzip"))
        },
        ..GOOD
    },
];
