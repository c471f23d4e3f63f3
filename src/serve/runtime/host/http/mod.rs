//! Serving over streamable HTTP: both eras on one endpoint.
//!
//! ```text
//! connection → head, Host → who asks → body: size, keys → scopes → session → Origin, the SDK
//! ```
//!
//! Read [`serve`] first, then `guard`, which is all that a request passes on its way to the SDK.

mod answering;
pub mod approvals;
mod connection;
mod front;
mod guard;
mod health;
mod manager;
mod session;
#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    middleware::from_fn_with_state,
    routing::{any, get},
};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService},
};
use tokio::{net::TcpListener, time};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use super::{
    super::{
        clock::Clock,
        identity::{Identity, Metadata, Verifier},
        points::Points,
        store::Store,
        tables,
    },
    Approvals,
    limits::Limits,
    metrics::Metrics,
};
use manager::Manager;

/// Where the protocol is spoken.
pub const PATH: &str = "/mcp";

/// Who may come in.
pub enum Access {
    /// Whoever has a token for this resource.
    Tokens(Box<Tokens>),
    /// Everybody, as one user. For one's own machine only.
    Everybody(Arc<Identity>),
}

/// What tokens are checked with.
pub struct Tokens {
    /// Checks them.
    pub verifier: Verifier,
    /// What is said about where to get one (RFC 9728).
    pub metadata: Metadata,
    /// The scopes to ask for at first.
    pub scopes: Vec<&'static str>,
    /// Who asks where a request has no token. Nobody, but in a demonstration.
    pub without_token: Option<Arc<Identity>>,
}

impl Tokens {
    /// Whether the server is reached over TLS.
    fn is_secure(&self) -> bool {
        self.metadata.resource().starts_with("https:")
    }
}

/// The scopes that a call of a tool needs, where this user lacks any; nothing for what is no tool for
/// them, who must not learn from the scopes that there is one.
pub type LackingScopes =
    Arc<dyn Fn(&str, &Identity) -> Option<&'static [&'static str]> + Send + Sync>;

/// What a server over HTTP is made of, besides its handler.
pub struct Config {
    /// Who may come in.
    pub access: Access,
    /// For answering 403 before a tool is called.
    pub lacking_scopes: LackingScopes,
    /// What a second person decides about, where there is anything.
    pub approvals: Option<Approvals>,
    /// The names under which the server may be reached, for the check of `Host`; those of loopback
    /// where there are none.
    pub hosts: Vec<String>,
    /// The pages that may call it and read the answers (CORS). Pages of loopback may call it too.
    pub origins: Vec<String>,
    /// Where sessions are kept, so that another process can go on with them.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Clock,
    /// What it takes on.
    pub limits: Limits,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// Where a test may have the process die.
    pub points: Points,
}

/// Serves until told to stop, then lets requests end for a while.
///
/// The handler is called once for every stateless request and once for every session, so making it
/// must be cheap.
pub async fn serve<H: ServerHandler + Clone>(
    listener: TcpListener,
    handler: H,
    config: Config,
    stop: CancellationToken,
) {
    let limits = config.limits;
    let metrics = Arc::clone(&config.metrics);
    let points = config.points.clone();
    let (running, end) = (TaskTracker::new(), CancellationToken::new());
    let router = router(handler, config, running.clone(), &end);
    let connections = connection::accept(listener, router, limits, metrics, points, stop).await;
    let answered = async {
        running.close();
        running.wait().await;
        // What is left are streams that have no end of their own.
        end.cancel();
    };
    let ended = async { tokio::join!(answered, connections.shutdown()) };
    if time::timeout(limits.shutdown, ended).await.is_err() {
        warn!(seconds = limits.shutdown.as_secs(), "requests are broken off");
    }
    end.cancel();
}

/// Pages of the same machine, on whatever port a developer's tools use.
const LOOPBACK_ORIGINS: [&str; 6] = [
    "http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*", "https://localhost:*",
    "https://127.0.0.1:*", "https://[::1]:*",
];

fn router<H: ServerHandler + Clone>(
    handler: H,
    config: Config,
    running: TaskTracker,
    end: &CancellationToken,
) -> Router {
    let (store, clock) = (Arc::clone(&config.store), config.clock.clone());
    let waits = (config.limits.session_idle, config.limits.elicitation);
    let manager = Arc::new(Manager::new(Arc::clone(&store), clock.clone(), waits));
    let sessions = Arc::new(session::Sessions::new(
        Arc::clone(&config.store),
        config.clock.clone(),
        Arc::clone(&manager),
        config.limits,
    ));
    let mut sdk = StreamableHttpServerConfig::default()
        // The body has been read, and bounded, before the SDK sees it.
        .with_max_request_body_bytes(config.limits.message_bytes)
        .with_json_response(true)
        .enforce_origin_validation();
    let pages = config.origins.iter().map(String::as_str);
    sdk = sdk.with_allowed_origins(LOOPBACK_ORIGINS.into_iter().chain(pages));
    if !config.hosts.is_empty() {
        sdk = sdk.with_allowed_hosts(config.hosts.iter().map(String::as_str));
    }
    sdk.cancellation_token = end.child_token();
    sdk.session_store = Some(Arc::clone(&sessions) as _);
    let names = Arc::new(front::Names::new(&config.hosts));
    let pages = front::pages(&config.origins);
    // In an `Arc`, because the service is cloned for each request with all of its configuration.
    let service = Arc::new(StreamableHttpService::new(move || Ok(handler.clone()), manager, sdk));
    let answer = move |request: Request| {
        let service = Arc::clone(&service);
        async move { service.handle(request).await }
    };
    tokio::spawn(expire(Arc::clone(&sessions), store, clock, end.clone()));
    let state = Arc::new(guard::Guard::new(config, sessions, running));
    let mut router = Router::new()
        .route(PATH, any(answer))
        .route_layer(from_fn_with_state(Arc::clone(&state), guard::guard))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    for path in state.metadata().map(Metadata::paths).unwrap_or_default() {
        router = router.route(path, get(health::resource_metadata));
    }
    if approvals::is_open(state.config()) {
        router = router.merge(approvals::router(&state));
    }
    router.with_state(state).layer(pages).layer(from_fn_with_state(names, front::named))
}

/// How often sessions, kept answers and jobs are looked through.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

/// Forgets sessions that nobody uses any more, answers and jobs that are too old, and visits that have
/// ended, until the server ends.
async fn expire(
    sessions: Arc<session::Sessions>,
    store: Arc<dyn Store>,
    clock: Clock,
    end: CancellationToken,
) {
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            () = time::sleep(EXPIRE_EVERY) => {}
        }
        if let Err(fault) = sessions.expire().await {
            warn!(%fault, "old sessions are not removed");
        }
        if let Err(fault) = tables::expire(&*store, clock.now()).await {
            warn!(%fault, "what is too old is not removed");
        }
    }
}
