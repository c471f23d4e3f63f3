//! `mcp-kit lint`: judge a surface.

use std::{fs, path::PathBuf, time::Instant};

use clap::{ArgMatches, Args, ValueEnum, builder::PossibleValue};

use super::{
    ExitStatus, connect,
    error::CliError,
    explain, limits,
    live::{self, LiveArgs},
    output::{self, is_given},
    project::{Project, ProjectArgs},
    source::Source,
    target::TargetArgs,
    terminal::Terminal,
};
use crate::engine::{
    finding::Severity,
    report::{self, Examined, Format, Report},
    rule::{self, Profile, Selection, client::Client},
    semantics::split,
};

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Which rules: what the specification and clients demand, also what production has shown, or
    /// also this project's opinions
    #[arg(long, value_name = "PROFILE", default_value = "recommended", help_heading = "Rules")]
    profile: ProfileArg,
    /// Also what these clients and model providers refuse, for example openai,gemini
    #[arg(long = "target", value_name = "CLIENT", value_delimiter = ',', help_heading = "Rules")]
    clients: Vec<Client>,
    /// Print what clients and model providers take, with source and date, and stop
    #[arg(long = "targets", help_heading = "Rules")]
    prints_limits: bool,
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
    /// Write a plan to a file of how to divide the tools among several servers
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileArg {
    Spec,
    Recommended,
    Strict,
}

impl ValueEnum for Client {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
}

/// The rule with whose finding the report shows a plan: who allows or ignores it wants none.
const TOO_MANY_TOOLS: &str = "surface/too-many-tools";

pub(super) fn run(
    arguments: LintArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    if arguments.prints_limits {
        return limits::print(terminal);
    }
    let outputs = output::outputs(matches, Format::Text)?;
    if let Some(both) = arguments.select.iter().find(|name| arguments.ignore.contains(name)) {
        return Err(CliError::usage(format!("`{both}` is both selected and ignored"))
            .help("keep one of --select and --ignore"));
    }
    let project = arguments.project.open()?;
    let profile = profile(&arguments, matches, &project);
    let selection =
        selection(profile, &arguments, &project).map_err(|error| explain::unknown(&error.0))?;
    let start = Instant::now();
    let source = Source::resolve(&arguments.target, terminal)?;
    arguments.live.check(&source)?;
    let mut collected = connect::collect(&source, &arguments.target.access, terminal)?;
    let is_in_force = |id: &str| {
        let rules = rule::lint::rules().chain(rule::allow::rules());
        rules.into_iter().any(|rule| rule.id == id && selection.contains(rule))
    };
    if arguments.live.dry_run {
        return live::print_plan(&collected, &arguments.live, terminal);
    }
    let access = &arguments.target.access;
    live::ask(&mut collected, &source, access, &arguments.live, &is_in_force, terminal)?;
    let findings = rule::run(&collected.surface, &selection);
    let judged = project.judge(findings, is_in_force);
    let (surface, origin) = (&collected.surface, &collected.origin);
    let source = report::Source { surface, origin };
    let is_too_long = judged.open.iter().any(|finding| finding.rule == TOO_MANY_TOOLS);
    let plan = (is_too_long || arguments.plan.is_some()).then(|| split::plan(surface));
    if let (Some(plan), Some(path)) = (&plan, &arguments.plan) {
        fs::write(path, report::split::render(plan, source))
            .map_err(|error| CliError::file("write", &path.display().to_string(), &error))?;
    }
    let report = Report {
        examined: Examined::Surface {
            source,
            profile: profile.as_str(),
            plan: plan.as_ref().filter(|_| is_too_long),
        },
        open: &judged.open,
        allowed: &judged.allowed,
        fail_on: fail_on(&arguments, matches, &project),
        allow_list: project.allow_list(),
    };
    for output in &outputs {
        output.write_report(&report, arguments.max_lines, terminal)?;
    }
    if terminal.is_verbose() {
        let server = collected.server_time.as_secs_f64() * 1000.0;
        let own = start.elapsed().as_secs_f64() * 1000.0 - server;
        terminal.remark(&format!("time: server {server:.1} ms, own {own:.1} ms\n"));
    }
    Ok(if report.fails() { ExitStatus::Findings } else { ExitStatus::Clean })
}

fn profile(arguments: &LintArgs, matches: &ArgMatches, project: &Project) -> Profile {
    let flag = match arguments.profile {
        ProfileArg::Spec => Profile::Spec,
        ProfileArg::Recommended => Profile::Recommended,
        ProfileArg::Strict => Profile::Strict,
    };
    match project.config.lint.profile {
        Some(profile) if !is_given(matches, "profile") => profile,
        _ => flag,
    }
}

fn fail_on(arguments: &LintArgs, matches: &ArgMatches, project: &Project) -> Severity {
    let flag = match arguments.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Info => Severity::Info,
    };
    match project.config.lint.fail_on {
        Some(severity) if !is_given(matches, "fail_on") => severity,
        _ => flag,
    }
}

/// The rules of the profile, changed by the project and then by the flags. What a flag selects, the
/// project no longer ignores, and the other way round.
fn selection(
    profile: Profile,
    arguments: &LintArgs,
    project: &Project,
) -> Result<Selection, rule::UnknownRule> {
    let lint = &project.config.lint;
    let without = |names: &[String], flags: &[String]| -> Vec<String> {
        let is_kept = |name: &&String| !flags.iter().any(|flag| covers(flag, name));
        names.iter().filter(is_kept).cloned().collect()
    };
    let clients = if arguments.clients.is_empty() { &lint.targets } else { &arguments.clients };
    Selection::of(profile)
        .aiming_at(clients)
        .adjusted(
            &without(&lint.select, &arguments.ignore),
            &without(&lint.ignore, &arguments.select),
        )?
        .adjusted(&arguments.select, &arguments.ignore)
}

/// Whether one name of a rule or group means all that another one means.
fn covers(outer: &str, inner: &str) -> bool {
    let group = outer.strip_suffix('/').unwrap_or(outer);
    let rest = inner.strip_prefix(group);
    outer == inner || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
