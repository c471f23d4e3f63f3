//! A file, or a folder with a file for each tool.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use crate::cli::{error::CliError, terminal::Terminal};

/// Reads a file of bounded length.
pub(super) fn read(path: &Path, max_bytes: usize) -> Result<Vec<u8>, CliError> {
    let read = File::open(path).and_then(|file| read_bounded(file, max_bytes));
    read.map_err(|error| CliError::file("read", &path.display().to_string(), &error))
}

/// Reads the files of a folder that may be surfaces, sorted by name. What else lies there is
/// remarked on; hidden files are not, because every system leaves some behind.
pub(super) fn read_folder(
    path: &Path,
    max_bytes: usize,
    terminal: &Terminal,
) -> Result<Vec<(String, Vec<u8>)>, CliError> {
    let shown = path.display().to_string();
    let failed = |error: io::Error| CliError::file("read", &shown, &error);
    let entries = fs::read_dir(path).map_err(failed)?;
    let names: io::Result<Vec<OsString>> =
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let mut choice = Choice::default();
    let mut names = names.map_err(failed)?;
    names.sort();
    let mut files = Vec::new();
    let mut left = max_bytes;
    for name in names {
        let inside = path.join(&name);
        let name = name.to_string_lossy().into_owned();
        // A pipe that somebody planted would be waited for without end.
        let is_file = fs::metadata(&inside).is_ok_and(|metadata| metadata.is_file());
        if choice.takes(&name, is_file) {
            let bytes = read(&inside, left)?;
            left -= bytes.len();
            files.push((name, bytes));
        }
    }
    choice.remark(&shown, terminal);
    choice.refuse_nothing(&shown, files.is_empty())?;
    Ok(files)
}

/// Which files of a folder are read, and what was skipped.
#[derive(Debug, Default)]
pub(super) struct Choice {
    skipped: Vec<String>,
}

/// The endings of files that hold a tool: `.snap` is what snapshot tests write.
const ENDINGS: [&str; 2] = [".json", ".snap"];

/// How many skipped files are named.
const MAX_NAMES: usize = 5;

fn is_taken(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending)) && !name.starts_with('.')
}

/// Whether a file, where it stands in a folder that is a target, is read by its name.
pub(in crate::cli) fn lies_in_a_surface(path: &Path) -> bool {
    path.file_name().is_some_and(|name| is_taken(&name.to_string_lossy()))
}

impl Choice {
    pub(super) fn takes(&mut self, name: &str, is_file: bool) -> bool {
        let is_taken = is_file && is_taken(name);
        if !is_taken && !name.starts_with('.') {
            self.skipped.push(name.to_owned());
        }
        is_taken
    }

    /// Says what was skipped.
    pub(super) fn remark(&self, folder: &str, terminal: &Terminal) {
        if self.skipped.is_empty() {
            return;
        }
        let mut names = self.skipped.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>();
        let more = self.skipped.len().saturating_sub(MAX_NAMES);
        let more = format!("and {more} more");
        if self.skipped.len() > MAX_NAMES {
            names.push(&more);
        }
        let names = crate::engine::report::escape::for_terminal(&names.join(", "));
        terminal.remark(&format!(
            "note: skipped in {folder}: {names}; only .json and .snap files are read\n"
        ));
    }

    /// A folder without a tool would be a surface without tools: everything removed, or nothing to
    /// break. More likely it is the wrong folder.
    pub(super) fn refuse_nothing(&self, folder: &str, is_empty: bool) -> Result<(), CliError> {
        if !is_empty {
            return Ok(());
        }
        Err(CliError::usage(format!("no .json or .snap file lies in {folder}"))
            .help("give a folder that has a JSON file for each tool"))
    }
}

pub(super) const TOO_LARGE: &str = "more bytes than allowed; raise --max-bytes to read it";

/// Reads to the end, or fails beyond a number of bytes.
pub(in crate::cli) fn read_bounded(reader: impl Read, max_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max_bytes {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, TOO_LARGE));
    }
    Ok(bytes)
}
