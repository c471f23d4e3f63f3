//! `mcp-kit replay --mock CASSETTE`: be the server that was recorded.

#[cfg(feature = "http")]
use std::net::SocketAddr;
use std::{
    fs::File,
    io::{self, BufReader, IsTerminal},
    path::{Path, PathBuf},
};

use clap::Args;
use tokio::runtime;

use super::ReplayArgs;
#[cfg(feature = "http")]
use crate::live::{replay::mock::http, transport::listen};
use crate::{
    cli::{
        ExitStatus,
        beside::{self, Accepts},
        cassette::file::{Damages, refused},
        connect,
        error::CliError,
        terminal::Terminal,
    },
    engine::{cassette::Reader, protocol::revision::Era, report::escape::for_terminal},
    live::{
        replay::mock::{Contents, Faults, MOST, Mock, Options, Pace, Told},
        session::EraChoice,
    },
};

/// How much is read at a time, in bytes.
const BUFFER: usize = 1 << 18;

#[derive(Debug, Args)]
#[command(next_help_heading = "A cassette as a server")]
pub(super) struct MockArgs {
    /// Be the server that was recorded, for tests of a client
    #[arg(long, conflicts_with_all = ["command", "allow_writes", "tools", "only"])]
    mock: bool,
    /// Answer on standard input and output, which is what happens where standard input is no terminal
    #[arg(long, requires = "mock")]
    stdio: bool,
    /// Answer over streamable HTTP; the address is printed on standard error
    #[cfg(feature = "http")]
    #[arg(long, value_name = "ADDRESS", requires = "mock", conflicts_with = "stdio")]
    listen: Option<SocketAddr>,
    /// Listen on an address that other machines reach
    #[cfg(feature = "http")]
    #[arg(long, requires = "listen")]
    allow_remote: bool,
    /// What is to go wrong, and when: lost answers, delays, errors, broken streams; with --strict the exit
    /// code is 1 where one did not strike
    #[arg(long, value_name = "FILE", requires = "mock")]
    faults: Option<PathBuf>,
    /// When answers come: none (at once), recorded, or xN (N times as fast as recorded)
    #[arg(long, value_name = "PACE", default_value = "none", requires = "mock", value_parser = parse_pace)]
    pace: Pace,
}

impl MockArgs {
    /// Whether a cassette is to be a server.
    pub(super) fn is_given(&self) -> bool {
        self.mock
    }
}

fn parse_pace(text: &str) -> Result<Pace, String> {
    let wrong = || "write none, recorded, or a factor such as x2 or x0.5".to_owned();
    match text {
        "none" => Ok(Pace::Immediate),
        "recorded" => Ok(Pace::Recorded(1.0)),
        _ => {
            let times: f64 =
                text.strip_prefix('x').ok_or_else(wrong)?.parse().map_err(|_| wrong())?;
            let is_useful = (0.001..=1_000_000.0).contains(&times);
            is_useful.then_some(Pace::Recorded(times)).ok_or_else(wrong)
        }
    }
}

pub(super) fn run(arguments: &ReplayArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let path = match arguments.words.as_slice() {
        [path] => Path::new(path),
        [] => {
            let help = "mcp-kit replay --mock session.jsonl";
            return Err(CliError::usage("no cassette to be the server of").help(help));
        }
        [_, target, ..] => {
            let message =
                format!("`{target}` is one too many: with --mock there is no other server");
            return Err(CliError::usage(message));
        }
    };
    let address = arguments.mock.address(path)?;
    let faults = arguments.mock.faults()?;
    let era = match arguments.access.server.era() {
        Some(EraChoice::Only(era)) => Some(era),
        _ => None,
    };
    let key = arguments.trial.key.clone();
    let options = Options { pace: arguments.mock.pace, era, key, faults };
    let mock = load(path, options, address.is_some(), terminal)?;
    let name = path.display().to_string();
    is_fit(&mock, &name, arguments.trial.strict, terminal)?;
    for (number, fault) in mock.faults().all() {
        if fault.is_of_http() && address.is_none() {
            let fault = for_terminal(&fault.in_words());
            terminal.remark(&format!("warning: fault {number} ({fault}) strikes over HTTP only\n"));
        }
    }
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::usage(format!("cannot start: {error}")))?;
    let code = runtime.block_on(serve(&mock, address, &name, terminal))?;
    // Whatever still runs is of clients that have gone.
    runtime.shutdown_background();
    Ok(end(&mock, code, arguments.trial.strict, terminal))
}

