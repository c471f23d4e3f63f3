//! The upstream of a server under test: what it asks for goes through here, is counted, and fails when a
//! test has it fail.
//!
//! A server has to be told to ask here instead of there, so this is for those that take the address of
//! what they stand on from outside. Requests are passed on whole and answered whole: it is a stand-in for
//! an API of small messages, and no proxy.
//!
//! Read [`Upstream`] and [`UpstreamFault`] first.

use std::time::Duration;

#[cfg(feature = "http")]
mod relay;

#[cfg(feature = "http")]
pub use relay::Upstream;

/// What goes wrong with every request to an upstream, until something else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamFault {
    /// It answers with this status, and has done nothing.
    Status(u16),
    /// The connection ends before anything is done.
    Broken,
    /// It answers 200 with a page of HTML, and has done nothing.
    Garbled,
    /// It does what is asked, and the connection ends before the answer.
    Lost,
    /// It takes this long before it does anything.
    Slow(Duration),
}

/// How long a client is told to wait where it has asked too often, in seconds.
pub const RETRY_AFTER: u64 = 7;

impl UpstreamFault {
    /// In a few words.
    pub fn in_words(self) -> String {
        match self {
            Self::Status(status) => format!("the upstream answers {status}"),
            Self::Broken => "the upstream breaks off".to_owned(),
            Self::Garbled => "the upstream answers with a page of HTML".to_owned(),
            Self::Lost => "the answer of the upstream is lost".to_owned(),
            Self::Slow(time) => format!("the upstream takes {} ms", time.as_millis()),
        }
    }
}

/// A build without HTTP has none.
#[cfg(not(feature = "http"))]
#[derive(Debug, Clone)]
pub enum Upstream {}

#[cfg(not(feature = "http"))]
impl Upstream {
    /// Has every request from now on go wrong, or none of them.
    pub fn arm(&self, _: Option<UpstreamFault>) {
        match *self {}
    }

    /// How many requests have come.
    pub fn asked(&self) -> u64 {
        match *self {}
    }

    /// How many different changes it has made of a kind.
    pub fn made(&self, _: &str) -> i64 {
        match *self {}
    }
}
