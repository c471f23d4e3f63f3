//! The report for programs: `mcp-kit.usage/1`.

use serde::Serialize;

use super::{super::json::Generator, Report};
use crate::engine::{
    report::escape::for_json,
    semantics::Effect,
    usage::{ErrorFigures, Histogram, Pair, ToolUsage},
};

/// The name of the format.
pub const FORMAT: &str = "mcp-kit.usage/1";

#[derive(Serialize)]
struct Whole<'a> {
    format: &'static str,
    generator: Generator,
    servers: &'a [String],
    tools_known_from: &'static str,
    summary: Summary,
    tools: Vec<Tool<'a>>,
    pairs: Vec<ReportedPair<'a>>,
    beyond: ReportedBeyond,
    lacks: &'a [String],
}

#[derive(Serialize)]
struct Summary {
    files: u64,
    recordings: u64,
    sessions: u64,
    messages: u64,
    damaged_lines: u64,
    calls: u64,
    never_called: usize,
    never_correct: usize,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    /// None where no list of tools is known.
    is_listed: Option<bool>,
    effect: Option<&'static str>,
    /// The argument that is the idempotency key.
    key: Option<&'a str>,
    calls: u64,
    sessions: u64,
    succeeded: u64,
    failed: u64,
    unanswered: u64,
    input_required: u64,
    tasks: u64,
    is_never_correct: bool,
    invalid_arguments: ReportedInvalid,
    errors: Vec<ReportedErrors<'a>>,
    retries: ReportedRetries,
    /// None where no times were recorded.
    time_ms: Option<Times>,
    returned: ReportedAnswers,
}

#[derive(Serialize)]
struct ReportedInvalid {
    calls: u64,
    said_by_server: u64,
    refused_by_schema: u64,
}

#[derive(Serialize)]
struct ReportedErrors<'a> {
    code: &'a str,
    count: u64,
    followed: u64,
    ended_in_success: u64,
    /// How often so many other tools were tried; the last one is that many or more.
    other_tools: &'a [u64],
}

#[derive(Serialize)]
struct ReportedRetries {
    all: u64,
    identical: u64,
    same_key: u64,
    new_key: u64,
    without_key: u64,
    at_risk: u64,
}

/// Milliseconds.
#[derive(Serialize)]
struct Times {
    answers: u64,
    p50: f64,
    p95: f64,
    max: f64,
}

#[derive(Serialize)]
struct ReportedAnswers {
    answers: u64,
    bytes: u64,
    tokens: u64,
    is_exact: bool,
    counted_answers: u64,
}

#[derive(Serialize)]
struct ReportedPair<'a> {
    first: &'a str,
    then: &'a str,
    after_failure: u64,
    same_values: u64,
}

#[derive(Serialize)]
struct ReportedBeyond {
    calls: u64,
    sessions: u64,
    errors: u64,
    pairs: u64,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let usage = report.usage;
    let whole = Whole {
        format: FORMAT,
        generator: Generator::this(),
        servers: &usage.servers,
        tools_known_from: usage.known_from.as_str(),
        summary: Summary {
            files: report.files,
            recordings: usage.recordings,
            sessions: usage.sessions,
            messages: usage.messages,
            damaged_lines: report.damaged,
            calls: usage.calls,
            never_called: usage.never_called().count(),
            never_correct: usage.never_correct().count(),
        },
        tools: usage.tools.iter().map(tool).collect(),
        pairs: usage.pairs.iter().map(pair).collect(),
        beyond: ReportedBeyond {
            calls: usage.beyond.calls,
            sessions: usage.beyond.sessions,
            errors: usage.beyond.errors,
            pairs: usage.beyond.pairs,
        },
        lacks: &usage.lacks,
    };
    let text = serde_json::to_string_pretty(&whole).expect("plain data becomes JSON");
    format!("{}\n", for_json(&text))
}

fn tool(tool: &ToolUsage) -> Tool<'_> {
    let returned = &tool.returned;
    Tool {
        name: &tool.name,
        is_listed: tool.is_listed,
        effect: tool.effect.map(effect),
        key: tool.key.as_deref(),
        calls: tool.calls,
        sessions: tool.sessions,
        succeeded: tool.succeeded,
        failed: tool.failed,
        unanswered: tool.unanswered,
        input_required: tool.input_required,
        tasks: tool.tasks,
        is_never_correct: tool.is_never_correct(),
        invalid_arguments: ReportedInvalid {
            calls: tool.invalid.calls,
            said_by_server: tool.invalid.said_by_server,
            refused_by_schema: tool.invalid.refused_by_schema,
        },
        errors: tool.errors.iter().map(errors).collect(),
        retries: ReportedRetries {
            all: tool.retries.all,
            identical: tool.retries.identical,
            same_key: tool.retries.same_key,
            new_key: tool.retries.new_key,
            without_key: tool.retries.without_key,
            at_risk: tool.retries.at_risk,
        },
        time_ms: times(&tool.time_us),
        returned: ReportedAnswers {
            answers: returned.answers,
            bytes: returned.bytes,
            tokens: returned.tokens(),
            is_exact: returned.is_exact(),
            counted_answers: returned.counted,
        },
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads",
        Effect::Writes => "writes",
        Effect::Unknown => "unknown",
    }
}

fn errors(errors: &ErrorFigures) -> ReportedErrors<'_> {
    ReportedErrors {
        code: &errors.code,
        count: errors.count,
        followed: errors.followed,
        ended_in_success: errors.ended_in_success,
        other_tools: &errors.other_tools,
    }
}

fn times(times: &Histogram) -> Option<Times> {
    let in_ms = |us: u64| us as f64 / 1_000.0;
    Some(Times {
        answers: times.count(),
        p50: in_ms(times.percentile(50)?),
        p95: in_ms(times.percentile(95)?),
        max: in_ms(times.max()),
    })
}

fn pair(pair: &Pair) -> ReportedPair<'_> {
    ReportedPair {
        first: &pair.first,
        then: &pair.then,
        after_failure: pair.after_failure,
        same_values: pair.same_values,
    }
}
