//! `mcp-kit dev`: what helps to develop and to test servers and clients.

mod conformance;
mod crm;
mod token;

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
    /// Be the server that the official conformance suite asks for
    Conformance(conformance::ConformanceArgs),
    /// Print a token of a sample user, for a connector that runs on this machine with sample data
    Token(token::TokenArgs),
}

pub(super) fn run(arguments: DevArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    match arguments.command {
        DevCommand::Conformance(arguments) => conformance::run(&arguments, terminal),
        DevCommand::Crm(arguments) => crm::run(arguments, terminal),
        DevCommand::Token(arguments) => token::run(&arguments, terminal),
    }
}
