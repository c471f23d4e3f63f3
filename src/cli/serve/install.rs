//! `mcp-kit serve NAME --install CLIENT`: an entry in a client's configuration, shown before it is
//! written.
//!
//! Everything else in the file stays as it is, byte by byte.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde_json::{Value, json};
use similar::TextDiff;

use super::{
    assemble::{one_user, policy},
    plan::{Access, Data, Plan},
};
use crate::{
    cli::{ExitStatus, error::CliError, fix::write, source, terminal::Terminal},
    engine::{
        protocol::{
            json::{
                Document, Limits,
                edit::{Edit, Editor, apply},
            },
            pointer::Pointer,
        },
        report::escape::for_json,
    },
};

/// The byte order mark.
const MARK: &str = "\u{feff}";

/// The most bytes of a configuration.
const MAX_BYTES: usize = 4 << 20;

/// A client whose configuration can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ClientArg {
    /// This project, in .mcp.json
    ClaudeCode,
    /// You, in claude_desktop_config.json
    ClaudeDesktop,
    /// This project, in .vscode/mcp.json
    Vscode,
    /// This project, in .cursor/mcp.json
    Cursor,
}

impl ClientArg {
    fn file(self) -> Result<PathBuf, CliError> {
        let surroundings = source::surroundings(None)?;
        let project = |path: &str| Ok(surroundings.directory.join(path));
        match self {
            Self::ClaudeCode => project(".mcp.json"),
            Self::Vscode => project(".vscode/mcp.json"),
            Self::Cursor => project(".cursor/mcp.json"),
            Self::ClaudeDesktop => surroundings
                .application_data
                .as_ref()
                .map(|folder| folder.join("Claude/claude_desktop_config.json"))
                .ok_or_else(|| {
                    CliError::usage("where Claude Desktop keeps its settings is not known")
                        .help("set HOME, or on Windows APPDATA")
                }),
        }
    }

    /// The member that holds the servers.
    fn section(self) -> &'static str {
        match self {
            Self::Vscode => "servers",
            _ => "mcpServers",
        }
    }

    fn entry(self, program: &str, connector: &str, options: &[String]) -> Value {
        let args = ["serve", connector, "--stdio"].into_iter();
        let args: Vec<&str> = args.chain(options.iter().map(String::as_str)).collect();
        match self {
            Self::Vscode => json!({"type": "stdio", "command": program, "args": args}),
            _ => json!({"command": program, "args": args}),
        }
    }
}

pub(super) fn run(
    client: ClientArg,
    connector: &str,
    plan: &Plan,
    is_agreed: bool,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let options = plan.options()?;
    check(plan)?;
    let program = env::current_exe().map_err(|error| {
        CliError::usage(format!("where this program lies is not known: {error}"))
    })?;
    let Some(program) = program.to_str() else {
        return Err(CliError::usage("the path of this program cannot be written into JSON")
            .help("install it under a path of Unicode characters"));
    };
    let path = client.file()?;
    let shown = path.display().to_string();
    let before = read(&path)?;
    let entry = client.entry(program, connector, &options);
    let text: &str = before.as_deref().unwrap_or_default();
    let after = with_entry(text, client.section(), connector, &entry).map_err(|fault| {
        CliError::usage(fault).place(&shown).help(by_hand(client, connector, &entry))
    })?;
    if text == after {
        terminal.remark(&format!("{shown} has this entry already\n"));
        return Ok(ExitStatus::Clean);
    }
    let diff = TextDiff::from_lines(text, after.as_str());
    let old = if before.is_some() { shown.as_str() } else { "/dev/null" };
    let diff = diff.unified_diff().context_radius(3).header(old, &shown).to_string();
    terminal.print(&for_json(&diff))?;
    if !is_agreed {
        match terminal.confirm("write this?") {
            Some(true) => {}
            Some(false) => {
                terminal.remark("nothing was written\n");
                return Ok(ExitStatus::Clean);
            }
            None => {
                return Err(CliError::usage("nothing was written: there is nobody to ask")
                    .help("--yes writes it without asking"));
            }
        }
    }
    match before {
        Some(before) => write::replace(&path, before.as_bytes(), after.as_bytes())?,
        None => create(&path, &after)?,
    }
    terminal.remark(&format!("written; restart the client, or reload its servers: {shown}\n"));
    Ok(ExitStatus::Clean)
}

/// What a server of this plan would refuse at its start, where nobody sees what it says.
fn check(plan: &Plan) -> Result<(), CliError> {
    if let Data::At(store) = &plan.data
        && has_password(store)
    {
        return Err(CliError::usage("the password of the store would stand in the configuration")
            .help("leave it out of --store; the server finds it in ~/.pgpass"));
    }
    if let Access::One(file) = &plan.access {
        one_user(file, &[])?;
    }
    policy(plan.policy.as_ref()).map(drop)
}

/// Whether the address of a database may have a password in it.
fn has_password(store: &str) -> bool {
    let Some((_, rest)) = store.split_once("://") else { return false };
    let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || rest.contains("password=")
}

