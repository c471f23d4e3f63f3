//! Ways to live and to die: what the process does, whatever it says.

use std::io::{self, Write};
use std::process::{Command, Stdio as Handle};
use std::thread;
use std::time::Duration;

use super::Outcome::{Clean, Findings, Protocol, Startup};
use super::{At, BOTH, GOOD, STDIO, Way};
use crate::life;
use crate::stdio::Stdio;

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "silence",
        on: BOTH,
        outcome: Startup,
        what: "takes every request and never says anything",
        sends: |_, _, _| {},
        replies: |_, _, connection| connection.hold(),
        ..GOOD
    },
    Way {
        name: "exits-at-once",
        on: STDIO,
        outcome: Startup,
        what: "exits with code 0 and not a word",
        starts: |_| life::leave(0),
        ..GOOD
    },
    Way {
        name: "dies-at-start",
        on: STDIO,
        outcome: Startup,
        what: "writes three lines on stderr and exits with code 7",
        starts: |_| {
            life::log("library: reading configuration");
            life::log("library: LIBRARY_DATABASE is not set");
            life::log("library: giving up");
            life::leave(7)
        },
        ..GOOD
    },
    Way {
        name: "usage-text",
        on: STDIO,
        outcome: Startup,
        what: "writes its command line help on stdout and exits with code 2",
        starts: |stdio| {
            stdio.line(b"usage: library [--database FILE] serve");
            stdio.line(b"library: error: the following arguments are required: serve");
            life::leave(2)
        },
        ..GOOD
    },
    Way {
        name: "asks-on-stdout",
        on: STDIO,
        outcome: Startup,
        what: "asks for a confirmation on stdout, without a newline, and waits for it",
        starts: |stdio| {
            stdio.bytes(
                b"Need to install the following packages: library@1.4.0\nOk to proceed? (y) ",
            );
            read_on(stdio);
            life::leave(1)
        },
        ..GOOD
    },
    Way {
        name: "slow-start",
        on: STDIO,
        outcome: Clean,
        what: "needs one and a half seconds before it reads its first message",
        starts: |_| thread::sleep(Duration::from_millis(1500)),
        ..GOOD
    },
    Way {
        name: "dies-at-discover",
        on: STDIO,
        outcome: Findings,
        what: "a legacy server that exits with code 1 when it is asked server/discover",
        sends: |ask, bytes, stdio| {
            if ask.method == "server/discover" {
                life::log("library: expected initialize as the first message");
                life::leave(1)
            }
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "dies-after-initialize",
        on: STDIO,
        outcome: Startup,
        what: "answers initialize, then complains on stderr and exits with code 1",
        sends: |ask, bytes, stdio| {
            stdio.line(bytes);
            if ask.method == "initialize" {
                life::log("library: cannot reach the database");
                life::leave(1)
            }
        },
        ..GOOD
    },
    Way {
        name: "dies-in-list",
        on: STDIO,
        outcome: Startup,
        what: "exits with code 1 in the middle of the line that answers tools/list",
        at: At::List,
        sends: |_, bytes, stdio| {
            stdio.bytes(&bytes[..bytes.len() / 2]);
            life::log("library: out of memory");
            life::leave(1)
        },
        ..GOOD
    },
    Way {
        name: "echo",
        on: STDIO,
        outcome: Protocol,
        what: "writes back every line as it came, like cat",
        starts: |stdio| {
            while let Some(line) = stdio.read_line() {
                stdio.bytes(&line);
            }
            life::leave(0)
        },
        ..GOOD
    },
    Way {
        name: "stderr-flood",
        on: STDIO,
        outcome: Clean,
        what: "writes 10 MB on stderr before it reads its first message",
        starts: |_| {
            let line = format!("DEBUG {}\n", "shelf ".repeat(170));
            let flood = line.repeat(10_000_000 / line.len() + 1);
            // A client that closed our standard error has no flood to survive.
            let _ = io::stderr().write_all(flood.as_bytes());
        },
        ..GOOD
    },
    Way {
        name: "ignores-stdin-close",
        on: STDIO,
        outcome: Findings,
        what: "does not exit when stdin closes and ignores SIGTERM; its process id is on stderr",
        starts: ignore_signals,
        ends: |_| life::stay(),
        ..GOOD
    },
    Way {
        name: "leaves-child",
        on: STDIO,
        outcome: Clean,
        what: "leaves a child that holds stdout and stderr open; its process id is on stderr",
        starts: leave_child,
        ..GOOD
    },
];

/// Reads until our input is closed, and minds nothing.
fn read_on(stdio: &mut Stdio) {
    while stdio.read_line().is_some() {}
}

/// Without unsafe code only a shell can ignore a signal for us. An ignored signal stays ignored
/// when the shell turns into another program, so we become a shell which becomes us again.
#[cfg(unix)]
fn ignore_signals(_: &mut Stdio) {
    use std::os::unix::process::CommandExt;

    const DONE: &str = "MISBEHAVE_IGNORES_SIGNALS";
    if std::env::var_os(DONE).is_none() {
        let error = Command::new("sh")
            .args(["-c", "trap '' TERM INT HUP; exec \"$0\" \"$@\""])
            .args(std::env::current_exe())
            .args(std::env::args_os().skip(1))
            .env(DONE, "1")
            .exec();
        life::log(&format!("cannot ignore signals: {error}"));
    }
    life::log(&format!("process {} ignores SIGTERM", std::process::id()));
}

/// There are no such signals.
#[cfg(not(unix))]
fn ignore_signals(_: &mut Stdio) {}

/// Nobody waits for the child: leaving it behind is the point.
fn leave_child(_: &mut Stdio) {
    match Command::new("sleep").arg("600").stdin(Handle::null()).spawn() {
        Ok(child) => life::log(&format!("process {} stays behind", child.id())),
        Err(error) => life::log(&format!("cannot start sleep: {error}")),
    }
}
