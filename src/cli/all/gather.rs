//! Reading several servers at a time, each within its own limits.

use futures_util::{StreamExt, stream};

use super::{Examination, Gathered, servers::Wanted};
use crate::{
    cli::{
        connect::{self, Collected},
        error::CliError,
        live,
        progress::Progress,
        source::Source,
        terminal::Terminal,
    },
    live::{
        session::{Address, SessionError},
        transport::TransportError,
    },
};

/// What came of each server, in their order; none of one that is the same as another one.
///
/// All of them run on one thread, where waiting is all there is to do. When the user wants the
/// program to stop, the work is dropped, and with it every server that was started.
pub(super) fn all(
    wanted: &[Wanted],
    examination: &Examination<'_>,
    is_in_force: &dyn Fn(&str) -> bool,
    terminal: &Terminal,
) -> Result<Vec<Option<Gathered>>, CliError> {
    let to_ask: Vec<(usize, &Source, &Address)> = wanted
        .iter()
        .enumerate()
        .filter_map(|(index, server)| server.address().map(|(it, address)| (index, it, address)))
        .collect();
    let mut gathered: Vec<Option<Gathered>> = wanted.iter().map(refused).collect();
    let work = Progress::of(terminal, to_ask.len(), async |progress| {
        let jobs = to_ask.iter().map(async |(index, source, address)| {
            progress.begin(&source.name);
            let gathered = one(source, address, examination, is_in_force).await;
            progress.end(&source.name);
            (*index, gathered)
        });
        let running = stream::iter(jobs).buffer_unordered(examination.all.jobs.get());
        running.collect::<Vec<_>>().await
    });
    for (index, of_server) in connect::until_interrupted(work)? {
        gathered[index] = Some(of_server);
    }
    Ok(gathered)
}

/// The error of a server that there is no way to.
fn refused(server: &Wanted) -> Option<Gathered> {
    server.source.as_ref().err().map(|error| Err(error.clone()))
}

/// Reads one server and asks it what the rules want to know.
async fn one(
    source: &Source,
    address: &Address,
    examination: &Examination<'_>,
    is_in_force: &dyn Fn(&str) -> bool,
) -> Gathered {
    let (access, arguments) = (&examination.target.access, examination.live);
    let reading = connect::read_server(address, source, access).await;
    let mut collected: Collected = reading.map_err(in_report)?;
    if arguments.dry_run {
        return Ok(collected);
    }
    if let Some(plan) = live::questions(&mut collected, arguments, is_in_force) {
        live::put(plan, &mut collected, address, access, is_in_force).await;
    }
    Ok(collected)
}

/// An error with advice for a server whose flags stand in its entry and not on the command line.
fn in_report(error: SessionError) -> CliError {
    let advice = match &error {
        SessionError::Transport(TransportError::Exited { .. } | TransportError::Closed { .. }) => {
            "run the command by hand and see whether it stays; variables it needs stand under `env` in \
             its entry, since a server gets a minimal environment"
        }
        SessionError::Transport(TransportError::Spawn { .. }) => {
            "look whether `command` in its entry names a program that is there; a name without a folder \
             is looked for in PATH"
        }
        SessionError::WrongAnswer { .. } => {
            "the server must answer with the id of the request and the result the specification asks \
             for; to see its messages examine it alone with --server-log FILE"
        }
        SessionError::Transport(TransportError::Unauthorized { status: 401, .. }) => {
            "put a header with a token under `headers` in its entry, as `${NAME}` from a variable"
        }
        _ => return error.into(),
    };
    CliError::from(error).help(advice)
}
