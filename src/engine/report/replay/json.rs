//! The report as `mcp-kit.replay/1`.

use serde::Serialize;

use super::{Replay, Tally};
use crate::engine::finding::verdict::VerdictOutcome;

/// The format of the report.
pub const FORMAT: &str = "mcp-kit.replay/1";

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    target: &'a str,
    spoken: &'a str,
    cassette: Option<&'a str>,
    seed: String,
    summary: Tally,
    tools: Vec<Tool<'a>>,
    left_out: Vec<LeftOut<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    tool: &'a str,
    arguments: &'a str,
    counted_by: Option<&'a str>,
    not_counted: Option<&'a str>,
    verdicts: Vec<Verdict<'a>>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    rule: &'a str,
    outcome: VerdictOutcome,
    reason: &'a str,
    history: &'a [String],
    again: &'a str,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    tool: &'a str,
    reason: &'a str,
}

/// The report, newline included.
pub fn render(replay: &Replay) -> String {
    let tools = replay.tools.iter().map(|tested| Tool {
        tool: &tested.tool,
        arguments: &tested.origin,
        counted_by: tested.counted.as_ref().and_then(|it| it.as_deref().ok()),
        not_counted: tested.counted.as_ref().and_then(|it| it.as_ref().err()).map(String::as_str),
        verdicts: tested
            .verdicts
            .iter()
            .map(|verdict| Verdict {
                rule: verdict.rule,
                outcome: verdict.outcome,
                reason: &verdict.reason,
                history: &verdict.history,
                again: &verdict.again,
            })
            .collect(),
    });
    let left_out = replay.left_out.iter().map(|(tool, reason)| LeftOut { tool, reason });
    let written = Written {
        format: FORMAT,
        target: &replay.target,
        spoken: &replay.spoken,
        cassette: replay.cassette.as_deref(),
        seed: format!("{:016x}", replay.seed),
        summary: replay.tally(),
        tools: tools.collect(),
        left_out: left_out.collect(),
    };
    let mut text = serde_json::to_string_pretty(&written).expect("plain data becomes JSON");
    text.push('\n');
    text
}
