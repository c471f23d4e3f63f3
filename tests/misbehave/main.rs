//! A program that misbehaves on demand: the MCP servers that mcp-kit has to survive, each a *way*
//! to be wrong (or to be unusual and right).
//!
//! ```text
//! misbehave list         name, transport, expected outcome and description of every way, with tabs
//! misbehave stdio WAY    speaks MCP on standard input and output
//! misbehave http WAY     prints its URL as the first line, serves until standard input closes
//! misbehave play FILE    answers each request with the next line of FILE, whatever it says
//! misbehave diary FILE [BUG]    keeps entries in FILE; on standard input and output
//! ```
//!
//! It is not for checking that mcp-kit speaks the protocol as others do: real servers are for that.
//! It shares no code with mcp-kit, so that one misunderstanding cannot hide in both.
//!
//! To add a way, add one row to one of the tables in `way/`; nothing else has to change.
//!
//! The modules in reading order: `way` (what can differ from a fine server), `answer` and `tools`
//! (the fine server), `stdio`, `play` and `diary`, then `http`, `endpoint` and `connection`.

mod answer;
mod connection;
mod diary;
mod drip;
mod endpoint;
mod gzip;
mod http;
mod life;
mod message;
mod play;
mod stdio;
mod tools;
mod way;

use std::io::{self, Write};
use std::process::ExitCode;

use way::{Transport, Way};

const USAGE: &str = "usage: misbehave list | misbehave stdio WAY | misbehave http WAY | misbehave play FILE | \
     misbehave diary FILE [BUG]";

/// Exit code for arguments that make no sense, so that a slip in a test is not taken for a way.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["list"] => list(&mut io::stdout().lock()).map_err(|error| error.to_string()),
        ["stdio", name] => find(name, Transport::Stdio).map(stdio::serve),
        ["http", name] => find(name, Transport::Http)
            .and_then(|way| http::serve(way).map_err(|error| error.to_string())),
        ["play", file] => play::play(file).map_err(|error| format!("{file}: {error}")),
        ["diary", file] => {
            diary::serve(file, "");
            Ok(())
        }
        ["diary", file, bug] => {
            diary::serve(file, bug);
            Ok(())
        }
        _ => Err(USAGE.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "misbehave: {complaint}");
            ExitCode::from(USAGE_ERROR)
        }
    }
}

fn find(name: &str, transport: Transport) -> Result<&'static Way, String> {
    let way = way::all()
        .find(|way| way.name == name)
        .ok_or_else(|| format!("no way is called `{name}`; `misbehave list` shows them all"))?;
    if way.on.contains(&transport) {
        Ok(way)
    } else {
        Err(format!("`{name}` does not exist on {}", transport.name()))
    }
}

/// One line for each pair of way and transport: each line is one case of a test.
fn list(out: &mut impl Write) -> io::Result<()> {
    for way in way::all() {
        for transport in way.on {
            writeln!(
                out,
                "{}\t{}\t{}\t{}",
                way.name,
                transport.name(),
                way.outcome.name(),
                way.what
            )?;
        }
    }
    Ok(())
}
