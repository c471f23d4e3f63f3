//! Commands that this build does not have: they say which feature has them.

use std::ffi::OsString;

use clap::Args;

use super::{ExitStatus, error::CliError};

#[derive(Debug, Args)]
pub(super) struct MissingArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<OsString>,
}

pub(super) fn run(_: &MissingArgs) -> Result<ExitStatus, CliError> {
    Err(CliError::usage("this build of mcp-kit has no connectors")
        .help("build it with the feature `serve`, which is there unless it is left out"))
}
