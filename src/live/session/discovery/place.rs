//! Which files are looked into, and in which order.
//!
//! One table for the project's files, one for the user's. The paths are those that the clients'
//! documentation names.

use std::path::{Path, PathBuf};

use super::{
    entry::{Client, Scope},
    surroundings::{Surroundings, System},
};

/// A file that may name servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) client: Client,
    pub(super) scope: Scope,
    /// What `${workspaceFolder}` means for its entries.
    pub(super) folder: PathBuf,
    /// Whether the user asked for this file, so that its absence is a problem.
    pub(super) is_wanted: bool,
}

/// The files of a project, below each of its folders.
const PROJECT_FILES: [(&str, Client); 7] = [
    ("mcp-kit.toml", Client::McpKit),
    (".mcp.json", Client::ClaudeCode),
    ("mcp.json", Client::Any),
    (".vscode/mcp.json", Client::VsCode),
    (".cursor/mcp.json", Client::Cursor),
    (".gemini/settings.json", Client::Gemini),
    (".codex/config.toml", Client::Codex),
];

/// Every place, first come first served.
pub(super) fn all(surroundings: &Surroundings) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let user = user_places(surroundings);
    if let Some(path) = &surroundings.config_file {
        places.push(given(path, surroundings));
    }
    for folder in surroundings.project_folders() {
        for (file, client) in PROJECT_FILES {
            let path = folder.join(file);
            // In the home folder `.cursor/mcp.json` is the user's own file, not a project's.
            if !user.iter().any(|place| place.path == path) {
                let (scope, folder) = (Scope::Project, folder.clone());
                places.push(Place { path, client, scope, folder, is_wanted: false });
            }
        }
    }
    places.extend(user);
    let mut seen = std::collections::BTreeSet::new();
    places.retain(|place| seen.insert(place.path.clone()));
    places
}

/// The place of a file that the user names. It counts as the project's, and needs trust, unless it
/// is one of the user's own: naming a file does not mean having read what it would start.
pub(super) fn given(path: &Path, surroundings: &Surroundings) -> Place {
    let path = surroundings.directory.join(path);
    if let Some(place) = user_places(surroundings).into_iter().find(|place| place.path == path) {
        return Place { is_wanted: true, ..place };
    }
    // The longest match: `.vscode/mcp.json` also ends with `mcp.json`.
    let levels = |file: &str| Path::new(file).iter().count();
    let known = PROJECT_FILES
        .iter()
        .filter(|(file, _)| path.ends_with(file))
        .max_by_key(|(file, _)| levels(file));
    let (client, levels) = known.map_or((Client::Any, 1), |(file, client)| (*client, levels(file)));
    let folder = path.ancestors().nth(levels).unwrap_or(&surroundings.directory).to_owned();
    Place { path, client, scope: Scope::Project, folder, is_wanted: true }
}

fn user_places(surroundings: &Surroundings) -> Vec<Place> {
    let variable = |name: &str| surroundings.environment.get(name).map(PathBuf::from);
    let in_home = |path: &str| surroundings.home.as_ref().map(|home| home.join(path));
    let in_data = |path: &str| surroundings.application_data.as_ref().map(|data| data.join(path));
    let in_config = |path: &str| surroundings.config_home.as_ref().map(|home| home.join(path));
    let goose = match surroundings.system {
        System::Windows => "Block/goose/config/config.yaml",
        System::Linux | System::MacOs => "goose/config.yaml",
    };
    let claude_code = variable("CLAUDE_CONFIG_DIR").map(|folder| folder.join(".claude.json"));
    let codex = variable("CODEX_HOME").map(|folder| folder.join("config.toml"));

    let mut files = vec![
        (in_data("Claude/claude_desktop_config.json"), Client::ClaudeDesktop),
        (claude_code.or_else(|| in_home(".claude.json")), Client::ClaudeCode),
        (in_home(".cursor/mcp.json"), Client::Cursor),
    ];
    for edition in ["Code", "Code - Insiders"] {
        let Some(user) = in_data(edition).map(|folder| folder.join("User")) else { continue };
        files.push((Some(user.join("mcp.json")), Client::VsCode));
        files.extend(profiles(&user).map(|path| (Some(path), Client::VsCode)));
    }
    files.extend([
        (in_home(".gemini/settings.json"), Client::Gemini),
        (codex.or_else(|| in_home(".codex/config.toml")), Client::Codex),
        (in_config(goose), Client::Goose),
        (in_home(".codeium/windsurf/mcp_config.json"), Client::Windsurf),
        (
            variable("MCP_CATALOG_PATH").or_else(|| in_home(".mcp-inspector/mcp.json")),
            Client::Inspector,
        ),
        (in_config("zed/settings.json"), Client::Zed),
    ]);
    // The user's entries have no folder of their own; they run in the project that is open.
    let folder =
        surroundings.project_folders().pop().unwrap_or_else(|| surroundings.directory.clone());
    files
        .into_iter()
        .filter_map(|(path, client)| Some((path?, client)))
        .map(|(path, client)| Place {
            path,
            client,
            scope: Scope::User,
            folder: folder.clone(),
            is_wanted: false,
        })
        .collect()
}

/// The files of VS Code's named profiles, sorted, since the order of a folder is no order.
fn profiles(user: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folders = std::fs::read_dir(user.join("profiles")).into_iter().flatten().flatten();
    let mut files: Vec<_> = folders.map(|folder| folder.path().join("mcp.json")).collect();
    files.sort();
    files.into_iter()
}