/// Where a mock listens; none for standard input and output.
#[cfg(feature = "http")]
type Place = Option<SocketAddr>;
#[cfg(not(feature = "http"))]
type Place = Option<std::convert::Infallible>;

impl MockArgs {
    fn address(&self, path: &Path) -> Result<Place, CliError> {
        #[cfg(feature = "http")]
        if let Some(address) = self.listen {
            if !address.ip().is_loopback() && !self.allow_remote {
                let message = format!("{address} can be reached from other machines");
                let help = "listen on 127.0.0.1, or allow it: --allow-remote";
                return Err(CliError::usage(message).help(help));
            }
            return Ok(Some(address));
        }
        if !self.stdio && io::stdin().is_terminal() {
            let path = path.display();
            return Err(CliError::usage("nobody can be answered: standard input is a terminal")
                .help(format!(
                    "let a client start `mcp-kit replay --mock {path}`, listen with \
                     --listen 127.0.0.1:0, or type messages: --stdio"
                )));
        }
        Ok(None)
    }

    fn faults(&self) -> Result<Faults, CliError> {
        let Some(path) = &self.faults else { return Ok(Faults::default()) };
        let shown = path.display().to_string();
        let text = beside::read_text(path, Accepts::FileOrPipe)
            .map_err(|error| beside::failed(&shown, &error))?;
        Faults::read(&text).map_err(|error| {
            CliError::usage(error.to_string())
                .place(shown)
                .help("the form is told by: mcp-kit schema faults")
        })
    }
}

fn load(
    path: &Path,
    options: Options,
    is_http: bool,
    terminal: &Terminal,
) -> Result<Mock, CliError> {
    let name = path.display().to_string();
    let failed = |error: io::Error| CliError::file("read", &name, &error);
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(CliError::usage(format!("{name} is no regular file")).help(
            "its lines are read again whenever they are asked for: write them to a file first",
        ));
    }
    let again = file.try_clone().map_err(failed)?;
    let reader = Reader::open(BufReader::with_capacity(BUFFER, file))
        .map_err(|error| refused(&name, error))?;
    Mock::load(reader, again, options, is_http, listener(terminal)).map_err(failed)
}

/// Says what happens, as far as somebody wants to know.
fn listener(terminal: &Terminal) -> Box<dyn Fn(Told) + Send + Sync> {
    let terminal = terminal.clone();
    Box::new(move |told| {
        let text = match told {
            Told::Unrecorded(what) => format!("not recorded: {what}"),
            Told::Struck(number, what) if terminal.is_verbose() => {
                format!("fault {number} strikes {what}")
            }
            Told::Struck(..) => return,
            Told::Translated(Era::Legacy) => {
                "note: the client speaks the older era, and the recording is of the newer one: greeting \
                 and answers are translated"
                    .to_owned()
            }
            Told::Translated(Era::Modern) => {
                "note: the client speaks the newer era, and the recording is of the older one: greeting \
                 and answers are translated"
                    .to_owned()
            }
            Told::Unreadable(reason) => format!("warning: the cassette cannot be read: {reason}"),
        };
        terminal.remark(&format!("{}\n", for_terminal(&text)));
    })
}

