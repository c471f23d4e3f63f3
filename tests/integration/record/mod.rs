//! `mcp-kit record`: what a client sees is what it would see without it, and what it has seen is in
//! the file.
//!
//! [`session`] is a client at the end of a pipe. Most servers here are `cat` and `sh`: a proxy that
//! knows nothing of what it carries is tested best with what is nothing in particular.

mod bytes;
mod file;
#[cfg(feature = "http")]
mod http;
mod killed;
mod script;
mod secrets;
mod session;
