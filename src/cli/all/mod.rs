//! `mcp-kit lint --all`: judge every configured server, and all of them together.
//!
//! What may be started is settled first, one server after the other, because a question needs
//! somebody's attention ([`servers`]). Then several are read at a time ([`gather`]). A server that
//! cannot be read is a line of the report and no end of the run. Nothing is judged here: a set of
//! servers has rules of its own, and reports of its own.

mod gather;
mod servers;

use std::{num::NonZeroUsize, time::Instant};

use clap::Args;

use super::{
    ExitStatus,
    connect::Collected,
    dry_run::{self, DryRun},
    error::CliError,
    live::{self, LiveArgs},
    output::Output,
    project::Project,
    target::{AccessArgs, TargetArgs},
    terminal::Terminal,
};
use crate::engine::{
    finding::{Severity, allow::Judged},
    report::{
        self, Examined, Format, Origin, Report,
        escape::for_terminal,
        set::{Failed, Outcome, Set, SetServer},
    },
    rule::{self, Member, Profile, Selection},
};
use crate::live::probe::Plan;
use servers::Wanted;

#[derive(Debug, Args)]
#[command(next_help_heading = "Many servers")]
pub(super) struct AllArgs {
    /// Every configured server that is not switched off, as `mcp-kit servers` lists them, and what
    /// only shows in all of them together; with a configuration file as TARGET, those of that file
    #[arg(long, conflicts_with_all = [
        "command", "plan", "baseline", "write_baseline", "fix", "diff", "unsafe_fixes", "sdk",
        "traffic",
    ])]
    all: bool,
    /// How many servers are read at the same time
    #[arg(long, value_name = "NUMBER", default_value = "4", requires = "all")]
    jobs: NonZeroUsize,
}

impl AllArgs {
    /// Whether all servers are meant.
    pub(super) fn is_given(&self) -> bool {
        self.all
    }
}

/// How a set of servers is to be examined and judged.
pub(super) struct Examination<'a> {
    pub(super) all: &'a AllArgs,
    pub(super) target: &'a TargetArgs,
    pub(super) live: &'a LiveArgs,
    pub(super) project: &'a Project,
    pub(super) profile: Profile,
    pub(super) selection: &'a Selection,
    pub(super) fail_on: Severity,
    pub(super) outputs: &'a [Output<Format>],
    pub(super) max_lines: usize,
}

pub(super) fn run(
    examination: &Examination<'_>,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let Examination { target, live: arguments, project, selection, .. } = examination;
    refuse_flags_of_one_server(&target.access)?;
    let is_in_force = |id: &str| {
        let rules = rule::lint::rules().chain(rule::allow::rules());
        rules.into_iter().any(|rule| rule.id == id && selection.contains(rule))
    };
    if let Some((path, _)) = project.baseline() {
        terminal.remark(&format!(
            "note: the baseline {} is of one server and is not asked about all of them\n",
            for_terminal(&path.display().to_string())
        ));
    }
    let wanted = servers::find(target, terminal)?;
    let start = Instant::now();
    let gathered = gather::all(&wanted, examination, &is_in_force, terminal)?;
    let waited = start.elapsed();
    let status = worst(&gathered);
    if arguments.dry_run {
        let planned = |it: &Option<Gathered>| live::plan(it.as_ref()?.as_ref().ok()?, arguments);
        let plans: Vec<Option<Plan>> = gathered.iter().map(planned).collect();
        let all = || wanted.iter().zip(&gathered).zip(&plans);
        let text = || {
            let texts = all().map(|((server, it), plan)| in_words(server, it, plan.as_ref()));
            texts.collect::<Vec<_>>().join("\n")
        };
        let servers = all().map(|((server, it), plan)| {
            let failure = it.as_ref().and_then(|it| it.as_ref().err());
            let failure = failure.map(|error| error.message.as_str());
            dry_run::Server::new(&server.name, plan.as_ref(), failure)
        });
        dry_run::print(examination.outputs, text, &DryRun::of(servers.collect()), terminal)?;
        return Ok(status.unwrap_or(ExitStatus::Clean));
    }
    let report = judged(&wanted, &gathered, examination, terminal)?;
    if terminal.is_verbose() {
        let own = (start.elapsed() - waited).as_secs_f64() * 1000.0;
        let waited = waited.as_secs_f64() * 1000.0;
        terminal.remark(&format!("time: servers {waited:.1} ms, own {own:.1} ms\n"));
    }
    Ok(status.unwrap_or(report))
}

/// A token or a folder is for one server, and would go to all of them.
fn refuse_flags_of_one_server(access: &AccessArgs) -> Result<(), CliError> {
    let given = [access.process.given(), access.http.given()].concat();
    let of_one: Vec<&str> = given.into_iter().filter(|flag| *flag != "--pass-env").collect();
    if of_one.is_empty() {
        return Ok(());
    }
    let message = format!("{} is for one server, and --all is for many", of_one.join(", "));
    Err(CliError::usage(message).help(
        "write it into the server's entry, where `${NAME}` stands for a variable of yours; or leave \
         out --all and name the server",
    ))
}

