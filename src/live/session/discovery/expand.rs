//! Puts values in for the variables of one entry.
//!
//! One grammar for all files, the union of what the clients document:
//!
//! | written | means |
//! |---|---|
//! | `${NAME}`, `${env:NAME}` | the environment variable NAME; an error where it is not set |
//! | `${NAME:-text}` | the same, or `text` where it is not set |
//! | `${input:id}` | the value of `--input id=value`, or the input's declared default |
//! | `${workspaceFolder}`, `${workspaceFolderBasename}` | the project's folder, its last part |
//! | `${userHome}`, `${pathSeparator}`, `${/}` | the home folder; `/`, or `\` on Windows |
//! | `$NAME` | as `${NAME}`, in files of Gemini CLI alone |
//!
//! Anything else between braces is left as it is, since shell commands may stand in arguments;
//! only `${word:…}` with an unknown word is refused. What is put in is not looked at again.

mod template;

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    entry::{Client, Entry, Launch, Unexpanded},
    surroundings::Surroundings,
};
use crate::{
    engine::protocol::json::Position,
    live::session::target::{TargetError, check_url},
};

/// An entry ready for use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expanded {
    /// A program to start.
    Stdio {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// The variables to set for it, [`Launch::Stdio`]'s `env` and `pass_env` together.
        env: BTreeMap<String, String>,
        /// A file of further variables, absolute. It is not read here.
        env_file: Option<PathBuf>,
        /// Its working directory, absolute.
        cwd: PathBuf,
    },
    /// A server behind an `http` or `https` URL.
    Http {
        /// The URL.
        url: String,
        /// Headers sent with every request, in source order.
        headers: Vec<(String, String)>,
        /// Whether the entry asks for the old HTTP+SSE transport.
        sse: bool,
    },
}

/// Why an entry cannot be expanded, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: server `{server}`: {fault}", .path.display(), .position.line, .position.column)]
pub struct ExpandError {
    /// The configuration file.
    pub path: PathBuf,
    /// Where the text with the variable starts.
    pub position: Position,
    /// The server's name.
    pub server: String,
    /// What is wrong.
    pub fault: ExpandFault,
}

/// What is wrong with a text that has variables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpandFault {
    /// The environment variable is not set and has no default.
    #[error("environment variable `{0}` is not set")]
    Variable(String),
    /// No value was given for the input.
    #[error("no value is given for the input `{id}`{}", question(.description))]
    Input {
        /// The input.
        id: String,
        /// What the file says about it.
        description: Option<String>,
    },
    /// `${word:…}` with a word that means nothing here.
    #[error("`${{{0}}}` is not supported")]
    Unsupported(String),
    /// A default that has a variable itself.
    #[error("the default of `{0}` contains another variable")]
    NestedDefault(String),
    /// `${userHome}` without a home.
    #[error("the home folder is not known")]
    NoHome,
    /// The expanded URL cannot be reached.
    #[error(transparent)]
    Url(TargetError),
}

fn question(description: &Option<String>) -> String {
    description.as_ref().map(|text| format!(" (\"{text}\")")).unwrap_or_default()
}

impl ExpandError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match &self.fault {
            ExpandFault::Variable(name) => {
                format!("set {name}, or write `${{{name}:-default}}` in the file")
            }
            ExpandFault::Input { id, .. } => format!("give it with `--input {id}=VALUE`"),
            ExpandFault::Unsupported(_) => {
                "use `${NAME}`, `${env:NAME}`, `${input:ID}`, `${workspaceFolder}` or \
                 `${userHome}`"
                    .to_owned()
            }
            ExpandFault::NestedDefault(name) => {
                format!("set {name}, or write a default without a variable")
            }
            ExpandFault::NoHome => "set HOME".to_owned(),
            ExpandFault::Url(error) => error.help().to_owned(),
        }
    }
}

