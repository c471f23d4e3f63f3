//! Why a server could not be examined, and what to do about it.

use std::time::Duration;

use crate::{
    engine::{protocol::json::ReadError, surface::NotASurface},
    live::transport::TransportError,
};

/// There is no surface.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The connection could not be made or broke.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server did not answer in time.
    #[error("no answer to `{method}` within {} s", limit.as_secs_f32())]
    Timeout {
        /// What was asked.
        method: String,
        /// How long was waited.
        limit: Duration,
        /// The last lines of the server's standard error.
        stderr: Vec<String>,
    },
    /// The server answered, but not what was asked.
    #[error("`{method}` was not answered as it should be: {found}")]
    WrongAnswer {
        /// What was asked.
        method: String,
        /// What came instead.
        found: String,
    },
    /// The server answered the request with an error that leaves nothing to go on with.
    #[error("`{method}` was refused: {message}{}", code.map(|code| format!(" ({code})")).unwrap_or_default())]
    Refused {
        /// What was asked.
        method: String,
        /// `error.code`.
        code: Option<i64>,
        /// `error.message`.
        message: String,
    },
    /// No revision that both sides speak.
    #[error("the server speaks {}, none of which mcp-kit knows", offered.join(", "))]
    NoCommonRevision {
        /// What the server offers.
        offered: Vec<String>,
    },
    /// What the server lists is more than the limits allow.
    #[error("the lists of the server together are too large: {0}")]
    TooLarge(ReadError),
    /// What was put together cannot be read; a fault of this program.
    #[error(transparent)]
    NotASurface(#[from] NotASurface),
}

/// What kind of failure it is; each kind has an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The call was wrong: an address that cannot be used.
    Usage,
    /// Credentials are missing or do not suffice.
    Authentication,
    /// The server did not start, cannot be reached, went away or was too slow.
    Unavailable,
    /// The server broke the protocol so that no answer is possible.
    Protocol,
}

impl SessionError {
    /// What kind of failure this is.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Transport(error) => match error {
                TransportError::Address { .. }
                | TransportError::Header { .. }
                | TransportError::Local { .. } => Failure::Usage,
                TransportError::Unauthorized { .. } => Failure::Authentication,
                TransportError::Spawn { .. }
                | TransportError::Exited { .. }
                | TransportError::Closed { .. }
                | TransportError::Unreachable { .. }
                | TransportError::Redirect { .. }
                | TransportError::Broken(_) => Failure::Unavailable,
                // Too many requests, or a gateway that has nobody behind it.
                TransportError::NotAMessage { status: 429 | 502..=504, .. } => Failure::Unavailable,
                TransportError::NotAMessage { .. }
                | TransportError::NotHttp { .. }
                | TransportError::SessionLost { .. }
                | TransportError::StreamCut { .. }
                | TransportError::TooLarge { .. } => Failure::Protocol,
            },
            Self::Timeout { .. } => Failure::Unavailable,
            Self::WrongAnswer { .. }
            | Self::Refused { .. }
            | Self::NoCommonRevision { .. }
            | Self::TooLarge(_)
            | Self::NotASurface(_) => Failure::Protocol,
        }
    }

    /// Whether only the one request was answered wrongly, so that the next one may be sent on the
    /// same connection.
    pub fn concerns_one_request(&self) -> bool {
        matches!(
            self,
            Self::WrongAnswer { .. }
                | Self::Refused { .. }
                | Self::Transport(
                    TransportError::NotAMessage { .. } | TransportError::Unauthorized { .. }
                )
        )
    }

    /// The last lines the server wrote to its standard error, where they may explain the failure.
    pub fn stderr(&self) -> &[String] {
        match self {
            Self::Transport(
                TransportError::Exited { stderr, .. } | TransportError::Closed { stderr },
            )
            | Self::Timeout { stderr, .. } => stderr,
            _ => &[],
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Transport(error) => transport_help(error),
            Self::Timeout { .. } => {
                "check that this command or address is an MCP server and not a program that waits \
                 for something else; a slow start wants --connect-timeout, a slow server --timeout"
                    .to_owned()
            }
            Self::WrongAnswer { .. } => {
                "the server must answer with the id of the request and the result the \
                 specification asks for; look at its messages with --server-log or a debugger"
                    .to_owned()
            }
            Self::Refused { method, .. } if method == "server/discover" => {
                "the server does not speak 2026-07-28; use --era legacy or --era auto".to_owned()
            }
            Self::Refused { .. } => "the message above is the server's own reason".to_owned(),
            Self::NoCommonRevision { .. } => {
                "offer a published revision, at best 2026-07-28 or 2025-11-25".to_owned()
            }
            Self::TooLarge(_) => {
                "raise --max-bytes if the surface is meant to be that large".to_owned()
            }
            Self::NotASurface(_) => "please report this as a bug of mcp-kit".to_owned(),
        }
    }
}

