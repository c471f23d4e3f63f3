//! The shapes in which clients write servers down.
//!
//! A file's syntax and its top-level keys decide which shape it has, not whose file it is: clients
//! copy each other's formats, and users copy files. Each shape turns its tables into [`Launch`]es;
//! what cannot be one becomes a [`Problem`] at its place, and the other servers of the file remain.

mod codex;
mod field;
mod goose;
mod standard;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use super::{
    Problem,
    entry::{Entry, Input, Launch, Source},
    place::Place,
    surroundings::Surroundings,
    syntax::{Node, Syntax, Value},
};
use crate::engine::protocol::json::Position;

/// What one file yields.
pub(super) struct Sheet {
    place: Place,
    inputs: Arc<[Input]>,
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
}

/// A server as its shape describes it.
struct Server {
    launch: Launch,
    disabled: bool,
    protocol_era: Option<String>,
}

/// Why a table is no server. The sheet adds the file and the server's name.
struct Fault {
    position: Position,
    message: String,
}

/// Reads one server's table. None means: something else that this client lists among its servers.
type ReadServer = fn(&Node) -> Result<Option<Server>, Fault>;

/// The top-level keys under which a syntax holds servers, and how to read them.
fn server_tables(syntax: Syntax) -> &'static [(&'static str, ReadServer)] {
    match syntax {
        Syntax::Json => &[
            // Nearly all clients.
            ("mcpServers", standard::read),
            // VS Code.
            ("servers", standard::read),
            // Zed.
            ("context_servers", standard::read_if_complete),
        ],
        Syntax::Toml => &[("servers", standard::read), ("mcp_servers", codex::read)],
        Syntax::Yaml => &[("extensions", goose::read)],
    }
}

/// Whether the name of a table of servers stands anywhere in a text.
pub(super) fn mentions(text: &str, syntax: Syntax) -> bool {
    server_tables(syntax).iter().any(|(key, _)| match syntax {
        Syntax::Json => text.contains(&format!("\"{key}\"")),
        Syntax::Toml | Syntax::Yaml => text.contains(key),
    })
}

/// Whether a file has a table of servers. In other formats `servers` is a list, if it is there.
pub(super) fn names_servers(root: &Node, syntax: Syntax) -> bool {
    let is_table = |key| root.get(key).is_some_and(|node| matches!(node.value, Value::Table(_)));
    server_tables(syntax).iter().any(|(key, _)| is_table(key))
}

/// Reads all servers of a file.
pub(super) fn read(root: &Node, syntax: Syntax, sheet: &mut Sheet, surroundings: &Surroundings) {
    if !matches!(root.value, Value::Table(_) | Value::Null) {
        sheet
            .problem(root.position, format!("the file holds {}, not a table", root.with_article()));
        return;
    }
    // Only beside `servers`: elsewhere a key of that name is something else.
    if let (Some(_), Some(inputs)) = (root.get("servers"), root.get("inputs")) {
        sheet.read_inputs(inputs);
    }
    sheet.read_local_servers(root, surroundings);
    for (key, read_server) in server_tables(syntax) {
        sheet.read_table(root, key, *read_server);
    }
}

impl Sheet {
    pub(super) fn new(place: Place) -> Self {
        Self { place, inputs: Arc::default(), entries: Vec::new(), problems: Vec::new() }
    }

    /// The servers that Claude Code keeps for one folder, in `~/.claude.json` under `projects`.
    /// They come before the user's servers for all folders, as they do there.
    fn read_local_servers(&mut self, root: &Node, surroundings: &Surroundings) {
        let Some(projects) = root.get("projects") else { return };
        let everywhere = self.place.folder.clone();
        for folder in surroundings.project_folders() {
            if let Some(project) = get_folder(projects, &folder) {
                self.place.folder = folder;
                self.read_table(project, "mcpServers", standard::read);
            }
        }
        self.place.folder = everywhere;
    }

    fn read_table(&mut self, parent: &Node, key: &str, read_server: ReadServer) {
        let Some(table) = parent.get(key) else { return };
        if !matches!(table.value, Value::Table(_)) {
            let message = format!("`{key}` is {}, not a table of servers", table.with_article());
            return self.problem(table.position, message);
        }
        let mut later = BTreeSet::new();
        let mut is_last: Vec<bool> =
            table.members().iter().rev().map(|member| later.insert(&member.name)).collect();
        is_last.reverse();
        for (member, is_last) in table.members().iter().zip(is_last) {
            if !is_last {
                let name = &member.name;
                let message = format!("server `{name}` stands here twice; the last one counts");
                self.problem(member.position, message);
                continue;
            }
            match read_server(&member.value) {
                Ok(Some(server)) => self.entry(&member.name, member.position, server),
                Ok(None) => {}
                Err(fault) => {
                    let message = format!("server `{}`: {}", member.name, fault.message);
                    self.problem(fault.position, message);
                    let problem = self.problems.last_mut().expect("a problem was just added");
                    problem.server = Some(member.name.clone());
                }
            }
        }
    }

    fn entry(&mut self, name: &str, position: Position, server: Server) {
        let Place { path, client, scope, folder, .. } = self.place.clone();
        self.entries.push(Entry {
            name: name.to_owned(),
            source: Source { path, position, client, scope, folder },
            launch: server.launch,
            disabled: server.disabled,
            protocol_era: server.protocol_era,
            inputs: Arc::clone(&self.inputs),
            shadows: Vec::new(),
            shadowed_by: None,
        });
    }

    /// The inputs that VS Code asks the user for.
    fn read_inputs(&mut self, inputs: &Node) {
        let Value::List(items) = &inputs.value else {
            let message = format!("`inputs` is {}, not a list", inputs.with_article());
            return self.problem(inputs.position, message);
        };
        let mut declared = Vec::new();
        for item in items {
            let text = |key: &str| match &item.get(key)?.value {
                Value::String(text) => Some(text.clone()),
                _ => None,
            };
            match text("id") {
                None => self.problem(item.position, "an input without an `id`".to_owned()),
                Some(id) => declared.push(Input {
                    id,
                    description: text("description"),
                    default: text("default"),
                    password: item
                        .get("password")
                        .is_some_and(|node| node.value == Value::Boolean(true)),
                }),
            }
        }
        self.inputs = declared.into();
    }

    fn problem(&mut self, position: Position, message: String) {
        let path = self.place.path.clone();
        self.problems.push(Problem { path, position: Some(position), server: None, message });
    }
}

/// The member whose key is a folder, however its separators are written.
fn get_folder<'a>(projects: &'a Node, folder: &Path) -> Option<&'a Node> {
    let spelt_one_way = |text: &str| text.replace('\\', "/");
    let wanted = spelt_one_way(folder.to_str()?);
    let member =
        projects.members().iter().rev().find(|member| spelt_one_way(&member.name) == wanted);
    member.map(|member| &member.value)
}