/// Expands all texts of an entry. `inputs` are the values of `--input`.
///
/// # Errors
/// At the first variable that has no value, and for a URL that is neither `http` nor `https`.
pub fn expand(
    entry: &Entry,
    surroundings: &Surroundings,
    inputs: &BTreeMap<String, String>,
) -> Result<Expanded, ExpandError> {
    let values = Values { entry, surroundings, inputs };
    let folder = &entry.source.folder;
    match &entry.launch {
        Launch::Stdio { command, args, env, pass_env, env_file, cwd } => Ok(Expanded::Stdio {
            command: values.fill(command)?,
            args: args.iter().map(|arg| values.fill(arg)).collect::<Result<_, _>>()?,
            env: values.environment(pass_env, env)?,
            env_file: values.fill_optional(env_file)?.map(|path| folder.join(path)),
            cwd: values.fill_optional(cwd)?.map_or_else(|| folder.clone(), |cwd| folder.join(cwd)),
        }),
        Launch::Http { url, headers, sse } => {
            let text = values.fill(url)?;
            check_url(&text).map_err(|error| values.error(url, ExpandFault::Url(error)))?;
            let header =
                |(name, value): &(String, Unexpanded)| Ok((name.clone(), values.fill(value)?));
            let headers = headers.iter().map(header).collect::<Result<_, _>>()?;
            Ok(Expanded::Http { url: text, headers, sse: *sse })
        }
    }
}

/// Where the values come from.
struct Values<'a> {
    entry: &'a Entry,
    surroundings: &'a Surroundings,
    inputs: &'a BTreeMap<String, String>,
}

impl Values<'_> {
    fn fill(&self, unexpanded: &Unexpanded) -> Result<String, ExpandError> {
        let bare_names = self.entry.source.client == Client::Gemini;
        template::fill(&unexpanded.text, bare_names, |name| self.value(name))
            .map_err(|fault| self.error(unexpanded, fault))
    }

    fn fill_optional(&self, text: &Option<Unexpanded>) -> Result<Option<String>, ExpandError> {
        text.as_ref().map(|text| self.fill(text)).transpose()
    }

    fn environment(
        &self,
        passed: &[String],
        set: &[(String, Unexpanded)],
    ) -> Result<BTreeMap<String, String>, ExpandError> {
        let pass =
            |name: &String| Some((name.clone(), self.surroundings.environment.get(name)?.clone()));
        let mut environment: BTreeMap<_, _> = passed.iter().filter_map(pass).collect();
        for (name, value) in set {
            environment.insert(name.clone(), self.fill(value)?);
        }
        Ok(environment)
    }

    /// The value of one variable.
    fn value(&self, name: template::Name<'_>) -> Result<String, ExpandFault> {
        use template::Name;
        match name {
            Name::Environment { name, default } => {
                match (self.surroundings.environment.get(name), default) {
                    (Some(value), _) => Ok(value.clone()),
                    (None, Some(default)) if default.contains("${") => {
                        Err(ExpandFault::NestedDefault(name.to_owned()))
                    }
                    (None, Some(default)) => Ok(default.to_owned()),
                    (None, None) => Err(ExpandFault::Variable(name.to_owned())),
                }
            }
            Name::Input(id) => self.input(id),
            Name::WorkspaceFolder => Ok(self.entry.source.folder.display().to_string()),
            Name::WorkspaceFolderBasename => {
                let name = self.entry.source.folder.file_name().unwrap_or_default();
                Ok(name.display().to_string())
            }
            Name::UserHome => {
                let home = self.surroundings.home.as_ref().ok_or(ExpandFault::NoHome)?;
                Ok(home.display().to_string())
            }
            Name::PathSeparator => Ok(std::path::MAIN_SEPARATOR_STR.to_owned()),
            Name::Unsupported(name) => Err(ExpandFault::Unsupported(name.to_owned())),
        }
    }

    fn input(&self, id: &str) -> Result<String, ExpandFault> {
        let declared = self.entry.inputs.iter().find(|input| input.id == id);
        self.inputs
            .get(id)
            .or_else(|| declared.and_then(|input| input.default.as_ref()))
            .cloned()
            .ok_or_else(|| ExpandFault::Input {
                id: id.to_owned(),
                description: declared.and_then(|input| input.description.clone()),
            })
    }

    fn error(&self, unexpanded: &Unexpanded, fault: ExpandFault) -> ExpandError {
        ExpandError {
            path: self.entry.source.path.clone(),
            position: unexpanded.position,
            server: self.entry.name.clone(),
            fault,
        }
    }
}

#[cfg(test)]
mod tests;
