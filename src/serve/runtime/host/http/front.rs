//! What a request passes first: the name under which the server was reached, and which pages may read
//! its answers.
//!
//! A page of the web that has its own name lead to this machine (DNS rebinding) is of the same origin
//! for its browser; only the name in the request gives it away.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts, uri::Authority},
    middleware::Next,
    response::Response,
};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tracing::warn;

use super::{PATH, approvals, guard::refuse};

/// The names under which a server may be reached: with a port, or on whatever port.
pub(super) struct Names {
    names: Vec<String>,
}

impl Names {
    /// These names; where there are none, those of loopback.
    pub(super) fn new(names: &[String]) -> Self {
        Self { names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    fn allow(&self, authority: &Authority) -> bool {
        let host = authority.host().to_ascii_lowercase();
        if self.names.is_empty() {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            return host == "localhost"
                || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        }
        let whole = authority.as_str().to_ascii_lowercase();
        self.names.iter().any(|name| *name == host || *name == whole)
    }

    /// Whether nobody but this machine reaches the server. Others are asked for their health by a
    /// supervisor, under whatever address it knows.
    fn are_local(&self) -> bool {
        self.names.is_empty()
    }
}

/// Lets a request through that was sent to a name of this server.
pub(super) async fn named(
    State(names): State<Arc<Names>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let is_checked = names.are_local() || path == PATH || path.starts_with(approvals::PATH);
    let is_allowed = authority(&parts).is_some_and(|authority| names.allow(&authority));
    if is_checked && !is_allowed {
        warn!("a request was sent to a name that is not ours");
        return refuse(StatusCode::FORBIDDEN, "the server is not known under this name (Host)");
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Whom a request is for: what its target says, else its one `Host` (RFC 9112, section 3.2).
fn authority(parts: &Parts) -> Option<Authority> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next(), hosts.next());
    if more.is_some() {
        return None;
    }
    match parts.uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => host?.to_str().ok()?.parse().ok(),
    }
}

/// Lets pages of these origins send requests and read the answers. The pages send no cookies, so what
/// they can do is what their token, or the lack of one, allows.
pub(super) fn pages(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            header::WWW_AUTHENTICATE,
            header::RETRY_AFTER,
            HeaderName::from_static("mcp-session-id"),
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(std::time::Duration::from_secs(600))
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn without_names_those_of_loopback_are_known() {
        let names = Names::new(&[]);
        for known in ["localhost", "LOCALHOST:80", "127.0.0.1:7331", "127.0.0.2", "[::1]:80"] {
            assert!(names.allow(&known.parse().unwrap()), "{known}");
        }
        for other in ["evil.example", "localhost.evil.example", "10.0.0.1:80", "127.0.0.1.nip.io"] {
            assert!(!names.allow(&other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn a_name_counts_on_its_port_or_on_all() {
        let names =
            Names::new(&["mcp.example.com".to_owned(), "other.example.com:8443".to_owned()]);
        for known in ["mcp.example.com", "MCP.example.com:99", "other.example.com:8443"] {
            assert!(names.allow(&known.parse().unwrap()), "{known}");
        }
        for other in ["localhost", "other.example.com", "x.mcp.example.com"] {
            assert!(!names.allow(&other.parse().unwrap()), "{other}");
        }
    }
}
