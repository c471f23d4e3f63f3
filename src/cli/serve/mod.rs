//! `mcp-kit serve`: be a server, with a connector that is built in.
//!
//! What was asked for becomes a [`plan`], which a server is [assembled](assemble) from.

mod assemble;
mod desk;
mod install;
mod logging;
mod place;
mod plan;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{self, PathBuf},
    sync::Arc,
};

use clap::{ArgGroup, Args};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{ExitStatus, error::CliError, shell, terminal::Terminal};
use crate::serve::runtime::host::{self, Metrics};
pub(super) use assemble::{Around, Assembled, of_store};
pub(super) use desk::Desk;
use install::ClientArg;
pub(super) use place::{folder_beside, location, named};
pub(super) use plan::{Access, Plan};

/// Where a demonstration listens when nothing else is said.
pub(super) const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7331);

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("transport").args(["stdio", "http"]))]
#[command(group = ArgGroup::new("over_stdio").args(["stdio", "install"]))]
pub(super) struct ServeArgs {
    /// The connector: crm
    #[arg(value_name = "CONNECTOR", required_unless_present = "list")]
    connector: Option<String>,
    /// Say which connectors there are, and do nothing
    #[arg(long)]
    list: bool,
    /// Talk over standard input and output, with one user
    #[arg(long)]
    stdio: bool,
    /// Listen on this address; port 0 takes a free one [default: 127.0.0.1:7331]
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// Add the server, with the options given here, to the configuration of a client, which talks to
    /// it over stdio; what changes is shown first
    #[arg(long, value_name = "CLIENT", conflicts_with_all = [
        "stdio", "http", "list", "require_token", "issuer", "jwks", "resource", "origins",
    ])]
    install: Option<ClientArg>,
    /// Have the tools that change something, too
    #[arg(long)]
    allow_writes: bool,
    /// With --install: do not ask
    #[arg(long, requires = "install")]
    yes: bool,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    users: UserArgs,
}

/// Where the data is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
struct DataArgs {
    /// Keep the data here: a folder (SQLite), or postgres://… [env: MCP_KIT_STORE]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Keep the data in a folder of its own that is removed at the end
    #[arg(long, conflicts_with = "store")]
    throwaway: bool,
    /// Sample data, and users to try it out as; on this machine only
    #[arg(long, conflicts_with_all = ["issuer", "identity"])]
    demo: bool,
}

/// Who may come in, and what they may do.
#[derive(Debug, Args)]
#[command(next_help_heading = "Users")]
struct UserArgs {
    /// With sample data: who asks over stdio, and over HTTP where a request has no token
    #[arg(long = "as", value_name = "USER")]
    as_user: Option<String>,
    /// With sample data: refuse requests without a token over HTTP
    #[arg(long, conflicts_with = "as_user")]
    require_token: bool,
    /// Over stdio: the file that says who asks
    #[arg(long, value_name = "FILE", requires = "over_stdio", conflicts_with_all = ["as_user", "issuer"])]
    identity: Option<PathBuf>,
    /// Who issues the tokens: their `iss`, exactly
    #[arg(long, value_name = "URL", requires_all = ["jwks", "resource"], conflicts_with = "stdio")]
    issuer: Option<String>,
    /// The issuer's public keys: a file, or an https:// address
    #[arg(long, value_name = "KEYS", requires = "issuer")]
    jwks: Option<String>,
    /// The address of this server as its users write it, which tokens must be for
    #[arg(long, value_name = "URL", requires = "issuer")]
    resource: Option<String>,
    /// A page that may call the server, beside those of this machine: https://app.example.com
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// The policies that are in force instead of the connector's own: *.cedar in this folder
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
}

pub(super) fn run(arguments: ServeArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    if arguments.list {
        terminal.print(&list())?;
        return Ok(ExitStatus::Clean);
    }
    let name = arguments.connector.as_deref().unwrap_or_default();
    if name != "crm" {
        return Err(CliError::usage(format!("there is no connector `{name}`"))
            .help("see which there are: mcp-kit serve --list"));
    }
    let plan = Plan::new(&arguments)?;
    if let Some(client) = arguments.install {
        return install::run(client, name, &plan, arguments.yes, terminal);
    }
    until_stopped(terminal, |stop| async move { serve(plan, &stop, terminal).await })
}

/// Runs a server, with its log on standard error, until it ends or is told to by a signal.
pub(super) fn until_stopped<F>(
    terminal: &Terminal,
    serve: impl FnOnce(CancellationToken) -> F,
) -> Result<ExitStatus, CliError>
where
    F: Future<Output = Result<ExitStatus, CliError>>,
{
    logging::start(terminal);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::usage(format!("no threads can be started: {error}")))?;
    let stop = CancellationToken::new();
    let result = runtime.block_on(async {
        tokio::spawn(stop_on_signal(stop.clone()));
        serve(stop).await
    });
    // A read from standard input that has not ended would hold the process.
    runtime.shutdown_background();
    result
}

