//! `mcp-kit replay --mock`: a cassette as a server, over both transports and in both eras.

mod answers;
mod client;
mod eras;
mod faults;
mod files;
#[cfg(feature = "http")]
mod http;
mod questions;
mod recorded;
mod tape;