/// The text of a configuration; nothing where there is none.
fn read(path: &Path) -> Result<Option<String>, CliError> {
    let shown = path.display().to_string();
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(CliError::usage(format!("{shown} is no regular file"))
                .help("move it away; a configuration is a text file"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match fs::symlink_metadata(path) {
                Ok(_) => Err(CliError::usage(format!("{shown} is a link that leads nowhere"))
                    .help("make the file that it leads to, or remove the link")),
                Err(_) => Ok(None),
            };
        }
        Err(error) => return Err(CliError::file("read", &shown, &error)),
    }
    let bytes = fs::read(path).map_err(|error| CliError::file("read", &shown, &error))?;
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CliError::usage(format!("byte {at} of the file is not UTF-8, which JSON is written in"))
            .place(&shown)
            .help("write the file anew as UTF-8; nothing was changed")
    })
}

/// The text of a configuration with the entry in its section; why that is not possible otherwise.
fn with_entry(before: &str, section: &str, name: &str, entry: &Value) -> Result<String, String> {
    // Some editors on Windows begin a file with a byte order mark.
    let (mark, before) = match before.strip_prefix(MARK) {
        Some(rest) => (MARK, rest),
        None => ("", before),
    };
    if before.chars().all(|character| character.is_ascii_whitespace()) {
        let document = json!({section: {name: entry}});
        let text = serde_json::to_string_pretty(&document).expect("plain data becomes JSON");
        return Ok(format!("{mark}{text}\n"));
    }
    // Editors let these files have comments, and they stay where they are.
    let document = Document::read_with_comments(before.as_bytes(), &Limits::for_bytes(MAX_BYTES))
        .map_err(|fault| format!("the file is no JSON: {fault}"))?;
    let root = document.root();
    let place = Pointer::root().join(section);
    let edit = match root.get(section) {
        None => Edit::add(Pointer::root(), section, json!({name: entry})),
        Some(servers) => match servers.get(name) {
            None => Edit::add(place, name, entry.clone()),
            Some(there) if there.to_value() == *entry => return Ok(format!("{mark}{before}")),
            Some(_) => Edit::Replace(place.join(name), entry.clone()),
        },
    };
    let splices = Editor::new(&document)
        .splices(&[edit], |pointer| root.at(pointer))
        .ok_or_else(|| format!("`{section}` is no object"))?;
    Ok(format!("{mark}{}", apply(document.text(), &splices)))
}

fn by_hand(client: ClientArg, connector: &str, entry: &Value) -> String {
    format!("put this under `{}` yourself: {}", client.section(), json!({connector: entry}))
}

fn create(path: &Path, text: &str) -> Result<(), CliError> {
    let shown = path.display().to_string();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| CliError::file("create", &shown, &error))?;
    }
    // It was not there when the diff was made; whoever made it since would lose it.
    let file = fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))
        .map_err(|error| CliError::file("write", &shown, &error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{has_password, with_entry};

    fn add(before: &str) -> String {
        let entry = json!({"command": "/bin/mcp-kit", "args": ["serve", "crm", "--stdio"]});
        with_entry(before, "mcpServers", "crm", &entry).unwrap_or_else(|fault| fault)
    }

    #[test]
    fn a_new_file_has_the_entry_alone() {
        assert!(add("").starts_with("{\n  \"mcpServers\": {\n    \"crm\": {\n"), "{}", add(""));
    }

    #[test]
    fn what_is_there_stays() {
        let before = "{\n\t// mine\n\t\"theme\": \"dark\",\n\t\"mcpServers\": {\n\t\t\"a\": {\"command\": \"a\"}\n\t}\n}\n";
        let after = add(before);
        assert!(after.starts_with(before.split("}\n\t}").next().unwrap()), "{after}");
        assert!(after.contains("\"crm\""), "{after}");
        assert_eq!(add(&after), after);
    }

    #[test]
    fn comments_and_the_mark_stay() {
        let before = "\u{feff}{\n  // nothing yet\n}\n";
        let after = add(before);
        assert!(after.starts_with("\u{feff}{\n  // nothing yet\n  \"mcpServers\": {\n"), "{after}");
        assert_eq!(add(&after), after);
        let before = "{\n  \"mcpServers\": {\n    // \"old\": {}\n  }\n}\n";
        assert!(add(before).starts_with("{\n  \"mcpServers\": {\n    // \"old\": {}\n    \"crm\""));
        assert!(add("\u{feff}").starts_with("\u{feff}{\n"));
    }

    #[test]
    fn the_password_of_a_database_is_seen() {
        for store in ["postgres://u:p@h/d", "postgres://h/d?user=u&password=p"] {
            assert!(has_password(store), "{store}");
        }
        for store in ["postgres://u@h:5432/d", "postgres://h/d", "/data/a:b@c"] {
            assert!(!has_password(store), "{store}");
        }
    }

    #[test]
    fn what_cannot_be_edited_is_said() {
        assert!(add("{").starts_with("the file is no JSON"));
        assert_eq!(add(r#"{"mcpServers": []}"#), "`mcpServers` is no object");
    }
}
