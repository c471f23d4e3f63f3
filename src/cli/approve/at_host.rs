//! Proposals on a server, asked for over HTTP with the token of whoever decides.

use std::{env, error::Error, fmt, time::Duration};

use reqwest::{
    Client, Method, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    super::{ExitStatus, error::CliError},
    desk::{Verdict, refused},
};
use crate::serve::runtime::{
    host::http::{
        self,
        approvals::{API, Answer, Decided, FORMAT},
    },
    tool::{Listing, Shown},
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of one.
const MAX_BYTES: usize = 4 << 20;

/// A server.
pub(super) struct Host {
    client: Client,
    /// Where proposals are asked for, without a slash at the end.
    changes: Url,
    token: HeaderValue,
    variable: String,
}

/// What is said of a failure.
#[derive(Default, Deserialize)]
struct Failed {
    error: Fault,
}

#[derive(Default, Deserialize)]
struct Fault {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    next: Next,
}

#[derive(Default, Deserialize)]
struct Next {
    hint: Option<String>,
}

impl Host {
    pub(super) fn new(address: &str, variable: &str) -> Result<Self, CliError> {
        let changes = changes(address)?;
        let token = env::var(variable).ok().filter(|token| !token.trim().is_empty());
        let token = token.ok_or_else(|| {
            CliError::usage(format!("the variable {variable} holds no token"))
                .help("--bearer-env names a variable that holds your access token for the server")
        })?;
        let mut token =
            HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| {
                CliError::usage(format!("what {variable} holds cannot be sent as a token"))
                    .help("a token has no blanks or control characters")
            })?;
        token.set_sensitive(true);
        // Installing it twice is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .timeout(PATIENCE)
            // The token is for this address alone.
            .redirect(Policy::none());
        if is_loopback(&changes) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|fault| {
            CliError::usage(format!("the server cannot be asked: {}", causes(&fault)))
        })?;
        Ok(Self { client, changes, token, variable: variable.to_owned() })
    }

    pub(super) async fn list(&self) -> Result<Listing, CliError> {
        self.ask(Method::GET, &[], None).await
    }

    pub(super) async fn show(&self, id: &str) -> Result<Shown, CliError> {
        self.ask(Method::GET, &[id], None).await
    }

    pub(super) async fn decide(
        &self,
        id: &str,
        digest: &str,
        verdict: Verdict,
    ) -> Result<Shown, CliError> {
        let Verdict { is_approved, reason } = verdict;
        let decided = Decided { digest: digest.to_owned(), approve: is_approved, reason };
        self.ask(Method::POST, &[id, "decision"], Some(&decided)).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Decided>,
    ) -> Result<T, CliError> {
        let mut url = self.changes.clone();
        url.path_segments_mut().expect("it has a host").extend(path);
        let mut request = self.client.request(method, url);
        request =
            request.header(AUTHORIZATION, self.token.clone()).header(ACCEPT, "application/json");
        if let Some(body) = body {
            let body = serde_json::to_vec(body).expect("plain data becomes JSON");
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let unreachable = |fault: reqwest::Error| {
            let message = format!("{} does not answer: {}", self.changes, causes(&fault));
            CliError { status: ExitStatus::Unavailable, ..CliError::usage(message) }
                .help("--url is the address of a server that runs, as its users write it")
        };
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BYTES {
                return Err(self.broken("answers more than is read"));
            }
        }
        if status != StatusCode::OK {
            return Err(self.refused(status, &bytes));
        }
        let answer: Answer<T> = serde_json::from_slice(&bytes)
            .map_err(|fault| self.broken(&format!("does not answer as is expected: {fault}")))?;
        match answer.format == FORMAT {
            true => Ok(answer.content),
            false => Err(self.broken(&format!("answers in the format `{}`", answer.format))),
        }
    }

    fn refused(&self, status: StatusCode, bytes: &[u8]) -> CliError {
        let fault = serde_json::from_slice::<Failed>(bytes).map(|it| it.error);
        let has_words = fault.as_ref().is_ok_and(|fault| !fault.code.is_empty());
        match (status, fault) {
            (_, Ok(fault)) if has_words => refused(&fault.code, &fault.message, fault.next.hint),
            (StatusCode::UNAUTHORIZED, _) => self.authentication(
                "the server does not take the token",
                "it has to be an access token of your own for this server, and may have expired",
            ),
            (StatusCode::FORBIDDEN, Err(_)) => self.authentication(
                "the token was not granted for approving changes",
                "get one that was granted the scope crm.approve",
            ),
            (StatusCode::NOT_FOUND, _) => {
                let message = format!("{} has no approvals", self.changes);
                CliError::usage(message).help(
                    "--url is the address of a server that lets changes be proposed, as its users \
                     write it: serve crm --allow-writes",
                )
            }
            (status, fault) if status.is_server_error() => {
                let why = fault.map(|fault| fault.message).unwrap_or_default();
                let message = format!("the server does not answer now ({status}): {why}");
                CliError { status: ExitStatus::Unavailable, ..CliError::usage(message) }
            }
            (status, Ok(fault)) => self.broken(&format!("answers {status}: {}", fault.message)),
            (status, Err(_)) => self.broken(&format!("answers {status}")),
        }
    }

    fn authentication(&self, message: &str, help: &str) -> CliError {
        let message = format!("{message} in {}", self.variable);
        CliError { status: ExitStatus::Authentication, ..CliError::usage(message) }.help(help)
    }

    fn broken(&self, what: &str) -> CliError {
        let message = format!("{} {what}", self.changes);
        CliError { status: ExitStatus::Protocol, ..CliError::usage(message) }
    }
}

/// Where the proposals of a server are, by the address of its endpoint or of its page.
fn changes(address: &str) -> Result<Url, CliError> {
    let wrong = |fault: &str| {
        CliError::usage(format!("--url {fault}"))
            .help("write the address of the server, for example https://crm.example.com/mcp")
    };
    let mut url = Url::parse(address).map_err(|_| wrong("is no address"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(wrong("is not https, so that the token would travel in clear text")),
        _ => return Err(wrong("is neither https nor http")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("carries credentials; leave them out"));
    }
    let path = url.path().trim_end_matches('/');
    let before =
        [http::PATH, http::approvals::PATH].into_iter().find_map(|it| path.strip_suffix(it));
    let path = format!("{}{API}/changes", before.unwrap_or(path));
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || number.is_ok_and(|number| number.is_loopback())
}

/// An error of the HTTP library with its causes, which is where it says what happened.
fn causes(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next: Option<&dyn Error> = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    if causes.is_empty() { fmt::format(format_args!("{error}")) } else { causes.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn a_server_is_named_by_its_endpoint_its_page_or_its_root() {
        let expected = "https://crm.example.com/approvals/api/v1/changes";
        for address in [
            "https://crm.example.com",
            "https://crm.example.com/",
            "https://crm.example.com/mcp",
            "https://crm.example.com/approvals/",
            "https://crm.example.com/mcp?x#y",
        ] {
            assert_eq!(changes(address).unwrap().as_str(), expected, "{address}");
        }
        let below = changes("https://example.com/crm/mcp").unwrap();
        assert_eq!(below.as_str(), "https://example.com/crm/approvals/api/v1/changes");
        assert!(changes("http://127.0.0.1:7331/mcp").is_ok());
        for wrong in
            ["crm.example.com", "http://crm.example.com", "ftp://x", "https://a:b@c.example"]
        {
            assert_eq!(changes(wrong).unwrap_err().status.code(), 2, "{wrong}");
        }
    }
}
