//! Nothing that a run reads is written over by it, and no two of its results go to one file.
//!
//! The files of a command line are compared where they lie, whatever they are called there. What is no
//! regular file, as `/dev/null`, takes any number of results.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    error::CliError,
    output::{Output, is_standard},
    project,
    source::{self, lies_in_a_surface},
    target::AccessArgs,
};
use crate::live::session::discovery::{
    self,
    expand::{self, Expanded},
};

/// The files of a run, each with the words that name it.
#[derive(Debug, Default)]
pub(super) struct Files {
    read: Vec<(String, Identity)>,
    /// Folders of which every file is read that may be a surface.
    folders: Vec<PathBuf>,
    /// Files in which a server may be looked up, besides the usual ones.
    servers: Vec<PathBuf>,
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

    /// Whether the file would be read with all others of a folder.
    fn is_read_in(&self, folder: &Path) -> bool {
        self.path.parent() == Some(folder) && lies_in_a_surface(&self.path)
    }
}

impl Files {
    /// A file that is read.
    pub(super) fn reads(&mut self, what: &str, path: Option<&Path>) {
        self.read.extend(path.and_then(identity).map(|path| (what.to_owned(), path)));
    }

    /// A target that may be a file, a folder, or a server of a configuration file (`FILE#NAME`).
    pub(super) fn reads_target(&mut self, target: Option<&str>) {
        let Some(target) = target else { return };
        if let Some(folder) = fs::canonicalize(target).ok().filter(|path| path.is_dir()) {
            let files = fs::read_dir(&folder).into_iter().flatten().flatten();
            for file in files.filter(|file| lies_in_a_surface(&file.path())) {
                self.reads("a file of the target", Some(&file.path()));
            }
            self.folders.push(folder);
        }
        let file = target.split_once('#').map_or(target, |(file, _)| file);
        for name in [target, file] {
            let path = Path::new(name);
            if path.is_file() {
                self.reads("the target", Some(path));
                self.servers.push(path.to_owned());
            }
        }
    }

    /// What says how a server is started or reached, and where its standard error goes.
    ///
    /// # Errors
    /// When the log would go to standard output.
    pub(super) fn of_access(&mut self, access: &AccessArgs) -> Result<(), CliError> {
        self.reads("the configuration", access.configured.config.as_deref());
        self.reads("the file of --env-file", access.process.env_file.as_deref());
        for file in access.http.headers.iter().filter_map(|header| header.strip_prefix('@')) {
            self.reads("a file of headers", Some(file.as_ref()));
        }
        self.writes_beside("--server-log", access.process.server_log.as_deref())
    }

    /// The files in which projects and servers are looked up from here, where anything is written
    /// that could hit them. Whether this run reads them does not matter: somebody keeps them.
    pub(super) fn keeps_configurations(&mut self, access: Option<&AccessArgs>) {
        // What is not there yet is nobody's configuration.
        if !self.written.iter().any(|(_, it)| it.path.is_file()) {
            return;
        }
        for file in project::files_nearby() {
            self.reads("the project's file", Some(&file));
        }
        let given = access.and_then(|access| access.configured.config.clone());
        let Ok(surroundings) = source::surroundings(given) else { return };
        let found = discovery::discover(&surroundings);
        for file in &found.files {
            self.reads("a configuration of servers", Some(file));
        }
        let mut entries = found.entries;
        for file in &self.servers {
            entries.extend(discovery::discover_in(file, &surroundings).entries);
        }
        // What cannot be filled in is not opened either.
        let inputs = access.and_then(|access| access.configured.inputs().ok()).unwrap_or_default();
        for entry in &entries {
            if let Ok(Expanded::Stdio { env_file: Some(file), .. }) =
                expand::expand(entry, &surroundings, &inputs)
            {
                self.reads("the variables of a configured server", Some(&file));
            }
        }
    }

    /// A file that is written.
    pub(super) fn writes(&mut self, what: &str, path: Option<&Path>) {
        self.written.extend(path.and_then(identity).map(|path| (what.to_owned(), path)));
    }

    /// A file that a flag of this name names.
    ///
    /// # Errors
    /// When standard output is named, which has the report.
    pub(super) fn writes_beside(
        &mut self,
        flag: &str,
        path: Option<&Path>,
    ) -> Result<(), CliError> {
        if path.is_some_and(is_standard) {
            let message = format!("`{flag} -`: standard output is for the report");
            return Err(CliError::usage(message)
                .help("name a file, or /dev/stderr; `./-` is a file of that name"));
        }
        self.writes(flag, path);
        Ok(())
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
            if let Some(folder) = self.folders.iter().find(|folder| file.is_read_in(folder)) {
                let message = format!("`{what}` would write into the target {}", folder.display());
                return Err(CliError::usage(message).help(
                    "name a file outside of it: every .json and .snap file in there is read as tools",
                ));
            }
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
