//! The contract that is committed: when and how it is written.

use std::{fs, io, path::Path};

use super::{
    ExitStatus,
    beside::{self, Accepts},
    connect::Collected,
    error::CliError,
    project::Project,
    terminal::Terminal,
};
use crate::engine::{
    contract, finding::ObservationKind, protocol::json::Limits, report::Transport, surface,
};

/// Refuses a surface that could not be read whole. Written down it would pass for the whole and be
/// committed; compared, its missing tools would be called removed, or hide that they broke.
pub(super) fn refuse_incomplete(collected: &Collected, help: &str) -> Result<(), CliError> {
    const INCOMPLETE: [ObservationKind; 5] = [
        ObservationKind::ListFailed,
        ObservationKind::MissingList,
        ObservationKind::RepeatedCursor,
        ObservationKind::MalformedCursor,
        ObservationKind::Truncated,
    ];
    let mut seen = collected.surface.observations.iter();
    let Some(reason) = seen.find(|observation| INCOMPLETE.contains(&observation.kind)) else {
        return Ok(());
    };
    let mut error = CliError::usage(format!("the surface is incomplete: {}", reason.detail));
    if collected.origin.transport != Transport::File {
        error.status = ExitStatus::Protocol;
    }
    Err(error.place(collected.origin.name.clone()).help(help))
}

/// Writes the contract of a surface. What the file already knows about deprecated things goes on. A
/// file that says the same already is left as it is.
pub(super) fn write(
    path: &Path,
    collected: &Collected,
    project: &Project,
    terminal: &Terminal,
) -> Result<(), CliError> {
    let shown = path.display().to_string();
    let before = match beside::read(path, Accepts::File) {
        Ok(bytes) => Some(bytes),
        // What is no regular file, like /dev/null, holds no contract, but one can be written to it.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) =>
        {
            None
        }
        Err(error) => return Err(beside::failed(&shown, &error)),
    };
    let limits = Limits::for_bytes(before.as_ref().map_or(0, Vec::len));
    let previous = before.as_ref().and_then(|bytes| surface::read(bytes, &limits).ok());
    let keys = project.policy().keys;
    let text = contract::render_after(&collected.surface, previous.as_ref(), project.today, &keys);
    if before.is_some_and(|bytes| bytes == text.as_bytes()) {
        terminal.remark(&format!("{shown}: is up to date\n"));
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| CliError::file("write", &shown, &error))?;
    }
    fs::write(path, text).map_err(|error| CliError::file("write", &shown, &error))?;
    terminal.remark(&format!("{shown}: written\n"));
    Ok(())
}
