//! Judgements about a surface, one file each.
//!
//! A [`Rule`] is a declaration with its documentation and a pure check. Rules about one surface
//! make [`Hit`]s of it; [`lint`] holds their registry and [`run`] applies a [`Selection`] of it and
//! folds what repeats. Rules about the difference of two are in [`breaking`], and [`judge`] applies
//! them. [`replay`] has those that only calls can answer. [`allow`] judges the project's allow-list and
//! baseline. The documentation of a rule is the page
//! `mcp-kit explain` shows, and its examples run as tests ([`page`]).

pub mod allow;
pub mod breaking;
pub mod client;
mod judge;
pub mod lint;
mod linter;
mod nearest;
pub mod page;
pub mod repair;
pub mod replay;
mod selection;
mod settings;
pub mod spot;
pub mod wording;

pub use judge::{DiffHit, bump, judge, judge_unless};
pub use linter::{Linter, apply, apply_with, run, run_on_traffic, run_set};
pub use nearest::{is_group, nearest, nearest_rule, nearest_rule_or_group};
pub use selection::{Selection, UnknownRule, covers};
pub use settings::Settings;

use super::{
    diff::{Change, Diff, version::Bump},
    finding::{
        Confidence, Observation, ObservationKind, Severity,
        allow::{Allow, Lapsed},
        baseline::Known,
    },
    protocol::pointer::Pointer,
    semantics::split::Draft,
    surface::{Surface, Tool},
    usage::Usage,
};

/// Which rules are in force unless they are named one by one. Each profile contains the one
/// before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// What the specification demands, and what makes a client refuse a server.
    Spec,
    /// That, and what production has shown to matter.
    Recommended,
    /// That, and this project's opinions.
    Strict,
    /// That, and what one client or model provider refuses: in force where `--target` names the
    /// client, and no profile that a user can choose.
    Target,
}

impl Profile {
    /// The name used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Recommended => "recommended",
            Self::Strict => "strict",
            Self::Target => "target",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// `group/name`, naming the offence. The file is `lint/<group>/<name>.rs`, or
    /// `breaking/<name>.rs` or `replay/<name>.rs`.
    pub id: &'static str,
    /// How bad a hit is unless the check says otherwise.
    pub severity: Severity,
    /// How sure a hit is unless the check says otherwise.
    pub confidence: Confidence,
    /// The smallest profile that has the rule.
    pub profile: Profile,
    /// What to do about a hit unless the check says something more particular.
    pub help: &'static str,
    /// The user's page, in Markdown: what is wrong in the first line, then the sections Why, Bad,
    /// Good and References.
    pub documentation: &'static str,
    /// The check.
    pub check: Check,
}

/// How a rule looks at a surface.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// At all of it at once.
    Surface(fn(&Surface) -> Vec<Hit>),
    /// At all of it at once, with the figures and words that a project may have set.
    Configured(fn(&Surface, &Settings) -> Vec<Hit>),
    /// The same with the plan for a split, which a report shows too.
    Planned(fn(&Draft<'_>, &Settings) -> Vec<Hit>),
    /// At one tool and nothing else. All such rules look at a tool before the next one is taken up,
    /// while its schemas are still in the processor's cache: over a thousand tools, rule by rule,
    /// most of the time went into fetching them again.
    Tool(fn(&Tool) -> Vec<Hit>),
    /// At one schema of a tool: all there are, at any depth, each with all such rules.
    Schema(spot::Judge),
    /// At all servers that one client uses; what is found is about the one of that index. A server
    /// that is examined alone is a set of one.
    Set(fn(&[Member<'_>]) -> Vec<(usize, Hit)>),
    /// At what recorded traffic says about it; not at all where there is none.
    Traffic(fn(&Surface, &Usage) -> Vec<Hit>),
    /// At one difference of two surfaces.
    Change(fn(&Change, &Diff<'_>) -> Option<DiffHit>),
    /// At what all the other rules make of the differences, as the step of the version number that
    /// it calls for.
    Version(fn(&Diff<'_>, Bump) -> Option<DiffHit>),
    /// Not at a surface but at what the server does when it is called: `mcp-kit replay` asks.
    Trial(replay::Trial),
    /// Not at a surface but at an entry of the allow-list that does nothing any more.
    AllowList(fn(&Lapsed, &Allow) -> Option<allow::Said>),
    /// Nor at one, but at an entry of the baseline that matches nothing any more.
    Baseline(fn(&Known) -> allow::Said),
}

/// One of the servers that a client uses.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// What the client calls it, which need not be what it calls itself.
    pub name: &'a str,
    /// What it advertises.
    pub surface: &'a Surface,
}

/// Every rule there is.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    lint::rules().chain(breaking::rules()).chain(replay::rules()).chain(allow::rules())
}

/// The ids of the rules that only recorded traffic can be judged by.
pub fn of_traffic() -> Vec<&'static str> {
    let of_traffic = all().filter(|rule| matches!(rule.check, Check::Traffic(_)));
    of_traffic.map(|rule| rule.id).collect()
}

/// The rule with that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

impl Rule {
    /// The part of the id before the slash.
    pub fn group(&self) -> &'static str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// The first line of the documentation.
    pub fn summary(&self) -> &'static str {
        self.documentation.trim_start().lines().next().unwrap_or_default()
    }
}

/// What a check found at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pointer: Pointer,
    message: String,
    note: Option<String>,
    figure: Option<u64>,
    parts: Vec<String>,
    help: Option<String>,
    severity: Option<Severity>,
    confidence: Option<Confidence>,
}

impl Hit {
    /// A hit at a place of the surface's document. The message does not name the tool: reports do
    /// that, and hits that say the same fold into one finding.
    pub fn new(pointer: Pointer, message: impl Into<String>) -> Self {
        let message = message.into();
        let (note, figure, help, parts) = (None, None, None, Vec::new());
        Self { pointer, message, note, figure, parts, help, severity: None, confidence: None }
    }

    /// A hit for each observation of a kind, in its own words. What happened on the wire is a hit
    /// on the server.
    pub fn observed(surface: &Surface, kind: ObservationKind) -> Vec<Self> {
        let hit = |seen: &Observation| {
            let pointer = seen.pointer.clone().unwrap_or_else(|| surface.pointer.clone());
            Self::new(pointer, seen.detail.clone())
        };
        surface.observed(kind).map(hit).collect()
    }

    /// What is particular to this place: a figure, the arguments concerned. It stands in brackets
    /// behind the place and keeps the message the same for all, so that they fold.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// What was counted, where the hit is that it is too much. A baseline knows the finding only as
    /// long as this does not grow.
    #[must_use]
    pub fn figure(mut self, figure: usize) -> Self {
        self.figure = Some(figure as u64);
        self
    }

    /// What it is about, where one hit stands for several things of a tool, by name. A baseline knows
    /// the finding only as long as no other one joins them.
    #[must_use]
    pub fn parts<T: AsRef<str>>(mut self, parts: impl IntoIterator<Item = T>) -> Self {
        self.parts = parts.into_iter().map(|part| part.as_ref().to_owned()).collect();
        self
    }

    /// Advice for this hit in particular.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A severity other than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// A confidence other than the rule's.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }
}
