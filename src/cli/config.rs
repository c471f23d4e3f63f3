//! `mcp-kit config show`: every value that counts, and where it comes from.

use clap::{ArgMatches, Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::{
    ExitStatus,
    error::CliError,
    project::{Project, ProjectArgs},
    rules::RuleArgs,
    terminal::Terminal,
};
use crate::engine::{
    config::{Config, Effective, Layer, Origin, effective, places},
    report::escape::for_terminal,
};

#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every value that counts here, and where it comes from
    Show(ShowArgs),
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The format of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(
    arguments: &ConfigArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let ConfigCommand::Show(arguments) = &arguments.command;
    let matches = matches.subcommand_matches("show").expect("the command that was parsed");
    let project = arguments.project.open()?;
    let lint = arguments.rules.over(&project.config.lint, matches)?;
    let config = Config { lint, ..project.config.clone() };
    let values = effective(&config, &layers(&project, matches));
    match arguments.format {
        Format::Text => terminal.print(&text(&values))?,
        Format::Json => terminal.print_json(&Shown::new(&project, &values))?,
    }
    Ok(ExitStatus::Clean)
}

/// The flags, the file, and what it extends.
fn layers(project: &Project, matches: &ArgMatches) -> Vec<Layer> {
    let given = RuleArgs::given(matches).into_iter();
    let flags =
        given.map(|(key, flag)| (vec!["lint".to_owned(), key.to_owned()], Origin::Flag(flag)));
    let files = project.layers.iter().map(|layer| places(&layer.text, &layer.file));
    [flags.collect()].into_iter().chain(files).collect()
}

fn text(values: &[Effective]) -> String {
    let line = |value: &Effective| {
        let shown = match &value.value {
            Value::Null => "none".to_owned(),
            other => other.to_string(),
        };
        (for_terminal(&format!("{} = {shown}", value.key)), from(&value.origins))
    };
    let lines: Vec<(String, String)> = values.iter().map(line).collect();
    // Long values would push all the others apart.
    let widths = lines.iter().map(|(value, _)| value.chars().count());
    let width = widths.filter(|width| *width <= MAX_WIDTH).max().unwrap_or(0);
    lines.iter().map(|(value, from)| format!("{value:width$}  # {from}\n")).collect()
}

/// Widest value that the others are lined up with.
const MAX_WIDTH: usize = 60;

fn from(origins: &[Origin]) -> String {
    let shown = origins.iter().map(|origin| match origin {
        Origin::Flag(flag) => (*flag).to_owned(),
        Origin::File { file, position } => for_terminal(&format!("{file}:{}", position.line)),
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { "default".to_owned() } else { shown.join(", ") }
}

#[derive(Serialize)]
struct Shown<'a> {
    format: &'static str,
    files: Vec<&'a str>,
    values: Vec<ShownValue<'a>>,
}

#[derive(Serialize)]
struct ShownValue<'a> {
    key: &'a str,
    value: &'a Value,
    origins: Vec<ShownOrigin<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum ShownOrigin<'a> {
    Default,
    Flag { flag: &'static str },
    File { file: &'a str, line: usize, column: usize },
}

impl<'a> Shown<'a> {
    fn new(project: &'a Project, values: &'a [Effective]) -> Self {
        let origin = |origin: &'a Origin| match origin {
            Origin::Flag(flag) => ShownOrigin::Flag { flag },
            Origin::File { file, position } => {
                ShownOrigin::File { file, line: position.line, column: position.column }
            }
        };
        let value = |value: &'a Effective| {
            let mut origins: Vec<_> = value.origins.iter().map(origin).collect();
            if origins.is_empty() {
                origins.push(ShownOrigin::Default);
            }
            ShownValue { key: &value.key, value: &value.value, origins }
        };
        Self {
            format: "mcp-kit.config-values/1",
            files: project.layers.iter().map(|layer| layer.file.as_str()).collect(),
            values: values.iter().map(value).collect(),
        }
    }
}
