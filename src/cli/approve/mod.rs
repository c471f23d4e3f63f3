//! `mcp-kit approve`: the say of a second person on changes that somebody else has proposed.
//!
//! A [`desk`] is where proposals lie: a server that is asked over HTTP, or a store on this machine.

mod at_host;
mod at_store;
mod desk;
mod text;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::{ExitStatus, connect::until_interrupted, error::CliError, terminal::Terminal};
use crate::serve::runtime::{
    host::http::approvals::FORMAT,
    tool::{Shown, Stage},
};
use desk::{Desk, Verdict};

#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// What waits for a decision, and what was decided lately
    List(ListArgs),
    /// One change: what would be different, who asks for it and why
    Show(ShowArgs),
    /// Approve a change, after it was shown
    Yes(YesArgs),
    /// Reject a change
    No(NoArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The id of the change
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
struct YesArgs {
    /// The id of the change
    #[arg(value_name = "ID")]
    id: String,
    /// A remark for whoever asks for the change
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Approve only what has this digest, as `show` has printed it
    #[arg(long, value_name = "SHA256")]
    digest: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
struct NoArgs {
    /// The id of the change
    #[arg(value_name = "ID")]
    id: String,
    /// Why not, for whoever asks for the change
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Reject only what has this digest, as `show` has printed it
    #[arg(long, value_name = "SHA256")]
    digest: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Where the proposals are, and who decides.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("place").args(["url", "demo", "identity"]).required(true))]
struct PlaceArgs {
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Ask this server: its address, such as https://crm.example.com/mcp
    #[arg(long, value_name = "URL", requires = "bearer_env", help_heading = "A server")]
    url: Option<String>,
    /// The variable that holds your access token
    #[arg(long, value_name = "NAME", requires = "url", help_heading = "A server")]
    bearer_env: Option<String>,
    /// The sample data on this machine
    #[arg(long, requires = "as_user", help_heading = "A store on this machine")]
    demo: bool,
    /// With --demo: the sample user who decides
    #[arg(
        long = "as",
        value_name = "USER",
        requires = "demo",
        help_heading = "A store on this machine"
    )]
    as_user: Option<String>,
    /// The file that says who decides, as for `serve --stdio`
    #[arg(long, value_name = "FILE", help_heading = "A store on this machine")]
    identity: Option<PathBuf>,
    /// Where the connector keeps its data, as given to serve [env: MCP_KIT_STORE]
    #[arg(
        long,
        value_name = "STORE",
        conflicts_with = "url",
        help_heading = "A store on this machine"
    )]
    store: Option<String>,
    /// The policies that are in force, as given to serve
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "url",
        help_heading = "A store on this machine"
    )]
    policy: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: `mcp-kit.approvals/1`
    Json,
}

/// A result for programs.
#[derive(Serialize)]
struct Answer<T> {
    format: &'static str,
    #[serde(flatten)]
    content: T,
}

pub(super) fn run(arguments: ApproveArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    until_interrupted(async {
        match arguments.action {
            Action::List(ListArgs { place }) => {
                let desk = Desk::open(&place).await?;
                let listing = desk.list().await;
                desk.close().await;
                let listing = listing?;
                print(&place, terminal, &listing, || text::listing(&listing))?;
                Ok(ExitStatus::Clean)
            }
            Action::Show(ShowArgs { id, place }) => {
                let desk = Desk::open(&place).await?;
                let shown = desk.show(&id).await;
                desk.close().await;
                let shown = shown?;
                print(&place, terminal, &shown, || text::whole(&shown))?;
                Ok(ExitStatus::Clean)
            }
            Action::Yes(YesArgs { id, reason, digest, yes, place }) => {
                let verdict = Verdict { is_approved: true, reason };
                let desk = Desk::open(&place).await?;
                let decided = decide(&desk, &place, &id, digest, verdict, !yes, terminal).await;
                desk.close().await;
                decided
            }
            Action::No(NoArgs { id, reason, digest, place }) => {
                if reason.trim().is_empty() {
                    return Err(CliError::usage("a rejection needs a reason")
                        .help("say in a sentence why, for whoever asks for the change"));
                }
                let verdict = Verdict { is_approved: false, reason: Some(reason) };
                let desk = Desk::open(&place).await?;
                let decided = decide(&desk, &place, &id, digest, verdict, false, terminal).await;
                desk.close().await;
                decided
            }
        }
    })?
}

/// Decides about what was shown, or about what has the digest that was read before.
async fn decide(
    desk: &Desk,
    place: &PlaceArgs,
    id: &str,
    digest: Option<String>,
    verdict: Verdict,
    is_asked: bool,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let shown = desk.show(id).await?;
    if let Some(digest) = digest.filter(|digest| *digest != shown.digest) {
        let message = format!("the digest of change {id} is not `{digest}`");
        return Err(CliError { status: ExitStatus::Findings, ..CliError::usage(message) }
            .help("read what is proposed now: mcp-kit approve show, with the same options"));
    }
    if place.format == Format::Text {
        terminal.print(&text::whole(&shown))?;
    } else if is_asked {
        terminal.print_aside(&text::whole(&shown));
    }
    // What is not open is refused, and nobody is asked about it.
    if is_asked && shown.stage == Stage::Proposed && !shown.is_own {
        match terminal.confirm("approve this?") {
            Some(true) => {}
            Some(false) => {
                terminal.remark("nothing was decided\n");
                return Ok(ExitStatus::Findings);
            }
            None => {
                return Err(CliError::usage("nothing was decided: there is nobody to ask")
                    .help("--yes approves it without asking"));
            }
        }
    }
    let decided: Shown = desk.decide(id, &shown.digest, verdict).await?;
    print(place, terminal, &decided, || text::outcome(&decided))?;
    Ok(ExitStatus::Clean)
}

fn print<T: Serialize>(
    place: &PlaceArgs,
    terminal: &Terminal,
    content: &T,
    text: impl FnOnce() -> String,
) -> Result<(), CliError> {
    match place.format {
        Format::Text => terminal.print(&text()),
        Format::Json => terminal.print_json(&Answer { format: FORMAT, content }),
    }
}
