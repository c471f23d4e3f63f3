//! Nothing that a run reads is written over by it, and no two of its results go to one file.
//!
//! The files of a command line are compared where they lie, whatever they are called there. What is no
//! regular file, as `/dev/null`, takes any number of results.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{error::CliError, output::Output, source};
use crate::live::session::discovery;

/// The files of a run, each with the words that name it.
#[derive(Debug, Default)]
pub(super) struct Files {
    read: Vec<(String, Identity)>,
    written: Vec<(String, Identity)>,
}

/// A file, whatever it is called.
#[derive(Debug)]
struct Identity {
    path: PathBuf,
    /// Device and number, which are those of every hard link to it.
    #[cfg(unix)]
    inode: Option<(u64, u64)>,
}

impl Identity {
    fn is(&self, other: &Self) -> bool {
        #[cfg(unix)]
        if self.inode.is_some() && self.inode == other.inode {
            return true;
        }
        self.path == other.path
    }
}

impl Files {
    /// A file that is read.
    pub(super) fn reads(&mut self, what: &str, path: Option<&Path>) {
        self.read.extend(path.and_then(identity).map(|path| (what.to_owned(), path)));
    }

    /// A target that may be a file, or a server of a configuration file (`FILE#NAME`).
    pub(super) fn reads_target(&mut self, target: Option<&str>) {
        let Some(target) = target else { return };
        let file = target.split_once('#').map_or(target, |(file, _)| file);
        for name in [target, file] {
            let path = Path::new(name);
            self.reads("the target", path.is_file().then_some(path));
        }
    }

    /// The files in which servers are looked up, where anything is written that could hit them.
    pub(super) fn reads_configurations(&mut self, given: Option<&Path>) {
        // What is not there yet is nobody's configuration.
        if !self.written.iter().any(|(_, it)| it.path.is_file()) {
            return;
        }
        let Ok(surroundings) = source::surroundings(given.map(Path::to_owned)) else { return };
        for file in discovery::discover(&surroundings).files {
            self.reads("a configuration of servers", Some(&file));
        }
    }

    /// A file that is written.
    pub(super) fn writes(&mut self, what: &str, path: Option<&Path>) {
        self.written.extend(path.and_then(identity).map(|path| (what.to_owned(), path)));
    }

    /// The reports of a run.
    pub(super) fn writes_reports<F>(&mut self, outputs: &[Output<F>]) {
        for file in outputs.iter().filter_map(|output| output.file.as_deref()) {
            self.writes(&format!("-o {}", file.display()), Some(file));
        }
    }

    /// Refuses a run that would write over what it reads, or over its own results.
    pub(super) fn check(&self) -> Result<(), CliError> {
        for (index, (what, file)) in self.written.iter().enumerate() {
            if let Some((other, _)) = self.read.iter().find(|(_, read)| read.is(file)) {
                let message = format!("`{what}` would write over {other}");
                return Err(CliError::usage(message).help("name another file"));
            }
            if let Some((other, _)) = self.written[..index].iter().find(|(_, it)| it.is(file)) {
                let message = format!("`{other}` and `{what}` are one file");
                return Err(CliError::usage(message).help("give each of them a file of its own"));
            }
        }
        Ok(())
    }
}

/// Where a file lies, whether or not it is there yet; none for what can be written to twice.
fn identity(path: &Path) -> Option<Identity> {
    let path = match fs::canonicalize(path) {
        Ok(path) => path.is_file().then_some(path)?,
        Err(_) => {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
            folder.join(path.file_name()?)
        }
    };
    #[cfg(unix)]
    let inode = fs::metadata(&path).ok().map(|it| {
        use std::os::unix::fs::MetadataExt;
        (it.dev(), it.ino())
    });
    Some(Identity {
        path,
        #[cfg(unix)]
        inode,
    })
}
