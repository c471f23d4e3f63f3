//! `mcp-kit trail`: the audit trail of a connector.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{ExitStatus, error::CliError, serve, terminal::Terminal};
use crate::{
    engine::report::escape::for_terminal,
    serve::runtime::{
        audit,
        store::{self, Store, StoreError},
    },
};

/// Records that are read at a time.
const PAGE: u32 = 500;

/// Tenants that are named at most where another one was asked for.
const MOST_NAMED: usize = 10;

#[derive(Debug, Args)]
pub(super) struct TrailArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Recompute the chain of every tenant; exit with 1 where one is broken
    Verify(WhereArgs),
    /// Print the records, one JSON object a line
    Show(WhereArgs),
}

/// Which trail.
#[derive(Debug, Args)]
struct WhereArgs {
    /// Where the connector keeps its data, as given to serve [env: MCP_KIT_STORE]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Without --store: that of the sample data, rather than that of one's own
    #[arg(long)]
    demo: bool,
    /// Only this tenant
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

pub(super) fn run(arguments: &TrailArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::usage(format!("no threads can be started: {error}")))?;
    runtime.block_on(async {
        match &arguments.action {
            Action::Verify(place) => verify(place, terminal).await,
            Action::Show(place) => show(place, terminal).await,
        }
    })
}

async fn verify(place: &WhereArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let (store, tenants) = open(place).await?;
    if tenants.is_empty() {
        terminal.remark("the trail is empty\n");
    }
    let mut verdicts = Vec::with_capacity(tenants.len());
    for tenant in &tenants {
        verdicts.extend(audit::verify(&*store, Some(tenant)).await.map_err(serve::of_store)?);
    }
    let mut status = ExitStatus::Clean;
    for verdict in &verdicts {
        let tenant = for_terminal(&verdict.tenant);
        let line = match &verdict.broken {
            None => format!("{tenant}: {} records, unbroken, {}\n", verdict.records, verdict.hash),
            Some(broken) => {
                status = ExitStatus::Findings;
                format!("{tenant}: broken: {broken}\n")
            }
        };
        terminal.print(&line)?;
    }
    Ok(status)
}

async fn show(place: &WhereArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let (store, tenants) = open(place).await?;
    for tenant in tenants {
        let mut after = Some(0);
        while let Some(start) = after {
            let page = audit::page(&*store, &tenant, start, PAGE).await.map_err(serve::of_store)?;
            for line in &page.lines {
                terminal.print(&format!("{}\n", crate::engine::report::escape::for_json(line)))?;
            }
            after = page.next;
        }
    }
    Ok(ExitStatus::Clean)
}

/// The store, and the tenants to look at. Reads only: who verifies a trail need not be one who can
/// write it.
async fn open(place: &WhereArgs) -> Result<(Arc<dyn Store>, Vec<String>), CliError> {
    let location = serve::location(place.store.as_deref(), place.demo)?;
    let store = store::open_to_read(&location).await.map_err(|fault| {
        let error = serve::of_store(fault);
        match error.status {
            ExitStatus::Usage => error.help(
                "name the store with --store, as it was given to serve; \
                 --demo reads the trail of the sample data",
            ),
            _ => error,
        }
    })?;
    let all = audit::tenants(&*store).await.map_err(|fault| match fault {
        // The tables are made by the first server.
        StoreError::Query(_) => CliError::usage(format!("there is no trail in {location}"))
            .help("no server has used this store; name the one that was given to serve"),
        other => serve::of_store(other),
    })?;
    let Some(tenant) = &place.tenant else { return Ok((store, all)) };
    if all.is_empty() || all.contains(tenant) {
        let asked = all.into_iter().filter(|it| it == tenant).collect();
        return Ok((store, asked));
    }
    let known = all.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if all.len() > MOST_NAMED { ", …" } else { "" };
    Err(CliError::usage(format!("the trail has no tenant `{tenant}`"))
        .help(format!("there are {known}{more}")))
}
