//! From the words of a target to what is read: a text, or a server's address.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    error::CliError,
    target::{TargetArgs, read_env_file},
    terminal::Terminal,
};
use crate::engine::{protocol::revision::Era, report::escape::for_terminal};
use crate::live::{
    session::{
        Address, EraChoice,
        discovery::{
            self, Discovery, Entry, Surroundings,
            expand::{self, Expanded},
            trust::TrustStore,
        },
        target::Target,
    },
    transport::child::{INHERITED_VARIABLES, Launch},
};

/// What is read, and what to call it.
#[derive(Debug)]
pub(super) struct Source {
    /// The target as the user gave it.
    pub(super) name: String,
    pub(super) content: Content,
    /// The era that the configuration asks for, where the command line does not.
    pub(super) era: Option<EraChoice>,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A text that should be a surface.
    Text(Vec<u8>),
    /// A server.
    Server(Address),
}

impl Source {
    /// Works out what the arguments mean and reads it, up to the point where a server would have
    /// to be started or reached.
    pub(super) fn resolve(arguments: &TargetArgs, terminal: &Terminal) -> Result<Self, CliError> {
        let target = Target::parse(arguments.target.as_deref(), &arguments.command)
            .map_err(|error| CliError::usage(error.to_string()).help(error.help()))?;
        let max_bytes = arguments.server.budget().max_bytes;
        let name = target.to_string();
        let text =
            |bytes| Ok(Self { name: name.clone(), content: Content::Text(bytes), era: None });
        let configured = arguments.configured.given();
        match target {
            Target::Command { program, args } => {
                refuse(&arguments.http.given(), "a command that is started on stdio")?;
                refuse(&configured, "a command given here")?;
                let address = command(arguments, program, args)?;
                Ok(Self { name, content: Content::Server(address), era: None })
            }
            Target::Url(url) => {
                refuse(&arguments.process.given(), "a URL")?;
                refuse(&configured, "a URL")?;
                let address = endpoint(url, arguments.http.headers()?)?;
                Ok(Self { name, content: Content::Server(address), era: None })
            }
            Target::Bundled { name, .. } => Err(CliError::usage(format!(
                "there is no bundled connector `{name}` in this build"
            ))
            .help("start it as a program: -- COMMAND")),
            Target::File(path) => {
                let shown = path.display().to_string();
                let bytes = read_file(&path, max_bytes)
                    .map_err(|error| CliError::file("read", &shown, &error))?;
                if discovery::is_configuration(&path, &bytes) {
                    return configured_server(arguments, Some(&path), None, terminal);
                }
                only_text(arguments)?;
                text(bytes)
            }
            Target::Git { revision, path } => {
                only_text(arguments)?;
                text(read_git(&revision, &path, max_bytes)?)
            }
            Target::Stdin => {
                only_text(arguments)?;
                let bytes = read_bounded(io::stdin(), max_bytes)
                    .map_err(|error| CliError::file("read", "standard input", &error))?;
                text(bytes)
            }
            Target::Configured { file, name } => {
                configured_server(arguments, file.as_deref(), name.as_deref(), terminal)
            }
        }
    }
}

/// Flags for a server make no sense for a text.
fn only_text(arguments: &TargetArgs) -> Result<(), CliError> {
    let era = arguments.server.era.map(|_| "--era");
    let flags = [arguments.process.given(), arguments.http.given(), arguments.configured.given()];
    let given: Vec<_> = flags.into_iter().flatten().chain(era).collect();
    refuse(&given, "a file")
}

fn refuse(flags: &[&str], target: &str) -> Result<(), CliError> {
    if flags.is_empty() {
        return Ok(());
    }
    let verb = if flags.len() == 1 { "means" } else { "mean" };
    let message = format!("{} {verb} nothing for {target}", flags.join(", "));
    Err(CliError::usage(message).help("leave out what does not fit, or give another target"))
}

fn command(
    arguments: &TargetArgs,
    program: OsString,
    args: Vec<OsString>,
) -> Result<Address, CliError> {
    let process = &arguments.process;
    Ok(Address::Command(Launch {
        program,
        arguments: args,
        environment: environment(process.pass_env, process.variables()?),
        directory: process.cwd.clone(),
        log: process.server_log.clone(),
    }))
}

