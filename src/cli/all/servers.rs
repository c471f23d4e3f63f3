//! Which servers are meant, and which of them may be started: asked about one after the other,
//! before any of them is.

use std::path::Path;

use crate::{
    cli::{
        error::CliError,
        source::{self, Content, Source},
        target::TargetArgs,
        terminal::Terminal,
    },
    engine::report::escape::for_terminal,
    live::session::{
        Address,
        discovery::{self, Discovery, Entry, Problem, trust::is_same_launch},
    },
};

/// A server that is to be examined.
pub(super) struct Wanted {
    /// The name it is configured by.
    pub(super) name: String,
    /// Where it is configured.
    pub(super) place: String,
    /// How to reach it, or why that is not possible.
    pub(super) source: Result<Source, CliError>,
    /// The server before it that is reached in the very same way.
    pub(super) same_as: Option<usize>,
}

impl Wanted {
    /// How it is reached, if it is not the same as another one.
    pub(super) fn address(&self) -> Option<(&Source, &Address)> {
        let source = self.source.as_ref().ok().filter(|_| self.same_as.is_none())?;
        match &source.content {
            Content::Server(address) => Some((source, address)),
            _ => None,
        }
    }
}

/// The configured servers that are not switched off, in the order of precedence.
///
/// # Errors
/// When there are none.
pub(super) fn find(target: &TargetArgs, terminal: &Terminal) -> Result<Vec<Wanted>, CliError> {
    let access = &target.access;
    let surroundings = source::surroundings(access.configured.config.clone())?;
    let found = match &target.target {
        None => discovery::discover(&surroundings),
        Some(file) => {
            let path = Path::new(file);
            if !path.is_file() {
                let message = match path.exists() {
                    true => format!("`{file}` is no configuration file"),
                    false => format!("there is no file `{file}`"),
                };
                return Err(CliError::usage(message).help(
                    "with --all, TARGET is a file that configures servers, for example .mcp.json; \
                     without it, everything that `mcp-kit servers` lists is examined",
                ));
            }
            discovery::discover_in(path, &surroundings)
        }
    };
    let here = &surroundings.directory;
    let entries: Vec<&Entry> = found.winners().filter(|entry| !entry.disabled).collect();
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut refused: Vec<&Entry> = Vec::new();
    for entry in entries {
        // What was said of a command is said of it under any name.
        let is_refused = refused.iter().any(|other| is_same_launch(other, entry));
        let source = match is_refused {
            true => Err(source::refused(entry)),
            false => source::open_entry(entry, &surroundings, access, terminal),
        };
        if source.as_ref().is_err_and(|error| *error == source::refused(entry)) {
            refused.push(entry);
        }
        let source = source.map_err(|error| in_report(error, entry, here));
        let same_as = source.as_ref().ok().and_then(|source| {
            let is_same = |other: &Wanted| {
                other.address().is_some_and(|(known, address)| {
                    matches!(&source.content, Content::Server(own) if own == address)
                        && known.era == source.era
                })
            };
            wanted.iter().position(is_same)
        });
        let position = entry.source.position;
        let place =
            format!("{}:{}:{}", shown(&entry.source.path, here), position.line, position.column);
        let name = match entry.name.is_empty() {
            true => "(no name)".to_owned(),
            false => entry.name.clone(),
        };
        wanted.push(Wanted { name, place, source, same_as });
    }
    for problem in &found.problems {
        if hides_a_server(problem, &found) {
            wanted.push(unusable(problem, here));
        } else {
            terminal.remark(&format!("note: {}\n", for_terminal(&problem.to_string())));
        }
    }
    if wanted.is_empty() {
        return Err(nothing(&found));
    }
    let off = found.winners().filter(|entry| entry.disabled).map(|entry| for_terminal(&entry.name));
    let off: Vec<String> = off.collect();
    if !off.is_empty() {
        terminal.remark(&format!("note: switched off and left out: {}\n", off.join(", ")));
    }
    Ok(wanted)
}

/// Whether because of a problem something is not examined that should be: an entry that no other one
/// stands in for, or a file of which nothing could be read.
fn hides_a_server(problem: &Problem, found: &Discovery) -> bool {
    match problem.server.as_deref() {
        Some(name) => found.winners().all(|entry| entry.name != name),
        None => found.entries.iter().all(|entry| entry.source.path != problem.path),
    }
}

/// An entry, or a whole file, that cannot be used: what it stands for was not examined.
fn unusable(problem: &Problem, here: &Path) -> Wanted {
    let file = shown(&problem.path, here);
    let place = match problem.position {
        Some(position) => format!("{file}:{}:{}", position.line, position.column),
        None => file.clone(),
    };
    let (name, message) = match &problem.server {
        Some(server) => {
            let named = format!("server `{server}`: ");
            (server.clone(), problem.message.strip_prefix(&named).unwrap_or(&problem.message))
        }
        None => (file, problem.message.as_str()),
    };
    let error = CliError::usage(message)
        .help("correct it there; `mcp-kit servers` shows which servers are understood");
    Wanted { name, place, source: Err(error), same_as: None }
}

fn nothing(found: &Discovery) -> CliError {
    let count = found.winners().count();
    if count > 0 {
        let message = format!("all servers that are configured here ({count}) are switched off");
        return CliError::usage(message).help("give the name of one to examine it all the same");
    }
    let error = found.find(None).expect_err("there is no entry to be found");
    CliError::usage(error.to_string()).help(
        "add one to .mcp.json or to [servers] in mcp-kit.toml; `mcp-kit servers` shows what is found",
    )
}

/// An error as it stands in the line of its server, which need not be named again.
fn in_report(error: CliError, entry: &Entry, here: &Path) -> CliError {
    let named = format!("server `{}`", entry.name);
    let rest = error.message.strip_prefix(&named).unwrap_or(&error.message);
    let rest = [": ", " of this project is "].iter().find_map(|joint| rest.strip_prefix(joint));
    let message = rest.unwrap_or(&error.message).to_owned();
    let place = error.place.as_deref().map(|place| shown(Path::new(place), here));
    CliError { message, place, ..error }
}

/// A path, from here where it lies below.
fn shown(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
