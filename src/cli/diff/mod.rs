//! `mcp-kit diff`: what changed between two surfaces, and whom it breaks.

mod recorded;
mod sides;

use std::{collections::HashMap, ffi::OsString, path::PathBuf, time::Instant};

use clap::{ArgMatches, Args, ValueEnum};

use super::{
    ExitStatus, committed,
    cores::on_every_core,
    error::CliError,
    output::{self, is_given},
    overwrite::Files,
    project::{Project, ProjectArgs},
    shell,
    target::AccessArgs,
    terminal::Terminal,
    traffic::TrafficArgs,
};
use crate::{
    engine::{
        diff::{self, Fact, Options, Stability},
        finding::{Applied, Finding, Severity, allow::Judged},
        report::{Examined, Format, Report, Source, VersionAdvice},
        rule::{self, Profile, Selection},
        surface::Surface,
    },
    live::session::target::{Pair, Target, TargetError},
};
use sides::{Plan, Sides};

#[derive(Debug, Args)]
#[command(after_help = "\
Targets: a URL, a file, a folder/, git:REV:PATH, - for standard input, or the name of a configured
server (FILE#NAME for one in a certain file). One target alone, or a command alone, is what is new;
the committed contract is what was there before.

Flags for servers count on both sides, where they fit. Two servers that need different ones, other
credentials for example, go into a configuration file and are given by name.")]
pub(super) struct DiffArgs {
    /// What was there before; without it the committed contract.json
    old: Option<String>,
    /// What is there now
    new: Option<String>,
    /// The command that starts what is there now, a server on stdio
    #[arg(value_name = "COMMAND", last = true)]
    command: Vec<OsString>,
    /// Exit with 1 for changes of this weight or worse
    #[arg(long, value_name = "LEVEL", default_value = "breaking", help_heading = "Changes")]
    fail_on: FailOn,
    /// Take for breaking what could not be decided
    #[arg(long, help_heading = "Changes")]
    strict: bool,
    /// Take `format` in schemas for a demand, as some validators do
    #[arg(long, help_heading = "Changes")]
    assert_formats: bool,
    /// Compare what there is of surfaces that could not be read whole
    #[arg(long, help_heading = "Changes")]
    partial: bool,
    /// Accept what is new: report it, write it to the contract, and exit with 0
    #[arg(long, help_heading = "Changes")]
    write: bool,
    /// Which contract of mcp-kit.toml, where what is listed depends on who asks
    #[arg(long, value_name = "NAME", help_heading = "Changes")]
    audience: Option<String>,
    #[command(flatten)]
    traffic: TrafficArgs,
    /// Format of the report; repeat with -o for several reports in one run
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Vec<Format>,
    /// Write the report of the format before it to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,
    /// Most lines of findings in the text report; 0 for all
    #[arg(long, value_name = "LINES", default_value_t = 40, help_heading = "Output")]
    max_lines: usize,
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    access: AccessArgs,
}

/// The words of changes; those of findings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    #[value(alias = "error")]
    Breaking,
    Warning,
    #[value(alias = "info")]
    Any,
}

/// What to write where nothing was given.
const MISSING_HELP: &str = "give what is new, to compare it with the committed contract.json: \
     mcp-kit diff -- COMMAND; or two targets: mcp-kit diff OLD NEW, where OLD may be the contract \
     of another branch, as in git:main:contract.json";

pub(super) fn run(
    arguments: DiffArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let outputs = output::outputs(matches, Format::Text)?;
    let words: Vec<&str> =
        [&arguments.old, &arguments.new].into_iter().flatten().map(String::as_str).collect();
    let pair = Pair::parse(&words, &arguments.command).map_err(|error| {
        let help = if error == TargetError::Missing { MISSING_HELP } else { error.help() };
        CliError::usage(error.to_string()).help(help)
    })?;
    let project = arguments.project.open()?;
    let contract = project.contract(arguments.audience.as_deref())?;
    let mut files = Files::default();
    words.iter().for_each(|word| files.reads_target(Some(word)));
    files.reads("the contract", Some(&contract));
    arguments.traffic.files(&mut files);
    files.of_access(&arguments.access)?;
    files.writes_reports(&outputs);
    files.keeps_configurations(Some(&arguments.access));
    files.check()?;
    let mut accept = accept(&pair, &arguments, matches);
    let start = Instant::now();
    let plan = Plan {
        pair,
        contract: &contract,
        write: arguments.write,
        partial: arguments.partial,
        access: &arguments.access,
        project: &project,
    };
    let Some(Sides { old, new, destination }) = plan.collect(terminal)? else {
        return Ok(ExitStatus::Clean);
    };
    if destination.is_none() {
        accept = None;
    }
    for remark in project.unknown_tools(&[&old.surface, &new.surface]) {
        terminal.remark(&remark);
    }
    let Judgement { mut judged, version, renamed } =
        judge(&old.surface, &new.surface, &options(&arguments, &project), &project);
    let losses = match arguments.traffic.is_given() {
        true => {
            let (old, new) = (&old.surface, &new.surface);
            Some(recorded::lost(old, new, &renamed, &arguments.traffic, &mut judged, terminal)?)
        }
        false => None,
    };
    let report = Report {
        examined: Examined::Comparison {
            old: Source { surface: &old.surface, origin: &old.origin },
            new: Source { surface: &new.surface, origin: &new.origin },
            version: &version,
            accept: accept.as_deref(),
            traffic: losses.as_ref(),
        },
        open: &judged.open,
        allowed: &judged.allowed,
        fail_on: fail_on(&arguments, matches, &project),
        allow_list: project.allow_list(),
        baseline: None,
        fixing: None,
        foreseen: None,
        lists: None,
    };
    for output in &outputs {
        output.write_report(&report, arguments.max_lines, terminal)?;
    }
    if terminal.is_verbose() {
        let server = (old.server_time + new.server_time).as_secs_f64() * 1000.0;
        let own = start.elapsed().as_secs_f64() * 1000.0 - server;
        terminal.remark(&format!("time: servers {server:.1} ms, own {own:.1} ms\n"));
    }
    if let Some(path) = destination.filter(|_| arguments.write) {
        committed::write(&path, &new, &project, terminal)?;
        // Whoever accepts a change has seen it, and a script goes on to commit the file.
        return Ok(ExitStatus::Clean);
    }
    let fails = report.fails();
    // The program ends here, and taking large surfaces apart would only take time.
    std::mem::forget((judged, old, new));
    Ok(if fails { ExitStatus::Findings } else { ExitStatus::Clean })
}

