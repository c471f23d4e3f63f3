//! `mcp-kit dev`: what helps to develop and to test servers and clients.

mod bank;
mod conformance;
mod crm;
mod token;

use std::{fs, net::SocketAddr, path::Path};

use clap::{Args, Subcommand};

use super::{ExitStatus, error::CliError, terminal::Terminal};

#[derive(Debug, Args)]
pub(super) struct DevArgs {
    #[command(subcommand)]
    command: DevCommand,
}

#[derive(Debug, Subcommand)]
enum DevCommand {
    /// Be the crm connector with sample data and all its tools, to test clients with: its clock can be
    /// turned, it can be made to die in the middle of a write, and its data be put back
    Crm(crm::CrmArgs),
    /// Be a little bank with bugs that can be switched on, one for each verdict of replay
    Bank(bank::BankArgs),
    /// Be the server that the official conformance suite asks for
    Conformance(conformance::ConformanceArgs),
    /// Print a token of a sample user, for a connector that runs on this machine with sample data
    Token(token::TokenArgs),
}

pub(super) fn run(arguments: DevArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    match arguments.command {
        DevCommand::Bank(arguments) => bank::run(arguments, terminal),
        DevCommand::Conformance(arguments) => conformance::run(&arguments, terminal),
        DevCommand::Crm(arguments) => crm::run(arguments, terminal),
        DevCommand::Token(arguments) => token::run(&arguments, terminal),
    }
}

/// Refuses an address of a control endpoint that others can reach.
fn local_control(address: Option<SocketAddr>) -> Result<(), CliError> {
    match address.filter(|address| !address.ip().is_loopback()) {
        None => Ok(()),
        Some(address) => Err(CliError::usage(format!(
            "{address} can be reached by others, and whoever reaches it can end the server"
        ))
        .help("let it listen on 127.0.0.1")),
    }
}

/// Writes the address of a control endpoint into a file that nobody sees half written.
fn endpoint_file(file: &Path, endpoint: &str) -> Result<(), CliError> {
    let shown = file.display().to_string();
    let draft = file.with_added_extension("new");
    fs::write(&draft, format!("{endpoint}\n"))
        .and_then(|()| fs::rename(&draft, file))
        .map_err(|error| CliError::file("write", &shown, &error))
}
