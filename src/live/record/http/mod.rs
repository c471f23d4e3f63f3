//! The relay of a server behind a URL: requests to it, answers back.
//!
//! Bodies are passed on piece by piece as they come, each handed to the tape first, so a stream of
//! events is as live as it is without us, and whoever is slow holds up the other. Whoever goes away
//! ends the other's request too. Heads are passed on but for what is about one connection only;
//! bodies are not looked into, and not decompressed.

mod body;
mod head;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use reqwest::{Client, Url, redirect::Policy};
use tokio::net::TcpListener;

use super::{
    TapeLink,
    frame::{Kind, Tag},
};
use crate::{
    engine::cassette::Party,
    live::{mask, transport::listen},
};

use body::{Recorded, said};

/// A server behind a URL that is to be recorded.
#[derive(Debug)]
pub struct HttpRelay {
    listener: TcpListener,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    upstream: Url,
    client: Client,
    tape: TapeLink,
    /// The last channel.
    channels: AtomicU64,
    /// Whether only requests that name this machine are taken.
    is_local: bool,
}

type Answer = Response<Recorded>;

/// Why a relay cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HttpStartError {
    /// The address of the server is none.
    #[error("`{url}` is no address of a server: {reason}")]
    Upstream {
        /// The address as it may be shown.
        url: String,
        /// Why.
        reason: String,
    },
    /// Nobody can listen there.
    #[error(transparent)]
    Listen(#[from] listen::ListenError),
}

/// The address of a server, read.
///
/// # Errors
/// When it is none of http or https.
pub fn upstream(text: &str) -> Result<Url, HttpStartError> {
    let wrong = |reason: String| HttpStartError::Upstream { url: mask::address(text), reason };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(wrong(format!("its scheme is `{other}`, not http or https"))),
    }
}

impl HttpRelay {
    /// Prepares to pass on what comes to a listener.
    ///
    /// # Errors
    /// When no client for the server can be made.
    pub fn new(
        listener: TcpListener,
        upstream: Url,
        tape: TapeLink,
    ) -> Result<Self, HttpStartError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        // What the server says is the client's to follow, to unpack and to wait for.
        let mut builder = Client::builder().redirect(Policy::none()).no_gzip().referer(false);
        if listen::is_this_machine(upstream.host_str().unwrap_or_default()) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| HttpStartError::Upstream {
            url: mask::address(upstream.as_str()),
            reason: error.to_string(),
        })?;
        let is_local = listen::is_local(&listener);
        let state =
            Arc::new(State { upstream, client, tape, channels: AtomicU64::new(0), is_local });
        Ok(Self { listener, state })
    }

    /// The address for a client to use instead of the server's.
    ///
    /// # Errors
    /// When the system does not know where it listens.
    pub fn url(&self) -> io::Result<String> {
        let address = self.listener.local_addr()?;
        Ok(format!("http://{address}{}", self.state.upstream.path()))
    }

    /// Passes on requests until `stop`, and then ends the recording.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let state = Arc::clone(&self.state);
        let handler = move |request| {
            let state = Arc::clone(&state);
            async move { Ok::<_, std::convert::Infallible>(answer(request, &state).await) }
        };
        listen::serve(self.listener, stop, handler).await;
        self.state.tape.finish();
    }
}

async fn answer(request: Request<Incoming>, state: &Arc<State>) -> Answer {
    if state.is_local && !listen::names_this_machine(request.headers()) {
        // A page on the web may have its name point here; the server behind us cannot see that.
        let text = "this recorder takes requests for this machine only\n";
        return said(StatusCode::FORBIDDEN, text);
    }
    let channel = state.channels.fetch_add(1, Ordering::Relaxed) + 1;
    let tag = |kind, from| Tag { kind, from, channel };
    let target = head::target(&state.upstream, request.uri());
    let is_endpoint = request.uri().path() == state.upstream.path();
    let (parts, body) = request.into_parts();
    let seen = head::of_request(&parts, is_endpoint);
    state.tape.send_json(tag(Kind::Head, Party::Client), &seen);
    let has_body = !hyper::body::Body::is_end_stream(&body);
    let body = Recorded::new(body, Arc::clone(state), tag(Kind::Bytes, Party::Client));
    let mut sent = state.client.request(parts.method, target).headers(head::passed(&parts.headers));
    if has_body {
        sent = sent.body(reqwest::Body::wrap(body));
    } else {
        drop(body);
    }
    let response = match sent.send().await {
        Ok(response) => response,
        Err(error) => {
            let reason = reason(&error);
            let data = serde_json::json!({"reason": reason});
            state.tape.event(channel, "unreachable", data);
            state.tape.send(tag(Kind::End, Party::Server), &[]);
            return said(StatusCode::BAD_GATEWAY, &format!("mcp-kit record: {reason}\n"));
        }
    };
    let (mut parts, body) = Response::<reqwest::Body>::from(response).into_parts();
    state.tape.send_json(tag(Kind::Head, Party::Server), &head::of_response(&parts));
    parts.headers = head::passed(&parts.headers);
    let words = parts.extensions.remove::<hyper::ext::ReasonPhrase>();
    parts.extensions.clear();
    if let Some(words) = words {
        parts.extensions.insert(words);
    }
    parts.version = http::Version::HTTP_11;
    // A body that is passed on as it comes has the length that it was announced with, or none.
    if hyper::body::Body::size_hint(&body).exact().is_none() {
        parts.headers.remove(header::CONTENT_LENGTH);
    }
    let tag = tag(Kind::Bytes, Party::Server);
    Response::from_parts(parts, Recorded::new(body, Arc::clone(state), tag))
}

/// Why a request failed, without the address, which may hold a secret.
fn reason(error: &reqwest::Error) -> String {
    let mut text = if error.is_connect() {
        "the server cannot be reached".to_owned()
    } else {
        "the server has broken off".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