/// What the flags and the project say about comparing.
fn options(arguments: &DiffArgs, project: &Project) -> Options {
    let config = &project.config.diff;
    let experimental = project.config.experimental_tools();
    Options {
        assert_formats: arguments.assert_formats || config.assert_formats.unwrap_or(false),
        strict: arguments.strict || config.strict.unwrap_or(false),
        stability: experimental.into_iter().map(|tool| (tool, Stability::Experimental)).collect(),
        policy: project.policy(),
        today: Some(project.today),
    }
}

/// The findings and what they ask of the version.
struct Judgement {
    judged: Judged,
    version: VersionAdvice,
    /// The old names of renamed tools, by their new ones.
    renamed: HashMap<String, String>,
}

fn judge(old: &Surface, new: &Surface, options: &Options, project: &Project) -> Judgement {
    let diff = diff::compare_on(&on_every_core, old, new, options);
    let selection = Selection::of(Profile::Recommended);
    let findings = rule::judge_unless(&diff, &selection, |finding| project.accepts(finding));
    let counts = |finding: &&Finding| {
        // What is said about the version is no reason for another one.
        finding.rule != "breaking/version-not-bumped" && !project.accepts(finding)
    };
    let bump = rule::bump(findings.iter().filter(counts));
    let versions = [old, new].map(|surface| surface.server.version.as_deref());
    let version = VersionAdvice::new(versions[0], versions[1], bump);
    let rules = rule::breaking::rules().chain(rule::allow::rules());
    let applied = Applied::of(rules.map(|rule| rule.id));
    let renamed = diff.changes.iter().filter_map(|change| match &change.fact {
        Fact::ToolRenamed(rename) => Some((rename.to.clone(), rename.from.clone())),
        _ => None,
    });
    let renamed = renamed.collect();
    Judgement { judged: project.judge(findings, &applied), version, renamed }
}

/// The command that accepts what is new. None where the same comparison would find the same again:
/// what a revision or a running server says is not in our hands.
fn accept(pair: &Pair, arguments: &DiffArgs, matches: &ArgMatches) -> Option<String> {
    let old = match &pair.old {
        None => None,
        Some(old @ Target::File(_)) => Some(old),
        Some(_) => return None,
    };
    if arguments.write {
        return None;
    }
    let has_access_flags = AccessArgs::augment_args(clap::Command::new("access"))
        .get_arguments()
        .any(|argument| is_given(matches, argument.get_id().as_str()));
    let targets = old.into_iter().chain([&pair.new]).map(shell::target);
    let (Some(targets), false) = (targets.collect::<Option<Vec<_>>>(), has_access_flags) else {
        return Some("the same command with --write".to_owned());
    };
    let mut flags = vec!["--write".to_owned()];
    flags
        .extend(arguments.audience.iter().flat_map(|name| ["--audience".to_owned(), name.clone()]));
    flags.extend(arguments.project.words());
    flags.extend(arguments.partial.then(|| "--partial".to_owned()));
    let flags: Option<Vec<String>> = flags.iter().map(|word| shell::quoted(word)).collect();
    Some(format!("mcp-kit diff {} {}", flags?.join(" "), targets.join(" ")))
}

fn fail_on(arguments: &DiffArgs, matches: &ArgMatches, project: &Project) -> Severity {
    let flag = match arguments.fail_on {
        FailOn::Breaking => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Any => Severity::Info,
    };
    match project.config.diff.fail_on {
        Some(severity) if !is_given(matches, "fail_on") => severity,
        _ => flag,
    }
}
