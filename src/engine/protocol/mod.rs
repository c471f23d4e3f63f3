//! MCP and JSON-RPC as data: the JSON reader, frames, revisions, pointers and canonical JSON.
//!
//! Everything here works on bytes that somebody else sent and keeps what a typed decoder would
//! throw away: key order, duplicate keys, number text, positions, fields nobody knows. Sending and
//! receiving live elsewhere.
//!
//! Read [`json`] first, then [`frame`].

pub mod canonical;
pub mod date;
pub mod frame;
pub mod json;
pub mod pointer;
pub mod revision;
