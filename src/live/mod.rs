//! Talking to servers: bytes to frames, frames to a surface.
//!
//! This wing does I/O and keeps judgements out of it: what is odd becomes an observation, and the
//! rules in [`engine`](crate::engine) decide what it means.

pub mod mask;
pub mod probe;
pub mod record;
pub mod replay;
pub mod session;
pub mod transport;
