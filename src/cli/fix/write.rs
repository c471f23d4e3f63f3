//! Putting a fixed text in the place of a file, whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::cli::error::CliError;

/// Refuses a file that must not be written, before any work is done.
pub(super) fn check(path: &Path) -> Result<(), CliError> {
    let shown = path.display().to_string();
    let metadata = fs::metadata(path).map_err(|error| CliError::file("read", &shown, &error))?;
    if !metadata.is_file() {
        let message = format!("cannot fix {shown}: it is no regular file");
        return Err(CliError::usage(message).help("--diff shows what would be changed"));
    }
    if metadata.permissions().readonly() {
        let message = format!("cannot fix {shown}: it is read-only");
        return Err(CliError::usage(message)
            .help("allow writing to it first; --diff shows what would be changed"));
    }
    let names = names(&metadata);
    if names > 1 {
        let message = format!(
            "cannot fix {shown}: {names} names lead to it, and the others would keep the old text or get the new one unasked"
        );
        return Err(CliError::usage(message)
            .help("give it a copy of its own: cp FILE COPY, then mv COPY FILE; --diff shows what would be changed"));
    }
    Ok(())
}

/// How many hard links there are to a file.
#[cfg(unix)]
fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

/// Elsewhere the standard library does not tell.
#[cfg(not(unix))]
fn names(_metadata: &fs::Metadata) -> u64 {
    1
}

/// Replaces the bytes of a file. What a symbolic link leads to is replaced and not the link, and the
/// file keeps its permissions, and its owner and group as far as that is permitted. A program that
/// reads meanwhile sees the old text or the new one.
///
/// # Errors
/// When the file does not hold `before` any more, or cannot be written.
pub(in crate::cli) fn replace(path: &Path, before: &[u8], after: &[u8]) -> Result<(), CliError> {
    let shown = path.display().to_string();
    let failed = |error: io::Error| CliError::file("write", &shown, &error);
    let target = fs::canonicalize(path).map_err(failed)?;
    let metadata = fs::metadata(&target).map_err(failed)?;
    let folder = target.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(after).map_err(failed)?;
    keep_owner(file.as_file(), &metadata);
    // After the owner, whose change takes some of them away.
    file.as_file().set_permissions(metadata.permissions()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    // As late as can be: whoever changed the file since it was read would lose the change.
    if fs::read(&target).map_err(failed)? != before {
        let message = format!("{shown} was changed while it was being fixed; nothing was written");
        return Err(CliError::usage(message).help("run it again"));
    }
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Gives a file the owner and group of another one. Who is not root may do so with the group alone,
/// or with neither, and then the file is theirs as any file is that they write.
#[cfg(unix)]
fn keep_owner(file: &fs::File, of: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if fchown(file, Some(of.uid()), Some(of.gid())).is_err() {
        let _ = fchown(file, None, Some(of.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_file: &fs::File, _of: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_file_that_was_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tools.json");
        std::fs::write(&path, "newer").unwrap();
        let error = replace(&path, b"older", b"fixed").unwrap_err();
        assert!(error.message.contains("was changed while"), "{error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"newer");
        replace(&path, b"newer", b"fixed").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"fixed");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }
}