/// Listens on an address. Returns also the address that was taken, which has no port 0.
pub(super) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let failed = |error| {
        CliError::usage(format!("cannot listen on {address}: {error}"))
            .help("choose another address, or a free port with --http 127.0.0.1:0")
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

async fn serve(
    plan: Plan,
    stop: &CancellationToken,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let metrics = Arc::new(Metrics::default());
    let assembled = Assembled::new(&plan, &metrics, Around::default()).await?;
    let result = match plan.address {
        None => over_stdio(&assembled, &metrics, stop).await,
        Some(address) => {
            let said = |bound| {
                terminal.remark(&banner(&plan, bound, &assembled));
                Ok(())
            };
            over_http(&assembled, address, &plan, &metrics, stop, said).await
        }
    };
    assembled.close().await;
    result
}

/// Serves one user over standard input and output.
pub(super) async fn over_stdio(
    assembled: &Assembled,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
) -> Result<ExitStatus, CliError> {
    let user = assembled.user.clone().expect("a plan for stdio has a user");
    let wire = assembled.services.points.wire();
    let server = assembled.server.for_user(user).over(wire.clone());
    let server = guarded(assembled, server, metrics);
    let (input, output) = rmcp::transport::io::stdio_pipes();
    let output = host::Watched::new(output, wire);
    host::stdio::serve(server, input, output, assembled.limits, Arc::clone(metrics), stop.clone())
        .await
        .map_err(|error| CliError::usage(format!("cannot write to standard output: {error}")))?;
    Ok(ExitStatus::Clean)
}

fn guarded(
    assembled: &Assembled,
    server: host::Server,
    metrics: &Arc<Metrics>,
) -> host::Guarded<host::Server> {
    let host::Limits { answer, elicitation, .. } = assembled.limits;
    host::Guarded::new(server, Arc::clone(metrics), answer, elicitation)
}

/// Serves at an address, once its real one, without port 0, was said.
pub(super) async fn over_http(
    assembled: &Assembled,
    address: SocketAddr,
    plan: &Plan,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
    say: impl FnOnce(SocketAddr) -> Result<(), CliError>,
) -> Result<ExitStatus, CliError> {
    let (listener, bound) = bind(address).await?;
    let config = assembled.http(plan, bound, metrics).await?;
    say(bound)?;
    let server = guarded(assembled, assembled.server.clone(), metrics);
    host::http::serve(listener, server, config, stop.clone()).await;
    Ok(ExitStatus::Clean)
}

/// Ctrl-C, and what a supervisor sends.
async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return stop.cancel();
        }
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        stop.cancel();
    }
}

fn list() -> String {
    let reading: Vec<&str> = assemble::tools(false).collect();
    let writing: Vec<&str> = assemble::tools(true).filter(|tool| !reading.contains(tool)).collect();
    format!(
        "crm   customer records: {}\n      with --allow-writes also {}\n      upstream: none, the \
         records are its own; users: tokens of an issuer, or sample users\n\ntry one: mcp-kit \
         serve crm\n",
        reading.join(", "),
        writing.join(", ")
    )
}

/// What is said when the server listens.
fn banner(plan: &Plan, bound: SocketAddr, assembled: &Assembled) -> String {
    let count = assemble::tools(plan.allows_writes).count();
    let who = match (&plan.access, &assembled.user) {
        (plan::Access::Demo { .. }, Some(user)) => {
            format!("loopback only; without a token you are {} of {}", user.subject, user.tenant)
        }
        (plan::Access::Demo { .. }, None) => "loopback only; a token is needed".to_owned(),
        _ => "a token is needed".to_owned(),
    };
    // The same server for one user, where there is one and all of it may be shown.
    let again = plan.options().ok().filter(|_| plan.is_demo() && !plan.has_secrets());
    let again = again.and_then(|words| typed(&words));
    let stdio =
        again.as_ref().map(|options| format!("        stdio: mcp-kit serve crm --stdio{options}"));
    let data = if plan.is_demo() { "sample data" } else { "your data" };
    let mut text = format!(
        "crm connector, {data}, {count} tools{}\n\
         http://{bound}/mcp   (2026-07-28 and before; {who})\n",
        stdio.unwrap_or_default()
    );
    if plan.is_demo() {
        let token = token_options(plan, bound, assembled);
        // What the tools that are offered take. Without any said, it is what reads.
        let scopes = if plan.allows_writes { assembled.server.all_scopes() } else { Vec::new() };
        let scopes: String = scopes.iter().map(|scope| format!(" --scope {scope}")).collect();
        let user = if plan.allows_writes { "carol" } else { "bob" };
        text.push_str(&format!(
            "Another user:     mcp-kit dev token {user}{scopes}{token}   (alice, bob, carol, dave of another \
             tenant, erin without groups)\n"
        ));
    }
    if plan.allows_writes {
        text.push_str(&second_person(plan, bound, assembled));
    }
    if let Some(options) = again {
        text.push_str(&format!(
            "Add to a client:  mcp-kit serve crm{options} --install \
             claude-code|claude-desktop|vscode|cursor\n"
        ));
    }
    text.push_str(&format!("Look inside:      mcp-kit lint http://{bound}/mcp\nCtrl-C to stop\n"));
    text
}

/// Where a second person decides, and with the sample data how there comes to be one.
fn second_person(plan: &Plan, bound: SocketAddr, assembled: &Assembled) -> String {
    let page = format!("Second person:    http://{bound}{}", host::http::approvals::PATH);
    if !plan.is_demo() {
        return format!("{page}   (or mcp-kit approve list --url … --bearer-env …)\n");
    }
    let token = token_options(plan, bound, assembled);
    format!("{page}   (token: mcp-kit dev token carol --scope crm.approve{token})\n")
}

/// What `dev token` has to be told so that its tokens are good at this server.
fn token_options(plan: &Plan, bound: SocketAddr, assembled: &Assembled) -> String {
    let mut words = Vec::new();
    if bound != ADDRESS {
        words.extend(["--resource".to_owned(), format!("http://{bound}{}", host::http::PATH)]);
    }
    let is_usual = matches!(plan.data, plan::Data::Usual);
    if let Some(folder) = assembled.folder().filter(|_| !is_usual) {
        let folder = path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        words.extend(["--store".to_owned(), folder.display().to_string()]);
    }
    typed(&words).unwrap_or_default()
}

/// Words as they are typed behind others; none where a shell cannot be given one of them.
fn typed(words: &[String]) -> Option<String> {
    words.iter().map(|word| Some(format!(" {}", shell::quoted(word)?))).collect()
}
