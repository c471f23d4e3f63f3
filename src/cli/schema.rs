//! `mcp-kit schema`: the JSON Schemas of files and reports, for editors and for whoever reads them by
//! program.

use clap::{Args, ValueEnum};

use super::{ExitStatus, error::CliError, terminal::Terminal};
use crate::engine::rule::{self, client::Client};

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which file or report; without it, the list of them
    name: Option<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// mcp-kit.toml
    Config,
    /// What `lint --write-baseline` writes
    Baseline,
    /// What `snapshot` writes
    Contract,
    /// A line of what `record` writes
    Cassette,
    /// What `lint --format json` prints
    Lint,
    /// What `lint --all --format json` prints
    LintSet,
    /// What `lint --plan` writes
    Split,
    /// What `diff --format json` prints
    Diff,
    /// What `replay --format json` prints
    Replay,
    /// What `replay --mock --faults` takes
    Faults,
    /// What `cassette show --format json` prints
    CassetteShow,
    /// What `cassette check --format json` prints
    CassetteCheck,
    /// What `usage --format json` prints
    Usage,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Config => include_str!("../../docs/schemas/config.json"),
            Self::Baseline => include_str!("../../docs/schemas/baseline.json"),
            Self::Contract => include_str!("../../docs/schemas/contract.json"),
            Self::Cassette => include_str!("../../docs/schemas/cassette.json"),
            Self::Lint => include_str!("../../docs/schemas/lint.json"),
            Self::LintSet => include_str!("../../docs/schemas/lint-set.json"),
            Self::Split => include_str!("../../docs/schemas/split.json"),
            Self::Diff => include_str!("../../docs/schemas/diff.json"),
            Self::Replay => include_str!("../../docs/schemas/replay.json"),
            Self::Faults => include_str!("../../docs/schemas/faults.json"),
            Self::CassetteShow => include_str!("../../docs/schemas/cassette-show.json"),
            Self::CassetteCheck => include_str!("../../docs/schemas/cassette-check.json"),
            Self::Usage => include_str!("../../docs/schemas/usage.json"),
        }
    }
}

pub(super) fn run(arguments: &SchemaArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let text = match arguments.name {
        Some(name) => with_names(name.text()),
        None => Name::value_variants().iter().map(|name| line(*name)).collect(),
    };
    terminal.print(&text)?;
    Ok(ExitStatus::Clean)
}

fn line(name: Name) -> String {
    let value = name.to_possible_value().expect("no variant is skipped");
    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
    format!("{:14}  {help}\n", value.get_name())
}

/// Puts in what this version knows, so that an editor can complete it: the names of rules, groups and
/// clients stand in the registry and nowhere else.
fn with_names(text: &str) -> String {
    let list = |names: Vec<&str>| serde_json::to_string(&names).expect("texts become JSON");
    let rules: Vec<&str> = rule::all().map(|rule| rule.id).collect();
    let mut groups: Vec<&str> = rule::all().map(rule::Rule::group).collect();
    groups.dedup();
    let both: Vec<&str> = groups.iter().chain(&rules).copied().collect();
    let clients = Client::ALL.iter().map(|client| client.as_str()).collect();
    text.replace("[\"@rules\"]", &list(rules))
        .replace("[\"@rules-and-groups\"]", &list(both))
        .replace("[\"@clients\"]", &list(clients))
        .replace("\"@lint\"", &embedded(Name::Lint.text()))
}

/// A schema inside another one, where its references go on leading into itself.
fn embedded(schema: &str) -> String {
    let text = schema.trim_end().replacen('{', "{\n  \"$id\": \"mcp-kit:lint\",", 1);
    text.replace('\n', "\n    ")
}
