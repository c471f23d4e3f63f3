//! How often a write has taken effect, seen from outside: answers alone prove nothing, because a server
//! that does everything twice can give the same answer both times.
//!
//! An [`Observer`] counts; the difference of two counts is the effect of what happened in between. Who
//! observes is declared, or found by trying ([`find`]), and is itself put to the test before it is
//! believed.

mod command;
mod file;
mod read_back;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::path::PathBuf;

pub use read_back::{ReadBack, Sight, find, look};

use super::subject::Subject;

/// What counts effects.
#[derive(Debug, Clone, PartialEq)]
pub enum Observer {
    /// A tool of the server that reads.
    ReadBack(ReadBack),
    /// The lines of a file.
    Lines(PathBuf),
    /// The files in a folder, at any depth.
    Files(PathBuf),
    /// The rows of a table in an SQLite file.
    Rows(PathBuf, String),
    /// The number that a command prints, run in a folder; in the current one where there is none.
    Command(Vec<String>, Option<PathBuf>),
    /// The changes that the upstream has made of a kind: `POST /v1/payments`.
    Upstream(String),
}

/// Nothing could be counted, which is not the same as nothing being there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Blind(pub String);

impl Observer {
    /// What there is now.
    ///
    /// # Errors
    /// When it cannot be counted.
    pub async fn count(&self, subject: &mut Subject) -> Result<i64, Blind> {
        match self {
            Self::ReadBack(read_back) => read_back.count(subject).await,
            Self::Lines(path) => file::lines(path),
            Self::Files(path) => file::files(path),
            #[cfg(feature = "sqlite")]
            Self::Rows(path, table) => sqlite::rows(path, table).await,
            #[cfg(not(feature = "sqlite"))]
            Self::Rows(path, _) => Err(Blind(format!(
                "{}: this build reads no SQLite; build with the feature `sqlite`, or count with a \
                 command",
                path.display()
            ))),
            Self::Command(words, folder) => command::count(words, folder.as_deref()).await,
            Self::Upstream(kind) => match &subject.upstream {
                Some(upstream) => Ok(upstream.made(kind)),
                None => Err(Blind("there is no upstream; name it with --upstream".to_owned())),
            },
        }
    }

    /// What it looks at, in words.
    pub fn in_words(&self) -> String {
        match self {
            Self::ReadBack(read_back) => read_back.in_words(),
            Self::Lines(path) => format!("the lines of {}", path.display()),
            Self::Files(path) => format!("the files in {}", path.display()),
            Self::Rows(path, table) => format!("the rows of `{table}` in {}", path.display()),
            Self::Command(words, _) => format!("`{}`", words.join(" ")),
            Self::Upstream(kind) => format!("`{kind}` at the upstream"),
        }
    }
}
