//! A server from a plan: the store, the policies, the users, and the connector on top.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    place,
    plan::{Access, Plan},
};
use crate::{
    cli::{ExitStatus, error::CliError},
    serve::{
        connector::crm,
        runtime::{
            approval,
            audit::Trail,
            clock::Clock,
            host::{Approvals, Limits, Metrics, Server, http},
            identity::{
                self, Expectations, Identity, KeySet, Metadata, Refreshing, Verifier, demo,
                read_configured,
            },
            points::Points,
            policy::{Fault, Policy, PolicyError, Sources},
            store::{self, Location, Store, StoreError, secret},
            tables,
            tool::{Seal, Services, Toolbox},
        },
    },
};

/// What is around a server, and different in a sandbox.
#[derive(Default)]
pub(in crate::cli) struct Around {
    pub(in crate::cli) clock: Clock,
    pub(in crate::cli) points: Points,
}

/// A server with everything it stands on.
pub(in crate::cli) struct Assembled {
    pub(in crate::cli) server: Server,
    /// Who asks where nothing says it.
    pub(in crate::cli) user: Option<Arc<Identity>>,
    pub(super) limits: Limits,
    pub(in crate::cli) services: Arc<Services>,
    /// What the sample users' tokens are made and checked with.
    pub(in crate::cli) issuer: Option<Arc<demo::Issuer>>,
    location: Location,
    /// Removed when the server ends.
    _throwaway: Option<tempfile::TempDir>,
}

fn toolbox(allows_writes: bool) -> Toolbox {
    if allows_writes { crm::toolbox_with_writes() } else { crm::toolbox() }
}

/// The names of the tools, with or without those that change something.
pub(super) fn tools(allows_writes: bool) -> impl Iterator<Item = &'static str> {
    let toolbox = toolbox(allows_writes);
    let names: Vec<_> = toolbox.all().map(|tool| tool.definition.name).collect();
    names.into_iter()
}

impl Assembled {
    pub(in crate::cli) async fn new(
        plan: &Plan,
        metrics: &Arc<Metrics>,
        around: Around,
    ) -> Result<Self, CliError> {
        let Around { clock, points } = around;
        let (location, throwaway) = place::of(&plan.data, plan.is_demo())?;
        let store = store::open(&location).await.map_err(of_store)?;
        store.migrate(tables::MIGRATIONS).await.map_err(of_store)?;
        store.migrate(crm::MIGRATIONS).await.map_err(of_store)?;
        hold_apart(&*store, &location, plan.is_demo()).await?;
        // Over HTTP it goes on from time to time; over stdio a server does not live for long.
        tables::expire(&*store, clock.now()).await.map_err(of_store)?;
        let policy = policy(plan.policy.as_ref())?;
        let toolbox = toolbox(plan.allows_writes);
        let tools = toolbox.all().map(|tool| tool.definition.name);
        let decided = toolbox.has_reviews().then_some(approval::ACTION);
        if let Some(name) = tools.chain(decided).find(|name| !policy.has_action(name)) {
            return Err(CliError::usage(format!("the policies know no action `{name}`")).help(
                "what can be done is an action of the schema; see the connector's own policies",
            ));
        }
        let seal = secret::load(&*store, "cursor", clock.now()).await.map_err(of_store)?;
        let services = Arc::new(Services {
            trail: Trail::start(Arc::clone(&store)),
            store,
            policy,
            seal: Seal::new(&seal),
            clock: clock.clone(),
            points,
        });
        let limits = Limits::default();
        let server =
            Server::new(&crm::ABOUT, toolbox, Arc::clone(&services), Arc::clone(metrics), limits);
        // Whoever comes without a token was granted all that there is.
        let scopes = all_scopes(&server);
        let (user, issuer) = match &plan.access {
            Access::Demo { user } => {
                let user = user.as_deref().and_then(|name| demo::identity(name, &scopes));
                let issuer = demo::Issuer::open(&place::folder_beside(&location)?, clock)
                    .map_err(|fault| CliError::usage(fault.to_string()))?;
                (user, Some(Arc::new(issuer)))
            }
            Access::One(file) => {
                let user = one_user(file, &scopes)?;
                (Some(user), None)
            }
            Access::Tokens { .. } => (None, None),
        };
        Ok(Self {
            server,
            user: user.map(Arc::new),
            limits,
            services,
            issuer,
            location,
            _throwaway: throwaway,
        })
    }

