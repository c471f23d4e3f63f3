//! What a server is to be, from what was asked for: checked, with every default filled in.

use std::{net::SocketAddr, path::PathBuf};

use super::ServeArgs;
use crate::cli::error::CliError;

/// The user of a demonstration where none is named.
const DEMO_USER: &str = "alice";

/// What a server is to be.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) data: Data,
    pub(super) access: Access,
    /// Where to listen; nothing for stdio.
    pub(super) address: Option<SocketAddr>,
    pub(super) origins: Vec<String>,
    pub(super) policy: Option<PathBuf>,
}

/// Where the data is.
#[derive(Debug)]
pub(super) enum Data {
    /// In a folder of the user.
    Usual,
    /// In a folder that goes with the process.
    Throwaway,
    /// Where the user says.
    At(String),
}

/// Who may come in.
#[derive(Debug)]
pub(super) enum Access {
    /// The users of the sample data.
    Demo {
        /// Who asks where nothing says it.
        user: Option<String>,
    },
    /// One user, over stdio.
    One(PathBuf),
    /// Whoever has a token.
    Tokens { issuer: String, jwks: String, resource: String },
}

impl Plan {
    pub(super) fn new(arguments: &ServeArgs) -> Result<Self, CliError> {
        let (data, users) = (&arguments.data, &arguments.users);
        let access = match (&users.issuer, &users.jwks, &users.resource, &users.identity) {
            (Some(issuer), Some(jwks), Some(resource), _) => Access::Tokens {
                issuer: issuer.clone(),
                jwks: jwks.clone(),
                resource: resource.clone(),
            },
            (_, _, _, Some(file)) => Access::One(file.clone()),
            _ => Access::Demo { user: demo_user(arguments)? },
        };
        let is_demo = matches!(access, Access::Demo { .. });
        if is_demo && data.store.is_some() && !data.demo {
            return Err(CliError::usage("who may use this store is not said").help(
                "--issuer, --jwks and --resource say whose tokens to take; over stdio --identity \
                 says who asks; --demo puts sample data and sample users into the store",
            ));
        }
        if !is_demo && users.as_user.is_some() {
            return Err(CliError::usage("--as names a user of the sample data")
                .help("who asks follows from the token, or from --identity"));
        }
        let address = (!arguments.stdio).then_some(arguments.http);
        if let Some(address) = address.filter(|address| is_demo && !address.ip().is_loopback()) {
            return Err(CliError::usage(format!(
                "{address} can be reached by others, and everybody knows the sample users"
            ))
            .help(
                "listen on 127.0.0.1, or say whose tokens to take: --issuer, --jwks, --resource",
            ));
        }
        Ok(Self {
            data: match &data.store {
                Some(store) => Data::At(store.clone()),
                None if data.throwaway => Data::Throwaway,
                None => Data::Usual,
            },
            access,
            address,
            origins: users.origins.clone(),
            policy: users.policy.clone(),
        })
    }

    pub(super) fn is_demo(&self) -> bool {
        matches!(self.access, Access::Demo { .. })
    }
}

fn demo_user(arguments: &ServeArgs) -> Result<Option<String>, CliError> {
    use crate::serve::runtime::identity::demo::USERS;

    if arguments.users.require_token {
        return match arguments.stdio {
            true => Err(CliError::usage("there are no tokens over stdio")
                .help("say who asks with --as USER")),
            false => Ok(None),
        };
    }
    let name = arguments.users.as_user.as_deref().unwrap_or(DEMO_USER);
    if USERS.iter().any(|user| user.name == name) {
        return Ok(Some(name.to_owned()));
    }
    let names: Vec<&str> = USERS.iter().map(|user| user.name).collect();
    Err(CliError::usage(format!("the sample data has no user `{name}`"))
        .help(format!("there are {}", names.join(", "))))
}
