//! Findings and surfaces as text: one file per output format.
//!
//! A format takes a [`Report`] and returns a string ([`render`]); where it goes is not its business.
//! The same writers serve every command that ends in findings; what differs between the commands
//! is [`Examined`]. Text that came from a server is escaped for where it will be shown ([`escape`]).

pub mod escape;
mod fixing;
pub mod github;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod markdown;
mod not_run;
mod page;
pub mod patch;
mod place;
mod recorded;
pub mod reference;
pub mod replay;
pub mod rule_page;
pub mod sarif;
pub mod set;
pub mod split;
#[cfg(test)]
mod tests;
pub mod text;
pub mod usage;
mod witness;

pub use fixing::{Fixable, Fixing};
pub use place::Location;
pub use text::Layout;

pub use super::diff::version::Bump;

use self::replay::Replay;
use super::{
    diff::version::{self, Step},
    finding::{
        Applicability, Finding, Severity, Side,
        adjust::BREAKING,
        allow::{Allow, AllowedFinding},
        baseline::Baseline,
    },
    protocol::revision::Era,
    rule::{repair::Foreseen, wording::grouped},
    semantics::split::Plan,
    surface::Surface,
    usage::Losses,
};

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For programs: `mcp-kit.lint/1`, `mcp-kit.diff/1`, `mcp-kit.replay/1`.
    Json,
    /// For programs that read line by line: `mcp-kit.lint.jsonl/1`, `mcp-kit.diff.jsonl/1`,
    /// `mcp-kit.replay.jsonl/1`.
    Jsonl,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For test reports.
    Junit,
    /// For the log of a GitHub workflow, which turns it into annotations.
    Github,
    /// For a comment on a pull request.
    Markdown,
    /// For a browser: one page that needs nothing else.
    Html,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Markdown,
        Self::Html,
    ];

    /// The name used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

/// The report in a format, newline included; empty where the format has nothing to say. The layout
/// is for the text format.
pub fn render(format: Format, report: &Report<'_>, layout: Layout) -> String {
    match format {
        Format::Text => text::render(report, layout),
        Format::Json => json::render(report),
        Format::Jsonl => jsonl::render(report),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report),
        Format::Github => github::render(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
    }
}

/// All that a report says.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was looked at.
    pub examined: Examined<'a>,
    /// What was found and nothing allows, worst first.
    pub open: &'a [Finding],
    /// What was found and is allowed.
    pub allowed: &'a [AllowedFinding],
    /// The least severity that fails the run.
    pub fail_on: Severity,
    /// The allow-list, where there is one.
    pub allow_list: Option<AllowList<'a>>,
    /// The baseline, where there is one.
    pub baseline: Option<KnownList<'a>>,
    /// What was fixed before, where something was to be.
    pub fixing: Option<Fixing<'a>>,
    /// What fixing would come to, where it was tried: only that is announced.
    pub foreseen: Option<&'a Foreseen>,
    /// Up to which fixes lines to write are listed beside the report of a server; none where they
    /// are not asked for.
    pub lists: Option<Applicability>,
}

/// What was looked at.
#[derive(Debug, Clone, Copy)]
pub enum Examined<'a> {
    /// One surface, by `mcp-kit lint`.
    Surface {
        /// The surface.
        source: Source<'a>,
        /// The name of the profile that was applied.
        profile: &'static str,
        /// How its tools could be divided, where there are too many of them.
        plan: Option<&'a Plan>,
    },
    /// Two surfaces, by `mcp-kit diff`.
    Comparison {
        /// What was there before.
        old: Source<'a>,
        /// What is there now.
        new: Source<'a>,
        /// What the changes ask of the version.
        version: &'a VersionAdvice,
        /// The command that accepts the changes on purpose, where there is one.
        accept: Option<&'a str>,
        /// Which recorded calls the changes break, where traffic was given.
        traffic: Option<&'a Losses>,
    },
    /// What a server does when it is called, by `mcp-kit replay`.
    Replay {
        /// The surface of the server.
        source: Source<'a>,
        /// What was asked and what came of it.
        replay: &'a Replay,
    },
}

/// A surface and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The surface.
    pub surface: &'a Surface,
    /// Where it came from.
    pub origin: &'a Origin,
}

/// What the changes between two surfaces ask of the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionAdvice {
    /// The version of the old surface.
    pub old: Option<String>,
    /// The version of the new surface.
    pub new: Option<String>,
    /// The step that the changes call for.
    pub bump: Bump,
    /// The least version that the new surface should have; none where the old one says no version
    /// that could be counted on from.
    pub suggested: Option<String>,
    /// Whether the new version is at least that; none where one of the two says nothing about what
    /// changed: no version, a date, `latest`.
    pub is_enough: Option<bool>,
}

