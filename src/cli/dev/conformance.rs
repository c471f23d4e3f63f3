//! `mcp-kit dev conformance`: the fixture of the official conformance suite, over HTTP.

use std::net::SocketAddr;

use clap::Args;
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{ExitStatus, error::CliError, serve, terminal::Terminal},
    serve::{runtime::host::http, sandbox::conformance},
};

/// Where the fixture listens when nothing else is said.
const ADDRESS: &str = "127.0.0.1:7332";

#[derive(Debug, Args)]
pub(super) struct ConformanceArgs {
    /// Listen on this address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = ADDRESS)]
    http: SocketAddr,
}

pub(super) fn run(
    arguments: &ConformanceArgs,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let address = arguments.http;
    if !address.ip().is_loopback() {
        return Err(CliError::usage(format!(
            "{address} can be reached by others, and the fixture asks nobody who they are"
        ))
        .help("listen on 127.0.0.1"));
    }
    serve::until_stopped(terminal, |stop| listen(address, stop, terminal))
}

async fn listen(
    address: SocketAddr,
    stop: CancellationToken,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let (listener, bound) = serve::bind(address).await?;
    let folder = tempfile::tempdir()
        .map_err(|error| CliError::usage(format!("no temporary folder: {error}")))?;
    // The address alone on a line of standard output, for scripts that have asked for port 0.
    terminal.print(&format!("http://{bound}{}\n", http::PATH))?;
    terminal.remark(
        "Fixture of the official conformance suite; everybody may come in, and nothing is real\n\
         Ctrl-C to stop\n",
    );
    conformance::serve(listener, folder.path(), stop)
        .await
        .map_err(|fault| CliError::usage(fault.to_string()))?;
    Ok(ExitStatus::Clean)
}