/// Whether a program is named by a path, so that it is not looked for anywhere.
fn has_folder(program: &str) -> bool {
    program.contains(std::path::is_separator)
}

fn transport_help(error: &TransportError) -> String {
    match error {
        TransportError::Spawn { program, source }
            if source.kind() == std::io::ErrorKind::NotFound && has_folder(program) =>
        {
            "there is no such file, or what its first line names to run it is not there; after `--` \
             give the exact command that starts the server, for example: -- node build/index.js"
        }
        TransportError::Spawn { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            "it was looked for in PATH; after `--` give the exact command that starts the server, for \
             example: -- node build/index.js"
        }
        TransportError::Spawn { .. } => {
            "after `--` give the exact command that starts the server, for example: -- node build/index.js"
        }
        TransportError::Exited { .. } | TransportError::Closed { .. } => {
            "run the command by hand and see whether it stays; variables it needs are passed on \
             with -e NAME or --pass-env, since a server gets a minimal environment"
        }
        TransportError::Unreachable { .. } => {
            "check the address and that the server is running"
        }
        TransportError::Header { .. } => {
            "look for a line break or a character outside ASCII in it"
        }
        TransportError::Local { .. } => "give a path that exists and may be used",
        TransportError::Address { .. } => {
            "give the whole address, for example https://mcp.example.com/mcp"
        }
        TransportError::Unauthorized { status: 403, challenge, .. } => {
            return match &challenge.scope {
                Some(scope) => format!("the token needs the scope `{scope}`"),
                None => "use a token of a user who may list the tools".to_owned(),
            };
        }
        TransportError::Unauthorized { challenge, .. } => {
            let how = "pass a token with --bearer-env NAME, or a header with -H @FILE";
            return match &challenge.resource_metadata {
                Some(url) => format!("{how}; how to get one is described at {url}"),
                None => format!("{how}; the server does not say how to get one (RFC 9728)"),
            };
        }
        TransportError::Redirect { .. } => "give the final address as the target",
        TransportError::NotAMessage { status: 404 | 405, .. } => {
            "check the path, often /mcp; a server of the HTTP+SSE transport of 2024-11-05 is not \
             supported"
        }
        TransportError::NotAMessage { status: 429 | 502..=504, .. } => {
            "the server or its gateway is overloaded or down; try again later"
        }
        TransportError::NotAMessage { status: 500.., .. } => {
            "the server failed before it could answer; look at its log"
        }
        TransportError::NotAMessage { .. } => {
            "an MCP endpoint answers POST with JSON or an event stream; check the path, often /mcp"
        }
        TransportError::NotHttp { .. } => {
            "check the port and whether it wants http:// or https://"
        }
        TransportError::SessionLost { .. } => {
            "the server must keep a session until it is deleted or say so at once"
        }
        TransportError::StreamCut { .. } => {
            "look for a proxy that ends streams; a server that gives its events ids can be resumed"
        }
        TransportError::TooLarge { .. } => {
            "raise --max-bytes if the server is meant to send that much in one message"
        }
        TransportError::Broken(_) => "try again; if it stays, look at the server's log",
    }
    .to_owned()
}
