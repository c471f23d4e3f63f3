//! The arguments that say which server or file, the same for every command that takes one.

use std::{
    collections::BTreeMap, ffi::OsString, fs, num::NonZeroUsize, path::PathBuf, time::Duration,
};

use bytesize::ByteSize;
use clap::{Args, ValueEnum};

use super::{
    beside::{self, Accepts},
    error::CliError,
};
use crate::{
    engine::protocol::revision::Era,
    live::session::{Budget, EraChoice},
};

/// Which server or file.
#[derive(Debug, Args)]
pub(super) struct TargetArgs {
    /// A URL, @crm for the connector that is built in (@crm+writes with its write tools), a file, a folder/, git:REV:PATH, - for standard
    /// input, or the name of a configured server (FILE#NAME for one in a certain file)
    #[arg(value_name = "TARGET")]
    pub(super) target: Option<String>,
    /// The command that starts a server on stdio
    #[arg(value_name = "COMMAND", last = true)]
    pub(super) command: Vec<OsString>,
    #[command(flatten)]
    pub(super) access: AccessArgs,
}

/// How a target is opened.
#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    #[command(flatten)]
    pub(super) server: ServerArgs,
    #[command(flatten)]
    pub(super) process: ProcessArgs,
    #[command(flatten)]
    pub(super) http: HttpArgs,
    #[command(flatten)]
    pub(super) configured: ConfiguredArgs,
}

/// How a server is talked to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Talking to a server")]
pub(super) struct ServerArgs {
    /// Which era to speak: from 2026-07-28, before it, or both and report the differences
    #[arg(long, value_name = "ERA")]
    pub(super) era: Option<EraArg>,
    /// Limit for starting or reaching the server and shaking hands
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = parse_limit)]
    connect_timeout: Duration,
    /// Limit for everything that is asked; a server that does not stop then takes some seconds more
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_limit)]
    timeout: Duration,
    /// Most bytes of one message or file, and of the whole surface
    #[arg(long, value_name = "SIZE", default_value = "32MiB", value_parser = parse_size)]
    max_bytes: usize,
    /// Most pages of one list
    #[arg(long, value_name = "PAGES", default_value = "500")]
    max_pages: NonZeroUsize,
}

/// How a server is started.
#[derive(Debug, Args)]
#[command(next_help_heading = "Starting a server")]
pub(super) struct ProcessArgs {
    /// Set a variable for the server, or pass it on from here
    #[arg(short, long = "env", value_name = "NAME[=VALUE]")]
    pub(super) env: Vec<String>,
    /// Set the variables of a file of NAME=VALUE lines
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Option<PathBuf>,
    /// Pass on the whole environment; without it a server gets a minimal one
    #[arg(long)]
    pub(super) pass_env: bool,
    /// Start the server in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(super) cwd: Option<PathBuf>,
    /// Keep what the server writes to its standard error
    #[arg(long, value_name = "FILE")]
    pub(super) server_log: Option<PathBuf>,
}

/// How an endpoint is reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reaching an endpoint")]
pub(super) struct HttpArgs {
    /// Send a header: 'Name: value', or @FILE with one a line, so that a token stays out of the
    /// list of processes
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(super) headers: Vec<String>,
    /// Send the token in this variable as bearer token
    #[arg(long, value_name = "NAME")]
    pub(super) bearer_env: Option<String>,
}

/// How a configured server is found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configured servers")]
pub(super) struct ConfiguredArgs {
    /// Look into this configuration file first
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The value of an ${input:ID} in a configuration
    #[arg(long = "input", value_name = "ID=VALUE")]
    pub(super) inputs: Vec<String>,
    /// Start the command of a project's configuration without asking
    #[arg(long)]
    pub(super) trust: bool,
}

/// A time above zero: `500ms`, `15s`, `2m`.
fn parse_limit(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("a limit of zero leaves no time for anything".to_owned()),
        Ok(limit) => Ok(limit),
        Err(error) => Err(format!("{error}; write for example 500ms, 15s or 2m")),
    }
}

