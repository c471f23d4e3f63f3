//! A server that a client's configuration names: found, trusted, and its variables filled in.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{Content, Source, Unfit, endpoint, environment};
use crate::cli::{
    error::CliError,
    target::{AccessArgs, read_env_file},
    terminal::Terminal,
};
use crate::{
    engine::{
        protocol::{json::Position, revision::Era},
        report::escape::for_terminal,
    },
    live::{
        session::{
            Address, EraChoice,
            discovery::{
                self, Discovery, Entry, Surroundings,
                expand::{self, Expanded},
                trust::TrustStore,
            },
        },
        transport::child::Launch,
    },
};

pub(super) fn server(
    access: &AccessArgs,
    file: Option<&Path>,
    name: Option<&str>,
    terminal: &Terminal,
) -> Result<Source, CliError> {
    let surroundings = surroundings(access.configured.config.clone())?;
    let found = match file {
        Some(path) => discovery::discover_in(path, &surroundings),
        None => discovery::discover(&surroundings),
    };
    let entry = found.find(name).map_err(|error| {
        let folder = name.filter(|name| file.is_none() && Path::new(name).is_dir());
        let help = match folder {
            Some(name) => format!("for the files in the folder of that name write {name}/"),
            None => error.help(),
        };
        CliError::usage(error.to_string()).help(help)
    })?;
    remark_on(entry, &found, terminal);
    open(entry, &surroundings, access, terminal)
}

/// Opens an entry: fills in its variables, and asks whether it is trusted, if it has to be.
pub(in crate::cli) fn open(
    entry: &Entry,
    surroundings: &Surroundings,
    access: &AccessArgs,
    terminal: &Terminal,
) -> Result<Source, CliError> {
    // What cannot be started anyway is nothing to ask about.
    let expanded =
        expand::expand(entry, surroundings, &access.configured.inputs()?).map_err(|error| {
            let Position { line, column } = error.position;
            let place = format!("{}:{line}:{column}", error.path.display());
            let message = format!("server `{}`: {}", error.server, error.fault);
            CliError::usage(message).place(place).help(error.help())
        })?;
    if !access.configured.trust {
        ask_for_trust(entry, surroundings, terminal)?;
    }
    let unfit;
    let address = match expanded {
        Expanded::Stdio { command, args, env, env_file, cwd } => {
            unfit = Unfit::new("a server that is started on stdio", access.http.given());
            let mut added = Vec::new();
            if let Some(path) = env_file {
                added.extend(read_env_file(&path)?);
            }
            added.extend(env.into_iter().map(|(name, value)| (name.into(), value.into())));
            added.extend(access.process.variables()?);
            Address::Command(Launch {
                program: command.into(),
                arguments: args.into_iter().map(OsString::from).collect(),
                environment: environment(access.process.pass_env, added),
                directory: Some(access.process.cwd.clone().unwrap_or(cwd)),
                log: access.process.log(),
            })
        }
        Expanded::Http { sse: true, .. } => {
            let message =
                format!("server `{}` uses the HTTP+SSE transport of 2024-11-05", entry.name);
            return Err(CliError::usage(message)
                .place(entry.source.to_string())
                .help("streamable HTTP replaced it; give the server's new endpoint"));
        }
        Expanded::Http { url, mut headers, .. } => {
            unfit = Unfit::new("a server behind a URL", access.process.given());
            headers.extend(access.http.headers()?);
            endpoint(url, headers)?
        }
    };
    let era = match entry.protocol_era.as_deref() {
        Some("modern") => Some(EraChoice::Only(Era::Modern)),
        Some("legacy") => Some(EraChoice::Only(Era::Legacy)),
        _ => None,
    };
    Ok(Source { name: entry.name.clone(), content: Content::Server(address), era, unfit })
}

/// Where configuration is looked for from here.
pub(in crate::cli) fn surroundings(config_file: Option<PathBuf>) -> Result<Surroundings, CliError> {
    let found = Surroundings::of_process()
        .map_err(|error| CliError::usage(format!("the current folder cannot be read: {error}")))?;
    Ok(Surroundings { config_file, ..found })
}

fn remark_on(entry: &Entry, found: &Discovery, terminal: &Terminal) {
    if terminal.is_verbose() {
        terminal.remark(&format!("server `{}` from {}\n", entry.name, entry.source));
        for problem in &found.problems {
            terminal.remark(&format!("note: {problem}\n"));
        }
    }
}

/// Characters of a part of a command that are shown before somebody is asked about it: one that fills
/// the screen would push away what it stands for.
const MAX_PART: usize = 600;

fn shown(part: &str) -> String {
    let rest = part.chars().count().saturating_sub(MAX_PART);
    let start: String = part.chars().take(MAX_PART).collect();
    let start = for_terminal(&start);
    match rest {
        0 => format!("    {start}"),
        rest => {
            format!("    {start}\n    … and {rest} more characters: read them in the file first")
        }
    }
}

/// A project's file is somebody else's word: starting its command runs their code, and its address
/// may be anybody's.
fn ask_for_trust(
    entry: &Entry,
    surroundings: &Surroundings,
    terminal: &Terminal,
) -> Result<(), CliError> {
    if !entry.needs_trust() {
        return Ok(());
    }
    let failed =
        |error: discovery::trust::TrustError| CliError::usage(error.to_string()).help(error.help());
    let path = surroundings.trust_file();
    let mut store = path.as_deref().map(TrustStore::open).transpose().map_err(failed)?;
    if store.as_ref().is_some_and(|store| store.is_trusted(entry)) {
        return Ok(());
    }
    let launch = &entry.launch;
    let (what, act) = match launch {
        discovery::Launch::Stdio { .. } => ("starts a command of this project", "Start it"),
        discovery::Launch::Http { .. } => ("sends variables of yours away", "Send them"),
    };
    let full: Vec<String> = launch.in_full().iter().map(|part| shown(part)).collect();
    let full = full.join("\n");
    let name = for_terminal(&entry.name);
    let place = for_terminal(&entry.source.to_string());
    let question =
        format!("server `{name}` {what} ({place}):\n{full}\n{act}, now and from now on?");
    match terminal.confirm(&question) {
        Some(true) => match &mut store {
            Some(store) => store.trust(entry).map_err(failed),
            None => Ok(()),
        },
        Some(false) => Err(refused(entry)),
        None => {
            let help = format!("it {what}; if you agree, give --trust:\n{full}");
            Err(not_trusted(entry).help(help))
        }
    }
}

/// The error of an entry that the user was asked about and does not trust.
pub(in crate::cli) fn refused(entry: &Entry) -> CliError {
    not_trusted(entry)
        .help("nothing was started or sent; answer `y`, or give --trust, to examine it")
}

fn not_trusted(entry: &Entry) -> CliError {
    let message = format!("server `{}` of this project is not trusted yet", entry.name);
    CliError::usage(message).place(entry.source.to_string())
}
