//! What a server is to be, from what was asked for: checked, with every default filled in.

use std::{
    net::SocketAddr,
    path::{self, Path, PathBuf},
};

use super::{ADDRESS, ServeArgs, assemble::of_store, place};
use crate::{cli::error::CliError, serve::runtime::store::Location};

/// The user of a demonstration where none is named.
const DEMO_USER: &str = "alice";

/// What a server is to be.
#[derive(Debug)]
pub(in crate::cli) struct Plan {
    pub(in crate::cli) data: Data,
    pub(in crate::cli) access: Access,
    /// Where to listen; nothing for stdio.
    pub(in crate::cli) address: Option<SocketAddr>,
    pub(super) origins: Vec<String>,
    pub(super) policy: Option<PathBuf>,
    /// Whether there are tools that change something.
    pub(super) allows_writes: bool,
    /// Whether sample data was asked for, rather than being what there is without a word.
    says_demo: bool,
}

/// Where the data is.
#[derive(Debug)]
pub(in crate::cli) enum Data {
    /// In a folder of the user.
    Usual,
    /// In a folder that goes with the process.
    Throwaway,
    /// Where the user says.
    At(String),
}

/// Who may come in.
#[derive(Debug)]
pub(in crate::cli) enum Access {
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
        let store = match data.throwaway {
            true => None,
            false => place::named(data.store.as_deref())?,
        };
        let access = match (&users.issuer, &users.jwks, &users.resource, &users.identity) {
            (Some(issuer), Some(jwks), Some(resource), _) => Access::Tokens {
                issuer: issuer.clone(),
                jwks: jwks.clone(),
                resource: resource.clone(),
            },
            (_, _, _, Some(file)) => Access::One(file.clone()),
            _ => Access::Demo {
                user: demo_user(
                    users.as_user.as_deref(),
                    users.require_token,
                    is_over_stdio(arguments),
                )?,
            },
        };
        let is_demo = matches!(access, Access::Demo { .. });
        if is_demo && store.is_some() && !data.demo {
            return Err(CliError::usage("who may use this store is not said").help(
                "--issuer, --jwks and --resource say whose tokens to take; over stdio --identity \
                 says who asks; --demo puts sample data and sample users into the store",
            ));
        }
        if !is_demo && users.as_user.is_some() {
            return Err(CliError::usage("--as names a user of the sample data")
                .help("who asks follows from the token, or from --identity"));
        }
        let address = (!is_over_stdio(arguments)).then(|| arguments.http.unwrap_or(ADDRESS));
        if let Some(address) = address.filter(|address| is_demo && !address.ip().is_loopback()) {
            return Err(open_to_others(address).help(
                "listen on 127.0.0.1, or say whose tokens to take: --issuer, --jwks, --resource",
            ));
        }
        Ok(Self {
            data: match store {
                Some(store) => Data::At(store),
                None if data.throwaway => Data::Throwaway,
                None => Data::Usual,
            },
            access,
            address,
            origins: users.origins.clone(),
            policy: users.policy.clone(),
            allows_writes: arguments.allow_writes,
            says_demo: data.demo,
        })
    }

    /// Sample data with all tools, to test clients with: of this user, or of none without a token, at
    /// an address, or over stdio.
    pub(in crate::cli) fn sandbox(
        store: Option<&str>,
        (as_user, requires_token): (Option<&str>, bool),
        address: Option<SocketAddr>,
        policy: Option<PathBuf>,
    ) -> Result<Self, CliError> {
        let user = demo_user(as_user, requires_token, address.is_none())?;
        if let Some(address) = address.filter(|address| !address.ip().is_loopback()) {
            return Err(open_to_others(address).help("listen on 127.0.0.1"));
        }
        Ok(Self {
            data: store.map_or(Data::Throwaway, |store| Data::At(store.to_owned())),
            access: Access::Demo { user },
            address,
            origins: Vec::new(),
            policy,
            allows_writes: true,
            says_demo: true,
        })
    }

    /// What it takes to decide about proposals in a store, as a sample user or as whom a file names.
    pub(in crate::cli) fn for_desk(
        store: Option<&str>,
        (user, identity): (Option<&str>, Option<&PathBuf>),
        policy: &Option<PathBuf>,
    ) -> Result<Self, CliError> {
        let access = match (identity, user) {
            (Some(file), _) => Access::One(file.clone()),
            (None, Some(user)) => Access::Demo { user: Some(known(user)?) },
            (None, None) => return Err(CliError::usage("who decides is not said")),
        };
        let is_demo = matches!(access, Access::Demo { .. });
        Ok(Self {
            data: place::named(store)?.map_or(Data::Usual, Data::At),
            access,
            address: None,
            origins: Vec::new(),
            policy: policy.clone(),
            allows_writes: true,
            says_demo: is_demo,
        })
    }

    /// Whether the address of the store has more in it than is ever shown, such as a password.
    pub(super) fn has_secrets(&self) -> bool {
        let Data::At(store) = &self.data else { return false };
        match store.parse() {
            Ok(place @ Location::Postgres(_)) => place.to_string() != *store,
            _ => false,
        }
    }

    /// The options that make the same server over stdio, in whatever folder it is started. What is
    /// about HTTP alone is left out.
    ///
    /// # Errors
    ///
    /// Where a path is no Unicode.
    pub(super) fn options(&self) -> Result<Vec<String>, CliError> {
        let mut words: Vec<String> = Vec::new();
        if self.allows_writes {
            words.push("--allow-writes".to_owned());
        }
        if self.says_demo {
            words.push("--demo".to_owned());
        }
        match &self.data {
            Data::Usual => {}
            Data::Throwaway => words.push("--throwaway".to_owned()),
            Data::At(store) => {
                let place = match store.parse().map_err(of_store)? {
                    Location::Folder(folder) => absolute(&folder)?,
                    Location::Postgres(_) => store.clone(),
                };
                words.extend(["--store".to_owned(), place]);
            }
        }
        match &self.access {
            Access::Demo { user: Some(user) } if user != DEMO_USER => {
                words.extend(["--as".to_owned(), user.clone()]);
            }
            Access::One(file) => words.extend(["--identity".to_owned(), absolute(file)?]),
            _ => {}
        }
        if let Some(folder) = &self.policy {
            words.extend(["--policy".to_owned(), absolute(folder)?]);
        }
        Ok(words)
    }

    pub(super) fn is_demo(&self) -> bool {
        matches!(self.access, Access::Demo { .. })
    }
}

