//! What a client needs to get a token: the metadata of the protected resource (RFC 9728) and the
//! challenges that point to it (RFC 6750 section 3, RFC 9728 section 5.1).

use std::net::IpAddr;

use reqwest::Url;
use serde_json::json;

use super::Refusal;

/// The path that RFC 9728 puts between host and path of a resource.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Why an address cannot be that of a resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not a canonical address.
    #[error("the resource `{resource}` {fault}")]
    Resource {
        /// As configured.
        resource: String,
        /// What is wrong with it, and what to write.
        fault: String,
    },
    /// Not a scope as RFC 6749 section 3.3 spells them.
    #[error("the scope `{0}` has a character that no scope has: use letters, digits and `.:_-`")]
    Scope(String),
}

/// A server, as a resource that authorization servers give tokens for.
#[derive(Debug, Clone)]
pub struct Metadata {
    resource: String,
    address: String,
    paths: Vec<String>,
    document: String,
}

/// Why a request is answered with a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// There is no token: 401.
    NoToken,
    /// There is one, and it is not taken: 401.
    InvalidToken,
    /// It was not granted for what this request needs: 403.
    InsufficientScope,
}

impl Challenge {
    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::NoToken | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
        }
    }
}

impl From<&Refusal> for Challenge {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NoToken => Self::NoToken,
            _ => Self::InvalidToken,
        }
    }
}

impl Metadata {
    /// The metadata of a resource. `resource` is the canonical address that tokens are meant for, as
    /// clients spell it; `servers` are the issuers of tokens, none in a demonstration.
    ///
    /// # Errors
    /// When the address is not canonical, or a scope is none.
    pub fn new(resource: &str, servers: &[&str], scopes: &[&str]) -> Result<Self, MetadataError> {
        let url = canonical(resource)?;
        if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(MetadataError::Scope(scope.escape_debug().to_string()));
        }
        // A refresh token is between client and authorization server (MCP 2026-07-28,
        // authorization, "Scope Selection").
        let offered: Vec<_> = scopes.iter().filter(|scope| **scope != "offline_access").collect();
        let mut document = json!({
            "resource": resource,
            "bearer_methods_supported": ["header"],
            "scopes_supported": offered,
        });
        if !servers.is_empty() {
            document["authorization_servers"] = json!(servers);
        }
        let path = url.path().trim_end_matches('/');
        let mut paths = vec![format!("{WELL_KNOWN}{path}")];
        if !path.is_empty() {
            paths.push(WELL_KNOWN.to_owned());
        }
        let address = format!("{}{}", url.origin().ascii_serialization(), paths[0]);
        let document = document.to_string();
        Ok(Self { resource: resource.to_owned(), address, paths, document })
    }

    /// The canonical address.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The document, as JSON text.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Where the document is served: at the path made for the resource, and at the root for clients
    /// that look there only.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The address of the document.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The `WWW-Authenticate` header of an answer. `scopes` are all that the request needs, not
    /// only those that are missing: what was granted before is not added by clients.
    pub fn challenge(&self, challenge: Challenge, scopes: &[&str]) -> String {
        let mut value = format!("Bearer resource_metadata={}", quoted(&self.address));
        let scopes: Vec<&str> = scopes.iter().copied().filter(|scope| is_scope(scope)).collect();
        if !scopes.is_empty() {
            value.push_str(&format!(", scope={}", quoted(&scopes.join(" "))));
        }
        let error = match challenge {
            // RFC 6750 section 3.1: no error code where no token was sent.
            Challenge::NoToken => return value,
            Challenge::InvalidToken => ("invalid_token", Refusal::PUBLIC_TEXT),
            Challenge::InsufficientScope => {
                ("insufficient_scope", "this request needs the scopes that are named here")
            }
        };
        value.push_str(&format!(
            ", error={}, error_description={}",
            quoted(error.0),
            quoted(error.1)
        ));
        value
    }
}

/// A resource in the one spelling that tokens are compared with.
fn canonical(resource: &str) -> Result<Url, MetadataError> {
    let wrong = |fault: String| MetadataError::Resource { resource: resource.to_owned(), fault };
    let url = Url::parse(resource).map_err(|_| {
        wrong("is not an address; write for example https://mcp.example.com/mcp".into())
    })?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(wrong("is not https, so that tokens would travel in clear text".into()));
        }
        other => return Err(wrong(format!("has the scheme `{other}`; use https"))),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query or a fragment; leave it out".into()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("carries credentials; leave them out".into()));
    }
    let text = url.as_str();
    let is_canonical = resource == text || (url.path() == "/" && format!("{resource}/") == text);
    if is_canonical { Ok(url) } else { Err(wrong(format!("is not canonical; write {text}"))) }
}

