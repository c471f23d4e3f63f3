//! `mcp-kit snapshot`: write a surface down.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    ExitStatus, committed, connect,
    error::CliError,
    output::{Output, file_of},
    overwrite::Files,
    source::Source,
    target::TargetArgs,
    terminal::Terminal,
};
use crate::engine::{
    contract,
    report::{escape::for_json, reference},
};

#[derive(Debug, Args)]
pub(super) struct SnapshotArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The contract as JSON, or a reference page of the surface
    #[arg(long, value_name = "FORMAT", default_value = "json", help_heading = "Output")]
    format: Format,
    /// Write what there is of a surface that could not be read whole
    #[arg(long, help_heading = "Output")]
    partial: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Markdown,
    Html,
}

pub(super) fn run(arguments: SnapshotArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let output = Output { format: arguments.format, file: arguments.output.and_then(file_of) };
    let mut files = Files::default();
    files.reads_target(arguments.target.target.as_deref());
    files.of_access(&arguments.target.access)?;
    files.writes_reports(std::slice::from_ref(&output));
    files.keeps_configurations(Some(&arguments.target.access));
    files.check()?;
    let source = Source::resolve(&arguments.target, terminal)?;
    let collected = connect::collect(&source, &arguments.target.access, terminal)?;
    let surface = &collected.surface;
    if !arguments.partial {
        committed::refuse_incomplete(&collected, "--partial writes down what there is")?;
    }
    let text = match arguments.format {
        // A file or a pipe gets the canonical bytes, a person the harmless ones.
        Format::Json if output.file.is_none() && terminal.is_watched() => {
            for_json(&contract::render(surface))
        }
        Format::Json => contract::render(surface),
        Format::Markdown => reference::markdown::render(surface),
        Format::Html => reference::html::render(surface),
    };
    output.write(&text, terminal)?;
    let oddities = surface.observations.len();
    if oddities > 0 {
        let what =
            if oddities == 1 { "1 oddity was" } else { &format!("{oddities} oddities were") };
        let target = &collected.origin.name;
        terminal.remark(&format!("note: {what} met on the way; see: mcp-kit lint {target}\n"));
    }
    Ok(ExitStatus::Clean)
}
