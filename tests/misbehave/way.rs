//! What a way is: a fine server with some of its steps replaced.
//!
//! A row of a table names the steps that differ and takes the others from [`GOOD`] or [`MODERN`].
//! In the order in which they happen:
//!
//! | step | replaces |
//! |---|---|
//! | `starts` | what happens before the first message is read (stdio) |
//! | `greets` | the result of `initialize` and `server/discover` |
//! | `lists` | the result of `tools/list` |
//! | `says` | any answer, result or error |
//! | `writes` | how an answer becomes JSON text |
//! | `sends` | how this text becomes bytes on standard output |
//! | `replies` | how a response becomes bytes on an HTTP connection |
//! | `ends` | what happens when our standard input is closed (stdio) |
//!
//! `at` limits `says`, `writes`, `sends` and `replies` to some requests.

mod access;
mod content;
mod envelope;
mod exchange;
mod fine;
mod handshake;
mod line;
mod live;
mod paging;
mod process;
mod stream;

use std::io;

use serde_json::Value;

use crate::answer::Answer;
use crate::connection::{Connection, Response};
use crate::endpoint::Exchange;
use crate::message::{Ask, encode};
use crate::stdio::Stdio;

/// Every way, in the order of `misbehave list`.
pub(crate) fn all() -> impl Iterator<Item = &'static Way> {
    [
        fine::WAYS,
        process::WAYS,
        line::WAYS,
        envelope::WAYS,
        handshake::WAYS,
        paging::WAYS,
        content::WAYS,
        access::WAYS,
        exchange::WAYS,
        stream::WAYS,
        live::WAYS,
    ]
    .into_iter()
    .flatten()
}

/// One way to behave.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    /// In kebab-case.
    pub(crate) name: &'static str,
    /// The transports on which it exists.
    pub(crate) on: &'static [Transport],
    /// What mcp-kit should make of it.
    pub(crate) outcome: Outcome,
    /// One line, without tabs.
    pub(crate) what: &'static str,
    pub(crate) era: Era,
    /// Whether a legacy HTTP server keeps sessions.
    pub(crate) sessions: bool,
    pub(crate) at: At,
    pub(crate) starts: fn(&mut Stdio),
    pub(crate) greets: fn(&mut Value),
    pub(crate) lists: fn(&Ask, &mut Value),
    pub(crate) says: fn(&Ask, Answer) -> Answer,
    pub(crate) writes: fn(&Ask, Value) -> Vec<u8>,
    pub(crate) sends: fn(&Ask, &[u8], &mut Stdio),
    pub(crate) replies: fn(&Exchange, Response, &mut Connection) -> io::Result<()>,
    pub(crate) ends: fn(&mut Stdio),
}

/// The fine server of 2025-11-25 and 2025-06-18.
pub(crate) const GOOD: Way = Way {
    name: "good",
    on: BOTH,
    outcome: Outcome::Clean,
    what: "a fine legacy server with three tools",
    era: Era::Legacy,
    sessions: true,
    at: At::Always,
    starts: |_| {},
    greets: |_| {},
    lists: |_, _| {},
    says: |_, answer| answer,
    writes: |_, message| encode(&message),
    sends: |_, bytes, stdio| stdio.line(bytes),
    replies: |_, response, connection| connection.send(&response),
    ends: |_| {},
};

/// The fine server of 2026-07-28.
pub(crate) const MODERN: Way = Way {
    name: "modern-good",
    what: "a fine 2026-07-28 server with three tools, which insists on _meta and headers",
    era: Era::Modern,
    ..GOOD
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Stdio,
    Http,
}

pub(crate) const STDIO: &[Transport] = &[Transport::Stdio];
pub(crate) const HTTP: &[Transport] = &[Transport::Http];
pub(crate) const BOTH: &[Transport] = &[Transport::Stdio, Transport::Http];

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Transport::Stdio => "stdio",
            Transport::Http => "http",
        }
    }
}

/// What mcp-kit should make of a way, by its exit codes. A server that is gone or silent is
/// [`Outcome::Startup`], one that is there and speaks nonsense is [`Outcome::Protocol`]; as long as
/// anything can be linted, it is [`Outcome::Findings`].
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// The surface is read and the protocol gives nothing to report (exit 0).
    Clean,
    /// The surface can be read at least in part, and something must be reported.
    Findings,
    /// Authentication is needed (exit 3).
    Auth,
    /// Did not start, is not reachable, or timed out (exit 4).
    Startup,
    /// Broke the protocol so that no answer is possible (exit 5).
    Protocol,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Clean => "clean",
            Outcome::Findings => "findings",
            Outcome::Auth => "auth",
            Outcome::Startup => "startup",
            Outcome::Protocol => "protocol",
        }
    }
}

/// Which revisions of the protocol a server speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2025-11-25 and 2025-06-18, which begin with `initialize`.
    Legacy,
    /// 2026-07-28, which has no handshake.
    Modern,
    /// Whichever of the two the client speaks.
    Both,
}

/// The requests for which a way differs from a fine server.
#[derive(Clone, Copy)]
pub(crate) enum At {
    /// Every request; over HTTP, every exchange.
    Always,
    /// `initialize` and, in the modern era, `server/discover`.
    Greeting,
    /// `tools/list`.
    List,
}

impl At {
    pub(crate) fn includes(self, method: &str) -> bool {
        match self {
            At::Always => true,
            At::Greeting => matches!(method, "initialize" | "server/discover"),
            At::List => method == "tools/list",
        }
    }
}
