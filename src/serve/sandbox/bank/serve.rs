//! The bank on the host: its store, its users, and both transports.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    pin::Pin,
    sync::{Arc, OnceLock, atomic::AtomicU32},
    task::{Context, Poll, ready},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

use super::{
    super::control::Subject,
    Bank, Shared,
    bug::{Bug, Bugs},
    config, data,
    network::{Network, NetworkError},
    pace::Pace,
    surface::{Listed, Tool},
};
use crate::serve::runtime::{
    clock::Clock,
    host::{self, Guarded, Limits, Metrics, http},
    identity::{
        self, Expectations, Identity, KeySet, KeySetError, Metadata, MetadataError, Refreshing,
        Verifier, demo,
    },
    points::Points,
    store::{self, Location, Statement, StoreError, secret},
    tables,
    tool::Seal,
};

/// The scopes of its tokens: the first one to read, both to write.
pub const SCOPES: [&str; 2] = ["bank.read", "bank.write"];

/// How long a request may take, with the longest bug.
const LIMIT: Duration = Duration::from_secs(90);

/// Why there is no bank.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The upstream cannot be used.
    #[error("{0}")]
    Network(#[from] NetworkError),
    /// The users have no issuer.
    #[error("{0}")]
    Issuer(#[from] demo::DemoError),
    /// Their tokens cannot be checked.
    #[error("{0}")]
    Keys(#[from] KeySetError),
    /// Nothing can be said about where to get one.
    #[error("{0}")]
    Metadata(#[from] MetadataError),
}

/// What a bank is to be.
#[derive(Debug, Default)]
pub struct Plan {
    /// What it does wrong.
    pub bugs: Bugs,
    /// How long everything takes.
    pub pace: Pace,
    /// The address of the payment network, where there is one.
    pub upstream: Option<String>,
    /// Who asks over stdio, and over HTTP where a request has no token.
    pub user: Option<String>,
}

/// A bank that is open.
pub struct Opened {
    bank: Bank,
    issuer: demo::Issuer,
    user: Option<Arc<Identity>>,
    upstream: Option<String>,
    limits: Limits,
    metrics: Arc<Metrics>,
    /// The address that tokens are for, once it is known.
    resource: OnceLock<String>,
}

impl Opened {
    /// Opens the bank on a store; the key of its users' tokens is in a folder.
    ///
    /// # Errors
    ///
    /// Where the store, the folder or the upstream cannot be used.
    pub async fn new(
        plan: Plan,
        (location, folder): (&Location, &Path),
        (clock, points): (Clock, Points),
    ) -> Result<Self, OpenError> {
        let Plan { bugs, pace, upstream, user } = plan;
        let network = upstream.as_deref().map(|address| Network::new(address, &bugs, &pace));
        let network = network.transpose()?;
        let store = store::open(location).await?;
        store.migrate(tables::MIGRATIONS).await?;
        store.migrate(data::MIGRATIONS).await?;
        data::load(&*store).await?;
        tables::expire(&*store, clock.now()).await?;
        if bugs.has(Bug::CrashDuplicate) {
            // As if they had been in the memory of the process before.
            store::write(&*store, Statement::new("DELETE FROM idempotency")).await?;
        }
        let seal = Seal::new(&secret::load(&*store, "cursor", clock.now()).await?);
        let issuer = demo::Issuer::open(folder, clock.clone())?;
        let tools = Listed::all(&bugs);
        let config = config();
        let shared = Shared {
            store,
            clock,
            points,
            seal,
            bugs,
            pace,
            network,
            tools,
            config,
            acting: AtomicU32::new(0),
        };
        let user = user.and_then(|name| demo::identity(&name, &SCOPES)).map(Arc::new);
        let (shared, departed) = (Arc::new(shared), CancellationToken::new());
        let bank = Bank { shared, identity: None, wire: None, departed };
        let (limits, metrics) = (Limits::default(), Arc::<Metrics>::default());
        let resource = OnceLock::new();
        Ok(Self { bank, issuer, user, upstream, limits, metrics, resource })
    }

    /// Serves its one user over standard input and output.
    ///
    /// # Errors
    ///
    /// Where the output cannot be written.
    pub async fn over_stdio(&self, stop: CancellationToken) -> io::Result<()> {
        let Some(user) = self.user.clone() else {
            return Err(io::Error::other("who asks is not said"));
        };
        let wire = self.bank.shared.points.wire();
        let handler = self.guarded(self.bank.for_user(user, wire.clone()));
        let (input, output) = rmcp::transport::io::stdio_pipes();
        let input = Ending { input, ended: self.bank.departed.clone() };
        let output = host::Watched::new(output, wire);
        let metrics = Arc::clone(&self.metrics);
        host::stdio::serve(handler, input, output, self.limits, metrics, stop).await
    }

    /// What it takes to serve at an address, which is known from here on.
    ///
    /// # Errors
    ///
    /// Where tokens cannot be checked.
    pub async fn bind(&self, bound: SocketAddr) -> Result<Bound, OpenError> {
        let shared = &self.bank.shared;
        let resource = format!("http://{bound}{}", http::PATH);
        let _only_once = self.resource.set(resource.clone());
        let keys = identity::Location::Text(self.issuer.key_set());
        let keys = KeySet::new(keys, Refreshing::default(), shared.clock.clone())?;
        keys.refresh().await?;
        let metadata = Metadata::new(&resource, &[], &SCOPES)?;
        let expected = Expectations::new(demo::ISSUER, resource);
        let tokens = http::Tokens {
            verifier: Verifier::new(expected, keys, shared.clock.clone()),
            metadata,
            scopes: SCOPES.to_vec(),
            without_token: self.user.clone(),
        };
        let config = http::Config {
            access: http::Access::Tokens(Box::new(tokens)),
            approvals: None,
            lacking_scopes: Arc::new(lacking_scopes),
            hosts: Vec::new(),
            origins: Vec::new(),
            store: Arc::clone(&shared.store),
            clock: shared.clock.clone(),
            limits: self.limits,
            metrics: Arc::clone(&self.metrics),
            points: shared.points.clone(),
        };
        Ok(Bound { handler: self.guarded(self.bank.clone()), config })
    }

    fn guarded(&self, bank: Bank) -> Guarded<Bank> {
        Guarded::new(bank, Arc::clone(&self.metrics), LIMIT, Duration::ZERO)
    }

    /// Closes the store.
    pub async fn close(&self) {
        self.bank.shared.store.close().await;
    }
}

/// The scopes of a tool, where this user lacks any.
fn lacking_scopes(tool: &str, identity: &Identity) -> Option<&'static [&'static str]> {
    static ALL: [&str; 2] = SCOPES;
    let scopes = if Tool::named(tool)?.writes() { &ALL[..] } else { &ALL[..1] };
    (!identity.has_scopes(scopes.iter().copied())).then_some(scopes)
}

/// A bank that knows its address.
pub struct Bound {
    handler: Guarded<Bank>,
    config: http::Config,
}

impl Bound {
    /// Serves until told to stop.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        http::serve(listener, self.handler, self.config, stop).await;
    }
}

#[async_trait::async_trait]
impl Subject for Opened {
    fn about(&self) -> Value {
        let users: Vec<Value> = demo::USERS
            .iter()
            .map(|user| json!({"name": user.name, "tenant": user.tenant}))
            .collect();
        let shared = &self.bank.shared;
        json!({
            "connector": super::NAME,
            "server": self.resource.get(),
            "store": shared.store.engine().name(),
            "upstream": self.upstream,
            "bugs": shared.bugs.names(),
            "users": users,
            "scopes": SCOPES,
        })
    }

    fn writes(&self) -> &[&'static str] {
        const {
            &[
                Tool::OpenAccount.name(),
                Tool::Deposit.name(),
                Tool::CloseAccount.name(),
                Tool::ExportStatement.name(),
            ]
        }
    }

    async fn expire(&self) -> Result<(), StoreError> {
        let Shared { store, clock, .. } = &*self.bank.shared;
        while tables::expire(&**store, clock.now()).await? > 0 {}
        Ok(())
    }

    async fn reset(&self) -> Result<(), StoreError> {
        let mut transaction = self.bank.shared.store.begin().await?;
        tables::clear(&mut *transaction).await?;
        data::restore(&mut *transaction).await?;
        transaction.commit().await
    }

    fn scopes(&self) -> &[&'static str] {
        &SCOPES
    }

    fn token(&self, user: &str, scopes: &[&str]) -> Option<String> {
        let resource = self.resource.get()?;
        Some(self.issuer.token(&demo::identity(user, scopes)?, resource))
    }
}

/// An input that says when it has ended.
struct Ending<R> {
    input: R,
    ended: CancellationToken,
}

impl<R: AsyncRead + Unpin> AsyncRead for Ending<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.input).poll_read(context, buffer));
        if read.is_err() || buffer.filled().len() == before {
            self.ended.cancel();
        }
        Poll::Ready(read)
    }
}
