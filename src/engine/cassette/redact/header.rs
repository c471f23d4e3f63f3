//! Which headers of HTTP are kept.

use super::name::{Naming, naming};

/// Headers that say how a message was carried and nothing about who has sent it. All others are left
/// out: what a gateway calls its credentials nobody can list.
const KEPT: &[&str] = &[
    "accept", "accept-encoding", "allow", "cache-control", "connection", "content-encoding",
    "content-length", "content-type", "date", "last-event-id", "location", "mcp-method",
    "mcp-name", "mcp-protocol-version", "origin", "retry-after", "server", "traceparent",
    "transfer-encoding", "user-agent", "vary", "www-authenticate", "x-accel-buffering",
    "x-request-id",
];

/// Families of them.
const KEPT_PREFIXES: &[&str] = &["mcp-param-", "ratelimit-", "x-ratelimit-"];

pub(super) fn is_kept(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    KEPT.binary_search(&&*name).is_ok()
        || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether it carries an argument that is a secret (specification 2026-07-28, "Custom Headers from
/// Tool Parameters").
pub(super) fn is_secret_parameter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_prefix("mcp-param-").is_some_and(|it| matches!(naming(it), Naming::Secret { .. }))
}

#[cfg(test)]
mod tests {
    use super::{KEPT, is_kept};

    #[test]
    fn what_is_kept_is_found_in_any_case() {
        assert!(KEPT.is_sorted());
        assert!(is_kept("Mcp-Method") && is_kept("X-RateLimit-Remaining"));
        for name in ["Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "Mcp-Session-Id"] {
            assert!(!is_kept(name), "{name}");
        }
    }
}