    /// What it takes to serve over HTTP at an address.
    pub(super) async fn http(
        &self,
        plan: &Plan,
        bound: SocketAddr,
        metrics: &Arc<Metrics>,
    ) -> Result<http::Config, CliError> {
        let clock = &self.services.clock;
        let scopes = self.server.all_scopes();
        let (issuer, resource, keys) = match (&plan.access, &self.issuer) {
            (Access::Tokens { issuer, jwks, resource }, _) => {
                (issuer.as_str(), resource.clone(), identity::Location::new(jwks))
            }
            (_, Some(issuer)) => {
                let resource = format!("http://{bound}{}", http::PATH);
                (demo::ISSUER, resource, identity::Location::Text(issuer.key_set()))
            }
            (_, None) => unreachable!("over HTTP there are tokens or sample users"),
        };
        let wrong = |fault: String| CliError::usage(fault);
        let keys = KeySet::new(keys, Refreshing::default(), clock.clone())
            .map_err(|fault| wrong(fault.to_string()))?;
        if let Err(fault) = keys.refresh().await {
            return Err(CliError { status: ExitStatus::Unavailable, ..wrong(fault.to_string()) }
                .help("--jwks is a file with a JWK Set, or the https:// address of one"));
        }
        let servers: &[&str] = if plan.is_demo() { &[] } else { &[issuer] };
        let metadata =
            Metadata::new(&resource, servers, &scopes).map_err(|fault| wrong(fault.to_string()))?;
        let hosts = match &plan.access {
            Access::Tokens { resource, .. } => host_of(resource).into_iter().collect(),
            _ => loopback_hosts(bound.ip()),
        };
        let expected = Expectations::new(issuer, resource);
        let server = self.server.clone();
        Ok(http::Config {
            access: http::Access::Tokens(Box::new(http::Tokens {
                verifier: Verifier::new(expected, keys, clock.clone()),
                metadata,
                scopes,
                without_token: self.user.clone(),
            })),
            approvals: Approvals::of(&server),
            lacking_scopes: Arc::new(move |tool, who| server.lacking_scopes(tool, who)),
            hosts,
            origins: plan.origins.clone(),
            store: Arc::clone(&self.services.store),
            clock: clock.clone(),
            limits: self.limits,
            metrics: Arc::clone(metrics),
            points: self.services.points.clone(),
        })
    }

    /// All that a token can be granted for here: what the tools take, and what deciding does.
    pub(in crate::cli) fn all_scopes(&self) -> Vec<&'static str> {
        all_scopes(&self.server)
    }

    /// The folder of the store; none where it is in a database.
    pub(super) fn folder(&self) -> Option<&Path> {
        match &self.location {
            Location::Folder(folder) => Some(folder),
            Location::Postgres(_) => None,
        }
    }

    /// Writes what is still to be written, and closes the store.
    pub(in crate::cli) async fn close(&self) {
        if let Err(fault) = self.services.trail.flush().await {
            tracing::error!(%fault, "the trail is not complete");
        }
        self.services.store.close().await;
    }
}

fn all_scopes(server: &Server) -> Vec<&'static str> {
    let approving = Approvals::of(server).map_or(&[][..], |approvals| approvals.scopes());
    [&server.all_scopes(), approving].concat()
}

/// The host of an address, with its port where it has one.
fn host_of(address: &str) -> Option<String> {
    let uri: ::http::Uri = address.parse().ok()?;
    Some(uri.authority()?.to_string())
}

/// What a request to an address of this machine may name in `Host`. Nothing is what the host takes
/// for the usual ones.
fn loopback_hosts(bound: IpAddr) -> Vec<String> {
    let usual = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    if usual.contains(&bound) {
        return Vec::new();
    }
    let addresses = usual.into_iter().chain([bound]).map(|address| address.to_string());
    addresses.chain(["localhost".to_owned()]).collect()
}

/// Sample data, which everybody may read, and data of one's own are never in one store.
async fn hold_apart(store: &dyn Store, location: &Location, is_demo: bool) -> Result<(), CliError> {
    if !is_demo {
        return match crm::demo::is_loaded(store).await.map_err(of_store)? {
            false => Ok(()),
            true => Err(CliError::usage(format!("{location} holds the sample data")).help(
                "name another store for data of your own with --store; --demo serves this one",
            )),
        };
    }
    match crm::demo::load(store).await.map_err(of_store)? {
        true => Ok(()),
        false => Err(CliError::usage(format!(
            "{location} holds customers that are no sample data, and the sample users would read them"
        ))
        .help("name another store for the sample data with --store, or take --throwaway")),
    }
}

/// The user that a file names.
pub(super) fn one_user(file: &Path, scopes: &[&str]) -> Result<Identity, CliError> {
    read_configured(file, scopes).map_err(|fault| CliError::lines(&fault.to_string()))
}

pub(super) fn policy(folder: Option<&PathBuf>) -> Result<Policy, CliError> {
    let own = crm::policies();
    let sources = match folder {
        Some(folder) => Sources::read(folder).map_err(of_policy)?.or_schema_of(&own),
        None => own,
    };
    let policy = Policy::load(&sources).map_err(of_policy)?;
    for warning in policy.warnings() {
        tracing::warn!(warning, "policies");
    }
    Ok(policy)
}

/// A line for every fault, and what to do about them once.
fn of_policy(fault: PolicyError) -> CliError {
    let PolicyError::Faults(faults) = &fault else { return CliError::usage(fault.to_string()) };
    let line = |fault: &Fault| match fault.line {
        Some(line) => format!("{}:{line}: {}", fault.file, fault.message),
        None => format!("{}: {}", fault.file, fault.message),
    };
    let lines: Vec<String> = faults.iter().map(line).collect();
    let mut helps: Vec<&str> = faults.iter().map(|fault| fault.help.as_str()).collect();
    helps.sort_unstable();
    helps.dedup();
    CliError::lines(&lines.join("\n")).help(helps.join("\n"))
}

/// A store that cannot be used is a matter of the call, or of a machine that does not answer.
pub(in crate::cli) fn of_store(fault: StoreError) -> CliError {
    let error = CliError::usage(fault.to_string());
    match fault.is_transient() {
        true => CliError { status: ExitStatus::Unavailable, ..error },
        false => error,
    }
}