fn is_over_stdio(arguments: &ServeArgs) -> bool {
    arguments.stdio || arguments.install.is_some()
}

/// A path that means the same everywhere.
fn absolute(path: &Path) -> Result<String, CliError> {
    let shown = path.display().to_string();
    let whole = path::absolute(path).map_err(|error| CliError::file("find", &shown, &error))?;
    whole.into_os_string().into_string().map_err(|_| {
        CliError::usage(format!("the path {shown} is no Unicode"))
            .help("a configuration holds text; choose another path")
    })
}

fn open_to_others(address: SocketAddr) -> CliError {
    CliError::usage(format!(
        "{address} can be reached by others, and everybody knows the sample users"
    ))
}

fn demo_user(
    as_user: Option<&str>,
    requires_token: bool,
    is_over_stdio: bool,
) -> Result<Option<String>, CliError> {
    if requires_token {
        return match is_over_stdio {
            true => Err(CliError::usage("there are no tokens over stdio")
                .help("say who asks with --as USER")),
            false => Ok(None),
        };
    }
    known(as_user.unwrap_or(DEMO_USER)).map(Some)
}

/// The name of a sample user.
fn known(name: &str) -> Result<String, CliError> {
    use crate::serve::runtime::identity::demo::USERS;

    if USERS.iter().any(|user| user.name == name) {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = USERS.iter().map(|user| user.name).collect();
    Err(CliError::usage(format!("the sample data has no user `{name}`"))
        .help(format!("there are {}", names.join(", "))))
}
