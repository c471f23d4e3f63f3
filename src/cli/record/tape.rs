//! The second process of `mcp-kit record`, which writes the file.

use super::{pipe, random};
use crate::{
    cli::{ExitStatus, error::CliError},
    live::record::tape::{self, TapeError},
};

/// How a relay starts it.
pub(super) const ARGUMENTS: &[&str] = &["record-tape"];

/// Writes what a relay says on standard input.
pub(in crate::cli) fn run() -> Result<ExitStatus, CliError> {
    match tape::run(pipe(), random()?) {
        Ok(()) => Ok(ExitStatus::Clean),
        Err(error @ TapeError::NotARelay) => Err(CliError::usage(error.to_string())),
        Err(error) => {
            let mut error = CliError::usage(error.to_string());
            error.status = ExitStatus::Unavailable;
            Err(error)
        }
    }
}
