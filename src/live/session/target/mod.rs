//! What a command is pointed at: one grammar for every command.
//!
//! | written | means |
//! |---|---|
//! | `-- CMD ARGS…` | start this program and talk over its standard input and output |
//! | `http://…`, `https://…` | a server behind a URL |
//! | `@crm`, `@crm+writes` | a bundled connector, started from this binary |
//! | `git:REV:PATH` | a file or a folder as it was in a revision |
//! | `-` | a file on standard input |
//! | `FILE#NAME` | the server NAME in the configuration file FILE |
//! | an existing file, or a path that looks like one | that file |
//! | a folder, spelt with a slash | the files in it, one tool each |
//! | anything else | the server of that name in the configuration files found here |
//!
//! The forms are tried from top to bottom and the first that fits decides, so the same words mean
//! the same target as long as the same files exist. Read [`Target::parse`] first; [`Pair`] is for
//! commands that take two.
//!
//! Not for: opening any of these. A [`Target::File`] may turn out to be a client's configuration
//! when it is read; see [`discovery::is_configuration`](super::discovery::is_configuration).

mod parse;

use std::{ffi::OsString, fmt, path::PathBuf};

use crate::live::mask;

pub(in crate::live::session) use parse::check_url;

/// What a command is pointed at, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A program to start, everything after `--` verbatim.
    Command {
        /// The program, as it is looked up on `PATH`.
        program: OsString,
        /// Its arguments.
        args: Vec<OsString>,
    },
    /// A server behind an `http` or `https` URL, as written.
    Url(String),
    /// A connector that ships with this program.
    Bundled {
        /// Which one: lower-case letters, digits and hyphens.
        name: String,
        /// Whether its write tools are offered too (`+writes`).
        writes: bool,
    },
    /// A file; whether it exists, and what it holds, is seen when it is opened.
    File(PathBuf),
    /// A folder with a file for each tool; whether it exists is seen when it is opened.
    Folder(PathBuf),
    /// A file or a folder as it was in a revision.
    Git {
        /// Anything `git` takes for a commit; never starts with a hyphen.
        revision: String,
        /// The path inside the repository, with forward slashes.
        path: String,
    },
    /// A file on standard input.
    Stdin,
    /// A server that a client's configuration names.
    Configured {
        /// The configuration file; none means those that discovery finds.
        file: Option<PathBuf>,
        /// The server's name; none means the only one there is.
        name: Option<String>,
    },
}

/// What is compared with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What was there before; none means the contract that is committed here.
    pub old: Option<Target>,
    /// What is there now.
    pub new: Target,
}

/// Writes the target as a user would type it, without what looks like a secret in it.
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { program, args } => {
                let words: Vec<_> = std::iter::once(program)
                    .chain(args)
                    .map(|word| word.to_string_lossy())
                    .collect();
                write!(formatter, "-- {}", mask::command(&words))
            }
            Self::Url(url) => formatter.write_str(&mask::address(url)),
            Self::Bundled { name, writes: false } => write!(formatter, "@{name}"),
            Self::Bundled { name, writes: true } => write!(formatter, "@{name}+writes"),
            Self::File(path) | Self::Folder(path) => write!(formatter, "{}", path.display()),
            Self::Git { revision, path } => write!(formatter, "git:{revision}:{path}"),
            Self::Stdin => formatter.write_str("-"),
            Self::Configured { file, name } => {
                if let Some(file) = file {
                    write!(formatter, "{}", file.display())?;
                }
                if file.is_some() && name.is_some() {
                    formatter.write_str("#")?;
                }
                formatter.write_str(name.as_deref().unwrap_or_default())
            }
        }
    }
}

/// Why words on the command line are no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error("no target given")]
    Missing,
    /// A target and a command after `--`.
    #[error("two targets given: `{0}` and the command after `--`")]
    Two(String),
    /// Two targets and a command after `--`.
    #[error("three targets given: `{0}`, `{1}` and the command after `--`")]
    Three(String, String),
    /// Standard input on both sides of a comparison.
    #[error("standard input is given as both targets")]
    StdinTwice,
    /// A URL with a scheme that no transport speaks.
    #[error("`{scheme}` is not a scheme mcp-kit can reach")]
    Scheme {
        /// The scheme, lower case, without its colon.
        scheme: String,
    },
    /// A URL without a host.
    #[error("`{0}` names no host")]
    NoHost(String),
    /// `@…` that is no name.
    #[error("`{0}` is not the name of a bundled connector")]
    Bundled(String),
    /// `git:…` with a part missing or a revision that `git` would take for an option.
    #[error("`{0}` is not of the form `git:REV:PATH`")]
    Git(String),
    /// `FILE#` or `#NAME`.
    #[error("`{0}` has nothing on one side of `#`")]
    HalfReference(String),
}

impl TargetError {
    /// What to write instead.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Missing => {
                "give `-- COMMAND`, a URL, a file, or the name of a configured server \
                 (`mcp-kit servers` lists them)"
            }
            Self::Two(_) => "keep one of the two; everything after `--` is the server's command",
            Self::Three(..) => {
                "keep two of the three; everything after `--` is the command of the new server"
            }
            Self::StdinTwice => "it can be read once; give a file for the other side",
            Self::Scheme { .. } => {
                "use an http:// or https:// URL; for a file give its path without a scheme"
            }
            Self::NoHost(_) => "write the whole URL, for example http://127.0.0.1:8000/mcp",
            Self::Bundled(_) => "write `@crm`, or `@crm+writes` to have its write tools too",
            Self::Git(_) => "write for example git:main:contract.json",
            Self::HalfReference(_) => {
                "write FILE#NAME, for example .mcp.json#crm; FILE alone is enough where it names \
                 one server, and NAME alone is looked for in all configuration files"
            }
        }
    }
}
