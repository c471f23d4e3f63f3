//! Ways to keep the client out over HTTP: authorization, redirects, sessions.

use std::io;

use super::Outcome::{Auth, Clean, Findings, Protocol, Startup};
use super::{At, GOOD, HTTP, MODERN, Way};
use crate::connection::{Connection, Response};
use crate::endpoint::Exchange;
use crate::life;

/// The token that opens `auth-401-metadata`.
const TOKEN: &str = "Bearer let-me-in";

/// Where RFC 9728 wants the metadata of a resource at `/mcp`.
const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "auth-401",
        on: HTTP,
        outcome: Auth,
        what: "answers everything with 401 and no WWW-Authenticate",
        replies: |_, _, connection| connection.send(&Response::empty(401)),
        ..GOOD
    },
    Way {
        name: "auth-401-metadata",
        on: HTTP,
        outcome: Auth,
        what: "answers 401 with resource_metadata, and is fine for the bearer token let-me-in",
        replies: ask_for_token,
        ..GOOD
    },
    Way {
        name: "modern-auth-401-metadata",
        on: HTTP,
        outcome: Auth,
        what: "a 2026-07-28 server that answers as auth-401-metadata does",
        replies: ask_for_token,
        ..MODERN
    },
    Way {
        name: "auth-403-scope",
        on: HTTP,
        outcome: Auth,
        what: "answers everything with 403 and error=\"insufficient_scope\"",
        replies: |exchange, _, connection| {
            let challenge = format!(
                "Bearer error=\"insufficient_scope\", scope=\"library.read\", {}",
                resource_metadata(exchange)
            );
            connection.send(&Response::empty(403).with("WWW-Authenticate", &challenge))
        },
        ..GOOD
    },
    Way {
        name: "auth-in-list",
        on: HTTP,
        outcome: Auth,
        what: "lets everybody initialize, and answers tools/list with 401",
        at: At::List,
        replies: |exchange, _, connection| challenge(exchange, connection),
        ..GOOD
    },
    Way {
        name: "auth-basic",
        on: HTTP,
        outcome: Auth,
        what: "answers 401 and asks for a password, with a page of HTML",
        replies: |_, _, connection| {
            let response = Response::empty(401).with("WWW-Authenticate", "Basic realm=\"staff\"");
            connection.send(&response.with_body("text/html", "<h1>Staff only</h1>"))
        },
        ..GOOD
    },
    Way {
        name: "login-page",
        on: HTTP,
        outcome: Startup,
        what: "redirects with 302 to a login page, whatever was posted",
        replies: |exchange, _, connection| match exchange.request.path.as_str() {
            "/login" => {
                let page = "<!doctype html><title>Sign in</title><form method=post></form>";
                connection.send(&Response::empty(200).with_body("text/html", page))
            }
            _ => connection.send(&Response::empty(302).with("Location", "/login?next=/mcp")),
        },
        ..GOOD
    },
    Way {
        name: "redirect-same-origin",
        on: HTTP,
        outcome: Findings,
        what: "redirects with 307 from /mcp to /mcp/, where all is fine",
        replies: |exchange, response, connection| {
            if exchange.request.path == "/mcp" {
                return connection.send(&Response::empty(307).with("Location", "/mcp/"));
            }
            connection.send(&response)
        },
        ..GOOD
    },
    Way {
        name: "redirect-other-origin",
        on: HTTP,
        outcome: Startup,
        what: "redirects with 307 from 127.0.0.1 to localhost; stderr tells what arrives there",
        replies: |exchange, response, connection| {
            let header = |name| exchange.request.header(name).unwrap_or("none");
            if header("host").starts_with("localhost") {
                life::log(&format!("followed, authorization: {}", header("authorization")));
                return connection.send(&response);
            }
            let elsewhere = exchange.endpoint.url("localhost");
            connection.send(&Response::empty(307).with("Location", &elsewhere))
        },
        ..GOOD
    },
    Way {
        name: "redirect-loop",
        on: HTTP,
        outcome: Startup,
        what: "redirects with 307 to itself",
        replies: |_, _, connection| connection.send(&Response::empty(307).with("Location", "/mcp")),
        ..GOOD
    },
    Way {
        name: "session-lost",
        on: HTTP,
        outcome: Findings,
        what: "forgets its sessions at the first tools/list, and is fine after another initialize",
        at: At::List,
        replies: |exchange, response, connection| {
            if exchange.ask().is_some_and(|ask| ask.nth == 1) {
                return lose_session(exchange, connection);
            }
            connection.send(&response)
        },
        ..GOOD
    },
    Way {
        name: "session-always-lost",
        on: HTTP,
        outcome: Protocol,
        what: "forgets its sessions at every tools/list",
        at: At::List,
        replies: |exchange, _, connection| lose_session(exchange, connection),
        ..GOOD
    },
    Way {
        name: "session-odd-id",
        on: HTTP,
        outcome: Clean,
        what: "gives a session id of 2,000 visible ASCII characters, all of them allowed",
        replies: |exchange, response, connection| {
            // Only the client is examined for repeating it; the endpoint goes on under its own id.
            let odd: String = ('!'..='~').cycle().take(2000).collect();
            let opened = exchange.ask().is_some_and(|ask| ask.method == "initialize");
            if !opened && exchange.request.header("mcp-session-id") != Some(&odd) {
                return connection.send(&Response::empty(400));
            }
            connection.send(&response.with("Mcp-Session-Id", &odd))
        },
        sessions: false,
        ..GOOD
    },
    Way {
        name: "delete-fails",
        on: HTTP,
        outcome: Clean,
        what: "answers the DELETE of its session with 500",
        replies: |exchange, response, connection| match exchange.request.method.as_str() {
            "DELETE" => connection.send(&Response::empty(500)),
            _ => connection.send(&response),
        },
        ..GOOD
    },
    Way {
        name: "notification-200",
        on: HTTP,
        outcome: Findings,
        what: "answers notifications with 200 and a JSON body instead of 202",
        replies: |_, response, connection| match response.status {
            202 => connection.send(&Response::json(200, b"{}".to_vec())),
            _ => connection.send(&response),
        },
        ..GOOD
    },
];

fn ask_for_token(
    exchange: &Exchange,
    response: Response,
    connection: &mut Connection,
) -> io::Result<()> {
    if exchange.request.path == METADATA {
        let metadata = serde_json::json!({
            "resource": exchange.endpoint.url("127.0.0.1"),
            "authorization_servers": ["https://login.example.invalid"],
            "scopes_supported": ["library.read"]
        });
        return connection.send(&Response::json(200, metadata.to_string().into_bytes()));
    }
    if exchange.request.header("authorization") == Some(TOKEN) {
        return connection.send(&response);
    }
    challenge(exchange, connection)
}

fn challenge(exchange: &Exchange, connection: &mut Connection) -> io::Result<()> {
    let challenge = format!("Bearer scope=\"library.read\", {}", resource_metadata(exchange));
    connection.send(&Response::empty(401).with("WWW-Authenticate", &challenge))
}

fn resource_metadata(exchange: &Exchange) -> String {
    let origin = exchange.endpoint.origin("127.0.0.1");
    format!("resource_metadata=\"{origin}{METADATA}\"")
}

fn lose_session(exchange: &Exchange, connection: &mut Connection) -> io::Result<()> {
    exchange.endpoint.forget_sessions();
    connection.send(&Response::empty(404).with_body("text/plain", "Session not found"))
}
