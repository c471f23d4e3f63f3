//! The stand-in itself: an HTTP server on this machine.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use reqwest::{Client, Url, redirect::Policy};
use tokio::net::{TcpListener, TcpStream};

use super::{RETRY_AFTER, UpstreamFault};

/// The most bytes of a request or an answer.
const MOST_BYTES: usize = 16 << 20;

/// How long the real upstream may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A stand-in for an upstream. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Upstream {
    inner: Arc<Inner>,
    url: String,
}

#[derive(Debug)]
struct Inner {
    behind: Behind,
    fault: Mutex<Option<UpstreamFault>>,
    asked: AtomicU64,
    /// What was done, a line each: the method and the path, and the key or else a number.
    made: Mutex<BTreeSet<(String, String)>>,
}

/// What answers where nothing goes wrong.
#[derive(Debug)]
enum Behind {
    /// The real one, or its sandbox.
    Server(Url, Client),
    /// This JSON, whatever is asked.
    Json(String),
}

/// Why there is no stand-in.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Neither an address nor JSON.
    #[error("`{0}` is no upstream")]
    Named(String),
    /// No port is to be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The real one cannot be asked.
    #[error("{0}")]
    Client(String),
}

/// What a request comes to where it is not answered.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends here")]
struct Ended;

impl Upstream {
    /// Listens on this machine and stands in for `named`: the address of the real one or its sandbox, or
    /// `json:` and what everything is answered with.
    ///
    /// # Errors
    /// When it is neither, or nobody can listen there.
    pub async fn listen(named: &str, address: SocketAddr) -> Result<Self, UpstreamError> {
        let wrong = || UpstreamError::Named(named.to_owned());
        let behind = match named.strip_prefix("json:") {
            Some(text) => {
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(text);
                Behind::Json(parsed.map_err(|_| wrong())?.to_string())
            }
            None => {
                let url = Url::parse(named).map_err(|_| wrong())?;
                if !["http", "https"].contains(&url.scheme()) {
                    return Err(wrong());
                }
                // Installing it twice is refused, which is fine.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let client = Client::builder().redirect(Policy::none()).no_gzip().timeout(LIMIT);
                let client = client.build().map_err(|it| UpstreamError::Client(it.to_string()))?;
                Behind::Server(url, client)
            }
        };
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| UpstreamError::Listen { address, source })?;
        let at = listener.local_addr();
        let at = at.map_err(|source| UpstreamError::Listen { address, source })?;
        let path = match &behind {
            Behind::Server(url, _) => url.path().trim_end_matches('/').to_owned(),
            Behind::Json(_) => String::new(),
        };
        let inner = Arc::new(Inner {
            behind,
            fault: Mutex::new(None),
            asked: AtomicU64::new(0),
            made: Mutex::new(BTreeSet::new()),
        });
        let served = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        Ok(Self { inner, url: format!("http://{at}{path}") })
    }

    /// The address to give to the server in the place of the upstream's.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Has every request from now on go wrong, or none of them.
    pub fn arm(&self, fault: Option<UpstreamFault>) {
        *self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// How many requests have come.
    pub fn asked(&self) -> u64 {
        self.inner.asked.load(Ordering::SeqCst)
    }

    /// How many changes it has made of a kind, a method and the beginning of a path (`POST /v1/payments`).
    /// Those under one `Idempotency-Key` are one.
    pub fn made(&self, kind: &str) -> i64 {
        let made = self.inner.made.lock().unwrap_or_else(PoisonError::into_inner);
        let count = made.iter().filter(|(line, _)| line.starts_with(kind)).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let inner = Arc::clone(&inner);
        async move { answer(request, &inner).await }
    });
    let mut server = http1::Builder::new();
    // Whoever waits for a slow answer no more ends the request.
    server.half_close(false).timer(TokioTimer::new());
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, inner: &Inner) -> Result<Response<Full<Bytes>>, Ended> {
    let number = inner.asked.fetch_add(1, Ordering::SeqCst);
    let fault = *inner.fault.lock().unwrap_or_else(PoisonError::into_inner);
    match fault {
        Some(UpstreamFault::Status(status)) => return Ok(refused(status)),
        Some(UpstreamFault::Broken) => return Err(Ended),
        Some(UpstreamFault::Garbled) => {
            let page = "<!doctype html><html><body><h1>We will be back soon</h1></body></html>";
            return Ok(response(StatusCode::OK, "text/html", page.to_owned()));
        }
        Some(UpstreamFault::Slow(time)) => tokio::time::sleep(time).await,
        Some(UpstreamFault::Lost) | None => {}
    }
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|_| Ended)?.to_bytes();
    let line = format!("{} {}", parts.method, parts.uri.path());
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.map_or_else(|| number.to_string(), |key| format!("key {key}"));
    let is_change = parts.method != Method::GET && parts.method != Method::HEAD;
    let answer = match &inner.behind {
        Behind::Json(text) => response(StatusCode::OK, "application/json", text.clone()),
        Behind::Server(url, client) => {
            let target = target(url, &parts.uri);
            let sent = client.request(parts.method, target).headers(passed(&parts.headers));
            match sent.body(body).send().await {
                Ok(response) => whole(response).await?,
                Err(_) => return Err(Ended),
            }
        }
    };
    if is_change && answer.status().is_success() {
        inner.made.lock().unwrap_or_else(PoisonError::into_inner).insert((line, key));
    }
    match fault {
        Some(UpstreamFault::Lost) => Err(Ended),
        _ => Ok(answer),
    }
}

/// The same path and query at the real one. The path of its own address is in the request already.
fn target(url: &Url, uri: &Uri) -> Url {
    let mut target = url.clone();
    target.set_path(uri.path());
    target.set_query(uri.query());
    target
}

async fn whole(response: reqwest::Response) -> Result<Response<Full<Bytes>>, Ended> {
    let response: Response<reqwest::Body> = response.into();
    let (mut parts, body) = response.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|_| Ended)?.to_bytes();
    parts.headers = passed(&parts.headers);
    parts.extensions.clear();
    parts.version = http::Version::HTTP_11;
    Ok(Response::from_parts(parts, Full::new(body)))
}

/// Headers but for those about one connection, and the length, which is set anew (RFC 9110, §7.6.1).
fn passed(headers: &HeaderMap) -> HeaderMap {
    let own: [HeaderName; 7] = [
        header::CONNECTION,
        header::HOST,
        header::TRANSFER_ENCODING,
        header::CONTENT_LENGTH,
        header::TE,
        header::UPGRADE,
        header::EXPECT,
    ];
    let mut passed = headers.clone();
    for name in own {
        passed.remove(name);
    }
    passed
}

fn refused(status: u16) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = serde_json::json!({"error": status.canonical_reason().unwrap_or("error")});
    let mut refused = response(status, "application/json", text.to_string());
    if status == StatusCode::TOO_MANY_REQUESTS {
        refused.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER.into());
    }
    refused
}

fn response(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
