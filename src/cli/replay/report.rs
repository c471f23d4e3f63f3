//! The report of `mcp-kit replay`: its flags, and what the project makes of the verdicts.
//!
//! What failed or is not known becomes findings, which the allow-list and the baseline of the project
//! are asked about as they are about those of `lint`.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args};

use super::{
    super::{
        ExitStatus,
        baseline::{BaselineArgs, BaselineFile},
        committed,
        connect::Collected,
        error::CliError,
        output::{self, Output},
        overwrite::Files,
        project::Project,
        rules::FailOn,
        terminal::Terminal,
    },
    ReplayArgs, TrialArgs,
};
use crate::engine::{
    finding::{Applied, Severity, verdict::VerdictOutcome},
    report::{Examined, Format, Report, Source, replay::Replay},
    rule,
    surface::Surface,
};

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Format of the report; repeat with -o for several reports in one run
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Vec<Format>,
    /// Write the report of the format before it to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,
    /// Exit with 1 for findings of this severity or worse: what fails is an error, what could not be
    /// found out a warning [default: error]
    #[arg(long, value_name = "SEVERITY", conflicts_with = "strict", help_heading = "Output")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    baseline: BaselineArgs,
}

/// Where the report goes, and what the project has decided about its findings.
pub(super) struct Reporting {
    outputs: Vec<Output<Format>>,
    project: Project,
    baseline: Option<BaselineFile>,
    fail_on: Severity,
    is_everything_wanted: bool,
}

/// Opens what the report needs, before anything is asked: the project, its baseline, and the files that
/// are written.
pub(super) fn open(
    arguments: &ReplayArgs,
    project: Project,
    cassette: Option<&Path>,
    matches: &ArgMatches,
) -> Result<Reporting, CliError> {
    let ReplayArgs { report, trial, access, .. } = arguments;
    let outputs = output::outputs(matches, Format::Text)?;
    let mut files = Files::default();
    files.reads("the cassette", cassette);
    for word in &arguments.words {
        files.reads_target(Some(word));
    }
    files.of_access(access)?;
    for layer in &project.layers {
        files.reads("the project's file", Some(layer.file.as_ref()));
    }
    match &report.baseline.write_baseline {
        Some(path) => files.writes_beside("--write-baseline", Some(path))?,
        None => {
            let of_project = project.baseline().map(|(path, _)| path);
            let path = report.baseline.baseline.as_deref().or(of_project.as_deref());
            files.reads("the baseline", path);
        }
    }
    files.writes_reports(&outputs);
    files.keeps_configurations(Some(access));
    files.check()?;
    outputs.iter().try_for_each(Output::check)?;
    let baseline = report.baseline.open(&project)?;
    let fail_on = match report.fail_on {
        Some(fail_on) => fail_on.into(),
        None if trial.strict => Severity::Warning,
        None => Severity::Error,
    };
    let is_everything_wanted = trial.only.is_empty();
    Ok(Reporting { outputs, project, baseline, fail_on, is_everything_wanted })
}

impl Reporting {
    /// Whether the project has switched a question off, and nobody has asked for it by name.
    pub(super) fn leaves_out(&self, rule: &str) -> bool {
        self.is_everything_wanted && self.project.config.is_off(rule)
    }

    /// Judges, writes the reports, and says how the run ends.
    pub(super) fn deliver(
        mut self,
        replay: &Replay,
        collected: &Collected,
        trial: &TrialArgs,
        terminal: &Terminal,
    ) -> Result<ExitStatus, CliError> {
        let surface = &collected.surface;
        for remark in self.project.unknown_tools(&[surface]) {
            terminal.remark(&remark);
        }
        let wants = |rule: &str| trial.wants(rule) && !self.leaves_out(rule);
        let applied = applied(replay, surface, &wants);
        let findings = rule::replay::findings(replay.verdicts(), surface);
        let mut judged = self.project.judge(findings, &applied);
        if let Some(baseline) = &mut self.baseline {
            if baseline.is_to_be_written() {
                committed::refuse_incomplete(
                    collected,
                    "a baseline is written of all or of nothing",
                )?;
            }
            judged = baseline.apply(judged, &self.project, &applied, terminal)?;
        }
        let report = Report {
            examined: Examined::Replay {
                source: Source { surface, origin: &collected.origin },
                replay,
            },
            open: &judged.open,
            allowed: &judged.allowed,
            fail_on: self.fail_on,
            allow_list: self.project.allow_list(),
            baseline: self.baseline.as_ref().map(BaselineFile::list),
            fixing: None,
            foreseen: None,
            lists: None,
        };
        for output in &self.outputs {
            output.write_report(&report, usize::MAX, terminal)?;
        }
        Ok(match report.fails() || replay.is_empty() {
            true => ExitStatus::Findings,
            false => ExitStatus::Clean,
        })
    }
}

/// The rules that were applied. Of a question that was not answered silence says nothing, so what the
/// allow-list and the baseline have of it stays as it is.
fn applied(replay: &Replay, surface: &Surface, wants: &dyn Fn(&str) -> bool) -> Applied {
    let questions: Vec<&'static str> = rule::replay::rules().map(|rule| rule.id).collect();
    let own = rule::allow::rules().map(|rule| rule.id);
    let mut applied = Applied::of(questions.iter().copied().chain(own));
    let unwanted: Vec<&'static str> = questions.iter().copied().filter(|id| !wants(id)).collect();
    applied.leave_out(&unwanted, None);
    for tool in &surface.tools {
        match replay.tools.iter().find(|tested| tested.tool == tool.name) {
            None => applied.leave_out(&questions, Some(&tool.name)),
            Some(tested) => {
                let is_open = |it: VerdictOutcome| {
                    !matches!(it, VerdictOutcome::Passed | VerdictOutcome::Failed)
                };
                let open = tested.verdicts.iter().filter(|verdict| is_open(verdict.outcome));
                let open: Vec<&'static str> = open.map(|verdict| verdict.rule).collect();
                applied.leave_out(&open, Some(&tool.name));
            }
        }
    }
    applied
}
