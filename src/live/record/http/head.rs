//! Heads of requests and responses: what is passed on, and what the tape is told.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request, response};
use reqwest::Url;

use crate::live::record::frame::Head;

/// Headers about one connection and not about the message (RFC 9110, §7.6.1), and those that a
/// connection makes itself.
const OF_CONNECTION: &[&str] = &[
    "connection", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
];

/// What is passed on of some headers. Compression is narrowed to what the tape can read, for which
/// the other side has to be asked no more than it was.
pub(super) fn passed(headers: &HeaderMap) -> HeaderMap {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let is_passed =
        |name: &HeaderName| !OF_CONNECTION.contains(&name.as_str()) && !listed.contains(name);
    let mut passed: HeaderMap = headers
        .iter()
        .filter(|(name, _)| is_passed(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(accepted) = headers.get(header::ACCEPT_ENCODING) {
        let takes_gzip = accepted.to_str().is_ok_and(|it| it.contains("gzip") || it.contains('*'));
        let narrowed = if takes_gzip { "gzip" } else { "identity" };
        passed.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(narrowed));
    }
    passed
}

/// Where a request goes: to the same path of the server. The endpoint keeps the query that it was
/// given with, which may be a key.
pub(super) fn target(upstream: &Url, uri: &Uri) -> Url {
    let mut target = upstream.clone();
    if uri.path() != upstream.path() {
        target.set_path(uri.path());
        target.set_query(uri.query());
    } else if let Some(query) = uri.query() {
        target.set_query(Some(query));
    }
    target.set_fragment(None);
    target
}

/// What the tape is told of a request.
pub(super) fn of_request(parts: &request::Parts, is_endpoint: bool) -> Head {
    Head {
        method: Some(parts.method.to_string()),
        path: (!is_endpoint).then(|| parts.uri.to_string()),
        status: None,
        headers: listed(&parts.headers),
    }
}

/// What the tape is told of a response.
pub(super) fn of_response(parts: &response::Parts) -> Head {
    let status = Some(parts.status.as_u16());
    Head { method: None, path: None, status, headers: listed(&parts.headers) }
}

fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{passed, target};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn what_is_about_the_connection_stays_here() {
        let before = headers(&[
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
            ("host", "a"),
            ("te", "trailers"),
            ("authorization", "Bearer a"),
            ("mcp-session-id", "s"),
            ("x-own", "1"),
            ("accept-encoding", "br, gzip, zstd"),
        ]);
        let after = passed(&before);
        let mut names: Vec<&str> = after.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept-encoding", "authorization", "mcp-session-id", "x-own"]);
        assert_eq!(after["accept-encoding"], "gzip");
        assert_eq!(passed(&headers(&[("accept-encoding", "br")]))["accept-encoding"], "identity");
    }

    #[test]
    fn paths_are_those_of_the_server() {
        let upstream = "https://a.test:8443/v1/mcp?key=k".parse().unwrap();
        for (uri, expected) in [
            ("/v1/mcp", "https://a.test:8443/v1/mcp?key=k"),
            ("/v1/mcp?x=1", "https://a.test:8443/v1/mcp?x=1"),
            (
                "/.well-known/oauth-protected-resource/v1/mcp",
                "https://a.test:8443/.well-known/oauth-protected-resource/v1/mcp",
            ),
            ("/other?y=2", "https://a.test:8443/other?y=2"),
        ] {
            assert_eq!(target(&upstream, &uri.parse().unwrap()).as_str(), expected);
        }
    }
}