/// Says what is wrong with a cassette, and what it cannot answer.
fn is_fit(mock: &Mock, name: &str, is_strict: bool, terminal: &Terminal) -> Result<(), CliError> {
    let contents = mock.contents();
    let mut damages = Damages::new(is_strict, terminal);
    for damage in &contents.damages {
        damages.met(name, damage)?;
    }
    let shown = for_terminal(name);
    for (is_so, text) in [
        (contents.more_damages > 0, format!("{} more lines are passed over", contents.more_damages)),
        (
            contents.left_out > 0,
            format!("{} requests beyond the first {MOST} are left out", contents.left_out),
        ),
        (
            contents.goes_on,
            "the recording goes on in another file: put them together with `mcp-kit cassette merge`"
                .to_owned(),
        ),
    ] {
        if is_so {
            terminal.remark(&format!("warning: {shown}: {text}\n"));
        }
    }
    if contents.requests == 0 {
        return Err(CliError::usage(format!("{name} has no request that could be answered"))
            .help("record one: mcp-kit record -o session.jsonl -- COMMAND"));
    }
    for (is_so, text) in [
        (
            !contents.has_initialize && !contents.has_discover,
            "no greeting was recorded; one is made up",
        ),
        (
            !contents.has_tool_list,
            "no tool list was recorded; it has the names of the tools that were called, and no schemas",
        ),
    ] {
        if is_so {
            terminal.remark(&format!("note: {shown}: {text}\n"));
        }
    }
    if terminal.is_verbose() {
        terminal.remark(&format!("{}\n", for_terminal(&summary(contents))));
    }
    Ok(())
}

fn summary(contents: &Contents) -> String {
    let Contents { requests, calls, tools, .. } = contents;
    let server = contents.server.as_deref().unwrap_or("an unknown server");
    format!("answering for {server}: {requests} requests, of which {calls} call {tools} tools")
}

async fn serve(
    mock: &Mock,
    address: Place,
    name: &str,
    terminal: &Terminal,
) -> Result<Option<u8>, CliError> {
    #[cfg(feature = "http")]
    if let Some(address) = address {
        let unavailable = |message: String| CliError {
            status: ExitStatus::Unavailable,
            ..CliError::usage(message)
        };
        let listener =
            listen::bind(address).await.map_err(|error| unavailable(error.to_string()))?;
        let url = http::url(&listener)
            .map_err(|error| unavailable(format!("cannot tell where it listens: {error}")))?;
        let shown = for_terminal(name);
        terminal.print_aside(&format!("{shown} as a server; use this address:\n{url}\n"));
        return Ok(mock.run_http(listener, connect::interrupted()).await);
    }
    #[cfg(not(feature = "http"))]
    let _ = (address, name, terminal);
    Ok(tokio::select! {
        code = mock.run_stdio() => code,
        () = connect::interrupted() => None,
    })
}

/// Says which faults did not strike, and with what to end.
fn end(mock: &Mock, code: Option<u8>, is_strict: bool, terminal: &Terminal) -> ExitStatus {
    let mut is_short = mock.unrecorded() > 0;
    for (number, fault) in mock.faults().all() {
        let words = for_terminal(&fault.in_words());
        if fault.fired() > 0 {
            if terminal.is_verbose() {
                let times = match fault.fired() {
                    1 => "once".to_owned(),
                    fired => format!("{fired} times"),
                };
                terminal.remark(&format!("fault {number} ({words}) has struck {times}\n"));
            }
            continue;
        }
        is_short = true;
        let seen = match fault.seen() {
            0 => "nothing of that kind was asked".to_owned(),
            1 => "it was asked once".to_owned(),
            seen => format!("it was asked {seen} times"),
        };
        terminal.remark(&format!("fault {number} ({words}) did not strike: {seen}\n"));
    }
    match code {
        _ if is_strict && is_short => ExitStatus::Findings,
        Some(code) => ExitStatus::Server(code),
        None => ExitStatus::Clean,
    }
}
