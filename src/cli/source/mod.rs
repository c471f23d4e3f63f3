//! From the words of a target to what is read: a text, the files of a folder, or a server's address.

mod bundled;
mod configured;
mod file;
mod git;

use std::{collections::BTreeMap, ffi::OsString};

use super::{
    error::CliError,
    target::{AccessArgs, TargetArgs},
    terminal::Terminal,
};
use crate::live::{
    session::{Address, EraChoice, discovery, target::Target},
    transport::child::{INHERITED_VARIABLES, Launch},
};

pub(super) use configured::{open as open_entry, refused, surroundings};
pub(super) use file::{lies_in_a_surface, read_bounded};

/// What is read, and what to call it.
#[derive(Debug)]
pub(super) struct Source {
    /// The target as the user gave it.
    pub(super) name: String,
    pub(super) content: Content,
    /// The era that the configuration asks for, where the command line does not.
    pub(super) era: Option<EraChoice>,
    unfit: Unfit,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A text that should be a surface.
    Text(Vec<u8>),
    /// A text that is still to come.
    Stdin,
    /// The names and texts of the files of a folder, which together should be a surface.
    Files(Vec<(String, Vec<u8>)>),
    /// A server.
    Server(Address),
}

/// The flags given that mean nothing for a target.
#[derive(Debug)]
struct Unfit {
    /// What the target is, for a sentence.
    target: &'static str,
    flags: Vec<&'static str>,
}

impl Unfit {
    fn new(target: &'static str, flags: Vec<&'static str>) -> Self {
        Self { target, flags }
    }

    /// Flags for a server make no sense for a text.
    fn for_text(access: &AccessArgs) -> Self {
        let era = access.server.era.map(|_| "--era");
        let flags = [access.process.given(), access.http.given(), access.configured.given()];
        Self::new("a file", flags.into_iter().flatten().chain(era).collect())
    }
}

impl Source {
    /// Works out what the arguments of a command with one target mean and reads it, up to the point
    /// where a server would have to be started or reached.
    pub(super) fn resolve(arguments: &TargetArgs, terminal: &Terminal) -> Result<Self, CliError> {
        let target = Target::parse(arguments.target.as_deref(), &arguments.command)
            .map_err(|error| CliError::usage(error.to_string()).help(error.help()))?;
        Self::of(target, &arguments.access, terminal)
    }

    /// Opens the one target of a command.
    pub(super) fn of(
        target: Target,
        access: &AccessArgs,
        terminal: &Terminal,
    ) -> Result<Self, CliError> {
        let source = Self::open(target, access, terminal)?;
        refuse_unfit(&[&source])?;
        Ok(source)
    }

    /// Opens a target. Whether the flags fit is for the caller to ask ([`refuse_unfit`]): with two
    /// targets, a flag has to fit one of them.
    pub(super) fn open(
        target: Target,
        access: &AccessArgs,
        terminal: &Terminal,
    ) -> Result<Self, CliError> {
        let max_bytes = access.server.budget().max_bytes;
        let name = target.to_string();
        let text = |content| {
            Ok(Self { name: name.clone(), content, era: None, unfit: Unfit::for_text(access) })
        };
        match target {
            Target::Command { program, args } => {
                let flags = [access.http.given(), access.configured.given()].concat();
                let unfit = Unfit::new("a command that is started on stdio", flags);
                let address = command(access, program, args)?;
                Ok(Self { name, content: Content::Server(address), era: None, unfit })
            }
            Target::Url(url) => {
                let flags = [access.process.given(), access.configured.given()].concat();
                let unfit = Unfit::new("a URL", flags);
                let address = endpoint(url, access.http.headers()?)?;
                Ok(Self { name, content: Content::Server(address), era: None, unfit })
            }
            Target::Bundled { name: connector, writes } => {
                let flags = [access.http.given(), access.configured.given()].concat();
                let unfit = Unfit::new("a connector of this program", flags);
                let (program, args) = bundled::command(&connector, writes)?;
                let address = command(access, program, args)?;
                Ok(Self { name, content: Content::Server(address), era: None, unfit })
            }
            Target::File(path) => {
                let bytes = file::read(&path, max_bytes)?;
                if discovery::is_configuration(&path, &bytes) {
                    return configured::server(access, Some(&path), None, terminal);
                }
                text(Content::Text(bytes))
            }
            Target::Folder(path) => {
                text(Content::Files(file::read_folder(&path, max_bytes, terminal)?))
            }
            Target::Git { revision, path } => {
                text(git::read(&revision, &path, max_bytes, terminal)?)
            }
            Target::Stdin => text(Content::Stdin),
            Target::Configured { file, name } => {
                configured::server(access, file.as_deref(), name.as_deref(), terminal)
            }
        }
    }
}

/// Refuses flags that mean nothing for any of the targets of a command.
pub(super) fn refuse_unfit(sources: &[&Source]) -> Result<(), CliError> {
    let Some((first, others)) = sources.split_first() else { return Ok(()) };
    let is_unfit = |flag: &&&str| others.iter().all(|other| other.unfit.flags.contains(flag));
    let flags: Vec<&str> = first.unfit.flags.iter().filter(is_unfit).copied().collect();
    if flags.is_empty() {
        return Ok(());
    }
    let mut targets: Vec<&str> = sources.iter().map(|source| source.unfit.target).collect();
    targets.dedup();
    let verb = if flags.len() == 1 { "means" } else { "mean" };
    let message = format!("{} {verb} nothing for {}", flags.join(", "), targets.join(" or "));
    Err(CliError::usage(message).help("leave out what does not fit, or give another target"))
}

fn command(
    access: &AccessArgs,
    program: OsString,
    args: Vec<OsString>,
) -> Result<Address, CliError> {
    let process = &access.process;
    Ok(Address::Command(Launch {
        program,
        arguments: args,
        environment: environment(process.pass_env, process.variables()?),
        directory: process.cwd.clone(),
        log: process.log(),
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