impl VersionAdvice {
    /// What a step asks of the versions that the two surfaces say.
    pub fn new(old: Option<&str>, new: Option<&str>, bump: Bump) -> Self {
        let is_enough = match old.zip(new).map(|(old, new)| version::step(old, new)) {
            Some(Step::Up(step)) => Some(step >= bump),
            Some(Step::Down) => Some(false),
            Some(Step::Unreadable(_)) | None => None,
        };
        let suggested = old.and_then(|old| version::next(old, bump));
        let owned = |version: Option<&str>| version.map(str::to_owned);
        Self { old: owned(old), new: owned(new), bump, suggested, is_enough }
    }
}

/// The allow-list that was applied.
#[derive(Debug, Clone, Copy)]
pub struct AllowList<'a> {
    /// The file it stands in, as it is to be shown.
    pub file: &'a str,
    /// Its entries.
    pub entries: &'a [Allow],
}

/// The findings that a project had before, as far as reports speak of them.
#[derive(Debug, Clone, Copy)]
pub struct KnownList<'a> {
    /// The file they stand in, as it is to be shown.
    pub file: &'a str,
    /// The baseline.
    pub baseline: &'a Baseline,
}

/// Where a surface came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The target as it was given: a file, a command, an address.
    pub name: String,
    /// How it was read.
    pub transport: Transport,
}

/// How a surface was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// From a text, so that positions in it mean something to the reader.
    File,
    /// From a server on stdio.
    Stdio(Era),
    /// From a server over HTTP.
    Http(Era),
}

impl Transport {
    /// `file`, `stdio` or `http`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Stdio(_) => "stdio",
            Self::Http(_) => "http",
        }
    }

    /// The era that was spoken, if any.
    pub fn era(self) -> Option<Era> {
        match self {
            Self::File => None,
            Self::Stdio(era) | Self::Http(era) => Some(era),
        }
    }
}

impl<'a> Report<'a> {
    /// The command whose report it is.
    pub fn command(&self) -> &'static str {
        match self.examined {
            Examined::Surface { .. } => "lint",
            Examined::Comparison { .. } => "diff",
            Examined::Replay { .. } => "replay",
        }
    }

    /// The surface that is judged: the only one, or the new one.
    pub fn subject(&self) -> Source<'a> {
        match self.examined {
            Examined::Surface { source, .. } | Examined::Replay { source, .. } => source,
            Examined::Comparison { new, .. } => new,
        }
    }

    /// The surface of a side; none for the old side where there is only one.
    pub fn side(&self, side: Side) -> Option<Source<'a>> {
        match (self.examined, side) {
            (Examined::Surface { .. } | Examined::Replay { .. }, Side::Old) => None,
            (Examined::Comparison { old, .. }, Side::Old) => Some(old),
            (_, Side::New) => Some(self.subject()),
        }
    }

    /// How many open findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.open.iter().filter(|finding| finding.severity == severity).count()
    }

    /// How many open findings there are of a level.
    fn count_level(&self, level: Level) -> usize {
        self.open.iter().filter(|finding| Level::of(finding) == level).count()
    }

    /// How many findings are known to the baseline rather than allowed by an entry.
    fn known(&self) -> usize {
        self.allowed.iter().filter(|allowed| allowed.entry.is_none()).count()
    }

    /// Whether an open finding fails the run.
    pub fn fails(&self) -> bool {
        self.open.iter().any(|finding| finding.fails(self.fail_on))
    }

    /// The open findings as they are counted in a sentence: `2 breaking, 1 warning`; empty where
    /// there are none.
    fn counts(&self) -> Vec<(Level, String)> {
        let counted = |level: &Level| {
            let count = self.count_level(*level);
            (count > 0).then(|| (*level, level.counted(count)))
        };
        Level::ALL.iter().filter_map(counted).collect()
    }
}

/// How bad a finding is, in the words of a reader: an error of a rule about changes breaks somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Breaking,
    Error,
    Warning,
    Info,
}

impl Level {
    const ALL: [Self; 4] = [Self::Breaking, Self::Error, Self::Warning, Self::Info];

    fn of(finding: &Finding) -> Self {
        match finding.severity {
            Severity::Error if finding.rule.starts_with(BREAKING) => Self::Breaking,
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// `2 breaking`, `1 error`, `3 warnings`, `2 infos`.
    fn counted(self, count: usize) -> String {
        match self {
            Self::Breaking => format!("{} breaking", grouped(count)),
            _ => counted(count, self.as_str()),
        }
    }
}

/// A number and its noun: `1 tool`, `12 tools`.
fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}
