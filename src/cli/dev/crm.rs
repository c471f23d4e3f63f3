//! `mcp-kit dev crm`: the connector as a server under test, with a hand on its clock, its end and its
//! data.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{endpoint_file, local_control};
use crate::{
    cli::{
        ExitStatus,
        error::CliError,
        serve::{self, Around, Assembled, Plan},
        terminal::Terminal,
    },
    serve::{
        connector::crm,
        runtime::{
            audit::{Actor, Entry, Outcome, Phase},
            clock::Clock,
            host::{Metrics, http},
            identity::demo,
            store::StoreError,
            tables,
            tool::{Effect, Services},
        },
        sandbox::control::{self, Control, Kills, Subject},
    },
};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("transport").args(["stdio", "http"]))]
pub(super) struct CrmArgs {
    /// Talk over standard input and output, with one user
    #[arg(long)]
    stdio: bool,
    /// Listen on this address; port 0 takes a free one [default: 127.0.0.1:7331]
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// Take requests to turn the clock, to die and to reset the data on this address, of this machine
    /// alone; port 0 takes a free one. GET / says what there is
    #[arg(long, value_name = "ADDR")]
    control: Option<SocketAddr>,
    /// Write the address of the control endpoint into this file, too
    #[arg(long, value_name = "FILE", requires = "control")]
    control_file: Option<PathBuf>,
    /// Keep the data here, so that they outlive a crash: a folder (SQLite), or postgres://…
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Who asks over stdio, and over HTTP where a request has no token
    #[arg(long = "as", value_name = "USER")]
    as_user: Option<String>,
    /// Refuse requests without a token over HTTP
    #[arg(long, conflicts_with = "as_user")]
    require_token: bool,
    /// The policies that are in force instead of the connector's own: *.cedar in this folder
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
}

pub(super) fn run(arguments: CrmArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    local_control(arguments.control)?;
    let address = (!arguments.stdio).then(|| arguments.http.unwrap_or(serve::ADDRESS));
    let users = (arguments.as_user.as_deref(), arguments.require_token);
    let plan = Plan::sandbox(arguments.store.as_deref(), users, address, arguments.policy)?;
    let (control, file) = (arguments.control, arguments.control_file);
    serve::until_stopped(terminal, |stop| async move {
        listen(&plan, control, file.as_deref(), &stop, terminal).await
    })
}

async fn listen(
    plan: &Plan,
    control: Option<SocketAddr>,
    file: Option<&Path>,
    stop: &CancellationToken,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let (clock, kills) = (Clock::that_turns(), Arc::<Kills>::default());
    let around = Around { clock: clock.clone(), points: kills.points() };
    let metrics = Arc::new(Metrics::default());
    let assembled = Assembled::new(plan, &metrics, around).await?;
    let subject = Arc::new(Sandbox::of(&assembled));
    let endpoint = match control {
        None => None,
        Some(address) => {
            let (listener, bound) = serve::bind(address).await?;
            let control = Control { subject: Arc::clone(&subject) as _, clock, kills };
            tokio::spawn(control::serve(listener, control, stop.clone()));
            let endpoint = format!("http://{bound}/");
            if let Some(file) = file {
                endpoint_file(file, &endpoint)?;
            }
            Some(endpoint)
        }
    };
    let result = match plan.address {
        None => {
            terminal.remark(&banner(None, endpoint.as_deref()));
            serve::over_stdio(&assembled, &metrics, stop).await
        }
        Some(address) => {
            let say = |bound: SocketAddr| {
                let at = format!("http://{bound}{}", http::PATH);
                // Before anybody can ask for a token.
                let _only_once = subject.resource.set(at.clone());
                // The addresses alone on lines of standard output, for scripts that have asked for
                // port 0.
                terminal.print(&format!("{at}\n"))?;
                if let Some(endpoint) = &endpoint {
                    terminal.print(&format!("{endpoint}\n"))?;
                }
                terminal.remark(&banner(Some(&at), endpoint.as_deref()));
                Ok(())
            };
            serve::over_http(&assembled, address, plan, &metrics, stop, say).await
        }
    };
    assembled.close().await;
    result
}

