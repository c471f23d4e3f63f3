//! One configured server as its file describes it.

use std::{fmt, path::PathBuf, sync::Arc};

use crate::{engine::protocol::json::Position, live::mask};

/// A server that a configuration file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name it has in its file.
    pub name: String,
    /// Where it is written.
    pub source: Source,
    /// How it is reached, with variables unexpanded.
    pub launch: Launch,
    /// Whether the file switches it off. It can still be asked for by name.
    pub disabled: bool,
    /// `protocolEra` of the MCP Inspector, as written.
    pub protocol_era: Option<String>,
    /// The inputs that its file declares; `${input:id}` refers to them.
    pub inputs: Arc<[Input]>,
    /// The entries of the same name that this one hides, nearest first.
    pub shadows: Vec<Source>,
    /// The entry of the same name that wins over this one.
    pub shadowed_by: Option<Source>,
}

/// A place in a configuration file, and whose file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Where the server's name stands in it.
    pub position: Position,
    /// The program that the file configures.
    pub client: Client,
    /// Whether it came with the project or belongs to the user.
    pub scope: Scope,
    /// What `${workspaceFolder}` and a relative working directory refer to.
    pub folder: PathBuf,
}

/// `PATH:LINE:COLUMN`
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(formatter, "{}:{line}:{column}", self.path.display())
    }
}

/// Whose word an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The project's: it comes with a repository that somebody else may have written.
    Project,
    /// The user's own file, outside any project.
    User,
}

/// The program that a configuration file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// This program: `mcp-kit.toml`.
    McpKit,
    /// Any client: a file that is nobody's in particular.
    Any,
    /// Claude Code.
    ClaudeCode,
    /// Claude Desktop.
    ClaudeDesktop,
    /// Cursor.
    Cursor,
    /// Visual Studio Code.
    VsCode,
    /// Gemini CLI.
    Gemini,
    /// Codex.
    Codex,
    /// Goose.
    Goose,
    /// Windsurf.
    Windsurf,
    /// The MCP Inspector.
    Inspector,
    /// Zed.
    Zed,
}

impl Client {
    /// The name as its makers write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::McpKit => "mcp-kit",
            Self::Any => "any client",
            Self::ClaudeCode => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Gemini => "Gemini CLI",
            Self::Codex => "Codex",
            Self::Goose => "Goose",
            Self::Windsurf => "Windsurf",
            Self::Inspector => "MCP Inspector",
            Self::Zed => "Zed",
        }
    }
}

/// How a server is reached, before variables are put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// Start a program and talk over its standard input and output.
    Stdio {
        /// The program.
        command: Unexpanded,
        /// Its arguments.
        args: Vec<Unexpanded>,
        /// Variables set for it; where a name stands twice, the last one counts.
        env: Vec<(String, Unexpanded)>,
        /// Variables handed on from our environment where they are set there.
        pass_env: Vec<String>,
        /// A file of further variables (`envFile` of VS Code and Cursor).
        env_file: Option<Unexpanded>,
        /// Its working directory; relative ones refer to [`Source::folder`].
        cwd: Option<Unexpanded>,
    },
    /// A server behind a URL.
    Http {
        /// The URL.
        url: Unexpanded,
        /// Headers sent with every request.
        headers: Vec<(String, Unexpanded)>,
        /// Whether the entry asks for the HTTP+SSE transport of 2024-11-05, which Streamable HTTP
        /// replaced.
        sse: bool,
    },
}

/// The command line or the URL, with variables unexpanded and without what looks like a secret:
/// what a person needs to recognise it.
impl fmt::Display for Launch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdio { command, args, .. } => {
                let words: Vec<&str> =
                    std::iter::once(command).chain(args).map(|word| word.text.as_str()).collect();
                formatter.write_str(&mask::command(&words))
            }
            Self::Http { url, .. } => formatter.write_str(&mask::address(&url.text)),
        }
    }
}

impl Launch {
    /// All of it, part by part, for the one who is to decide whether it may be used: a variable
    /// such as `LD_PRELOAD` or a folder changes what a command does. A word that could be taken for
    /// several, or for none, stands in quotes.
    pub fn in_full(&self) -> Vec<String> {
        let is_plain = |word: &str| {
            !word.is_empty() && !word.contains(|it: char| it.is_whitespace() || "\"'".contains(it))
        };
        let quoted =
            |word: &str| if is_plain(word) { word.to_owned() } else { format!("{word:?}") };
        let mut lines = Vec::new();
        match self {
            Self::Stdio { command, args, env, env_file, cwd, .. } => {
                let words = std::iter::once(command).chain(args).map(|word| word.text.as_str());
                lines.push(words.map(quoted).collect::<Vec<_>>().join(" "));
                lines.extend(env.iter().map(|(name, value)| format!("with {name}={}", value.text)));
                lines.extend(
                    env_file.iter().map(|file| format!("with the variables of {}", file.text)),
                );
                lines.extend(cwd.iter().map(|folder| format!("in {}", folder.text)));
            }
            Self::Http { url, headers, .. } => {
                lines.push(url.text.clone());
                lines.extend(
                    headers.iter().map(|(name, value)| format!("with {name}: {}", value.text)),
                );
            }
        }
        lines
    }
}

/// Text of a configuration file in which variables may stand, and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpanded {
    /// The text as written.
    pub text: String,
    /// Where it starts in its file.
    pub position: Position,
}

/// A value that the user is asked for when a server starts (`inputs` of VS Code).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The name in `${input:id}`.
    pub id: String,
    /// What the user is asked.
    pub description: Option<String>,
    /// What is taken where the user says nothing.
    pub default: Option<String>,
    /// Whether it is a secret.
    pub password: bool,
}

impl Entry {
    /// Whether using this entry puts the user's machine or secrets into the hands of whoever wrote
    /// the project: it starts a program, or sends variables to an address of the project's choice.
    /// That is not done before the user has said yes: see
    /// [`TrustStore`](super::trust::TrustStore).
    pub fn needs_trust(&self) -> bool {
        self.source.scope == Scope::Project
            && match &self.launch {
                Launch::Stdio { .. } => true,
                Launch::Http { url, headers, .. } => {
                    let texts = headers.iter().map(|(_, value)| value);
                    std::iter::once(url).chain(texts).any(|text| text.text.contains('$'))
                }
            }
    }
}
