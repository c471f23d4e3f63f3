//! The report for programs: `mcp-kit.lint-set/1`. The report of each server is the one that `lint`
//! prints of it alone.

use serde::Serialize;

use super::{Failed, Outcome, Reach, Set, SetServer};
use crate::engine::{
    finding::Severity,
    report::{
        Report,
        json::{Generator, TokenCost, document, whole},
    },
};

/// The name of the format.
pub const FORMAT: &str = "mcp-kit.lint-set/1";

/// The report. `R` is what stands for the report of a server.
#[derive(Serialize)]
pub(super) struct SetReport<'a, R: Serialize> {
    format: &'static str,
    generator: Generator,
    profile: &'static str,
    fail_on: Severity,
    summary: Summary,
    limits: Vec<ReportedLimit>,
    servers: Vec<ReportedServer<'a, R>>,
}

#[derive(Serialize)]
struct Summary {
    servers: usize,
    /// Of the servers, those that could not be examined.
    failed: usize,
    tools: usize,
    tokens: TokenCost,
    errors: usize,
    warnings: usize,
    infos: usize,
    allowed: usize,
    /// Whether a finding is at or above `fail_on`.
    fails: bool,
}

/// What a client takes of all servers together.
#[derive(Serialize)]
struct ReportedLimit {
    client: &'static str,
    what: &'static str,
    most: usize,
    total: usize,
    is_exceeded: bool,
    beyond: &'static str,
    source: &'static str,
    date: &'static str,
}

#[derive(Serialize)]
struct ReportedServer<'a, R: Serialize> {
    name: &'a str,
    configured_at: &'a str,
    same_as: Option<&'a str>,
    /// Why there is no report.
    failure: Option<Failure<'a>>,
    report: Option<R>,
}

#[derive(Serialize)]
struct Failure<'a> {
    code: u8,
    message: &'a str,
    place: Option<&'a str>,
    help: Option<&'a str>,
    stderr: &'a [String],
}

pub(super) fn render(set: &Set<'_>) -> String {
    document(&of_set(set, FORMAT, |report| whole(report)))
}

/// The report of a set, with what is made of the report of each server.
pub(super) fn of_set<'a, R: Serialize>(
    set: &Set<'a>,
    format: &'static str,
    of_report: impl Fn(&Report<'a>) -> R,
) -> SetReport<'a, R> {
    let tokens = set.tokens();
    SetReport {
        format,
        generator: Generator::this(),
        profile: set.profile,
        fail_on: set.fail_on,
        summary: Summary {
            servers: set.servers.len(),
            failed: set.failed().count(),
            tools: set.tools(),
            tokens: TokenCost { model: tokens.model, wire: tokens.wire },
            errors: set.count(Severity::Error),
            warnings: set.count(Severity::Warning),
            infos: set.count(Severity::Info),
            allowed: set.allowed(),
            fails: set.fails(),
        },
        limits: set.reaches().into_iter().map(limit).collect(),
        servers: set.servers.iter().map(|it| server(it, &of_report)).collect(),
    }
}

fn limit(reach: Reach) -> ReportedLimit {
    let Reach { limit, most, total } = reach;
    ReportedLimit {
        client: limit.client.as_str(),
        what: limit.what.as_str(),
        most,
        total,
        is_exceeded: reach.is_beyond(),
        beyond: limit.beyond,
        source: limit.source,
        date: limit.date,
    }
}

fn server<'a, R: Serialize>(
    server: &SetServer<'a>,
    of_report: &impl Fn(&Report<'a>) -> R,
) -> ReportedServer<'a, R> {
    let SetServer { name, place, same_as, outcome, .. } = *server;
    let (failure, report) = match outcome {
        Outcome::Examined(report) => (None, Some(of_report(&report))),
        Outcome::Failed(Failed { code, message, place, stderr, help }) => {
            (Some(Failure { code, message, place, help, stderr }), None)
        }
    };
    ReportedServer { name, configured_at: place, same_as, failure, report }
}