/// The child's environment: all of ours or the harmless part of it, and what was asked for.
fn environment(pass_all: bool, added: Vec<(OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let is_inherited = |name: &OsString| {
        pass_all || name.to_str().is_some_and(|name| INHERITED_VARIABLES.contains(&name))
    };
    let inherited = std::env::vars_os().filter(|(name, _)| is_inherited(name));
    let merged: BTreeMap<OsString, OsString> = inherited.chain(added).collect();
    merged.into_iter().collect()
}

#[cfg(feature = "http")]
fn endpoint(url: String, headers: Vec<(String, String)>) -> Result<Address, CliError> {
    Ok(Address::Endpoint(crate::live::transport::http::Endpoint { url, headers }))
}

#[cfg(not(feature = "http"))]
fn endpoint(_url: String, _headers: Vec<(String, String)>) -> Result<Address, CliError> {
    Err(CliError::usage("this build of mcp-kit cannot reach URLs")
        .help("build it with the feature `http`"))
}

fn configured_server(
    arguments: &TargetArgs,
    file: Option<&Path>,
    name: Option<&str>,
    terminal: &Terminal,
) -> Result<Source, CliError> {
    let surroundings = surroundings(arguments.configured.config.clone())?;
    let found = match file {
        Some(path) => discovery::discover_in(path, &surroundings),
        None => discovery::discover(&surroundings),
    };
    let entry =
        found.find(name).map_err(|error| CliError::usage(error.to_string()).help(error.help()))?;
    remark_on(entry, &found, terminal);
    if !arguments.configured.trust {
        ask_for_trust(entry, &surroundings, terminal)?;
    }
    let expanded = expand::expand(entry, &surroundings, &arguments.configured.inputs()?)
        .map_err(|error| CliError::usage(error.to_string()).help(error.help()))?;
    let address = match expanded {
        Expanded::Stdio { command, args, env, env_file, cwd } => {
            refuse(&arguments.http.given(), "a server that is started on stdio")?;
            let mut added = Vec::new();
            if let Some(path) = env_file {
                added.extend(read_env_file(&path)?);
            }
            added.extend(env.into_iter().map(|(name, value)| (name.into(), value.into())));
            added.extend(arguments.process.variables()?);
            Address::Command(Launch {
                program: command.into(),
                arguments: args.into_iter().map(OsString::from).collect(),
                environment: environment(arguments.process.pass_env, added),
                directory: Some(arguments.process.cwd.clone().unwrap_or(cwd)),
                log: arguments.process.server_log.clone(),
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
            refuse(&arguments.process.given(), "a server behind a URL")?;
            headers.extend(arguments.http.headers()?);
            endpoint(url, headers)?
        }
    };
    let era = match entry.protocol_era.as_deref() {
        Some("modern") => Some(EraChoice::Only(Era::Modern)),
        Some("legacy") => Some(EraChoice::Only(Era::Legacy)),
        _ => None,
    };
    Ok(Source { name: entry.name.clone(), content: Content::Server(address), era })
}

/// Where configuration is looked for from here.
pub(super) fn surroundings(config_file: Option<PathBuf>) -> Result<Surroundings, CliError> {
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
    let full: Vec<String> =
        launch.in_full().lines().map(|line| format!("    {}", for_terminal(line))).collect();
    let full = full.join("\n");
    let question = format!("{} {what}:\n{full}\n{act}, now and from now on?", entry.source);
    match terminal.confirm(&question) {
        Some(true) => match &mut store {
            Some(store) => store.trust(entry).map_err(failed),
            None => Ok(()),
        },
        answer => {
            let message = format!("server `{}` of this project is not trusted yet", entry.name);
            let help = match answer {
                Some(_) => "nothing was started or sent".to_owned(),
                None => format!("it {what}; if you agree, give --trust:\n{full}"),
            };
            Err(CliError::usage(message).place(entry.source.to_string()).help(help))
        }
    }
}

fn read_file(path: &Path, max_bytes: usize) -> io::Result<Vec<u8>> {
    read_bounded(File::open(path)?, max_bytes)
}

fn read_bounded(reader: impl Read, max_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max_bytes {
        let message = format!("it has more than {max_bytes} bytes; raise --max-bytes to read it");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

fn read_git(revision: &str, path: &str, max_bytes: usize) -> Result<Vec<u8>, CliError> {
    let object = format!("{revision}:{path}");
    let failed = |reason: &str| {
        CliError::usage(format!("cannot read {object} from git: {reason}"))
            .help("check the revision and the path, which counts from the root of the repository")
    };
    let mut child = Command::new("git")
        .args(["cat-file", "blob", &object])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let stdout = child.stdout.take().expect("standard output is piped");
    let bytes = read_bounded(stdout, max_bytes).map_err(|error| failed(&error.to_string()))?;
    let result = child.wait_with_output().map_err(|error| failed(&error.to_string()))?;
    if !result.status.success() {
        return Err(failed(String::from_utf8_lossy(&result.stderr).trim()));
    }
    Ok(bytes)
}