fn banner(at: Option<&str>, endpoint: Option<&str>) -> String {
    let at = at.unwrap_or("standard input and output");
    let endpoint = endpoint.map_or(String::new(), |endpoint| {
        format!("control: {endpoint}   (curl {endpoint} says what there is)\n")
    });
    format!(
        "crm connector under test, sample data, all tools\nserver:  {at}\n{endpoint}Ctrl-C to stop\n"
    )
}

/// The connector, as the control endpoint sees it.
struct Sandbox {
    services: Arc<Services>,
    issuer: Option<Arc<demo::Issuer>>,
    scopes: Vec<&'static str>,
    writes: Vec<&'static str>,
    /// The address that tokens are for, once it is known.
    resource: OnceLock<String>,
}

impl Sandbox {
    fn of(assembled: &Assembled) -> Self {
        let toolbox = crm::toolbox_with_writes();
        let writes = toolbox.all().map(|tool| tool.definition);
        let writes = writes.filter(|tool| tool.effect != Effect::Reads).map(|tool| tool.name);
        Self {
            services: Arc::clone(&assembled.services),
            issuer: assembled.issuer.clone(),
            scopes: assembled.all_scopes(),
            writes: writes.collect(),
            resource: OnceLock::new(),
        }
    }

    /// The record of a reset in the trail of a tenant.
    fn entry(&self, tenant: &str, correlation_id: &str) -> Entry {
        Entry {
            at: self.services.clock.now(),
            tenant: tenant.to_owned(),
            actor: Actor {
                issuer: "mcp-kit dev".to_owned(),
                subject: "control".to_owned(),
                client: None,
                delegate: None,
            },
            connector: crm::ABOUT.name.to_owned(),
            tool: "reset".to_owned(),
            phase: Phase::Call,
            resource_ids: Vec::new(),
            is_allowed: true,
            policy_ids: Vec::new(),
            policy_sha256: self.services.policy.digest().to_owned(),
            entities_generation: None,
            arguments: None,
            idempotency_key: None,
            approval: None,
            result: Outcome::ok(),
            latency_ms: 0,
            upstream: None,
            correlation_id: correlation_id.to_owned(),
        }
    }
}

#[async_trait::async_trait]
impl Subject for Sandbox {
    fn about(&self) -> Value {
        let users: Vec<Value> = demo::USERS
            .iter()
            .map(|user| json!({"name": user.name, "tenant": user.tenant, "about": user.about}))
            .collect();
        json!({
            "connector": crm::ABOUT.name,
            "server": self.resource.get(),
            "store": self.services.store.engine().name(),
            "users": users,
        })
    }

    fn writes(&self) -> &[&'static str] {
        &self.writes
    }

    async fn expire(&self) -> Result<(), StoreError> {
        let Services { store, clock, .. } = &*self.services;
        while tables::expire(&**store, clock.now()).await? > 0 {}
        Ok(())
    }

    async fn reset(&self) -> Result<(), StoreError> {
        let mut transaction = self.services.store.begin().await?;
        tables::clear(&mut *transaction).await?;
        if !crm::demo::restore(&mut *transaction).await? {
            transaction.rollback().await?;
            return Err(StoreError::Setup("the store has no sample data any more".to_owned()));
        }
        let correlation_id = Uuid::new_v4().to_string();
        let (trail, mut appended) = (&self.services.trail, Vec::new());
        for (tenant, _) in crm::demo::TENANTS {
            let entry = self.entry(tenant, &correlation_id);
            appended.push(trail.append_in(&mut *transaction, entry).await?);
        }
        transaction.commit().await?;
        appended.into_iter().for_each(|appended| trail.committed(appended));
        Ok(())
    }

    fn scopes(&self) -> &[&'static str] {
        &self.scopes
    }

    fn token(&self, user: &str, scopes: &[&str]) -> Option<String> {
        let (issuer, resource) = (self.issuer.as_ref()?, self.resource.get()?);
        Some(issuer.token(&demo::identity(user, scopes)?, resource))
    }
}
