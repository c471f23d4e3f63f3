//! The fixture on the host: open to everybody, as nobody in particular.

use std::{collections::BTreeSet, io, path::Path, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Fixture;
use crate::serve::runtime::{
    clock::Clock,
    host::{Guarded, Limits, Metrics, http},
    identity::Identity,
    points::Points,
    store::{self, Location, StoreError},
    tables,
};

/// How long a request may take. A person or a model may be asked meanwhile.
const LIMIT: Duration = Duration::from_secs(60);

/// Why the fixture is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store for sessions cannot be used.
    #[error("sessions cannot be kept: {0}")]
    Store(#[from] StoreError),
    /// Connections cannot be accepted.
    #[error("cannot listen any longer: {0}")]
    Listen(#[from] io::Error),
    /// There are no random numbers for a key.
    #[error("the system has no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Serves the fixture until told to stop. Sessions are kept in this folder.
///
/// # Errors
///
/// Where the folder cannot be used, or connections cannot be accepted any more.
pub async fn serve(
    listener: TcpListener,
    folder: &Path,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let store = store::open(&Location::Folder(folder.to_owned())).await?;
    store.migrate(tables::MIGRATIONS).await?;
    let (limits, metrics) = (Limits::default(), Arc::new(Metrics::default()));
    let config = http::Config {
        access: http::Access::Everybody(Arc::new(visitor())),
        lacking_scopes: Arc::new(|_, _| None),
        approvals: None,
        hosts: Vec::new(),
        origins: Vec::new(),
        store: Arc::clone(&store),
        clock: Clock::system(),
        limits,
        metrics: Arc::clone(&metrics),
        points: Points::default(),
    };
    let handler = Guarded::new(Fixture::new()?, metrics, LIMIT, Duration::ZERO);
    http::serve(listener, handler, config, stop).await;
    store.close().await;
    Ok(())
}

/// Who everybody is.
fn visitor() -> Identity {
    Identity {
        tenant: "conformance".to_owned(),
        subject: "visitor".to_owned(),
        issuer: "mcp-kit".to_owned(),
        client: None,
        groups: BTreeSet::new(),
        clearance: 0,
        scopes: BTreeSet::new(),
    }
}
