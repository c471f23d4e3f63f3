//! `mcp-kit cassette`: recorded traffic as files.
//!
//! Everything here goes through files line by line; what is decided about a line is decided in
//! `engine::cassette`.

mod check;
pub(super) mod edit;
pub(super) mod file;
mod import;
mod lines;
pub(super) mod redaction;
mod row;
mod selection;
mod show;
pub(super) mod writing;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ExitStatus, error::CliError, terminal::Terminal};

#[derive(Debug, Args)]
pub(super) struct CassetteArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a cassette of what others have recorded: transcripts, traces, archives
    Import(import::ImportArgs),
    /// What was asked, what was answered, and how long did it take?
    Show(show::ShowArgs),
    /// Is a cassette whole, and does anything in it look like a secret?
    Check(check::CheckArgs),
    /// Keep some of the calls, with what a replay of them needs
    Cut(edit::CutArgs),
    /// Make one cassette of several
    Merge(edit::MergeArgs),
    /// Take secrets out once more, by the rules of this version
    Redact(edit::RedactArgs),
}

/// The program that writes cassettes, as their headers name it.
pub(super) const PROGRAM: &str = concat!("mcp-kit ", env!("CARGO_PKG_VERSION"));

/// Where a cassette is written to.
#[derive(Debug, Args)]
struct OutputArgs {
    /// Write the cassette to this file, which only you can read; `-` or nothing: standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is done about damage.
#[derive(Debug, Args)]
struct StrictArgs {
    /// Stop at the first thing that cannot be read, instead of naming it and going on
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &CassetteArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    match &arguments.action {
        Action::Import(arguments) => import::run(arguments, terminal),
        Action::Show(arguments) => show::run(arguments, terminal),
        Action::Check(arguments) => check::run(arguments, terminal),
        Action::Cut(arguments) => edit::cut(arguments, terminal),
        Action::Merge(arguments) => edit::merge(arguments, terminal),
        Action::Redact(arguments) => edit::redact(arguments, terminal),
    }
}
