//! Accepting connections, so many at a time, and ending them when the server stops.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1::Builder, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::super::{
    super::points::{Points, Wire},
    limits::Limits,
    metrics::Metrics,
    watched::Watched,
};

/// How long to wait before accepting again when the system refuses, as it does without descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until told to stop. Returns those that are still open.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    metrics: Arc<Metrics>,
    points: Points,
    stop: CancellationToken,
) -> GracefulShutdown {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(fault) => {
                warn!(%fault, "a connection is not accepted");
                time::sleep(PAUSE).await;
                continue;
            }
        };
        // Without it, every event of a stream waits for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let wire = points.wire();
        let service = TowerToHyperService::new(router.clone());
        let service = Over { service, wire: wire.clone() };
        // Whoever does not read must not keep the place for ever.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write));
        let stream = Watched::new(Box::pin(stream), wire);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            metrics.connections.inc();
            if let Err(fault) = connection.await {
                debug!(%fault, "a connection has ended");
            }
            metrics.connections.dec();
            drop(place);
        });
    }
    graceful
}

/// A service whose requests know over what they came, where somebody watches that.
struct Over<S> {
    service: S,
    wire: Option<Wire>,
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for Over<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, mut request: Request<Incoming>) -> S::Future {
        if let Some(wire) = &self.wire {
            request.extensions_mut().insert(wire.clone());
        }
        self.service.call(request)
    }
}