/// Whether an address is on this machine, by its number or as `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || number.is_ok_and(|number| number.is_loopback())
}

/// RFC 6749 section 3.3: `scope-token`.
fn is_scope(scope: &str) -> bool {
    !scope.is_empty()
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// A quoted string (RFC 9110 section 5.6.4), in ASCII.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            // Neither a line break nor anything else splits the header.
            _ => quoted.push('?'),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Challenge, Metadata, MetadataError, quoted};

    const RESOURCE: &str = "https://mcp.example.com/mcp";

    fn metadata() -> Metadata {
        let scopes = ["crm.read", "crm.write", "offline_access"];
        Metadata::new(RESOURCE, &["https://id.example"], &scopes).unwrap()
    }

    #[test]
    fn the_document_says_who_gives_tokens_for_what() {
        let document: Value = serde_json::from_str(metadata().document()).unwrap();
        assert_eq!(
            document,
            json!({
                "resource": RESOURCE,
                "authorization_servers": ["https://id.example"],
                "bearer_methods_supported": ["header"],
                "scopes_supported": ["crm.read", "crm.write"],
            })
        );
    }

    #[test]
    fn it_is_found_at_the_path_of_the_resource_and_at_the_root() {
        for (resource, paths) in [
            (
                "http://127.0.0.1:8080/mcp",
                &[
                    "/.well-known/oauth-protected-resource/mcp",
                    "/.well-known/oauth-protected-resource",
                ][..],
            ),
            (
                "https://h.example/a/b",
                &[
                    "/.well-known/oauth-protected-resource/a/b",
                    "/.well-known/oauth-protected-resource",
                ],
            ),
            ("https://h.example", &["/.well-known/oauth-protected-resource"]),
            ("https://h.example/", &["/.well-known/oauth-protected-resource"]),
        ] {
            let metadata = Metadata::new(resource, &[], &[]).unwrap();
            assert_eq!(metadata.paths(), paths, "{resource}");
        }
        let address = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
        assert_eq!(metadata().address(), address);
        let with_port = Metadata::new("http://[::1]:80/mcp", &[], &[]);
        assert!(with_port.is_err(), "80 is the default and not written in the canonical form");
    }

    #[test]
    fn only_a_canonical_address_is_one() {
        for resource in [
            "mcp.example.com",
            "ftp://h.example/mcp",
            "http://h.example/mcp",
            "http://127.0.0.1.h.example/mcp",
            "http://localhost.h.example/mcp",
            "HTTPS://h.example/mcp",
            "https://H.example/mcp",
            "https://h.example:443/mcp",
            "https://h.example/a/../mcp",
            "https://h.example/mcp?x=1",
            "https://h.example/mcp#x",
            "https://user@h.example/mcp",
            "https://h.example/mcp ",
        ] {
            let error = Metadata::new(resource, &[], &[]).unwrap_err();
            assert!(matches!(error, MetadataError::Resource { .. }), "{resource}");
        }
        for resource in ["http://localhost:1/mcp", "http://127.1.2.3:1/mcp", "http://[::1]:1/mcp"] {
            Metadata::new(resource, &[], &[]).unwrap();
        }
    }

    #[test]
    fn a_challenge_names_the_metadata_and_all_scopes_of_the_call() {
        let metadata = metadata();
        let pointer = "Bearer resource_metadata=\
                       \"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";
        assert_eq!(
            metadata.challenge(Challenge::NoToken, &["crm.read"]),
            format!("{pointer}, scope=\"crm.read\"")
        );
        let invalid = metadata.challenge(Challenge::InvalidToken, &[]);
        assert!(invalid.starts_with(&format!("{pointer}, error=\"invalid_token\"")), "{invalid}");
        let more = metadata.challenge(Challenge::InsufficientScope, &["crm.read", "crm.write"]);
        let expected =
            format!("{pointer}, scope=\"crm.read crm.write\", error=\"insufficient_scope\"");
        assert!(more.starts_with(&expected), "{more}");
        let statuses = [Challenge::NoToken, Challenge::InvalidToken, Challenge::InsufficientScope]
            .map(Challenge::status);
        assert_eq!(statuses, [401, 401, 403]);
    }

    #[test]
    fn nothing_breaks_out_of_its_quotes() {
        assert_eq!(quoted("a\"b\\c\r\nd é"), r#""a\"b\\c??d ?""#);
        let hostile = ["a\", error=\"x", "a b", "a\r\nSet-Cookie: x", "", "é", "good"];
        let value = metadata().challenge(Challenge::NoToken, &hostile);
        assert!(value.ends_with("scope=\"good\""), "{value}");
        assert!(Metadata::new(RESOURCE, &[], &["a\"b"]).is_err());
    }
}
