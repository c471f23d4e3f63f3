//! A server from a plan: the store, the policies, the users, and the connector on top.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use super::plan::{Access, Data, Plan};
use crate::{
    cli::{ExitStatus, error::CliError, source},
    serve::{
        connector::crm,
        runtime::{
            audit::Trail,
            clock::Clock,
            host::{Limits, Metrics, Server, http},
            identity::{
                self, Expectations, Identity, KeySet, Metadata, Refreshing, Verifier, demo,
                read_configured,
            },
            policy::{Policy, PolicyError, Sources},
            store::{self, Location, StoreError, secret},
            tables,
            tool::{Seal, Services},
        },
    },
};

/// A server with everything it stands on.
pub(super) struct Assembled {
    pub(super) server: Server,
    /// Who asks where nothing says it.
    pub(super) user: Option<Arc<Identity>>,
    pub(super) limits: Limits,
    services: Arc<Services>,
    /// What the sample users' tokens are checked with.
    issuer: Option<demo::Issuer>,
    /// Removed when the server ends.
    _throwaway: Option<tempfile::TempDir>,
}

/// The names of the tools.
pub(super) fn tools() -> impl Iterator<Item = &'static str> {
    let toolbox = crm::toolbox();
    let names: Vec<_> = toolbox.all().map(|tool| tool.definition.name).collect();
    names.into_iter()
}

impl Assembled {
    pub(super) async fn new(plan: &Plan, metrics: &Arc<Metrics>) -> Result<Self, CliError> {
        let clock = Clock::system();
        let (location, folder, throwaway) = place(&plan.data)?;
        let store = store::open(&location).await.map_err(of_store)?;
        store.migrate(tables::MIGRATIONS).await.map_err(of_store)?;
        store.migrate(crm::MIGRATIONS).await.map_err(of_store)?;
        if plan.is_demo() {
            crm::demo::load(&*store).await.map_err(of_store)?;
        }
        let policy = policy(plan)?;
        let toolbox = crm::toolbox();
        if let Some(tool) = toolbox.all().find(|tool| !policy.has_action(tool.definition.name)) {
            let name = tool.definition.name;
            return Err(CliError::usage(format!("the policies know no action `{name}`"))
                .help("every tool is an action of the schema; see the connector's own policies"));
        }
        let seal = secret::load(&*store, "cursor", clock.now()).await.map_err(of_store)?;
        let services = Arc::new(Services {
            trail: Trail::start(Arc::clone(&store)),
            store,
            policy,
            seal: Seal::new(&seal),
            clock: clock.clone(),
        });
        let limits = Limits::default();
        let server =
            Server::new(&crm::ABOUT, toolbox, Arc::clone(&services), Arc::clone(metrics), limits);
        let scopes = server.all_scopes();
        let (user, issuer) = match &plan.access {
            Access::Demo { user } => {
                let user = user.as_deref().and_then(|name| demo::identity(name, &scopes));
                let issuer = demo::Issuer::open(&folder, clock)
                    .map_err(|fault| CliError::usage(fault.to_string()))?;
                (user, Some(issuer))
            }
            Access::One(file) => {
                let user = read_configured(file, &scopes)
                    .map_err(|fault| CliError::usage(fault.to_string()))?;
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
            _ => Vec::new(),
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
            lacking_scopes: Arc::new(move |tool, who| server.lacking_scopes(tool, who)),
            hosts,
            origins: plan.origins.clone(),
            store: Arc::clone(&self.services.store),
            clock: clock.clone(),
            limits: self.limits,
            metrics: Arc::clone(metrics),
        })
    }

    /// Writes what is still to be written, and closes the store.
    pub(super) async fn close(&self) {
        if let Err(fault) = self.services.trail.flush().await {
            tracing::error!(%fault, "the trail is not complete");
        }
        self.services.store.close().await;
    }
}

/// The host of an address, with its port where it has one.
fn host_of(address: &str) -> Option<String> {
    let uri: ::http::Uri = address.parse().ok()?;
    Some(uri.authority()?.to_string())
}

fn policy(plan: &Plan) -> Result<Policy, CliError> {
    let own = crm::policies();
    let sources = match &plan.policy {
        Some(folder) => Sources::read(folder).map_err(of_policy)?.or_schema_of(&own),
        None => own,
    };
    let policy = Policy::load(&sources).map_err(of_policy)?;
    for warning in policy.warnings() {
        tracing::warn!(warning, "policies");
    }
    Ok(policy)
}

fn of_policy(fault: PolicyError) -> CliError {
    let error = CliError::usage(fault.to_string());
    match &fault {
        PolicyError::Faults(faults) if !faults.is_empty() => error.help(faults[0].help.clone()),
        _ => error,
    }
}

/// A store that cannot be used is a matter of the call, or of a machine that does not answer.
pub(in crate::cli) fn of_store(fault: StoreError) -> CliError {
    let error = CliError::usage(fault.to_string());
    match fault.is_transient() {
        true => CliError { status: ExitStatus::Unavailable, ..error },
        false => error,
    }
}

/// Where the data is: the store, the folder for files beside it, and what is removed at the end.
fn place(data: &Data) -> Result<(Location, PathBuf, Option<tempfile::TempDir>), CliError> {
    if matches!(data, Data::Throwaway) {
        let folder = tempfile::tempdir()
            .map_err(|error| CliError::usage(format!("no temporary folder: {error}")))?;
        let path = folder.path().to_owned();
        return Ok((Location::Folder(path.clone()), path, Some(folder)));
    }
    let usual = usual_folder();
    let location: Location = match data {
        Data::At(store) => store.parse().map_err(of_store)?,
        _ => Location::Folder(usual.clone()?),
    };
    let folder = match &location {
        Location::Folder(folder) => folder.clone(),
        // The key of the sample issuer does not belong into a database that others read.
        Location::Postgres(_) => usual?,
    };
    fs::create_dir_all(&folder)
        .map_err(|error| CliError::file("create", &folder.display().to_string(), &error))?;
    Ok((location, folder, None))
}

/// The folder of this connector where the user's programs keep their data.
pub(in crate::cli) fn usual_folder() -> Result<PathBuf, CliError> {
    let surroundings = source::surroundings(None)?;
    let folder = surroundings.data_home.map(|home| home.join("mcp-kit").join(crm::ABOUT.name));
    folder.ok_or_else(|| {
        CliError::usage("where to keep the data is not known: there is no home folder")
            .help("name a folder with --store, or take --throwaway")
    })
}
