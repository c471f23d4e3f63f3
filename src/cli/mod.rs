//! The program at a terminal: arguments, exit codes, where output goes. One file per command.
//!
//! Results go to standard output, everything else to standard error. Decisions are made below, in
//! `engine` and `live`; what is here turns words into values and values into text.

mod all;
#[cfg(feature = "serve")]
mod approve;
mod baseline;
mod beside;
mod cassette;
mod committed;
mod config;
mod connect;
mod cores;
#[cfg(feature = "serve")]
mod dev;
mod diff;
mod dry_run;
mod error;
mod exit;
mod explain;
mod fix;
mod limits;
mod lint;
mod live;
#[cfg(not(feature = "serve"))]
mod missing;
mod output;
mod overwrite;
mod progress;
mod project;
mod record;
mod replay;
mod rules;
mod schema;
#[cfg(feature = "serve")]
mod serve;
mod servers;
mod shell;
mod snapshot;
mod source;
mod target;
mod terminal;
mod traffic;
#[cfg(feature = "serve")]
mod trail;
mod usage;

use std::{ffi::OsString, io::Write, panic, process::ExitCode};

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use exit::ExitStatus;

use terminal::{ColorChoice, Terminal};

/// Treats the tool list of an MCP server as an API.
#[derive(Debug, Parser)]
#[command(name = "mcp-kit", version, about, long_about = None, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct GlobalArgs {
    /// When to use colors
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    /// No remarks and no progress; twice: nothing but the exit code
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    quiet: u8,
    /// Say on standard error what is done and how long it took
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Never ask anything; what would be asked is an error that names the flag
    #[arg(long, global = true)]
    no_input: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Is this surface small, typed, documented, safe, and usable by every client?
    Lint(lint::LintArgs),
    /// What changed between two surfaces, and whom does it break?
    Diff(diff::DiffArgs),
    /// Write the surface down: as a contract to commit, or as a reference page
    Snapshot(snapshot::SnapshotArgs),
    /// Put recorded traffic to a server again: does a retry do harm?
    Replay(Box<replay::ReplayArgs>),
    /// Keep what a client and a server say to each other
    Record(Box<record::RecordArgs>),
    /// The second process of `record`
    #[command(hide = true)]
    RecordTape,
    /// Recorded traffic as files: import, show, check, cut, merge, redact
    Cassette(cassette::CassetteArgs),
    /// What does recorded traffic say: which tools are called, called wrongly, never called?
    Usage(Box<usage::UsageArgs>),
    /// Which servers are configured here, where, and what shadows what?
    Servers(servers::ServersArgs),
    /// What does a rule mean, why, and how is it satisfied?
    Explain(explain::ExplainArgs),
    /// What has been decided here, and where?
    Config(config::ConfigArgs),
    /// Print the JSON Schema of a file or report
    Schema(schema::SchemaArgs),
    /// Be a server, with a connector that is built in
    #[cfg(feature = "serve")]
    Serve(Box<serve::ServeArgs>),
    /// Decide about changes that somebody else has proposed to a connector
    #[cfg(feature = "serve")]
    Approve(approve::ApproveArgs),
    /// Has anybody changed the audit trail of a connector?
    #[cfg(feature = "serve")]
    Trail(trail::TrailArgs),
    /// What helps to develop and to test servers and clients
    #[cfg(feature = "serve")]
    Dev(dev::DevArgs),
    /// Be a server: not in this build
    #[cfg(not(feature = "serve"))]
    #[command(hide = true, alias = "approve", alias = "trail", alias = "dev")]
    Serve(missing::MissingArgs),
}

/// Runs the program with the arguments of this process and returns its exit code.
pub fn run() -> ExitCode {
    let status = panic::catch_unwind(|| run_with(std::env::args_os().collect()));
    // The default hook has already printed the panic and where it happened.
    let status = status.unwrap_or_else(|_| {
        let mut stderr = std::io::stderr();
        let _ =
            writeln!(stderr, "error: mcp-kit failed; this is a bug, please report the lines above");
        ExitStatus::Bug
    });
    ExitCode::from(status.code())
}

fn run_with(arguments: Vec<OsString>) -> ExitStatus {
    let (cli, matches) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are answers; they go to standard output with code 0.
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Clean };
            let _ = error.print();
            return status;
        }
    };
    let terminal = Terminal::new(&cli.global);
    let Some(command) = cli.command else {
        return match terminal.print(FIRST_STEPS) {
            Ok(()) => ExitStatus::Clean,
            Err(error) => error.status,
        };
    };
    let matches = matches.subcommand().map(|(_, matches)| matches).expect("a command was parsed");
    let mut innermost = matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    let is_json = output::wants_json(innermost);
    let result = match command {
        Command::Lint(arguments) => lint::run(arguments, matches, &terminal),
        Command::Diff(arguments) => diff::run(arguments, matches, &terminal),
        Command::Snapshot(arguments) => snapshot::run(arguments, &terminal),
        Command::Replay(arguments) => replay::run(*arguments, matches, &terminal),
        Command::Record(arguments) => record::run(*arguments, &terminal),
        Command::RecordTape => record::run_tape(),
        Command::Cassette(arguments) => cassette::run(&arguments, &terminal),
        Command::Usage(arguments) => usage::run(*arguments, matches, &terminal),
        Command::Servers(arguments) => servers::run(&arguments, &terminal),
        Command::Explain(arguments) => explain::run(&arguments, &terminal),
        Command::Config(arguments) => config::run(&arguments, matches, &terminal),
        Command::Schema(arguments) => schema::run(&arguments, &terminal),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(*arguments, &terminal),
        #[cfg(feature = "serve")]
        Command::Approve(arguments) => approve::run(arguments, &terminal),
        #[cfg(feature = "serve")]
        Command::Trail(arguments) => trail::run(&arguments, &terminal),
        #[cfg(feature = "serve")]
        Command::Dev(arguments) => dev::run(arguments, &terminal),
        #[cfg(not(feature = "serve"))]
        Command::Serve(arguments) => missing::run(&arguments),
    };
    match result {
        Ok(status) => status,
        Err(error) => {
            terminal.print_error(&error, is_json);
            error.status
        }
    }
}

fn parse(arguments: Vec<OsString>) -> Result<(Cli, clap::ArgMatches), clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok((cli, matches))
}

/// What one wants to see when the name alone is typed.
const FIRST_STEPS: &str = concat!(
    "mcp-kit ",
    env!("CARGO_PKG_VERSION"),
    " - the tool list of an MCP server is an API; treat it as one

  mcp-kit lint -- node build/index.js       check the tools a server offers
  mcp-kit lint https://example.com/mcp      the same, over HTTP
  mcp-kit lint --all                        every server configured on this machine
  mcp-kit snapshot -o contract.json -- …    write the tools down, to commit them
  mcp-kit diff -- node build/index.js       what changed since, and whom does it break?
  mcp-kit replay --allow-writes -- …        does a retry do harm, does an error help?
  mcp-kit snapshot --format html TARGET     a reference page of the tools
  mcp-kit record -o FILE -- …               keep what a client and this server say
  mcp-kit cassette import session.jsonl     recorded traffic of others, to look at and to replay
  mcp-kit usage session.jsonl               what recorded traffic says about the tools
  mcp-kit servers                           the servers configured on this machine
  mcp-kit explain --list                    every rule in one line
  mcp-kit serve crm                         try a connector that is built in, no set-up

All commands and flags: mcp-kit --help
"
);
