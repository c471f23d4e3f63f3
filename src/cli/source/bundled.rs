//! `@crm`: a connector of this program, started from this program.

use std::ffi::OsString;

use crate::cli::error::CliError;

/// The program and the arguments that start a bundled connector with sample data that goes with it.
///
/// # Errors
/// When this build has no such connector.
#[cfg(feature = "serve")]
pub(super) fn command(name: &str, writes: bool) -> Result<(OsString, Vec<OsString>), CliError> {
    if name != "crm" {
        return Err(CliError::usage(format!("there is no bundled connector `{name}`"))
            .help("see which there are: mcp-kit serve --list"));
    }
    let program = std::env::current_exe().map_err(|error| {
        CliError::usage(format!("where this program lies is not known: {error}"))
    })?;
    let mut arguments = vec!["serve", name, "--stdio", "--throwaway"];
    if writes {
        arguments.push("--allow-writes");
    }
    Ok((program.into_os_string(), arguments.into_iter().map(OsString::from).collect()))
}

#[cfg(not(feature = "serve"))]
pub(super) fn command(name: &str, _writes: bool) -> Result<(OsString, Vec<OsString>), CliError> {
    Err(CliError::usage(format!("`@{name}` is not part of this build"))
        .help("build it with the feature `serve`, or start a server as a program: -- COMMAND"))
}