/// What came of a server: its surface, or why there is none.
type Gathered = Result<Collected, CliError>;

/// How the run ends where servers could not be read: with what the user can put right first. An
/// answer about some servers only must not look like one about all, whatever was found in them.
fn worst(gathered: &[Option<Gathered>]) -> Option<ExitStatus> {
    let failures = gathered.iter().flatten().filter_map(|it| it.as_ref().err());
    failures.map(|error| error.status).min_by_key(|status| status.code())
}

/// Judges what was gathered and writes the reports.
fn judged(
    wanted: &[Wanted],
    gathered: &[Option<Gathered>],
    examination: &Examination<'_>,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let Examination { project, profile, selection, fail_on, .. } = *examination;
    // A server that is configured twice was asked once and has two names.
    let came_of = |index: usize| gathered[wanted[index].same_as.unwrap_or(index)].as_ref();
    let read = |index: usize| came_of(index)?.as_ref().ok();
    let members: Vec<Member<'_>> = (0..wanted.len())
        .filter_map(|index| {
            Some(Member { name: &wanted[index].name, surface: &read(index)?.surface })
        })
        .collect();
    let is_complete = members.len() == wanted.len();
    if is_complete {
        let surfaces: Vec<_> = members.iter().map(|member| member.surface).collect();
        for remark in project.unknown_tools(&surfaces) {
            terminal.remark(&remark);
        }
    }
    let sources = (0..wanted.len()).filter(|index| read(*index).is_some());
    let access = &examination.target.access;
    let applied = sources.zip(&members).map(|(index, member)| {
        let source = wanted[wanted[index].same_as.unwrap_or(index)].source.as_ref();
        let has_both_eras = source.is_ok_and(|source| live::has_both_eras(source, access));
        live::applied(selection, member.surface.evidence.as_ref(), has_both_eras, false)
    });
    let findings = rule::run_set(&members, selection).into_iter().zip(applied).collect();
    let judgements: Vec<Judged> = project.judge_set(findings, is_complete);
    // One surface may go by two names.
    let origins: Vec<Option<Origin>> = (0..wanted.len())
        .map(|index| {
            Some(Origin { name: wanted[index].name.clone(), ..read(index)?.origin.clone() })
        })
        .collect();
    let mut of_read = judgements.iter();
    let mut servers = Vec::new();
    for (index, server) in wanted.iter().enumerate() {
        let outcome = match (came_of(index), &origins[index]) {
            (Some(Ok(Collected { surface, .. })), Some(origin)) => {
                let judged = of_read.next().expect("each server that was read was judged");
                let source = report::Source { surface, origin };
                Outcome::Examined(report(source, judged, examination))
            }
            (Some(Err(error)), _) => Outcome::Failed(failed(error)),
            _ => continue,
        };
        let time = read(index).map(|collected| collected.server_time);
        servers.push(SetServer {
            name: &server.name,
            place: &server.place,
            same_as: server.same_as.map(|other| wanted[other].name.as_str()),
            time: time.filter(|_| terminal.is_verbose()),
            outcome,
        });
    }
    let set = Set { servers: &servers, profile: profile.as_str(), fail_on };
    for output in examination.outputs {
        output.write_set(&set, examination.max_lines, terminal)?;
    }
    Ok(if set.fails() { ExitStatus::Findings } else { ExitStatus::Clean })
}

/// The report on one of the servers. A split plan is for whoever looks at that server alone.
fn report<'a>(
    source: report::Source<'a>,
    judged: &'a Judged,
    examination: &Examination<'a>,
) -> Report<'a> {
    Report {
        examined: Examined::Surface { source, profile: examination.profile.as_str(), plan: None },
        open: &judged.open,
        allowed: &judged.allowed,
        fail_on: examination.fail_on,
        allow_list: examination.project.allow_list(),
        baseline: None,
        fixing: None,
        foreseen: None,
        lists: None,
    }
}

fn failed(error: &CliError) -> Failed<'_> {
    Failed {
        code: error.status.code(),
        message: &error.message,
        place: error.place.as_deref(),
        stderr: &error.stderr,
        help: error.help.as_deref(),
    }
}

/// What would be asked of a server, under its name.
fn in_words(server: &Wanted, gathered: &Option<Gathered>, plan: Option<&Plan>) -> String {
    let text = match gathered {
        Some(Ok(_)) => plan.map(dry_run::described).unwrap_or_default(),
        Some(Err(error)) => format!("not read: {}\n", for_terminal(&error.message)),
        None => "asked under another name already\n".to_owned(),
    };
    format!("── {}\n{text}", for_terminal(&server.name))
}
