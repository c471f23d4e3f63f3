//! Where a recording is written: a file of its own, never one that is there already.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// How many names are tried before a folder is given up.
const MOST_NAMES: u32 = 10_000;

/// Creates an empty file for a recording, readable for its owner only. `{time}` and `{pid}` in the
/// name are filled in, so that clients that start a server more than once can have one line in their
/// configuration. Where the file is there already, a number is put before its extension: nothing is
/// written over, and a client is not refused its server because of a name.
pub fn create(pattern: &Path, time: &str, process: u32) -> io::Result<PathBuf> {
    let filled = pattern.to_string_lossy();
    let filled = filled.replace("{time}", time).replace("{pid}", &process.to_string());
    let mut path = if filled == pattern.to_string_lossy() {
        pattern.to_owned()
    } else {
        PathBuf::from(filled)
    };
    if path.is_dir() {
        path.push(format!("{time}-{process}.jsonl"));
    }
    for number in 1..MOST_NAMES {
        let candidate =
            if number == 1 { path.clone() } else { numbered(&path, &number.to_string()) };
        match new_file(&candidate) {
            Ok(_) => return Ok(candidate),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The file in which a recording goes on, empty and new.
pub(super) fn create_part(first: &Path, part: u64) -> io::Result<File> {
    new_file(&numbered(first, &format!("part{part}")))
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// `a.jsonl` with `2` is `a-2.jsonl`.
fn numbered(path: &Path, number: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push("-");
    name.push(number);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::create;

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let pattern = folder.path().join("git-{time}-{pid}.jsonl");
        let names = [(); 3].map(|()| {
            let path = create(&pattern, "20261123T210000Z", 7).unwrap();
            path.file_name().unwrap().to_str().unwrap().to_owned()
        });
        let name = "git-20261123T210000Z-7";
        assert_eq!(names, ["", "-2", "-3"].map(|number| format!("{name}{number}.jsonl")));
        let inside = create(folder.path(), "20261123T210000Z", 7).unwrap();
        assert_eq!(inside.file_name().unwrap(), "20261123T210000Z-7.jsonl");
        assert!(create(&folder.path().join("none/a.jsonl"), "", 7).is_err());
    }
}
