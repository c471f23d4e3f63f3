//! `mcp-kit lint --dry-run`: what would be asked of a running server, in words and as JSON
//! (`mcp-kit.dry-run/1`).

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::{ExitStatus, error::CliError, output::Output, terminal::Terminal};
use crate::{
    engine::{
        report::{Format, escape::for_terminal},
        surface::evidence::{Case, NotRun, Question},
    },
    live::probe::Plan,
};

/// Asked of every server, whatever it is.
const TWICE: &str = "tools/list, twice";

#[derive(Debug, Serialize)]
pub(super) struct DryRun<'a> {
    format: &'static str,
    servers: Vec<Server<'a>>,
}

/// What would be asked of a server.
#[derive(Debug, Serialize)]
pub(super) struct Server<'a> {
    name: &'a str,
    /// Why it could not be read.
    failure: Option<&'a str>,
    asked: Vec<&'static str>,
    calls: Vec<Call<'a>>,
    not_called: Vec<NotCalled<'a>>,
}

#[derive(Debug, Serialize)]
struct Call<'a> {
    tool: &'a str,
    arguments: &'a Value,
    /// The required argument that is left out.
    without: Option<&'a str>,
    /// The argument that is of a wrong type.
    wrong_type: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct NotCalled<'a> {
    tool: &'a str,
    reason: &'a str,
}

impl<'a> DryRun<'a> {
    pub(super) fn of(servers: Vec<Server<'a>>) -> Self {
        Self { format: "mcp-kit.dry-run/1", servers }
    }
}

impl<'a> Server<'a> {
    /// A server and its plan, or why there is none; neither where it is asked under another name.
    pub(super) fn new(name: &'a str, plan: Option<&'a Plan>, failure: Option<&'a str>) -> Self {
        let asked = plan.map(|plan| [TWICE].into_iter().chain(plan.questions.iter().map(asked)));
        let calls = plan.into_iter().flat_map(|plan| &plan.calls);
        let calls = calls.map(|call| {
            let (without, wrong_type) = match &call.case {
                Case::Valid => (None, None),
                Case::Missing(name) => (Some(name.as_str()), None),
                Case::WrongType(name) => (None, Some(name.as_str())),
            };
            Call { tool: &call.tool, arguments: &call.arguments, without, wrong_type }
        });
        let not_called = plan.into_iter().flat_map(not_called);
        Self {
            name,
            failure,
            asked: asked.into_iter().flatten().collect(),
            calls: calls.collect(),
            not_called: not_called
                .map(|(tool, left_out)| NotCalled { tool, reason: &left_out.reason })
                .collect(),
        }
    }
}

/// Prints what would be asked, as every output wants it.
pub(super) fn print(
    outputs: &[Output<Format>],
    text: impl Fn() -> String,
    json: &DryRun<'_>,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    for output in outputs {
        output.write(&output.text_or_json("--dry-run", &text, || json)?, terminal)?;
    }
    Ok(ExitStatus::Clean)
}

/// What would be asked, in words.
pub(super) fn described(plan: &Plan) -> String {
    let mut text = format!("to be asked, on a connection of its own\n  {TWICE}\n");
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
    let mut not_called = not_called(plan).peekable();
    if not_called.peek().is_some() {
        text.push_str("\nnot to be called\n");
    }
    for (name, left_out) in not_called {
        let _ = writeln!(text, "  {}", for_terminal(&format!("{name}: {}", left_out.reason)));
    }
    text
}

/// The tools that are not called at all.
fn not_called(plan: &Plan) -> impl Iterator<Item = (&str, &NotRun)> {
    let is_called = |name: &str| plan.calls.iter().any(|call| call.tool == name);
    let left_out = plan.not_run.iter().filter_map(|it| Some((it.tool.as_deref()?, it)));
    left_out.filter(move |(name, _)| !is_called(name))
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
