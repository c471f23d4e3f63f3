//! `mcp-kit lint`: judge a surface.

use std::{cell::OnceCell, cmp::Reverse, fs, path::PathBuf, time::Instant};

use clap::{ArgMatches, Args};

use super::{
    ExitStatus,
    all::{self, AllArgs, Examination},
    baseline::{BaselineArgs, BaselineFile},
    committed, connect,
    cores::on_every_core,
    dry_run::{self, DryRun},
    error::CliError,
    explain,
    fix::{self, FixArgs, Outcome},
    limits,
    live::{self, LiveArgs},
    output::{self, Output, is_given},
    overwrite::Files,
    project::{Project, ProjectArgs},
    rules::RuleArgs,
    source::Source,
    target::TargetArgs,
    terminal::Terminal,
    traffic::TrafficArgs,
};
use crate::engine::{
    finding::{Finding, Severity},
    protocol::json::Limits,
    report::{self, Examined, Fixing, Format, Report},
    rule::{self, Linter, Profile, Selection},
    semantics::split::Draft,
    surface::Surface,
    usage::Usage,
};

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    all: AllArgs,
    #[command(flatten)]
    rules: RuleArgs,
    /// Print what clients and model providers take, with source and date, and stop
    #[arg(long = "targets", help_heading = "Rules")]
    prints_limits: bool,
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
    traffic: TrafficArgs,
    #[command(flatten)]
    fix: FixArgs,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

/// What the run reads and writes.
fn files(
    arguments: &LintArgs,
    outputs: &[Output<Format>],
    project: &Project,
) -> Result<Files, CliError> {
    let LintArgs { target, plan, baseline, .. } = arguments;
    let mut files = Files::default();
    arguments.traffic.files(&mut files);
    files.reads_target(target.target.as_deref());
    files.of_access(&target.access)?;
    for layer in &project.layers {
        files.reads("the project's file", Some(layer.file.as_ref()));
    }
    match &baseline.write_baseline {
        Some(path) => files.writes_beside("--write-baseline", Some(path))?,
        None => {
            let of_project = project.baseline().map(|(path, _)| path);
            files.reads("the baseline", baseline.baseline.as_deref().or(of_project.as_deref()));
        }
    }
    files.writes_beside("--plan", plan.as_deref())?;
    files.writes_reports(outputs);
    files.keeps_configurations(Some(&target.access));
    Ok(files)
}

/// The flags that mean something beside `--targets`.
const BESIDE_TARGETS: [&str; 7] =
    ["prints_limits", "format", "output", "color", "quiet", "verbose", "no_input"];

/// `--targets` prints a table and stops: whoever gives a target or asks for a fix wants something else.
fn refuse_beside_targets(matches: &ArgMatches) -> Result<(), CliError> {
    let command = LintArgs::augment_args(clap::Command::new("lint"));
    let ignored = command.get_arguments().find(|argument| {
        let id = argument.get_id().as_str();
        !BESIDE_TARGETS.contains(&id) && is_given(matches, id)
    });
    ignored.map_or(Ok(()), |argument| {
        let names = argument.get_value_names().and_then(|names| names.first());
        let shown = match argument.get_long() {
            Some(long) => format!("--{long}"),
            None => names.map(ToString::to_string).unwrap_or_default(),
        };
        let message = format!("`--targets` prints the table of all clients, so `{shown}` has no use");
        Err(CliError::usage(message).help(
            "leave one of them out; `--target CLIENT` without s adds the rules of a client to a run",
        ))
    })
}

/// Two lists of findings as one, worst first.
fn together(mut findings: Vec<Finding>, more: Vec<Finding>) -> Vec<Finding> {
    if !more.is_empty() {
        findings.extend(more);
        findings.sort_by_key(|finding| Reverse(finding.severity));
    }
    findings
}

/// The rule with whose finding the report shows a plan: who allows or ignores it wants none.
const TOO_MANY_TOOLS: &str = "surface/too-many-tools";

