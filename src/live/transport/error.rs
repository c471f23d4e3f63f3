//! Why a server could not be talked to.

use std::io;

/// A transport failure. What the server said comes along, because it is usually the answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The program could not be started.
    #[error("`{program}` did not start: {source}")]
    Spawn {
        /// The program as it was given.
        program: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The program ended while an answer was expected.
    #[error("the server ended ({status})")]
    Exited {
        /// The exit status in words.
        status: String,
        /// The last lines of its standard error.
        stderr: Vec<String>,
    },
    /// The program closed its standard output and lives on.
    #[error("the server closed its standard output")]
    Closed {
        /// The last lines of its standard error.
        stderr: Vec<String>,
    },
    /// The endpoint could not be reached: name, address, TLS or proxy.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why, innermost cause last.
        reason: String,
    },
    /// Something answers there, but not in HTTP as it should be.
    #[error("{url} does not answer in proper HTTP: {reason}")]
    NotHttp {
        /// The address.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The address is not one that can be used.
    #[error("`{url}` is not an address of an MCP endpoint: {reason}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header that cannot be sent.
    #[error("the {part} of the header `{name}` has characters that no header may have")]
    Header {
        /// Its name.
        name: String,
        /// Which part: `name` or `value`. The value may be a secret and is not shown.
        part: &'static str,
    },
    /// A file or folder of our own that the server was to be started with.
    #[error("cannot use {path} {purpose}: {source}")]
    Local {
        /// The path.
        path: String,
        /// What for.
        purpose: &'static str,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The endpoint wants credentials, or better ones.
    #[error("{url} answered {status}: {}", if *.status == 401 { "credentials are required" } else { "these credentials do not suffice" })]
    Unauthorized {
        /// The address.
        url: String,
        /// 401 or 403.
        status: u16,
        /// What the server said about how to get them.
        challenge: Challenge,
    },
    /// A redirect that is not followed.
    #[error("{url} redirects to {location}, {reason}")]
    Redirect {
        /// The address.
        url: String,
        /// Where it points.
        location: String,
        /// Why it is not followed.
        reason: &'static str,
    },
    /// An HTTP answer that carries no message.
    #[error("{url} answered {status}{}: {excerpt}", content_type.as_deref().map(|it| format!(" ({it})")).unwrap_or_default())]
    NotAMessage {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The content type, if there was one.
        content_type: Option<String>,
        /// The beginning of the body, or what is there instead.
        excerpt: String,
    },
    /// The session is no longer known to the server (404 for a session id).
    #[error("{url} no longer knows the session it opened")]
    SessionLost {
        /// The address.
        url: String,
    },
    /// A stream ended in the middle and could not be taken up again.
    #[error("the stream of {url} ended before the answer was complete: {reason}")]
    StreamCut {
        /// The address.
        url: String,
        /// What happened.
        reason: String,
    },
    /// A message larger than the limit.
    #[error("a message of more than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// Reading or writing failed.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
}

/// What a 401 or 403 says (RFC 6750 §3, RFC 9728 §5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// Whether there was a `WWW-Authenticate` header at all.
    pub is_present: bool,
    /// `resource_metadata`: where the protected resource describes itself.
    pub resource_metadata: Option<String>,
    /// `scope`: what the call needs.
    pub scope: Option<String>,
    /// `error`, for example `insufficient_scope`.
    pub error: Option<String>,
}

impl Challenge {
    /// Reads the parameters of a `WWW-Authenticate` header; only those that matter here.
    pub fn parse(header: &str) -> Self {
        let parameter = |name: &str| {
            let start = header.find(&format!("{name}="))? + name.len() + 1;
            let rest = &header[start..];
            let value = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => rest.split([',', ' ']).next(),
            };
            value.map(str::to_owned)
        };
        Self {
            is_present: true,
            resource_metadata: parameter("resource_metadata"),
            scope: parameter("scope"),
            error: parameter("error"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn a_challenge_is_read_with_and_without_quotes() {
        let header = r#"Bearer error="insufficient_scope", scope="crm.read crm.write", resource_metadata=https://a.example/.well-known/x"#;
        let challenge = Challenge::parse(header);
        assert_eq!(challenge.scope.as_deref(), Some("crm.read crm.write"));
        assert_eq!(challenge.error.as_deref(), Some("insufficient_scope"));
        let metadata = challenge.resource_metadata.as_deref();
        assert_eq!(metadata, Some("https://a.example/.well-known/x"));
    }
}
