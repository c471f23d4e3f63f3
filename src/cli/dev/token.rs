//! `mcp-kit dev token USER`: who one is at a connector that serves sample data.

use clap::Args;

use crate::{
    cli::{ExitStatus, error::CliError, serve, terminal::Terminal},
    serve::runtime::{clock::Clock, identity::demo, store::Location},
};

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    /// The sample user: alice, bob, carol, dave or erin
    #[arg(value_name = "USER")]
    user: String,
    /// The address of the connector, as its users write it
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7331/mcp")]
    resource: String,
    /// What the token is granted for; may be given several times
    #[arg(long = "scope", value_name = "SCOPE", default_value = "crm.read")]
    scopes: Vec<String>,
    /// Where the connector keeps its data, as given to serve [env: MCP_KIT_STORE]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
}

pub(super) fn run(arguments: &TokenArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let scopes: Vec<&str> = arguments.scopes.iter().map(String::as_str).collect();
    let identity = demo::identity(&arguments.user, &scopes).ok_or_else(|| {
        let names: Vec<&str> = demo::USERS.iter().map(|user| user.name).collect();
        CliError::usage(format!("the sample data has no user `{}`", arguments.user))
            .help(format!("there are {}", names.join(", ")))
    })?;
    let location = serve::location(arguments.store.as_deref(), true)?;
    // The usual folder may be made: a server that starts later finds the key there.
    if let Location::Folder(folder) = &location
        && serve::named(arguments.store.as_deref())?.is_some()
        && !folder.is_dir()
    {
        return Err(CliError::usage(format!("there is no folder {}", folder.display()))
            .help("name the store with --store, as it was given to serve"));
    }
    let folder = serve::folder_beside(&location)?;
    let issuer = demo::Issuer::open(&folder, Clock::system())
        .map_err(|fault| CliError::usage(fault.to_string()))?;
    terminal.print(&format!("{}\n", issuer.token(&identity, &arguments.resource)))?;
    Ok(ExitStatus::Clean)
}
