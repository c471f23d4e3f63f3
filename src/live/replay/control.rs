//! What a server under test lets a test do to it: turn its clock, and go back to the beginning.
//!
//! The endpoint is the one that `mcp-kit dev` opens with `--control`: `POST /clock` with
//! `{"advance_ms": …}`, `POST /reset`. It is found by its address, or by a file that has it, because a
//! server that is started again listens somewhere else.

use std::{fs, path::PathBuf, time::Duration};

use serde_json::{Value, json};

/// Where the endpoint is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// At this address.
    At(String),
    /// At the address in this file.
    In(PathBuf),
}

/// How long one order may take.
#[cfg(feature = "http")]
const LIMIT: Duration = Duration::from_secs(10);

impl Control {
    /// An address, or else the file that has it.
    pub fn named(text: &str) -> Self {
        match text.starts_with("http://") || text.starts_with("https://") {
            true => Self::At(text.to_owned()),
            false => Self::In(PathBuf::from(text)),
        }
    }

    /// Puts the clock of the server ahead.
    ///
    /// # Errors
    /// Why it was not, as a lowercase fragment.
    pub async fn advance(&self, by: Duration) -> Result<(), String> {
        self.post("clock", json!({"advance_ms": by.as_millis()})).await
    }

    /// Brings the server back to where it began.
    ///
    /// # Errors
    /// Why it was not, as a lowercase fragment.
    pub async fn reset(&self) -> Result<(), String> {
        self.post("reset", json!({})).await
    }

    fn address(&self) -> Result<String, String> {
        match self {
            Self::At(address) => Ok(address.clone()),
            Self::In(file) => match fs::read_to_string(file) {
                Ok(text) => Ok(text.trim().to_owned()),
                Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
            },
        }
    }

    #[cfg(feature = "http")]
    async fn post(&self, what: &str, body: Value) -> Result<(), String> {
        let address = format!("{}/{what}", self.address()?.trim_end_matches('/'));
        // Installing it twice is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(LIMIT).build();
        let client = client.map_err(|error| error.to_string())?;
        let request = client.post(&address).body(body.to_string());
        let response = request.send().await.map_err(|error| format!("{address}: {error}"))?;
        let status = response.status();
        match status.is_success() {
            true => Ok(()),
            false => Err(format!(
                "{address} answers {status}: {}",
                response.text().await.unwrap_or_default()
            )),
        }
    }

    #[cfg(not(feature = "http"))]
    async fn post(&self, what: &str, _: Value) -> Result<(), String> {
        let address = self.address()?;
        Err(format!("this build cannot ask {address} for {what}: it has no HTTP"))
    }
}
