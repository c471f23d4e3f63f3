//! Bytes to messages and back: a child process on stdio, or streamable HTTP.
//!
//! A [`Link`] moves whole messages as bytes, bounded in size, and never looks inside one. What was
//! odd about the carrying (a line ending, a status, a redirect) is kept as [`Notice`]s. Deadlines
//! are the caller's: every method here may be dropped at any await.

pub mod child;
mod error;
#[cfg(feature = "http")]
pub mod event_stream;
#[cfg(feature = "http")]
pub mod http;
mod line;
#[cfg(feature = "http")]
pub mod listen;

pub use error::{Challenge, TransportError};

/// One message to a server.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The JSON text, without a line ending.
    pub text: &'a str,
    /// What the `Mcp-Method` header says: the method; none for an answer to the server.
    pub method: Option<&'a str>,
    /// What the `Mcp-Name` header says: what the method acts on, a tool, a prompt, a resource's URI.
    pub name: Option<&'a str>,
    /// Whether an answer is expected.
    pub is_request: bool,
}

/// What comes out of a link.
#[derive(Debug)]
pub enum Incoming {
    /// The bytes of what should be one message.
    Message(Vec<u8>),
    /// Nothing more will come in answer to the last request.
    End,
}

/// Something odd about how messages were carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind.
    pub kind: NoticeKind,
    /// The particulars, as a lowercase fragment.
    pub detail: String,
}

/// The kinds of [`Notice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A line on stdio did not end with a single LF.
    LineEnding,
    /// HTTP status or content type did not fit the content.
    HttpMismatch,
    /// A redirect was followed.
    Redirected,
    /// A stream ended early and was taken up again, or could not be.
    StreamCut,
    /// The server had to be stopped by force.
    DidNotStop,
}

/// A connection to one server.
#[derive(Debug)]
pub enum Link {
    /// A child process.
    Child(Box<child::ChildLink>),
    /// An HTTP endpoint.
    #[cfg(feature = "http")]
    Http(Box<http::HttpLink>),
}

impl Link {
    /// Hands one message to the server.
    ///
    /// # Errors
    /// When it cannot be delivered, or over HTTP is refused.
    pub async fn send(&mut self, outgoing: Outgoing<'_>) -> Result<(), TransportError> {
        match self {
            Self::Child(link) => link.send(outgoing.text).await,
            #[cfg(feature = "http")]
            Self::Http(link) => link.send(outgoing).await,
        }
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// When the connection is gone, or the message is larger than the limit.
    pub async fn receive(&mut self) -> Result<Incoming, TransportError> {
        match self {
            Self::Child(link) => link.receive().await,
            #[cfg(feature = "http")]
            Self::Http(link) => link.receive().await,
        }
    }

    /// Tells the link which revision was agreed on; HTTP repeats it in a header.
    pub fn set_revision(&mut self, revision: &str) {
        match self {
            Self::Child(_) => {}
            #[cfg(feature = "http")]
            Self::Http(link) => link.set_revision(revision),
        }
        #[cfg(not(feature = "http"))]
        let _ = revision;
    }

    /// The HTTP status of the last answer; none on stdio.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Child(_) => None,
            #[cfg(feature = "http")]
            Self::Http(link) => link.status,
        }
    }

    /// Ends the connection and leaves nothing running. Takes a few seconds at most.
    pub async fn close(&mut self) {
        match self {
            Self::Child(link) => link.close().await,
            #[cfg(feature = "http")]
            Self::Http(link) => link.close().await,
        }
    }

    /// What was odd so far; each notice is handed out once.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        match self {
            Self::Child(link) => std::mem::take(&mut link.notices),
            #[cfg(feature = "http")]
            Self::Http(link) => std::mem::take(&mut link.notices),
        }
    }

    /// `stdio` or `http`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Child(_) => "stdio",
            #[cfg(feature = "http")]
            Self::Http(_) => "http",
        }
    }
}