pub(super) fn run(
    arguments: LintArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let outputs = output::outputs(matches, Format::Text)?;
    if arguments.prints_limits {
        refuse_beside_targets(matches)?;
        return limits::print(&outputs, terminal);
    }
    let project = arguments.project.open()?;
    files(&arguments, &outputs, &project)?.check()?;
    for output in &outputs {
        output.check()?;
        if arguments.live.dry_run {
            output.check_text_or_json("--dry-run")?;
        }
    }
    arguments.plan.as_deref().map_or(Ok(()), output::check_file)?;
    let lint = arguments.rules.over(&project.config.lint, matches)?;
    let profile = lint.profile.unwrap_or(Profile::Recommended);
    let selection = Selection::of(profile)
        .aiming_at(&lint.targets)
        .with_settings(project.config.settings())
        .adjusted(&lint.select, &lint.ignore)
        .map_err(|error| explain::unknown(&error.0))?;
    let fail_on = lint.fail_on.unwrap_or(Severity::Error);
    if arguments.all.is_given() {
        let examination = Examination {
            all: &arguments.all,
            target: &arguments.target,
            live: &arguments.live,
            project: &project,
            profile,
            selection: &selection,
            fail_on,
            outputs: &outputs,
            max_lines: arguments.max_lines,
        };
        return all::run(&examination, terminal);
    }
    let mut baseline = arguments.baseline.open(&project)?;
    let start = Instant::now();
    let mut source = Source::resolve(&arguments.target, terminal)?;
    arguments.live.check(&source)?;
    let is_in_force = |id: &str| {
        let rules = rule::lint::rules().chain(rule::allow::rules());
        rules.into_iter().any(|rule| rule.id == id && selection.contains(rule))
    };
    let linter = Linter::new(&on_every_core, &selection);
    let traffic: OnceCell<Usage> = OnceCell::new();
    let of_traffic = |surface: &Surface| {
        let found = traffic.get().map(|usage| rule::run_on_traffic(surface, usage, &selection));
        found.unwrap_or_default()
    };
    let open = |surface: &Surface, baseline: Option<&BaselineFile>| {
        let applied = live::applied(&selection, None, false, traffic.get().is_some());
        let findings = together(linter.run_without_plan(surface), of_traffic(surface));
        let judged = project.judge(findings, &applied);
        match baseline {
            Some(known) => known.left_open(judged, &project, &applied).open,
            None => judged.open,
        }
    };
    let access = &arguments.target.access;
    arguments.fix.refuse_reports(&source, matches)?;
    let judge = |surface: &Surface| open(surface, baseline.as_ref());
    let fixed = match arguments.fix.run(&mut source, access, &selection, judge, terminal)? {
        Outcome::Done(status) => return Ok(status),
        Outcome::Report(fixed) => fixed,
    };
    let sdk = arguments.fix.sdk(&source);
    let mut collected = connect::collect(&source, &arguments.target.access, terminal)?;
    for remark in project.unknown_tools(&[&collected.surface]) {
        terminal.remark(&remark);
    }
    if arguments.live.dry_run {
        let plan = live::plan(&collected, &arguments.live);
        let text = || plan.as_ref().map(dry_run::described).unwrap_or_default();
        let server = dry_run::Server::new(&source.name, plan.as_ref(), None);
        return dry_run::print(&outputs, text, &DryRun::of(vec![server]), terminal);
    }
    live::ask(&mut collected, &source, access, &arguments.live, &is_in_force, terminal)?;
    if arguments.traffic.is_given() {
        let usage = arguments.traffic.over(&collected.surface, terminal)?;
        traffic.set(usage).expect("it is set once");
    }
    let draft = Draft::of(&collected.surface);
    let findings = together(linter.run(&draft), of_traffic(&collected.surface));
    let evidence = collected.surface.evidence.as_ref();
    let has_both_eras = live::has_both_eras(&source, access);
    let applied = live::applied(&selection, evidence, has_both_eras, arguments.traffic.is_given());
    let mut judged = project.judge(findings, &applied);
    if let Some(baseline) = &mut baseline {
        if baseline.is_to_be_written() {
            committed::refuse_incomplete(&collected, "a baseline is written of all or of nothing")?;
        }
        judged = baseline.apply(judged, &project, &applied, terminal)?;
    }
    let opened = source;
    let (surface, origin) = (&collected.surface, &collected.origin);
    let source = report::Source { surface, origin };
    let limits = Limits::for_bytes(access.server.budget().max_bytes);
    let judge = |surface: &Surface| open(surface, baseline.as_ref());
    let open = &judged.open;
    let foreseen =
        fix::foreseen(&arguments.fix, &opened, &collected, open, &limits, &selection, judge);
    let is_too_long = judged.open.iter().any(|finding| finding.rule == TOO_MANY_TOOLS);
    if let Some(path) = &arguments.plan {
        fs::write(path, report::split::render(draft.plan(), source))
            .map_err(|error| CliError::file("write", &path.display().to_string(), &error))?;
    }
    let report = Report {
        examined: Examined::Surface {
            source,
            profile: profile.as_str(),
            plan: is_too_long.then(|| draft.plan()),
        },
        open: &judged.open,
        allowed: &judged.allowed,
        fail_on,
        allow_list: project.allow_list(),
        baseline: baseline.as_ref().map(|baseline| baseline.list()),
        fixing: fixed.as_ref().map(|it| Fixing { file: &it.file, fixed: &it.fixed }),
        foreseen: foreseen.as_ref(),
        lists: arguments.fix.lists(&collected),
    };
    let is_passed_on = fixed.as_ref().map(|it| it.pass_on()).transpose()?.unwrap_or(false);
    for output in &outputs {
        match is_passed_on && output.file.is_none() {
            // The fixed text is what standard output is for.
            true => terminal.remark(&output.rendered(&report, arguments.max_lines, terminal)),
            false => output
                .write_report(&report, arguments.max_lines, terminal)
                .map_err(|error| fix::unreported(error, fixed.as_ref()))?,
        }
    }
    if let Some(list) = arguments.fix.patches(&collected, foreseen.as_ref(), sdk) {
        // A list among what a program reads would make it unreadable.
        let is_for_people = |output: &Output<Format>| output.format == Format::Text;
        match outputs.iter().filter(|output| output.file.is_none()).all(is_for_people) {
            true => terminal.print(&list)?,
            false => terminal.print_aside(&list),
        }
    }
    if terminal.is_verbose() {
        let server = collected.server_time.as_secs_f64() * 1000.0;
        let own = start.elapsed().as_secs_f64() * 1000.0 - server;
        terminal.remark(&format!("time: server {server:.1} ms, own {own:.1} ms\n"));
    }
    let is_left = report.fails() || arguments.fix.previews(&collected, foreseen.as_ref());
    let status = if is_left { ExitStatus::Findings } else { ExitStatus::Clean };
    // The process ends with this: taking a long list apart value by value would be its last delay.
    std::mem::forget(collected);
    Ok(status)
}
