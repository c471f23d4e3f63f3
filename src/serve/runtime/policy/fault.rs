//! Why policies cannot be used.

use std::fmt;

use cedar_policy::ffi::DetailedError;

/// A fault at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, or the name of an embedded text.
    pub file: String,
    /// The line, from 1; none where the fault is in no particular one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}\n  help: {}", self.message, self.help)
    }
}

/// Why there is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A directory or a file cannot be read.
    #[error("cannot read {path}: {fault}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system says.
        fault: String,
    },
    /// A directory without policies: the walls alone allow nothing.
    #[error("{path} has no policies; put files into it that end in .cedar")]
    Empty {
        /// Its path.
        path: String,
    },
    /// Texts that cannot be parsed, or do not fit the schema or each other.
    #[error("{}", lines(.0))]
    Faults(Vec<Fault>),
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

impl Fault {
    /// The faults that Cedar reports in a text.
    pub(super) fn of(file: &str, text: &str, error: DetailedError, help: &str) -> Vec<Self> {
        let DetailedError { message, help: specific, source_locations, related, .. } = error;
        let start = source_locations.first().map(|label| label.loc.start);
        let label = source_locations.into_iter().find_map(|label| label.label);
        let first = Self {
            file: file.to_owned(),
            line: start.map(|start| line_of(text, start)),
            message: label.map_or(message.clone(), |label| format!("{message}: {label}")),
            help: specific.unwrap_or_else(|| help.to_owned()),
        };
        let others = related.into_iter().flat_map(|error| Self::of(file, text, error, help));
        std::iter::once(first).chain(others).collect()
    }
}

/// The line, from 1, of a position in bytes.
pub(super) fn line_of(text: &str, position: usize) -> usize {
    let before = &text.as_bytes()[..position.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
