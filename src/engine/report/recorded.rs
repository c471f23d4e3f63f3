//! Which recorded calls a change breaks, in words.

use super::{Examined, Report, counted, grouped};
use crate::engine::usage::{Losses, RecordedCall, ToolLoss};

/// Most tools that are named.
pub(super) const MAX_TOOLS: usize = 20;

impl<'a> Report<'a> {
    /// What is lost of the recorded traffic, where there is any.
    pub(super) fn losses(&self) -> Option<&'a Losses> {
        match self.examined {
            Examined::Comparison { traffic, .. } => traffic,
            Examined::Surface { .. } | Examined::Replay { .. } => None,
        }
    }
}

/// `14 of 1,024 recorded calls break, in 3 sessions`
pub(super) fn sentence(losses: &Losses) -> String {
    let mut text = match losses.lost {
        0 => format!("none of {} breaks", counted(losses.judged as usize, "recorded call")),
        lost => format!(
            "{} of {} break, in {}",
            grouped(lost as usize),
            counted(losses.judged as usize, "recorded call"),
            counted(losses.sessions as usize, "session")
        ),
    };
    if losses.unjudged > 0 {
        let unjudged = counted(losses.unjudged as usize, "more call");
        text.push_str(&format!("; of {unjudged} no validator can tell"));
    }
    text
}

/// `12 of 40 calls in 2 sessions, the first at session.jsonl:17`
pub(super) fn of_tool(tool: &ToolLoss) -> String {
    let sessions = counted(tool.loss.sessions as usize, "session");
    let calls = format!(
        "{} of {} in {sessions}",
        grouped(tool.loss.calls as usize),
        counted(tool.judged as usize, "call")
    );
    let first = tool.loss.first.as_ref().map(|call| format!(", the first at {}", place(call)));
    format!("{calls}{}", first.unwrap_or_default())
}

/// `session.jsonl:17`
pub(super) fn place(call: &RecordedCall) -> String {
    format!("{}:{}", call.file, call.line)
}
