//! Which entries of a project's files the user lets start programs.
//!
//! A project's configuration is written by whoever wrote the project, and starting its server runs
//! what it says. So the first use of such an entry needs the user's word, which is kept here under
//! the file's canonical path and a digest of the entry's launch: a changed command, argument or
//! variable needs a new word. What the program itself does is not covered; trust in a launch is
//! trust in the project's code.
//!
//! Not for: asking. The command line asks and calls [`TrustStore::trust`].

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    entry::{Entry, Launch, Unexpanded},
    read_bounded,
};
use crate::engine::protocol::canonical::digest_of;

/// The format written into the file. A file of another format is refused, never overwritten.
const FORMAT: &str = "mcp-kit.trusted/1";

/// The launches that the user trusts, as a file keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustStore {
    path: PathBuf,
    trusted: BTreeSet<Trusted>,
}

/// Why the file of trusted launches cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error("{} is not a list of trusted servers: {reason}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file has a format of a newer version of this program.
    #[error("{} has the format `{format}`, which this version does not know", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it says it has.
        format: String,
    },
    /// The configuration file of the entry has no canonical path.
    #[error("cannot find {}", .path.display())]
    Entry {
        /// The configuration file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl TrustError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } | Self::Write { .. } => {
                "check the rights of the file and its folder, or give `--trust` for this run"
            }
            Self::Malformed { .. } => "delete the file; you will be asked again for each project",
            Self::Format { .. } => {
                "use the newer version of mcp-kit that wrote it, or give `--trust` for this run"
            }
            Self::Entry { .. } => "the configuration file is gone; run the command again",
        }
    }
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: String,
    trusted: BTreeSet<Trusted>,
}

/// One trusted launch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Trusted {
    /// Canonical path of the configuration file.
    file: PathBuf,
    /// The server's name; for people who read the file.
    server: String,
    /// Digest of the launch.
    launch: String,
}

impl TrustStore {
    /// Reads the file at `path`; where there is none, nothing is trusted yet.
    ///
    /// # Errors
    /// When the file cannot be read, is not what [`trust`](Self::trust) writes, or is of a newer
    /// format.
    pub fn open(path: &Path) -> Result<Self, TrustError> {
        let path = path.to_owned();
        let bytes = match read_bounded(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, trusted: BTreeSet::new() });
            }
            Err(source) => return Err(TrustError::Read { path, source }),
        };
        // The format first: a newer file need not have the fields of this one.
        let malformed = |path: &Path, error: serde_json::Error| TrustError::Malformed {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| malformed(&path, error))?;
        match value.get("format").and_then(|format| format.as_str()) {
            Some(FORMAT) => {}
            Some(format) => return Err(TrustError::Format { path, format: format.to_owned() }),
            None => {
                let reason = "it has no `format`".to_owned();
                return Err(TrustError::Malformed { path, reason });
            }
        }
        let Stored { trusted, .. } =
            serde_json::from_value(value).map_err(|error| malformed(&path, error))?;
        Ok(Self { path, trusted })
    }

    /// Whether an entry may be used: it starts nothing, is the user's own, or was trusted as it is,
    /// under whatever name.
    pub fn is_trusted(&self, entry: &Entry) -> bool {
        let is_kept = |record: Trusted| {
            let is_same = |kept: &Trusted| kept.file == record.file && kept.launch == record.launch;
            self.trusted.iter().any(is_same)
        };
        !entry.needs_trust() || record(entry).is_ok_and(is_kept)
    }

    /// Remembers that an entry may be used as it is, and writes the file (readable by the user
    /// alone), keeping what other runs have added to it meanwhile. Does nothing for an entry that
    /// needs no trust.
    ///
    /// # Errors
    /// When the file has become unreadable, cannot be written, or the entry's file is gone.
    pub fn trust(&mut self, entry: &Entry) -> Result<(), TrustError> {
        if self.is_trusted(entry) {
            return Ok(());
        }
        let path = entry.source.path.clone();
        let record = record(entry).map_err(|source| TrustError::Entry { path, source })?;
        let mut latest = Self::open(&self.path)?;
        latest.trusted.insert(record);
        latest.write().map_err(|source| TrustError::Write { path: self.path.clone(), source })?;
        *self = latest;
        Ok(())
    }

    /// Writes beside the file and renames, so that an interruption leaves the old file.
    fn write(&self) -> io::Result<()> {
        let stored = Stored { format: FORMAT.to_owned(), trusted: self.trusted.clone() };
        let mut text = serde_json::to_string_pretty(&stored)?;
        text.push('\n');
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let temporary = self.path.with_extension(format!("json.{}", std::process::id()));
        write_private(&temporary, &text)?;
        fs::rename(&temporary, &self.path).inspect_err(|_| {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
        })
    }
}

/// Whether two entries of one file start or reach the same, so that one answer is for both.
pub fn is_same_launch(one: &Entry, other: &Entry) -> bool {
    one.source.path == other.source.path && digest(&one.launch) == digest(&other.launch)
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    // The user's profile folder is private already.
    fs::write(path, text)
}

fn record(entry: &Entry) -> io::Result<Trusted> {
    Ok(Trusted {
        file: entry.source.path.canonicalize()?,
        server: entry.name.clone(),
        launch: digest(&entry.launch),
    })
}

/// The digest of a launch as it is written, without its place in the file.
fn digest(launch: &Launch) -> String {
    let text = |value: &Unexpanded| value.text.clone();
    let texts = |values: &[Unexpanded]| values.iter().map(text).collect::<Vec<_>>();
    let pairs = |values: &[(String, Unexpanded)]| {
        let pair = |(name, value): &(String, Unexpanded)| (name.clone(), text(value).into());
        values.iter().map(pair).collect::<serde_json::Map<_, _>>()
    };
    let value = match launch {
        Launch::Stdio { command, args, env, pass_env, env_file, cwd } => json!({
            "command": text(command),
            "args": texts(args),
            "env": pairs(env),
            "pass_env": pass_env,
            "env_file": env_file.as_ref().map(text),
            "cwd": cwd.as_ref().map(text),
        }),
        Launch::Http { url, headers, sse } => json!({
            "url": text(url),
            "headers": pairs(headers),
            "sse": sse,
        }),
    };
    digest_of(value.to_string().as_bytes())
}

#[cfg(test)]
mod tests;
