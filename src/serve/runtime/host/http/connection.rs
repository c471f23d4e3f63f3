//! Accepting connections, so many at a time, and ending them when the server stops.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::super::{limits::Limits, metrics::Metrics};

/// How long to wait before accepting again when the system refuses, as it does without descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until told to stop. Returns those that are still open.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    metrics: Arc<Metrics>,
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
        let service = TowerToHyperService::new(router.clone());
        // Whoever does not read must not keep the place for ever.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write));
        let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
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
