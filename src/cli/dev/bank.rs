//! `mcp-kit dev bank`: a server with bugs that can be switched on, to test `replay` and clients with.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::{ArgGroup, Args};
use tokio_util::sync::CancellationToken;

use super::{endpoint_file, local_control};
use crate::{
    cli::{
        ExitStatus,
        error::CliError,
        serve::{self, Access},
        terminal::Terminal,
    },
    serve::{
        runtime::{clock::Clock, host::http, store::Location},
        sandbox::bank::{Bug, Bugs, OpenError, Opened, Pace, Plan},
        sandbox::control::{self, Control, Kills},
    },
};

/// Where the bank listens when nothing else is said.
const ADDRESS: &str = "127.0.0.1:7333";

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("transport").args(["stdio", "http"]))]
pub(super) struct BankArgs {
    /// Talk over standard input and output, with one user
    #[arg(long)]
    stdio: bool,
    /// Listen on this address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = ADDRESS)]
    http: SocketAddr,
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
    /// The payment network that deposits go through: each is a POST to URL/v1/payments
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Have this bug; may be given several times
    #[arg(long = "bug", value_name = "NAME")]
    bugs: Vec<String>,
    /// List the bugs, and do nothing else
    #[arg(long)]
    list_bugs: bool,
    /// How long an export takes [default: 6s, by --slow-by]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    export_time: Option<Duration>,
    /// Multiply all times by this: 0.1 makes the bug slow-sync take 0.6 s
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    slow_by: f64,
    /// Who asks over stdio, and over HTTP where a request has no token
    #[arg(long = "as", value_name = "USER")]
    as_user: Option<String>,
    /// Refuse requests without a token over HTTP
    #[arg(long, conflicts_with = "as_user")]
    require_token: bool,
}

pub(super) fn run(arguments: BankArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    if arguments.list_bugs {
        terminal.print(&list())?;
        return Ok(ExitStatus::Clean);
    }
    local_control(arguments.control)?;
    if !(arguments.slow_by > 0.0 && arguments.slow_by <= 100.0) {
        return Err(CliError::usage(format!("--slow-by {} is out of range", arguments.slow_by))
            .help("give a factor above 0 and up to 100, like 0.1"));
    }
    let bugs: Result<Vec<Bug>, _> = arguments.bugs.iter().map(|name| name.parse()).collect();
    let bugs = bugs.map_err(|fault| {
        CliError::usage(fault.to_string()).help("`mcp-kit dev bank --list-bugs` lists them")
    })?;
    let address = (!arguments.stdio).then_some(arguments.http);
    let users = (arguments.as_user.as_deref(), arguments.require_token);
    // Who may come in, and where it may listen, is as in every sandbox.
    let Access::Demo { user } =
        serve::Plan::sandbox(arguments.store.as_deref(), users, address, None)?.access
    else {
        unreachable!("a sandbox has sample users")
    };
    let plan = Plan {
        bugs: Bugs::new(bugs),
        pace: Pace::scaled(arguments.slow_by, arguments.export_time),
        upstream: arguments.upstream.clone(),
        user,
    };
    serve::until_stopped(terminal, |stop| async move {
        listen(plan, &arguments, address, &stop, terminal).await
    })
}

async fn listen(
    plan: Plan,
    arguments: &BankArgs,
    address: Option<SocketAddr>,
    stop: &CancellationToken,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let bugs = plan.bugs.names();
    let (location, throwaway) = match &arguments.store {
        Some(store) => (store.parse().map_err(serve::of_store)?, None),
        None => {
            let folder = tempfile::tempdir()
                .map_err(|error| CliError::usage(format!("no temporary folder: {error}")))?;
            (Location::Folder(folder.path().to_owned()), Some(folder))
        }
    };
    let folder = serve::folder_beside(&location)?;
    let (clock, kills) = (Clock::that_turns(), Arc::<Kills>::default());
    let around = (clock.clone(), kills.points());
    let opened = Opened::new(plan, (&location, &folder), around).await.map_err(of_open)?;
    let opened = Arc::new(opened);
    let listening = match address {
        None => None,
        Some(address) => {
            let (listener, bound) = serve::bind(address).await?;
            Some((listener, opened.bind(bound).await.map_err(of_open)?, bound))
        }
    };
    let endpoint = match arguments.control {
        None => None,
        Some(address) => {
            let (listener, bound) = serve::bind(address).await?;
            let control = Control { subject: Arc::clone(&opened) as _, clock, kills };
            tokio::spawn(control::serve(listener, control, stop.clone()));
            let endpoint = format!("http://{bound}/");
            if let Some(file) = &arguments.control_file {
                endpoint_file(file, &endpoint)?;
            }
            Some(endpoint)
        }
    };
    match listening {
        None => {
            terminal.remark(&banner(None, endpoint.as_deref(), &bugs));
            opened.over_stdio(stop.clone()).await.map_err(|error| {
                CliError::usage(format!("cannot write to standard output: {error}"))
            })?;
        }
        Some((listener, bank, bound)) => {
            let at = format!("http://{bound}{}", http::PATH);
            // The addresses alone on lines of standard output, for scripts that have asked for port 0.
            terminal.print(&format!("{at}\n"))?;
            if let Some(endpoint) = &endpoint {
                terminal.print(&format!("{endpoint}\n"))?;
            }
            terminal.remark(&banner(Some(&at), endpoint.as_deref(), &bugs));
            bank.serve(listener, stop.clone()).await;
        }
    }
    opened.close().await;
    drop(throwaway);
    Ok(ExitStatus::Clean)
}

fn of_open(fault: OpenError) -> CliError {
    match fault {
        OpenError::Store(fault) => serve::of_store(fault),
        fault => CliError::usage(fault.to_string()),
    }
}

fn banner(at: Option<&str>, endpoint: Option<&str>, bugs: &[&str]) -> String {
    let at = at.unwrap_or("standard input and output");
    let endpoint = endpoint.map_or(String::new(), |endpoint| {
        format!("control: {endpoint}   (curl {endpoint} says what there is)\n")
    });
    let bugs = if bugs.is_empty() { "none".to_owned() } else { bugs.join(", ") };
    format!(
        "practice bank, sample data\nserver:  {at}\n{endpoint}bugs:    {bugs}\nCtrl-C to stop\n"
    )
}

/// The bugs, a line each, by what they are about.
fn list() -> String {
    let mut text = String::new();
    let mut family = None;
    let width = Bug::ALL.iter().map(|facts| facts.name.len()).max().unwrap_or_default();
    for facts in Bug::ALL {
        if family != Some(facts.family) {
            family = Some(facts.family);
            text.push_str(&format!(
                "{}{}\n",
                if text.is_empty() { "" } else { "\n" },
                facts.family.name()
            ));
        }
        text.push_str(&format!("  {:width$}  {}\n", facts.name, facts.about));
        if !facts.implies.is_empty() {
            let implied: Vec<&str> = facts.implies.iter().map(|bug| bug.name()).collect();
            text.push_str(&format!("  {:width$}  with it: {}\n", "", implied.join(", ")));
        }
    }
    text
}
