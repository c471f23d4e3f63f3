//! Where a JWK Set is read from.

use std::{error::Error, path::PathBuf};

use reqwest::{Client, StatusCode, Url, header::ACCEPT, redirect::Policy};
use tokio::{fs::File, io::AsyncReadExt};

use super::{super::metadata::is_loopback, KeySetError, Refreshing};

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a file, which is read again as it changes.
    File(PathBuf),
    /// At an address: https, or http on this machine.
    Url(String),
    /// Here: the text of a JWK Set, which does not change.
    Text(String),
}

impl Location {
    /// An address where it begins like one, otherwise a file.
    pub fn new(text: &str) -> Self {
        if text.contains("://") {
            Self::Url(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }
}

pub(super) enum Source {
    File(PathBuf),
    Url { url: Url, client: Client },
    Text(String),
}

impl Source {
    pub(super) fn new(location: Location, refreshing: &Refreshing) -> Result<Self, KeySetError> {
        let text = match location {
            Location::File(path) => return Ok(Self::File(path)),
            Location::Text(text) => return Ok(Self::Text(text)),
            Location::Url(text) => text,
        };
        let wrong = |fault| KeySetError::Location { location: text.clone(), fault };
        let url = Url::parse(&text).map_err(|_| wrong("is not an address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            let mut shown = url.clone();
            // Fails only for addresses that have no host, and so no user either.
            let _ = shown.set_password(None).and_then(|()| shown.set_username(""));
            let fault = "carries credentials; keys are public, so take them out";
            return Err(KeySetError::Location { location: shown.into(), fault });
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(wrong("is not https; keys over http are for this machine only"));
            }
            _ => return Err(wrong("is neither https nor a file")),
        }
        // Installing it twice is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would let the address be chosen by whoever answers.
        let mut builder = Client::builder().redirect(Policy::none()).timeout(refreshing.timeout);
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| KeySetError::Address {
            address: text.clone(),
            fault: format!("cannot be asked: {}", causes(&error)),
        })?;
        Ok(Self::Url { url, client })
    }

    /// For messages.
    pub(super) fn location(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Url { url, .. } => url.to_string(),
            Self::Text(_) => "the built-in key set".to_owned(),
        }
    }

    /// Whether reading again can bring anything new.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    pub(super) async fn read(&self, refreshing: &Refreshing) -> Result<Vec<u8>, KeySetError> {
        let max = refreshing.max_bytes;
        let too_long = || KeySetError::TooLong { location: self.location(), max };
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::File(path) => {
                let failed = |error: std::io::Error| KeySetError::File {
                    path: path.display().to_string(),
                    fault: error.to_string(),
                };
                let file = File::open(path).await.map_err(failed)?;
                let mut bytes = Vec::new();
                file.take(max as u64 + 1).read_to_end(&mut bytes).await.map_err(failed)?;
                if bytes.len() > max { Err(too_long()) } else { Ok(bytes) }
            }
            Self::Url { url, client } => {
                let failed =
                    |fault: String| KeySetError::Address { address: url.to_string(), fault };
                let unreachable =
                    |error: reqwest::Error| failed(format!("cannot be read: {}", causes(&error)));
                let request = client.get(url.clone()).header(ACCEPT, "application/json");
                let mut response = request.send().await.map_err(unreachable)?;
                if response.status() != StatusCode::OK {
                    return Err(failed(format!("answers {}", response.status().as_u16())));
                }
                let mut bytes = Vec::new();
                while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
                    bytes.extend_from_slice(&chunk);
                    if bytes.len() > max {
                        return Err(too_long());
                    }
                }
                Ok(bytes)
            }
        }
    }
}

/// An error of the HTTP library with its causes, which is where it says what happened.
fn causes(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next: Option<&dyn Error> = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}
