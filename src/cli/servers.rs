//! `mcp-kit servers`: what is configured here.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::{ExitStatus, error::CliError, source, terminal::Terminal};
use crate::{
    engine::report::escape::for_terminal,
    live::session::discovery::{self, Discovery, Entry, Scope},
};

#[derive(Debug, Args)]
pub(super) struct ServersArgs {
    /// Look into this configuration file first
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The format of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &ServersArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let surroundings = source::surroundings(arguments.config.clone())?;
    let found = discovery::discover(&surroundings);
    match arguments.format {
        Format::Text => terminal.print(&table(&found, &surroundings.directory, terminal))?,
        Format::Json => terminal.print_json(&Listing::from(&found))?,
    }
    for problem in &found.problems {
        terminal.remark(&format!("note: {}\n", for_terminal(&problem.to_string())));
    }
    Ok(ExitStatus::Clean)
}

fn table(found: &Discovery, here: &std::path::Path, terminal: &Terminal) -> String {
    if found.entries.is_empty() {
        return "no servers are configured here\n\
                start one with: mcp-kit lint -- COMMAND, or add it to .mcp.json\n"
            .to_owned();
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(terminal.width() as u16)
        .set_header(["server", "starts or reaches", "configured in", ""]);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for entry in &found.entries {
        let shown =
            |path: &std::path::Path| path.strip_prefix(here).unwrap_or(path).display().to_string();
        let place = format!(
            "{}:{} ({}{})",
            shown(&entry.source.path),
            entry.source.position.line,
            entry.source.client.name(),
            if entry.source.scope == Scope::User { ", yours" } else { "" }
        );
        let mut notes = Vec::new();
        if let Some(winner) = &entry.shadowed_by {
            notes.push(format!("shadowed by {}", shown(&winner.path)));
        }
        if !entry.shadows.is_empty() {
            let hidden = entry.shadows.iter().map(|source| shown(&source.path));
            notes.push(format!("shadows {}", hidden.collect::<Vec<_>>().join(", ")));
        }
        if entry.disabled {
            notes.push("switched off".to_owned());
        }
        table.add_row([
            for_terminal(&entry.name),
            for_terminal(&entry.launch.to_string()),
            for_terminal(&place),
            for_terminal(&notes.join("; ")),
        ]);
    }
    let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    text.push_str("\nlint one with: mcp-kit lint NAME\n");
    text
}

#[derive(Serialize)]
struct Listing<'a> {
    format: &'static str,
    servers: Vec<Listed<'a>>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    launch: String,
    file: String,
    line: usize,
    column: usize,
    client: &'static str,
    scope: &'static str,
    disabled: bool,
    shadowed_by: Option<String>,
    shadows: Vec<String>,
}

impl<'a> From<&'a Discovery> for Listing<'a> {
    fn from(found: &'a Discovery) -> Self {
        Self {
            format: "mcp-kit.servers/1",
            servers: found.entries.iter().map(listed_entry).collect(),
            problems: found.problems.iter().map(ToString::to_string).collect(),
        }
    }
}

fn listed_entry(entry: &Entry) -> Listed<'_> {
    Listed {
        name: &entry.name,
        launch: entry.launch.to_string(),
        file: entry.source.path.display().to_string(),
        line: entry.source.position.line,
        column: entry.source.position.column,
        client: entry.source.client.name(),
        scope: if entry.source.scope == Scope::User { "user" } else { "project" },
        disabled: entry.disabled,
        shadowed_by: entry.shadowed_by.as_ref().map(ToString::to_string),
        shadows: entry.shadows.iter().map(ToString::to_string).collect(),
    }
}
