//! Effects in files.

use std::{fs, io, path::Path};

use super::Blind;

/// The most files that are counted.
const MOST_FILES: i64 = 1_000_000;

/// The lines of a file; none where there is no file.
pub(super) fn lines(path: &Path) -> Result<i64, Blind> {
    match fs::read(path) {
        Ok(bytes) => {
            Ok(i64::try_from(bytes.split(|byte| *byte == b'\n').count() - 1).unwrap_or(i64::MAX))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Blind(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// The files in a folder, at any depth; none where there is no folder. A link is not followed.
pub(super) fn files(path: &Path) -> Result<i64, Blind> {
    let blind = |error: io::Error| Blind(format!("{} cannot be read: {error}", path.display()));
    let (mut count, mut open) = (0, vec![path.to_owned()]);
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(blind(error)),
        };
        for entry in entries {
            let entry = entry.map_err(blind)?;
            if entry.file_type().map_err(blind)?.is_dir() {
                open.push(entry.path());
            } else {
                count += 1;
            }
            if count > MOST_FILES {
                return Err(Blind(format!("{} has too many files", path.display())));
            }
        }
    }
    Ok(count)
}
