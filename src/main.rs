//! The `mcp-kit` program; see [`mcp_kit::cli`].

use std::process::ExitCode;

/// Servers make and drop much in many threads at once, where the C library's allocator makes threads
/// wait for each other.
#[cfg(feature = "serve")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mcp_kit::cli::run()
}
