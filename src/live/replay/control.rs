//! What a server under test lets a test do to it: turn its clock, have it
//! die at a point of a write, and go back to the beginning.
//!
//! The endpoint is the one that `mcp-kit dev` opens with `--control`: `POST /clock` with
//! `{"advance_ms": …}`, `POST /kill` with a point of a write, `POST /reset`. It is found by its address, or by a file that has it, because a
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

    /// The points of a write at which the server can be told to die; none where it cannot.
    pub async fn points(&self) -> Vec<String> {
        let Ok(told) = self.get().await else { return Vec::new() };
        let points = told.pointer("/kill/points").and_then(Value::as_array).into_iter().flatten();
        points.filter_map(|point| point.as_str().map(str::to_owned)).collect()
    }

    /// Has the server die when a write of a tool comes to a point.
    ///
    /// # Errors
    /// Why it was not told, as a lowercase fragment.
    pub async fn kill_at(&self, point: &str, tool: &str) -> Result<(), String> {
        self.post("kill", json!({"point": point, "tool": tool, "after": 0})).await
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
    async fn get(&self) -> Result<Value, String> {
        let address = self.address()?;
        let text = answered(client()?.get(&address), &address).await?;
        serde_json::from_str(&text).map_err(|error| format!("{address}: {error}"))
    }

    #[cfg(feature = "http")]
    async fn post(&self, what: &str, body: Value) -> Result<(), String> {
        let address = format!("{}/{what}", self.address()?.trim_end_matches('/'));
        answered(client()?.post(&address).body(body.to_string()), &address).await.map(drop)
    }

    #[cfg(not(feature = "http"))]
    async fn get(&self) -> Result<Value, String> {
        Err(format!("this build cannot ask {}: it has no HTTP", self.address()?))
    }

    #[cfg(not(feature = "http"))]
    async fn post(&self, what: &str, _: Value) -> Result<(), String> {
        let address = self.address()?;
        Err(format!("this build cannot ask {address} for {what}: it has no HTTP"))
    }
}

#[cfg(feature = "http")]
fn client() -> Result<reqwest::Client, String> {
    // Installing it twice is refused, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(LIMIT).build();
    client.map_err(|error| error.to_string())
}

/// What a request is answered, where it succeeds.
#[cfg(feature = "http")]
async fn answered(request: reqwest::RequestBuilder, address: &str) -> Result<String, String> {
    let response = request.send().await.map_err(|error| format!("{address}: {error}"))?;
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    match status.is_success() {
        true => Ok(text),
        false => Err(format!("{address} answers {status}: {text}")),
    }
}
