//! From a name to the one entry it means.

use std::path::PathBuf;

use super::{Discovery, Problem, entry::Entry};

/// Why no entry was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// No entry has that name.
    #[error("no server named `{name}` is configured")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are, in order of precedence.
        names: Vec<String>,
        /// The one that was probably meant.
        suggestion: Option<String>,
        /// Files that could not be read: the server may stand in one of them.
        unread: Vec<Problem>,
    },
    /// The name is there, but its entry is unusable.
    #[error("server `{name}` is configured, but cannot be used: {problem}")]
    Broken {
        /// The name that was asked for.
        name: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// No name was given and there are several servers.
    #[error("{} servers are configured and no name is given", names.len())]
    Ambiguous {
        /// Their names, in order of precedence.
        names: Vec<String>,
    },
    /// There are no servers at all.
    #[error("no server is configured{}", in_only_file(.files))]
    None {
        /// The files that were read.
        files: Vec<PathBuf>,
        /// What could not be read.
        problems: Vec<Problem>,
    },
}

impl LookupError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Unknown { suggestion: Some(name), .. } => format!("did you mean `{name}`?"),
            Self::Unknown { unread, .. } if !unread.is_empty() => {
                format!("it may stand in a file that could not be read: {}", unread[0])
            }
            Self::Unknown { name, .. } if name.contains(char::is_whitespace) => {
                format!("to start a program write `-- {name}`")
            }
            Self::Unknown { names, .. } if names.is_empty() => no_servers_help(),
            Self::Unknown { names, .. } | Self::Ambiguous { names } => {
                format!("name one of: {}", names.join(", "))
            }
            Self::Broken { .. } => "correct the entry in its file".to_owned(),
            Self::None { problems, .. } if !problems.is_empty() => {
                format!("a file could not be read: {}", problems[0])
            }
            Self::None { .. } => no_servers_help(),
        }
    }
}

fn in_only_file(files: &[PathBuf]) -> String {
    match files {
        [file] => format!(" in {}", file.display()),
        _ => String::new(),
    }
}

fn no_servers_help() -> String {
    "write `-- COMMAND` to start a server, or add it to .mcp.json or to [servers] in mcp-kit.toml"
        .to_owned()
}

impl Discovery {
    /// The entry of a name: the one that wins where several files have it. Without a name, the only
    /// entry there is, or the only one that is not switched off.
    ///
    /// # Errors
    /// When no entry, or without a name more than one, fits.
    pub fn find(&self, name: Option<&str>) -> Result<&Entry, LookupError> {
        match name {
            Some(name) => self.find_named(name),
            None => self.find_only(),
        }
    }

    /// The entries that win their name, in order of precedence.
    pub fn winners(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.shadowed_by.is_none())
    }

    fn find_named(&self, name: &str) -> Result<&Entry, LookupError> {
        if let Some(entry) = self.winners().find(|entry| entry.name == name) {
            return Ok(entry);
        }
        let is_about = |problem: &&Problem| problem.server.as_deref() == Some(name);
        if let Some(problem) = self.problems.iter().find(is_about) {
            return Err(LookupError::Broken { name: name.to_owned(), problem: problem.clone() });
        }
        let names = self.names();
        let suggestion = closest(name, &names);
        let unread = self.problems.iter().filter(|problem| problem.server.is_none());
        Err(LookupError::Unknown {
            name: name.to_owned(),
            suggestion,
            unread: unread.cloned().collect(),
            names,
        })
    }

    fn find_only(&self) -> Result<&Entry, LookupError> {
        let winners: Vec<_> = self.winners().collect();
        let enabled: Vec<_> = self.winners().filter(|entry| !entry.disabled).collect();
        match (winners.as_slice(), enabled.as_slice()) {
            ([only], _) | (_, [only]) => Ok(only),
            ([], _) => Err(LookupError::None {
                files: self.files.clone(),
                problems: self.problems.clone(),
            }),
            _ => Err(LookupError::Ambiguous { names: self.names() }),
        }
    }

    fn names(&self) -> Vec<String> {
        self.winners().map(|entry| entry.name.clone()).collect()
    }
}

/// The name that differs in few letters, if any does; case does not count.
fn closest(name: &str, names: &[String]) -> Option<String> {
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.clone())
}
