//! A proxy between a client and its server that keeps what they say to each other.
//!
//! Two processes share the work. The *relay* is the one that the client has started: it reads bytes,
//! hands them to the tape and writes them on, and does nothing else, so that it is fast and cannot
//! stumble over what it carries. The *tape* is a second process of the same program, in a process
//! group of its own: it takes the bytes apart, keeps secrets out (`engine/cassette/redact`) and
//! writes the cassette. What the relay has handed over lies in a pipe, and the pipe outlives the
//! relay: a client may kill its server at any moment, and what it has seen is in the file all the
//! same. A file of raw bytes would keep them too, with the secrets in them.
//!
//! Read [`frame`] (what goes through the pipe) first, then [`relay`] and [`tape`]. Not for: the format
//! of the file (`engine/cassette`), or playing one (`live/replay`).

pub mod destination;
pub mod frame;
#[cfg(feature = "http")]
pub mod http;
mod link;
mod own_end;
pub mod relay;
pub mod script;
pub mod tape;

pub use link::TapeLink;
