//! From a target to a surface: start or reach the server, shake hands in either era, fetch every
//! list, and put it together.
//!
//! [`collect`] is the way in. What the server does wrong on the way becomes observations; a
//! [`SessionError`] means that there is no surface to judge.

pub mod client;
mod collect;
mod conversation;
pub mod discovery;
mod error;
mod exchange;
mod handshake;
pub mod target;

use std::time::Duration;

pub use collect::{Collected, collect};
pub use conversation::{Conversation, Question, Reply};
pub use error::{Failure, SessionError};

use super::transport::{Link, TransportError, child};
use crate::engine::protocol::{json::Limits, revision::Era};

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// By starting it.
    Command(child::Launch),
    /// Behind a URL.
    #[cfg(feature = "http")]
    Endpoint(super::transport::http::Endpoint),
}

/// Which era to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EraChoice {
    /// Modern if the server answers `server/discover`, else legacy.
    Auto,
    /// Only this one.
    Only(Era),
    /// One connection in each; what differs is an observation.
    Both,
}

/// What talking to one server may use up.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// For starting or reaching the server and shaking hands.
    pub connect_timeout: Duration,
    /// For everything, the handshake included.
    pub timeout: Duration,
    /// Bytes of one message, and of the whole surface.
    pub max_bytes: usize,
    /// Pages of one list.
    pub max_pages: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            timeout: Duration::from_secs(60),
            max_bytes: Limits::default().max_bytes,
            max_pages: 500,
        }
    }
}

impl Budget {
    fn limits(&self) -> Limits {
        Limits::for_bytes(self.max_bytes)
    }
}

impl Address {
    async fn connect(&self, budget: &Budget) -> Result<Link, TransportError> {
        match self {
            Self::Command(launch) => {
                let link = child::ChildLink::start(launch, budget.max_bytes).await?;
                Ok(Link::Child(Box::new(link)))
            }
            #[cfg(feature = "http")]
            Self::Endpoint(endpoint) => {
                use super::transport::http::HttpLink;
                Ok(Link::Http(Box::new(HttpLink::new(endpoint, budget.max_bytes)?)))
            }
        }
    }
}
