//! The file of a store: making it, and noticing that it is gone.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::super::StoreError;

const FILE: &str = "store.sqlite";

/// Where a store is, and which file that was when it was opened.
///
/// SQLite goes on with a file that was deleted, or that another one has taken the place of: what is
/// written to it is lost, and nothing says so.
#[derive(Debug)]
pub(super) struct Place {
    file: PathBuf,
    identity: Identity,
}

/// What tells a file from another one at the same path: device and number.
#[cfg(unix)]
type Identity = (u64, u64);

/// Elsewhere an open file cannot be deleted, and the standard library does not tell files apart.
#[cfg(not(unix))]
type Identity = ();

impl Place {
    /// The file in a folder; both are made where they are missing, for this user alone.
    pub(super) fn create(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        let mut builder = fs::DirBuilder::new();
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            builder.mode(0o700);
            // Files beside the database take their permissions from it.
            options.mode(0o600);
        }
        builder.recursive(true).create(folder).map_err(|error| refused(folder, &error))?;
        match options.write(true).create_new(true).open(&file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(refused(folder, &error));
            }
            _ => {}
        }
        Self::of(file)
    }

    /// The file in a folder, which is there.
    pub(super) fn find(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        if file.is_file() {
            return Self::of(file);
        }
        let shown = folder.display();
        Err(StoreError::Setup(match folder.is_dir() {
            true => format!("there is no store in {shown}: it has no file {FILE}"),
            false => format!("there is no store in {shown}: there is no such folder"),
        }))
    }

    fn of(file: PathBuf) -> Result<Self, StoreError> {
        match fs::metadata(&file) {
            Ok(metadata) => Ok(Self { identity: identity(&metadata), file }),
            Err(error) => {
                Err(StoreError::Setup(format!("cannot read {}: {error}", file.display())))
            }
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// How long the log is that writers have beside the file; none where nobody has it open.
    pub(super) fn log(&self) -> Option<u64> {
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        fs::metadata(log).ok().map(|metadata| metadata.len())
    }

    /// Whether the file that was opened is still the one at its path. Takes a microsecond, so
    /// it is asked where it stands, also between other asynchronous work.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let shown = self.file.display();
        match fs::metadata(&self.file) {
            Ok(metadata) if identity(&metadata) == self.identity => Ok(()),
            Ok(_) => Err(StoreError::Unavailable(format!(
                "{shown} is another file than the one that was opened; start the server anew"
            ))),
            Err(error) => Err(StoreError::Unavailable(format!("{shown}: {error}"))),
        }
    }
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;

    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_metadata: &fs::Metadata) -> Identity {}

fn refused(folder: &Path, error: &io::Error) -> StoreError {
    StoreError::Setup(format!(
        "the folder {} for the store cannot be written: {error}; name another one",
        folder.display()
    ))
}
