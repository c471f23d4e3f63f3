//! The report on all servers that one client uses: one file per output format.
//!
//! A [`Set`] is a [`Report`] for each server that could be examined and the reason for each that
//! could not. The formats write what each report alone would be, by the same code, and put in front
//! what only the whole shows: a line for each server, the sums, and what clients make of them.

mod github;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use std::{fmt, time::Duration};

pub use json::FORMAT;

use super::{
    Format, Layout, Report,
    escape::{for_terminal, shorten},
    grouped, html,
    place::Location,
};
use crate::engine::{
    finding::Severity,
    protocol::json::Position,
    rule::client::{LIMITS, Limit, Value, What},
    surface::Tokens,
};

/// Several servers, in the order of the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Set<'a> {
    /// The servers.
    pub servers: &'a [SetServer<'a>],
    /// The name of the profile that was applied.
    pub profile: &'static str,
    /// The least severity that fails the run.
    pub fail_on: Severity,
}

/// One of the servers.
#[derive(Debug, Clone, Copy)]
pub struct SetServer<'a> {
    /// What the client calls it.
    pub name: &'a str,
    /// Where it is configured, as it is to be shown: a file, with line and column where known.
    pub place: &'a str,
    /// The server before it that is started or reached in the very same way. It was asked once, and
    /// what is wrong with it alone is said there.
    pub same_as: Option<&'a str>,
    /// How long it took, where that is to be shown: no two runs take the same time.
    pub time: Option<Duration>,
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What came of examining a server.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// It could be examined.
    Examined(Report<'a>),
    /// It could not.
    Failed(Failed<'a>),
}

/// Why a server could not be examined.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// The exit code of a run on this server alone.
    pub code: u8,
    /// What is wrong: a lowercase fragment.
    pub message: &'a str,
    /// Where, if that is somewhere else than where the server is configured.
    pub place: Option<&'a str>,
    /// The last lines of the server's standard error.
    pub stderr: &'a [String],
    /// What to do.
    pub help: Option<&'a str>,
}

/// Most lines of a server's standard error in a format that is no place to read logs, and most
/// characters of each.
const MAX_LAST_LINES: usize = 10;
const MAX_LAST_LINE: usize = 300;

/// The spot of `FILE:LINE:COLUMN`, if it is in a file of the project: one of the user is in no
/// repository.
fn location(place: &str) -> Option<Location> {
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next()?.parse().ok();
    let numbers = number().zip(number());
    let (file, position) = match (numbers, parts.next()) {
        (Some((column, line)), Some(file)) => (file, Position { line, column }),
        _ => (place, Position { line: 1, column: 1 }),
    };
    let is_of_project = !file.starts_with(['/', '\\']);
    is_of_project.then(|| Location { file: file.to_owned(), position })
}

impl Failed<'_> {
    /// The last lines of the server's standard error, short and harmless in a text of lines.
    fn last_lines(&self) -> impl Iterator<Item = String> {
        let first = self.stderr.len().saturating_sub(MAX_LAST_LINES);
        self.stderr[first..].iter().map(|line| shorten(&for_terminal(line), MAX_LAST_LINE))
    }
}

/// The report in a format, newline included; empty where the format has nothing to say. The layout
/// is for the text format.
pub fn render(format: Format, set: &Set<'_>, layout: Layout) -> String {
    match format {
        Format::Text => text::render(set, layout),
        Format::Json => json::render(set),
        Format::Jsonl => jsonl::render(set),
        Format::Sarif => sarif::render(set),
        Format::Junit => junit::render(set),
        Format::Github => github::render(set),
        Format::Markdown => markdown::render(set),
        Format::Html => html::set::render(set),
    }
}

/// What a client makes of the sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    limit: &'static Limit,
    /// The most that the client takes.
    most: usize,
    /// How much there is.
    total: usize,
}

impl<'a> Set<'a> {
    /// The servers that could be examined, each with its report.
    pub(super) fn examined(&self) -> impl Iterator<Item = (&'a SetServer<'a>, &'a Report<'a>)> {
        self.servers.iter().filter_map(|server| match &server.outcome {
            Outcome::Examined(report) => Some((server, report)),
            Outcome::Failed(_) => None,
        })
    }

    /// The servers that could not, each with the reason.
    pub(super) fn failed(&self) -> impl Iterator<Item = (&'a SetServer<'a>, &'a Failed<'a>)> {
        self.servers.iter().filter_map(|server| match &server.outcome {
            Outcome::Examined(_) => None,
            Outcome::Failed(failed) => Some((server, failed)),
        })
    }

    /// Whether an open finding of any server fails the run.
    pub fn fails(&self) -> bool {
        self.examined().any(|(_, report)| report.fails())
    }

    /// The tools of all servers. One that is configured twice is loaded twice.
    pub(super) fn tools(&self) -> usize {
        self.examined().map(|(_, report)| report.subject().surface.tools.len()).sum()
    }

    pub(super) fn tokens(&self) -> Tokens {
        self.examined().map(|(_, report)| report.subject().surface.tokens()).sum()
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.examined().map(|(_, report)| report.count(severity)).sum()
    }

    fn allowed(&self) -> usize {
        self.examined().map(|(_, report)| report.allowed.len()).sum()
    }

    /// What the clients of the table make of the sums.
    pub(super) fn reaches(&self) -> Vec<Reach> {
        let (tools, tokens) = (self.tools(), self.tokens().model);
        let reach = |limit: &'static Limit| {
            let total = match limit.what {
                What::Tools => tools,
                What::DefinitionTokens => tokens,
                _ => return None,
            };
            let Value::Most(most) = limit.value else { return None };
            Some(Reach { limit, most, total })
        };
        LIMITS.iter().filter_map(reach).collect()
    }
}

impl Reach {
    pub(super) fn is_beyond(self) -> bool {
        self.total > self.most
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { client, what, beyond, .. } = self.limit;
        let (total, most) = (grouped(self.total), grouped(self.most));
        write!(
            formatter,
            "{client} takes {most} {}, and these are {total}: {beyond}",
            what.as_str()
        )
    }
}

/// What the table says of a server: tools, tokens before the model, errors, warnings, infos.
pub(super) fn numbers(report: &Report<'_>) -> [usize; 5] {
    let surface = report.subject().surface;
    let [errors, warnings, infos] = Severity::ALL.map(|severity| report.count(severity));
    [surface.tools.len(), surface.tokens().model, errors, warnings, infos]
}
