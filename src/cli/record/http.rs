//! `mcp-kit record --listen ADDRESS --upstream URL`

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use tokio::runtime;

use super::{RecordArgs, tape};
use crate::{
    cli::{ExitStatus, error::CliError, terminal::Terminal},
    engine::cassette::Transport,
    live::{
        mask,
        record::{
            TapeLink,
            http::{self, HttpRelay, HttpStartError},
        },
        transport::listen,
    },
};

#[derive(Debug, Args)]
#[command(next_help_heading = "A server behind a URL")]
pub(super) struct UpstreamArgs {
    /// The address of the server
    #[arg(long, value_name = "URL", conflicts_with_all = ["command", "target", "script"])]
    upstream: Option<String>,
    /// Where to listen for the client; the address for it is printed on standard error
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", requires = "upstream")]
    listen: SocketAddr,
    /// Listen on an address that other machines reach, with whatever credentials they send
    #[arg(long, requires = "upstream")]
    allow_remote: bool,
}

impl UpstreamArgs {
    /// Whether a server behind a URL is to be recorded.
    pub(super) fn is_given(&self) -> bool {
        self.upstream.is_some()
    }
}

pub(super) fn run(arguments: &RecordArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let UpstreamArgs { upstream, listen, allow_remote } = &arguments.http;
    let url = http::upstream(upstream.as_deref().unwrap_or_default()).map_err(in_words)?;
    if !listen.ip().is_loopback() && !allow_remote {
        let message = format!("{listen} can be reached from other machines");
        let help = "listen on 127.0.0.1, or allow it: --allow-remote";
        return Err(CliError::usage(message).help(help));
    }
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::usage(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let (relay, address, file) = relay_on(*listen, url, arguments, terminal).await?;
        terminal.remark(&format!(
            "recording to {}; use this address instead of the server's:\n{address}\n",
            file.display()
        ));
        relay.run(told_to_stop()).await;
        Ok(ExitStatus::Clean)
    })
}

/// A relay for ourselves, and its address.
pub(super) async fn relay(
    url: &str,
    arguments: &RecordArgs,
    terminal: &Terminal,
) -> Result<(HttpRelay, String), CliError> {
    let url = http::upstream(url).map_err(in_words)?;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let (relay, address, _) = relay_on(listen, url, arguments, terminal).await?;
    Ok((relay, address))
}

async fn relay_on(
    address: SocketAddr,
    url: reqwest::Url,
    arguments: &RecordArgs,
    terminal: &Terminal,
) -> Result<(HttpRelay, String, PathBuf), CliError> {
    let listener = listen::bind(address).await.map_err(|error| in_words(error.into()))?;
    let setup = arguments.begin(mask::address(url.as_str()), Transport::Http, terminal)?;
    let tape = TapeLink::start(tape::ARGUMENTS, &setup)
        .map_err(|error| CliError::usage(format!("cannot start the recording: {error}")))?;
    let relay = HttpRelay::new(listener, url, tape).map_err(in_words)?;
    let address = relay
        .url()
        .map_err(|error| CliError::usage(format!("cannot tell where it listens: {error}")))?;
    Ok((relay, address, setup.path))
}

fn in_words(error: HttpStartError) -> CliError {
    let status = match &error {
        HttpStartError::Upstream { .. } => ExitStatus::Usage,
        HttpStartError::Listen(_) => ExitStatus::Unavailable,
    };
    CliError { status, ..CliError::usage(error.to_string()) }
}

/// Ctrl-C or SIGTERM: the way to end a recording.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
