//! A surface from a source, with a sign of life and an ear for Ctrl-C.

use std::{io, time::Duration};

use tokio::runtime;

use super::{
    ExitStatus,
    error::CliError,
    progress, shell,
    source::{self, Content, Source},
    target::AccessArgs,
    terminal::Terminal,
};
use crate::{
    engine::{
        protocol::{json::Limits, revision::Era},
        report::{Origin, Transport},
        surface::{self, NotASurface, Surface},
    },
    live::session::{self, Address, EraChoice, SessionError},
};

/// A surface, where it came from, and how long the server took over it.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) surface: Surface,
    pub(super) origin: Origin,
    pub(super) server_time: Duration,
    /// The other era, where both were asked for and both are spoken.
    pub(super) other_era: Option<Era>,
}

/// Reads the surface of a source.
pub(super) fn collect(
    source: &Source,
    access: &AccessArgs,
    terminal: &Terminal,
) -> Result<Collected, CliError> {
    let max_bytes = access.server.budget().max_bytes;
    let limits = Limits::for_bytes(max_bytes);
    let surface = match &source.content {
        Content::Server(address) => return from_server(address, source, access, terminal),
        Content::Text(bytes) => surface::read(bytes, &limits)
            .map_err(|error| not_a_surface(&error, source, source.name.clone()))?,
        Content::Stdin => {
            let bytes = source::read_bounded(io::stdin(), max_bytes)
                .map_err(|error| CliError::file("read", "standard input", &error))?;
            surface::read(&bytes, &limits)
                .map_err(|error| not_a_surface(&error, source, source.name.clone()))?
        }
        Content::Files(files) => surface::read_files(files, &limits).map_err(|(file, error)| {
            let folder = source.name.trim_end_matches('/');
            not_a_surface(&error, source, format!("{folder}/{file}"))
        })?,
    };
    let origin = Origin { name: source.name.clone(), transport: Transport::File };
    Ok(Collected { surface, origin, server_time: Duration::ZERO, other_era: None })
}

fn looks_like_json(text: &[u8]) -> bool {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

fn not_a_surface(error: &NotASurface, source: &Source, place: String) -> CliError {
    let help = match (error, &source.content) {
        (NotASurface::Unreadable(_), Content::Text(text)) if looks_like_json(text) => {
            "correct it, or write it anew: mcp-kit snapshot -o contract.json -- COMMAND".to_owned()
        }
        (NotASurface::Unreadable(_), Content::Text(_)) => match shell::quoted(&source.name) {
            Some(name) if !name.starts_with("git:") && name != "-" => {
                format!("if it is a server, start it: mcp-kit … -- {name}")
            }
            _ => "expected JSON: a contract, or what a server answered to tools/list".to_owned(),
        },
        (_, Content::Files(_)) => {
            "each .json or .snap file of a folder holds a tool, or what a server answered to \
             tools/list"
                .to_owned()
        }
        _ => "write one with: mcp-kit snapshot -o contract.json -- COMMAND".to_owned(),
    };
    CliError::usage(error.to_string()).place(place).help(help)
}

fn from_server(
    address: &Address,
    source: &Source,
    access: &AccessArgs,
    terminal: &Terminal,
) -> Result<Collected, CliError> {
    let what = format!("waiting for {}", source.name);
    Ok(waited(terminal, &what, read_server(address, source, access))??)
}

impl Collected {
    /// What was collected from the server of a source.
    pub(super) fn of(collected: session::Collected, source: &Source) -> Self {
        let transport = match collected.transport {
            "stdio" => Transport::Stdio(collected.era),
            _ => Transport::Http(collected.era),
        };
        let origin = Origin { name: source.name.clone(), transport };
        let (server_time, other_era) = (collected.server_time, collected.other_era);
        Self { surface: collected.surface, origin, server_time, other_era }
    }
}

/// Reads the surface of a server.
pub(super) async fn read_server(
    address: &Address,
    source: &Source,
    access: &AccessArgs,
) -> Result<Collected, SessionError> {
    let choice = access.server.era().or(source.era).unwrap_or(EraChoice::Auto);
    let collected = session::collect(address, choice, &access.server.budget()).await?;
    Ok(Collected::of(collected, source))
}

/// Awaits some work, with a sign of life, until it is done or the program is to stop.
pub(super) fn waited<T>(
    terminal: &Terminal,
    what: &str,
    work: impl Future<Output = T>,
) -> Result<T, CliError> {
    until_interrupted(progress::shown(terminal, what, work))
}

/// Awaits some work until it is done or the program is to stop.
pub(super) fn until_interrupted<T>(work: impl Future<Output = T>) -> Result<T, CliError> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        CliError::usage(format!("the operating system refuses what is needed to wait: {error}"))
    })?;
    runtime.block_on(async {
        tokio::select! {
            done = work => Ok(done),
            () = interrupted() => {
                let mut error = CliError::usage("interrupted");
                error.status = ExitStatus::Interrupted;
                Err(error)
            }
        }
    })
}

/// Resolves when the user or the system wants the program to stop. The link to the server is then
/// dropped, which stops what it started.
pub(super) async fn interrupted() {
    let keyboard = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let received = async |kind| match signal(kind) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        };
        tokio::select! {
            () = keyboard => {}
            () = received(SignalKind::terminate()) => {}
            () = received(SignalKind::hangup()) => {}
            () = received(SignalKind::quit()) => {}
        }
    }
    #[cfg(not(unix))]
    keyboard.await;
}
