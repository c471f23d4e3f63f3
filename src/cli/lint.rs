//! `mcp-kit lint`: judge a surface.

use std::{path::PathBuf, time::Instant};

use clap::{ArgMatches, Args, ValueEnum};

use super::{
    ExitStatus, connect, error::CliError, explain, output, source::Source, target::TargetArgs,
    terminal::Terminal,
};
use crate::engine::{
    finding::Severity,
    report::{LintReport, json, text},
    rule::{self, Profile, Selection},
};

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Which rules: what the specification and clients demand, also what production has shown, or
    /// also this project's opinions
    #[arg(long, value_name = "PROFILE", default_value = "recommended", help_heading = "Rules")]
    profile: ProfileArg,
    /// Add a rule or a group of rules, for example schema or name/too-long
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    select: Vec<String>,
    /// Leave out a rule or a group of rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    ignore: Vec<String>,
    /// Exit with 1 for findings of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "error", help_heading = "Rules")]
    fail_on: FailOn,
    /// Format of the report; repeat with -o for several reports in one run
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Vec<Format>,
    /// Write the report of the format before it to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,
    /// Most lines of findings in the text report; 0 for all
    #[arg(long, value_name = "LINES", default_value_t = 40, help_heading = "Output")]
    max_lines: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileArg {
    Spec,
    Recommended,
    Strict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(
    arguments: LintArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let outputs = output::outputs(matches, Format::Text)?;
    let profile = match arguments.profile {
        ProfileArg::Spec => Profile::Spec,
        ProfileArg::Recommended => Profile::Recommended,
        ProfileArg::Strict => Profile::Strict,
    };
    if let Some(both) = arguments.select.iter().find(|name| arguments.ignore.contains(name)) {
        return Err(CliError::usage(format!("`{both}` is both selected and ignored"))
            .help("keep one of --select and --ignore"));
    }
    let selection = Selection::of(profile)
        .adjusted(&arguments.select, &arguments.ignore)
        .map_err(|error| explain::unknown(&error.0))?;
    let start = Instant::now();
    let source = Source::resolve(&arguments.target, terminal)?;
    let collected = connect::collect(&source, &arguments.target, terminal)?;
    let findings = rule::run(&collected.surface, &selection);
    let report = LintReport {
        surface: &collected.surface,
        findings: &findings,
        origin: &collected.origin,
        profile: profile.as_str(),
    };
    for output in &outputs {
        let text = match output.format {
            Format::Json => json::render(&report),
            Format::Text => {
                // A file is read in an editor, where nothing needs to be left out.
                let is_for_terminal = output.file.is_none() && arguments.max_lines > 0;
                let max_lines = is_for_terminal.then_some(arguments.max_lines);
                let layout = text::Layout { width: terminal.width(), max_lines };
                text::render(&report, layout)
            }
        };
        output.write(&text, terminal)?;
    }
    if terminal.is_verbose() {
        let server = collected.server_time.as_secs_f64() * 1000.0;
        let own = start.elapsed().as_secs_f64() * 1000.0 - server;
        terminal.remark(&format!("time: server {server:.1} ms, own {own:.1} ms\n"));
    }
    let least = match arguments.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Info => Severity::Info,
    };
    let fails = findings.iter().any(|finding| finding.severity >= least);
    Ok(if fails { ExitStatus::Findings } else { ExitStatus::Clean })
}
