//! Asking a running server more than its lists: what is asked, whether, and what is said of it.

use clap::Args;

use super::{
    connect::{self, Collected},
    dry_run,
    error::CliError,
    source::{Content, Source},
    target::AccessArgs,
    terminal::Terminal,
};
use crate::{
    engine::{
        finding::Applied,
        report::Transport,
        rule::{self, Selection},
        surface::evidence::Evidence,
    },
    live::{
        probe::{self, Permission, Plan},
        session::{Address, Budget, EraChoice},
    },
};

#[derive(Debug, Args)]
#[command(next_help_heading = "Asking a running server")]
pub(super) struct LiveArgs {
    /// Read the lists and ask nothing else
    #[arg(long, conflicts_with_all = ["allow_writes", "dry_run"])]
    no_live: bool,
    /// Print what would be asked and called, and do neither
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Call all tools with made-up arguments, also those that change something
    #[arg(long)]
    allow_writes: bool,
}

impl LiveArgs {
    /// Flags for a running server make no sense for a text.
    pub(super) fn check(&self, source: &Source) -> Result<(), CliError> {
        let flags = [(self.dry_run, "--dry-run"), (self.allow_writes, "--allow-writes")];
        let given = flags.iter().find(|(is_given, _)| *is_given);
        match (&source.content, given) {
            (Content::Server(_), _) | (_, None) => Ok(()),
            (_, Some((_, flag))) => {
                let message = format!("`{flag}` is for a running server, and this is a file");
                Err(CliError::usage(message).help("leave it out, or give the server's command"))
            }
        }
    }

    fn permission(&self) -> Permission {
        if self.allow_writes { Permission::Everything } else { Permission::ReadOnly }
    }
}

/// Asks what the rules in force can judge, and puts the answers beside the surface. A file is asked
/// nothing.
pub(super) fn ask(
    collected: &mut Collected,
    source: &Source,
    access: &AccessArgs,
    arguments: &LiveArgs,
    is_in_force: &dyn Fn(&str) -> bool,
    terminal: &Terminal,
) -> Result<(), CliError> {
    let Content::Server(address) = &source.content else { return Ok(()) };
    let Some(plan) = questions(collected, arguments, is_in_force) else { return Ok(()) };
    if terminal.is_verbose() {
        terminal.remark(&dry_run::described(&plan));
    }
    let what = format!("asking {}", source.name);
    connect::waited(terminal, &what, put(plan, collected, address, access, is_in_force))
}

/// What to ask a server so that the rules in force can judge it; none where nothing is to be asked.
pub(super) fn questions(
    collected: &mut Collected,
    arguments: &LiveArgs,
    is_in_force: &dyn Fn(&str) -> bool,
) -> Option<Plan> {
    let is_any = |checks: &[&str]| checks.iter().any(|id| is_in_force(id));
    if arguments.no_live {
        collected.surface.evidence = Some(probe::nothing("--no-live was given"));
        forget_unwanted(collected, is_in_force);
        return None;
    }
    let mut plan = plan(collected, arguments).filter(|_| is_any(&probe::checks()))?;
    if !is_any(&[probe::OF_ANSWER, probe::OF_RESULT, probe::OF_TIME, probe::OF_INPUT].concat()) {
        plan.calls.clear();
    }
    Some(plan)
}

/// Puts the questions of a plan to the server.
pub(super) async fn put(
    plan: Plan,
    collected: &mut Collected,
    address: &Address,
    access: &AccessArgs,
    is_in_force: &dyn Fn(&str) -> bool,
) {
    let Some(era) = collected.origin.transport.era() else { return };
    // The limit is for everything, what was read before included.
    let budget = access.server.budget();
    let timeout = budget.timeout.saturating_sub(collected.server_time);
    let budget = Budget { timeout, ..budget };
    let asking = probe::examine(&mut collected.surface, plan, address, era, &budget);
    collected.server_time += asking.await;
    if let (Some(other), Some(evidence)) = (collected.other_era, &mut collected.surface.evidence) {
        evidence.not_run.push(probe::of_other_era(other));
    }
    forget_unwanted(collected, is_in_force);
}

/// The rules of a selection, and what they were not applied to: a file answers nothing, of a server
/// something may be left out, and often there is no recorded traffic.
pub(super) fn applied(
    selection: &Selection,
    evidence: Option<&Evidence>,
    has_both_eras: bool,
    has_traffic: bool,
) -> Applied {
    let rules = rule::lint::rules().chain(rule::allow::rules());
    let mut applied =
        Applied::of(rules.filter(|rule| selection.contains(rule)).map(|rule| rule.id));
    if !has_traffic {
        applied.leave_out(&rule::of_traffic(), None);
    }
    if !has_both_eras {
        applied.leave_out(probe::OF_BOTH_ERAS, None);
    }
    if evidence.is_none_or(|evidence| evidence.answers.is_empty()) {
        applied.leave_out(probe::OF_CONVERSATION, None);
    }
    match evidence {
        None => applied.leave_out(&probe::checks(), None),
        Some(evidence) => {
            for left_out in &evidence.not_run {
                applied.leave_out(&left_out.checks, left_out.tool.as_deref());
            }
        }
    }
    applied
}

/// Whether a source is asked in both eras.
pub(super) fn has_both_eras(source: &Source, access: &AccessArgs) -> bool {
    access.server.era().or(source.era) == Some(EraChoice::Both)
}

/// What nobody wants to know is not missed.
fn forget_unwanted(collected: &mut Collected, is_in_force: &dyn Fn(&str) -> bool) {
    if let Some(evidence) = &mut collected.surface.evidence {
        for left_out in &mut evidence.not_run {
            left_out.checks.retain(|id| is_in_force(id));
        }
        evidence.not_run.retain(|left_out| !left_out.checks.is_empty());
    }
}

/// What would be asked; none of a file.
pub(super) fn plan(collected: &Collected, arguments: &LiveArgs) -> Option<Plan> {
    let era = collected.origin.transport.era()?;
    let is_http = matches!(collected.origin.transport, Transport::Http(_));
    Some(probe::plan(&collected.surface, era, is_http, arguments.permission()))
}
