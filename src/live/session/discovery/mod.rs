//! The servers that the configuration files of MCP clients name.
//!
//! [`discover`] looks into the files of the project and of the user, in a fixed order, and returns
//! every [`Entry`] with its place in its file. The first entry of a name wins; each entry knows
//! what it shadows. Values are unexpanded until [`expand`] is asked for the one entry that is used,
//! so that a variable missing for one server is no trouble for another. A file that cannot be read
//! is a [`Problem`] in the list, never the end of the search.
//!
//! The order is: the file of `--config`; then for each folder from here up to the root of the git
//! repository `mcp-kit.toml`, `.mcp.json`, `mcp.json`, `.vscode/mcp.json`, `.cursor/mcp.json`,
//! `.gemini/settings.json`, `.codex/config.toml`; then the user's own files of Claude Desktop,
//! Claude Code, Cursor, VS Code, Gemini CLI, Codex, Goose, Windsurf, the MCP Inspector and Zed.
//!
//! No file is ever written here except the user's answers to "may this project start programs?",
//! see [`trust`]. Not for: starting a server, or asking anybody anything.
//!
//! Read [`entry`] first, then [`discover`].

pub mod entry;
pub mod expand;
mod lookup;
mod place;
mod shape;
mod surroundings;
mod syntax;
pub mod trust;

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

pub use entry::{Client, Entry, Launch, Scope, Source};
pub use lookup::LookupError;
pub use surroundings::{Surroundings, System};

use crate::engine::protocol::json::Position;
use place::Place;
use shape::Sheet;
use syntax::Syntax;

/// Longest configuration file that is read, in bytes. `~/.claude.json` keeps a history and grows to
/// a few megabytes.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// What discovery found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// All entries, in order of precedence.
    pub entries: Vec<Entry>,
    /// What could not be read, in the order it was met.
    pub problems: Vec<Problem>,
    /// The files that exist and were read, in the order they were looked into.
    pub files: Vec<PathBuf>,
}

/// A file or an entry that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// Where in it, if it is in one place.
    pub position: Option<Position>,
    /// The server it is about, if it is about one.
    pub server: Option<String>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
}

/// `PATH:LINE:COLUMN: MESSAGE`
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.path.display())?;
        if let Some(Position { line, column }) = self.position {
            write!(formatter, "{line}:{column}:")?;
        }
        write!(formatter, " {}", self.message)
    }
}

/// Looks into every file that may name servers, in the order of precedence.
pub fn discover(surroundings: &Surroundings) -> Discovery {
    let mut discovery = Discovery::default();
    for place in place::all(surroundings) {
        discovery.look_into(place, surroundings);
    }
    discovery.find_shadows();
    discovery
}

/// Looks into one file only, as `FILE#NAME` asks for. A missing file is a problem here.
pub fn discover_in(path: &Path, surroundings: &Surroundings) -> Discovery {
    let mut discovery = Discovery::default();
    discovery.look_into(place::given(path, surroundings), surroundings);
    discovery.find_shadows();
    discovery
}

/// Whether the text of a file is a configuration that names servers, rather than a surface, a
/// contract or a recording. Decides by the top-level keys alone; broken text is no configuration.
pub fn is_configuration(path: &Path, bytes: &[u8]) -> bool {
    let syntax = Syntax::of(path);
    // Surfaces come through here too and are large: most are told apart without being read.
    let may_name_servers =
        std::str::from_utf8(bytes).is_ok_and(|text| shape::mentions(text, syntax));
    may_name_servers && syntax.read(bytes).is_ok_and(|root| shape::names_servers(&root, syntax))
}

impl Discovery {
    fn look_into(&mut self, place: Place, surroundings: &Surroundings) {
        let fault = |position, message| Problem {
            path: place.path.clone(),
            position,
            server: None,
            message,
        };
        let bytes = match read_bounded(&place.path) {
            Ok(bytes) => bytes,
            Err(error) if is_missing(&error) && !place.is_wanted => return,
            Err(error) => {
                let message = match error.kind() {
                    io::ErrorKind::NotFound => "no such file".to_owned(),
                    _ => format!("cannot be read: {error}"),
                };
                return self.problems.push(fault(None, message));
            }
        };
        self.files.push(place.path.clone());
        let syntax = Syntax::of(&place.path);
        match syntax.read(&bytes) {
            Err(error) => self.problems.push(fault(error.position, error.message)),
            Ok(root) => {
                let mut sheet = Sheet::new(place);
                shape::read(&root, syntax, &mut sheet, surroundings);
                self.entries.append(&mut sheet.entries);
                self.problems.append(&mut sheet.problems);
            }
        }
    }

    /// Notes for every entry which one wins its name and, for the winner, what it hides.
    fn find_shadows(&mut self) {
        let mut winners: BTreeMap<String, usize> = BTreeMap::new();
        for index in 0..self.entries.len() {
            let winner = *winners.entry(self.entries[index].name.clone()).or_insert(index);
            if winner != index {
                self.entries[index].shadowed_by = Some(self.entries[winner].source.clone());
                let source = self.entries[index].source.clone();
                self.entries[winner].shadows.push(source);
            }
        }
    }
}

/// A path through something that is no folder is as missing as a path to nothing.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Reads an ordinary file of bounded length. Anything else is refused before it is opened: opening
/// a pipe that a project planted would wait for ever.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let refuse = |why: String| Err(io::Error::new(io::ErrorKind::InvalidData, why));
    if !std::fs::metadata(path)?.is_file() {
        return refuse("it is not an ordinary file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return refuse(format!("longer than {MAX_FILE_BYTES} bytes"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
