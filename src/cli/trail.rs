//! `mcp-kit trail`: the audit trail of a connector.

use clap::{Args, Subcommand};

use super::{ExitStatus, error::CliError, serve, terminal::Terminal};
use crate::{
    engine::report::escape::for_terminal,
    serve::runtime::{audit, store},
};

/// Records that are read at a time.
const PAGE: u32 = 500;

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
    /// Where the connector keeps its data, as given to serve
    #[arg(long, value_name = "STORE", env = "MCP_KIT_STORE", hide_env_values = true)]
    store: Option<String>,
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
    let store = open(place).await?;
    let verdicts =
        audit::verify(&*store, place.tenant.as_deref()).await.map_err(serve::of_store)?;
    if verdicts.is_empty() {
        terminal.remark("the trail is empty\n");
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
    let store = open(place).await?;
    let tenants = match &place.tenant {
        Some(tenant) => vec![tenant.clone()],
        None => audit::tenants(&*store).await.map_err(serve::of_store)?,
    };
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

async fn open(place: &WhereArgs) -> Result<std::sync::Arc<dyn store::Store>, CliError> {
    let location = match &place.store {
        Some(store) => store.parse().map_err(serve::of_store)?,
        None => store::Location::Folder(serve::usual_folder()?),
    };
    if let store::Location::Folder(folder) = &location
        && !folder.is_dir()
    {
        return Err(CliError::usage(format!("there is no folder {}", folder.display()))
            .help("name the store with --store, as it was given to serve"));
    }
    store::open(&location).await.map_err(serve::of_store)
}