/// A size from one byte to four gigabytes: `100000`, `512KiB`, `32MiB`.
fn parse_size(text: &str) -> Result<usize, String> {
    let size: ByteSize = text.parse()?;
    match size.as_u64() {
        0 => Err("a limit of zero leaves nothing to read".to_owned()),
        bytes if bytes > u64::from(u32::MAX) => Err("more than 4 GiB cannot be read".to_owned()),
        bytes => Ok(bytes as usize),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EraArg {
    /// Modern if the server speaks it, else legacy
    Auto,
    /// 2026-07-28
    Modern,
    /// 2025-11-25 and before
    Legacy,
    /// One connection in each
    Both,
}

impl ServerArgs {
    /// The era that was asked for, if any was.
    pub(super) fn era(&self) -> Option<EraChoice> {
        self.era.map(|era| match era {
            EraArg::Auto => EraChoice::Auto,
            EraArg::Modern => EraChoice::Only(Era::Modern),
            EraArg::Legacy => EraChoice::Only(Era::Legacy),
            EraArg::Both => EraChoice::Both,
        })
    }

    pub(super) fn budget(&self) -> Budget {
        Budget {
            connect_timeout: self.connect_timeout.min(self.timeout),
            timeout: self.timeout,
            max_bytes: self.max_bytes,
            max_pages: self.max_pages.get(),
        }
    }
}

impl ProcessArgs {
    /// The flags given here, for an error about flags that do not fit the target.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let flags = [
            (!self.env.is_empty(), "--env"),
            (self.env_file.is_some(), "--env-file"),
            (self.pass_env, "--pass-env"),
            (self.cwd.is_some(), "--cwd"),
            (self.server_log.is_some(), "--server-log"),
        ];
        flags.into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag).collect()
    }

    /// The file of `--server-log`, emptied of an earlier run. One that cannot be is complained about
    /// when the server is started; a pipe keeps what is in it.
    pub(super) fn log(&self) -> Option<PathBuf> {
        let path = self.server_log.clone()?;
        if path.is_file() {
            let _ = fs::File::create(&path);
        }
        Some(path)
    }

    /// The variables of `--env-file` and `--env`, in this order, so that the later one wins.
    pub(super) fn variables(&self) -> Result<Vec<(OsString, OsString)>, CliError> {
        let mut variables = Vec::new();
        if let Some(path) = &self.env_file {
            variables.extend(read_env_file(path)?);
        }
        for text in &self.env {
            match text.split_once('=') {
                Some(("", _)) => {
                    return Err(CliError::usage(format!("`--env {text}` has no name before `=`")));
                }
                Some((name, value)) => variables.push((name.into(), value.into())),
                None => match std::env::var_os(text) {
                    Some(value) => variables.push((text.into(), value)),
                    None => {
                        return Err(CliError::usage(format!("the variable {text} is not set"))
                            .help(format!("set it, or give a value: --env {text}=…")));
                    }
                },
            }
        }
        Ok(variables)
    }
}

/// Reads lines of `NAME=VALUE`; blank lines, comments and a leading `export` are allowed, and a
/// value may stand in quotes.
pub(super) fn read_env_file(path: &std::path::Path) -> Result<Vec<(OsString, OsString)>, CliError> {
    let shown = path.display().to_string();
    let text = beside::read_text(path, Accepts::FileOrPipe)
        .map_err(|error| beside::failed(&shown, &error))?;
    let mut variables = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.trim().is_empty())
        else {
            // The line may hold a secret and is not quoted.
            return Err(CliError::usage("a line is not of the form NAME=VALUE")
                .place(format!("{shown}:{}", index + 1)));
        };
        let value = value.trim();
        let unquoted = ['"', '\'']
            .iter()
            .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
            .unwrap_or(value);
        variables.push((name.trim().into(), unquoted.into()));
    }
    Ok(variables)
}

impl HttpArgs {
    /// The flags given here, for an error about flags that do not fit the target.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let flags =
            [(!self.headers.is_empty(), "--header"), (self.bearer_env.is_some(), "--bearer-env")];
        flags.into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag).collect()
    }

    /// The headers to send.
    pub(super) fn headers(&self) -> Result<Vec<(String, String)>, CliError> {
        let mut headers = Vec::new();
        for text in &self.headers {
            match text.strip_prefix('@') {
                None => headers.push(parse_header(text).ok_or_else(|| {
                    CliError::usage("a --header is not of the form 'Name: value'")
                        .help("for example: -H 'X-Tenant: north'")
                })?),
                Some(path) => {
                    let lines = beside::read_text(path.as_ref(), Accepts::FileOrPipe)
                        .map_err(|error| beside::failed(path, &error))?;
                    for (index, line) in lines.lines().enumerate() {
                        if line.trim().is_empty() {
                            continue;
                        }
                        headers.push(parse_header(line).ok_or_else(|| {
                            CliError::usage("a line is not of the form `Name: value`")
                                .place(format!("{path}:{}", index + 1))
                        })?);
                    }
                }
            }
        }
        if let Some(name) = &self.bearer_env {
            let token = std::env::var(name).ok().filter(|token| !token.trim().is_empty());
            let Some(token) = token else {
                return Err(CliError::usage(format!("the variable {name} is not set or empty"))
                    .help("put the token into it, without `Bearer`"));
            };
            if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
                return Err(CliError::usage(
                    "--bearer-env and an Authorization header are both given",
                )
                .help("keep one of the two"));
            }
            headers.push(("Authorization".to_owned(), format!("Bearer {}", token.trim())));
        }
        Ok(headers)
    }
}

fn parse_header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    let name = name.trim();
    (!name.is_empty()).then(|| (name.to_owned(), value.trim().to_owned()))
}

impl ConfiguredArgs {
    /// The flags given here, for an error about flags that do not fit the target.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let flags = [
            (self.config.is_some(), "--config"),
            (!self.inputs.is_empty(), "--input"),
            (self.trust, "--trust"),
        ];
        flags.into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag).collect()
    }

    /// The values of `--input` by id.
    pub(super) fn inputs(&self) -> Result<BTreeMap<String, String>, CliError> {
        let mut inputs = BTreeMap::new();
        for text in &self.inputs {
            let Some((id, value)) = text.split_once('=') else {
                return Err(CliError::usage("an --input is not of the form ID=VALUE"));
            };
            inputs.insert(id.to_owned(), value.to_owned());
        }
        Ok(inputs)
    }
}
