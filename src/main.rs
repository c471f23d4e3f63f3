//! The `mcp-kit` program; see [`mcp_kit::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    mcp_kit::cli::run()
}
