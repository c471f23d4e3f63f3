//! Reading what stands beside a target: the project's file, a baseline, a contract, variables and
//! headers.
//!
//! Each of them is small, and none is worth waiting for: a device without end would fill the memory,
//! and a pipe that nobody writes to would be waited for without end. Not for targets
//! ([`super::source`]), whose limit the user sets.

use std::{
    fs::{self, File, Metadata},
    io,
    path::Path,
};

use super::{error::CliError, source::read_bounded};

/// More bytes than any such file has.
const MAX_BYTES: usize = 32 << 20;

/// What may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepts {
    /// A file on disk.
    File,
    /// That, or a pipe, as a shell makes one of `<(command)`: secrets need not lie on disk.
    FileOrPipe,
}

/// Reads such a file.
pub(super) fn read(path: &Path, accepts: Accepts) -> io::Result<Vec<u8>> {
    // Of a folder, the attempt to read it says best what is wrong.
    let metadata = fs::metadata(path)?;
    if !(metadata.is_file() || metadata.is_dir() || accepts.a_pipe(&metadata)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    read_bounded(File::open(path)?, MAX_BYTES).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            let message = format!("it has more than {} MiB", MAX_BYTES >> 20);
            io::Error::new(io::ErrorKind::FileTooLarge, message)
        }
        _ => error,
    })
}

/// Reads a text.
pub(super) fn read_text(path: &Path, accepts: Accepts) -> io::Result<String> {
    String::from_utf8(read(path, accepts)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// The error where reading failed, with advice where there is any.
pub(super) fn failed(shown: &str, error: &io::Error) -> CliError {
    let failed = CliError::file("read", shown, error);
    match error.kind() {
        io::ErrorKind::InvalidInput => failed.help("write what it holds to a file and name that"),
        io::ErrorKind::FileTooLarge => failed.help("see whether it is the file that was meant"),
        _ => failed,
    }
}

impl Accepts {
    #[cfg(unix)]
    fn a_pipe(self, metadata: &Metadata) -> bool {
        use std::os::unix::fs::FileTypeExt;
        self == Self::FileOrPipe && metadata.file_type().is_fifo()
    }

    #[cfg(not(unix))]
    fn a_pipe(self, _metadata: &Metadata) -> bool {
        self == Self::FileOrPipe
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::{Accepts, MAX_BYTES, failed, read};

    fn refused(path: &Path) -> String {
        let error = read(path, Accepts::FileOrPipe).expect_err("it is refused");
        let error = failed("it", &error);
        format!("{} ({})", error.message, error.help.unwrap_or_default())
    }

    #[test]
    fn what_has_no_end_is_refused_before_it_is_read() {
        assert_eq!(
            refused("/dev/zero".as_ref()),
            "cannot read it: it is no regular file (write what it holds to a file and name that)"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        std::fs::File::create(&path).unwrap().set_len(MAX_BYTES as u64 + 1).unwrap();
        assert_eq!(
            refused(&path),
            "cannot read it: it has more than 32 MiB (see whether it is the file that was meant)"
        );
    }
}
