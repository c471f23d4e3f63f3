//! Where the data of a connector is, from what was asked for and what is usual.

use std::{env, path::PathBuf};

use super::{assemble::of_store, plan::Data};
use crate::{
    cli::{error::CliError, source},
    serve::{connector::crm, runtime::store::Location},
};

/// Names the store where no option does.
const VARIABLE: &str = "MCP_KIT_STORE";

/// The store that an option names, or else the environment; nothing where neither does.
pub(in crate::cli) fn named(option: Option<&str>) -> Result<Option<String>, CliError> {
    if let Some(store) = option {
        return Ok(Some(store.to_owned()));
    }
    match env::var(VARIABLE) {
        Ok(store) => Ok(Some(store).filter(|store| !store.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(CliError::usage(format!("{VARIABLE} is not Unicode"))
                .help("name the store with --store"))
        }
    }
}

/// The place of a store that may be named.
pub(in crate::cli) fn location(store: Option<&str>, is_demo: bool) -> Result<Location, CliError> {
    match named(store)? {
        Some(store) => store.parse().map_err(of_store),
        None => Ok(Location::Folder(usual_folder(is_demo)?)),
    }
}

/// The folder for the files beside a store, such as the key of the sample issuer, which does not
/// belong into a database that others read.
pub(in crate::cli) fn folder_beside(location: &Location) -> Result<PathBuf, CliError> {
    match location {
        Location::Folder(folder) => Ok(folder.clone()),
        Location::Postgres(_) => usual_folder(true),
    }
}

/// The folder of this connector where the user's programs keep their data. That of the sample data
/// is another one: whoever has tried the connector out goes on with data of their own.
pub(in crate::cli) fn usual_folder(is_demo: bool) -> Result<PathBuf, CliError> {
    let surroundings = source::surroundings(None)?;
    let name = crm::ABOUT.name;
    let name = if is_demo { format!("{name}-demo") } else { name.to_owned() };
    let folder = surroundings.data_home.map(|home| home.join("mcp-kit").join(name));
    folder.ok_or_else(|| {
        CliError::usage("where to keep the data is not known: there is no home folder")
            .help("name a folder with --store, or take --throwaway")
    })
}

/// The store of a server, and what is removed when the server ends.
pub(super) fn of(
    data: &Data,
    is_demo: bool,
) -> Result<(Location, Option<tempfile::TempDir>), CliError> {
    match data {
        Data::Throwaway => {
            let folder = tempfile::tempdir()
                .map_err(|error| CliError::usage(format!("no temporary folder: {error}")))?;
            Ok((Location::Folder(folder.path().to_owned()), Some(folder)))
        }
        Data::At(store) => Ok((store.parse().map_err(of_store)?, None)),
        Data::Usual => Ok((Location::Folder(usual_folder(is_demo)?), None)),
    }
}
