//! `mcp-kit usage`: what recorded traffic says about the tools of a server.

use std::{path::PathBuf, time::Instant};

use clap::{ArgMatches, Args, ValueEnum, builder::PossibleValue};

use super::{
    ExitStatus, connect,
    error::CliError,
    output,
    overwrite::Files,
    source::{self, Source},
    target::AccessArgs,
    terminal::Terminal,
    traffic::Traffic,
};
use crate::{
    engine::{
        report::usage::{self as report, Format},
        usage::Counter,
    },
    live::session::target::Target,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Reads cassettes, as `mcp-kit record` writes them and `mcp-kit cassette import` makes them of other
recordings. The tools are known from the lists in the recordings, or from --surface; without either,
what was never called is not known.

Findings with a verdict and an exit code come from: mcp-kit lint TARGET --traffic FILE")]
pub(super) struct UsageArgs {
    /// Cassettes; - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take the tools from here instead of from the recordings: a contract, a file, a URL, the name
    /// of a configured server
    #[arg(long, value_name = "TARGET")]
    surface: Option<String>,
    /// Take a damaged line for an error instead of leaving it out
    #[arg(long)]
    strict: bool,
    /// Format of the report; repeat with -o for several reports in one run
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Vec<Format>,
    /// Write the report of the format before it to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    access: AccessArgs,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Json, Self::Html, Self::Markdown]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Html => "html",
            Self::Markdown => "markdown",
        }))
    }
}

pub(super) fn run(
    arguments: UsageArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let outputs = output::outputs(matches, Format::Text)?;
    let mut files = Files::default();
    for file in &arguments.files {
        files.reads("a cassette", Some(file));
    }
    files.reads_target(arguments.surface.as_deref());
    files.of_access(&arguments.access)?;
    files.writes_reports(&outputs);
    files.keeps_configurations(Some(&arguments.access));
    files.check()?;
    outputs.iter().try_for_each(output::Output::check)?;
    let mut counter = match &arguments.surface {
        None => Counter::new(),
        Some(target) => {
            let target = Target::parse(Some(target), &[])
                .map_err(|error| CliError::usage(error.to_string()).help(error.help()))?;
            let source = Source::open(target, &arguments.access, terminal)?;
            source::refuse_unfit(&[&source])?;
            Counter::over(&connect::collect(&source, &arguments.access, terminal)?.surface)
        }
    };
    let start = Instant::now();
    let traffic = Traffic::new(&arguments.files, arguments.strict);
    let amount = traffic.read(terminal, |_, _, line| counter.take(line))?;
    let usage = counter.finish();
    let time = start.elapsed();
    let report = report::Report { usage: &usage, files: amount.files, damaged: amount.damaged };
    for output in &outputs {
        output.write(&report::render(output.format, &report, terminal.width()), terminal)?;
    }
    if terminal.is_verbose() {
        let seconds = time.as_secs_f64();
        let rate = usage.messages as f64 / seconds.max(f64::EPSILON);
        terminal.remark(&format!("time: {seconds:.2} s, {rate:.0} messages a second\n"));
    }
    Ok(ExitStatus::Clean)
}
