//! `mcp-kit record`: a proxy between a client and a server that keeps what they say.

mod clock;
#[cfg(feature = "http")]
mod http;
mod script;
mod tape;

use std::{io::Read, path::PathBuf};

use bytesize::ByteSize;
use clap::{Args, ValueEnum};

use super::{ExitStatus, error::CliError, target::TargetArgs, terminal::Terminal};
use crate::{
    engine::cassette::{FORMAT, Header, Transport, redact},
    live::{
        mask,
        record::{
            destination,
            frame::Setup,
            relay::{Relay, StartError},
        },
    },
};

pub(super) use tape::run as run_tape;

#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// The recording: a file, {time} and {pid} in its name filled in, or a folder. A file that is
    /// there is not written over; a number is put into the name
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    target: TargetArgs,
    /// Make the calls of a file ourselves, in order, instead of waiting for a client
    #[arg(long, value_name = "FILE", help_heading = "Recording")]
    script: Option<PathBuf>,
    #[cfg(feature = "http")]
    #[command(flatten)]
    http: http::UpstreamArgs,
    /// Go on in another file when one would grow beyond this size, for example 100MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "Recording")]
    rotate: Option<u64>,
    /// Leave out messages that still look as if they held a secret when the known ones are out
    #[arg(long, help_heading = "Recording", conflicts_with = "redact")]
    strict_redact: bool,
    /// Whether secrets are kept out of the file
    #[arg(long, value_name = "WHETHER", default_value = "on", help_heading = "Recording")]
    redact: Redact,
    /// Record what the server writes to its standard error as well
    #[arg(long, help_heading = "Recording")]
    keep_stderr: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Redact {
    /// Placeholders stand for them
    On,
    /// The file holds them in clear
    Off,
}

pub(super) fn run(arguments: RecordArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    #[cfg(feature = "http")]
    if arguments.http.is_given() {
        arguments.refuse_unfit()?;
        return http::run(&arguments, terminal);
    }
    if let Some(file) = &arguments.script {
        return script::run(file, &arguments, terminal);
    }
    arguments.refuse_unfit()?;
    let command = &arguments.target.command;
    let Some((program, words)) = command.split_first() else {
        let help = "mcp-kit record -o session.jsonl -- node build/index.js";
        return Err(CliError::usage("no server to record").help(help));
    };
    let shown: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let setup = arguments.begin(mask::command(&shown), Transport::Stdio, terminal)?;
    let relay = Relay {
        program: program.clone(),
        arguments: words.to_vec(),
        keeps_stderr: arguments.keep_stderr,
    };
    match relay.run(tape::ARGUMENTS, &setup) {
        Ok(code) => Ok(ExitStatus::Server(code)),
        Err(error) => {
            // Nothing was said yet.
            let _ = std::fs::remove_file(&setup.path);
            Err(match error {
                StartError::Server(source) => {
                    let program = program.to_string_lossy();
                    let mut error = CliError::usage(format!("cannot start `{program}`: {source}"));
                    error.status = ExitStatus::Unavailable;
                    error
                }
                StartError::Tape(source) => {
                    CliError::usage(format!("cannot start the recording: {source}"))
                }
            })
        }
    }
}

impl RecordArgs {
    /// Flags for a client of a server mean nothing where somebody else is the client.
    fn refuse_unfit(&self) -> Result<(), CliError> {
        let access = &self.target.access;
        let flags = [access.process.given(), access.http.given(), access.configured.given()];
        let era = access.server.era.map(|_| "--era");
        if let Some(flag) = flags.into_iter().flatten().chain(era).next() {
            let message = format!("`{flag}` is for calls of our own, with --script");
            return Err(CliError::usage(message)
                .help("a recorded server gets the environment and the headers of its client"));
        }
        match &self.target.target {
            Some(target) => {
                let message = format!("`{target}` is a target for calls of our own, with --script");
                Err(CliError::usage(message).help(
                    "give the command of a server: -- COMMAND, or its address: --upstream URL",
                ))
            }
            None => Ok(()),
        }
    }

    /// Whether secrets are kept in the file.
    fn is_in_clear(&self) -> bool {
        self.redact == Redact::Off
    }

    /// Creates the file and says how it is to be filled. What goes wrong with it goes wrong before a
    /// server is started.
    fn begin(
        &self,
        server: String,
        transport: Transport,
        terminal: &Terminal,
    ) -> Result<Setup, CliError> {
        let now = clock::now();
        let path = destination::create(&self.output, &now.compact(), std::process::id()).map_err(
            |error| CliError::file("create", &self.output.display().to_string(), &error),
        )?;
        let is_numbered = path.parent() == self.output.parent()
            && !self.output.to_string_lossy().contains('{')
            && path != self.output;
        if is_numbered {
            terminal.remark(&format!(
                "note: {} is there already; recording to {}\n",
                self.output.display(),
                path.display()
            ));
        }
        let is_off = self.is_in_clear();
        if is_off {
            terminal.remark(&format!(
                "warning: --redact off: {} will hold every password and token in clear\n",
                path.display()
            ));
        }
        if terminal.is_verbose() {
            terminal.remark(&format!("recording to {}\n", path.display()));
        }
        let header = Header {
            format: FORMAT.to_owned(),
            id: random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect(),
            part: 1,
            started: Some(now.rfc3339()),
            transport: Some(transport),
            server: Some(server),
            imported_from: None,
            lacks: Vec::new(),
            redaction: (!is_off).then_some(redact::RULES),
            program: format!("mcp-kit {}", env!("CARGO_PKG_VERSION")),
        };
        // The tape has no folder of its own to start from, but a server may change nothing of it.
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(Setup { path, header, rotate_bytes: self.rotate, is_strict: self.strict_redact })
    }
}

/// Bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N], CliError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::usage(format!("the system has no random numbers: {error}")))?;
    Ok(bytes)
}

/// At least room for a header and a few messages.
fn parse_size(text: &str) -> Result<u64, String> {
    const LEAST: u64 = 4 << 10;
    let size: ByteSize = text.parse()?;
    match size.as_u64() {
        bytes if bytes < LEAST => Err("a file needs 4 KiB at least".to_owned()),
        bytes => Ok(bytes),
    }
}

/// What comes through standard input.
fn pipe() -> impl Read + Send + 'static {
    std::io::BufReader::with_capacity(256 << 10, std::io::stdin())
}
