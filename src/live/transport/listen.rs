//! Listening for clients of streamable HTTP: what the recorder and the mock have in common.
//!
//! A listener on this machine's own address takes requests only that name this machine, so that no page
//! on the web whose name points here can use it (specification 2026-07-28, transports, "Security
//! Warning"). Not for: what is done with a request.

use std::{error::Error, io, net::SocketAddr};

use http::{HeaderMap, Request, Response, header};
use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

/// Nobody can listen there.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenError {
    /// Where.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

/// Takes a port.
///
/// # Errors
/// When it is taken, or not ours to take.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
}

/// Has every request answered until `stop`. A handler that fails ends its connection without an answer.
pub async fn serve<H, F, B, E>(listener: TcpListener, stop: impl Future<Output = ()>, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            accepted = listener.accept() => {
                // One that cannot be taken is the client's affair; out of files is over soon.
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(serve_one(stream, handler.clone()));
                }
            }
        }
    }
}

async fn serve_one<H, F, B, E>(stream: TcpStream, handler: H)
where
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, E>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let _ = stream.set_nodelay(true);
    let mut server = http1::Builder::new();
    // A client that closes its half while it waits for the answer has given up.
    server.half_close(false).timer(TokioTimer::new());
    let _ = server.serve_connection(TokioIo::new(stream), service_fn(handler)).await;
}

/// Whether a listener can be reached from this machine only.
pub fn is_local(listener: &TcpListener) -> bool {
    listener.local_addr().is_ok_and(|address| address.ip().is_loopback())
}

/// Whether a request is for this machine by its `Host`.
pub fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    is_this_machine(without_port(host))
}

/// Whether a page that sends a request, where one does, is of this machine by its `Origin`.
pub fn comes_from_this_machine(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    host.is_some_and(|(_, host)| is_this_machine(without_port(host)))
}

/// Whether a host is this machine.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{comes_from_this_machine, names_this_machine};

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        [(name.parse().unwrap(), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_name_that_points_here_is_not_this_machine() {
        for host in ["localhost:80", "127.0.0.1", "127.0.0.1:1", "[::1]:80"] {
            assert!(names_this_machine(&headers("host", host)), "{host}");
        }
        for host in ["evil.test", "localhost.evil.test:80", "10.0.0.1:80", ""] {
            assert!(!names_this_machine(&headers("host", host)), "{host}");
        }
    }

    #[test]
    fn a_page_of_another_machine_is_refused() {
        assert!(comes_from_this_machine(&HeaderMap::new()));
        for origin in ["http://localhost:6274", "https://127.0.0.1"] {
            assert!(comes_from_this_machine(&headers("origin", origin)), "{origin}");
        }
        for origin in ["https://evil.test", "null", "http://localhost.evil.test:1"] {
            assert!(!comes_from_this_machine(&headers("origin", origin)), "{origin}");
        }
    }
}
