//! Asking a running server more than its lists: what is asked, whether, and what is said of it.

use std::fmt::Write;

use clap::Args;

use super::{
    ExitStatus,
    connect::{self, Collected},
    error::CliError,
    source::{Content, Source},
    target::AccessArgs,
    terminal::Terminal,
};
use crate::{
    engine::{
        report::{Transport, escape::for_terminal},
        surface::evidence::{Case, Question},
    },
    live::{
        probe::{self, Permission, Plan},
        session::{Address, Budget},
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
        terminal.remark(&described(&plan));
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
    if !is_any(&[probe::OF_RESULT, probe::OF_TIME, probe::OF_INPUT].concat()) {
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
    forget_unwanted(collected, is_in_force);
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

/// Prints what would be asked.
pub(super) fn print_plan(
    collected: &Collected,
    arguments: &LiveArgs,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    terminal.print(&shown_plan(collected, arguments))?;
    Ok(ExitStatus::Clean)
}

/// What would be asked, in words; empty for a file.
pub(super) fn shown_plan(collected: &Collected, arguments: &LiveArgs) -> String {
    plan(collected, arguments).map(|plan| described(&plan)).unwrap_or_default()
}

fn plan(collected: &Collected, arguments: &LiveArgs) -> Option<Plan> {
    let era = collected.origin.transport.era()?;
    let is_http = matches!(collected.origin.transport, Transport::Http(_));
    Some(probe::plan(&collected.surface, era, is_http, arguments.permission()))
}

fn described(plan: &Plan) -> String {
    let mut text = "to be asked, on a connection of its own\n  tools/list, twice\n".to_owned();
    for question in &plan.questions {
        let _ = writeln!(text, "  {}", asked(question));
    }
    if !plan.calls.is_empty() {
        text.push_str("\nto be called\n");
    }
    for call in &plan.calls {
        let wrong = match &call.case {
            Case::Valid => String::new(),
            Case::Missing(name) => format!("   (without `{name}`)"),
            Case::WrongType(name) => format!("   (`{name}` of a wrong type)"),
        };
        let line = format!("{} {}{wrong}", call.tool, call.arguments);
        let _ = writeln!(text, "  {}", for_terminal(&line));
    }
    let is_called = |name: &str| plan.calls.iter().any(|call| call.tool == name);
    let left_out = plan.not_run.iter().filter_map(|it| Some((it.tool.as_deref()?, it)));
    let mut not_called = left_out.filter(|(name, _)| !is_called(name)).peekable();
    if not_called.peek().is_some() {
        text.push_str("\nnot to be called\n");
    }
    for (name, left_out) in not_called {
        let _ = writeln!(text, "  {}", for_terminal(&format!("{name}: {}", left_out.reason)));
    }
    text
}

fn asked(question: &Question) -> &'static str {
    match question {
        Question::UnknownMethod => "a method that does not exist",
        Question::UnknownTool => "a call of a tool that does not exist",
        Question::UnknownRevision => "tools/list, of a revision that does not exist",
        Question::NoRevision => "tools/list, without a revision",
        Question::OtherMethodHeader => "tools/list, with another method in the header Mcp-Method",
        Question::UndiscoveredList => "server/discover, and tools/list as 2026-07-28 has it",
        Question::Call { .. } => "a call",
    }
}
