//! The log of a server: lines for people at a terminal, JSON for everybody else.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::cli::terminal::Terminal;

/// What is logged where `RUST_LOG` says nothing: of the SDK only what is wrong.
const FILTER: &str = "info,rmcp=warn,sqlx=warn,hyper=warn";

/// Writes the log to standard error from now on.
pub(super) fn start(terminal: &Terminal) {
    let fallback = if terminal.is_quiet() { "error" } else { FILTER };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(fallback));
    let registry = tracing_subscriber::registry().with(filter);
    // A second server in one process, as in tests, goes on with the log of the first.
    let _ = if stderr().is_terminal() {
        let layer = fmt::layer().with_writer(stderr).with_target(false).compact();
        registry.with(layer).try_init()
    } else {
        let layer = fmt::layer().with_writer(stderr).json().flatten_event(true).with_target(false);
        registry.with(layer).try_init()
    };
}
