//! A judgement about a surface, and the plain facts that judgements rest on.
//!
//! An [`Observation`] is a fact met while reading or talking to a server; it has no severity. A
//! [`Finding`] is what a rule makes of a surface: how bad, where, and what to do. Nothing here
//! decides anything; the rules do. What a project says about findings is applied to them by
//! [`adjust`] (other severities), [`allow`] (findings that are lived with) and [`baseline`] (findings
//! that were there before).

pub mod adjust;
pub mod allow;
mod applied;
pub mod baseline;
mod fix;
mod observation;
pub mod verdict;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::Serialize;
use serde_json::Value;

pub use applied::Applied;
pub use fix::{Applicability, Fix};
pub use observation::{Observation, ObservationKind};

use super::protocol::{canonical, pointer::Pointer};

/// How much harm a finding stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Info,
    /// Experience from production says this will cost somebody.
    Warning,
    /// Breaks a client or the specification, or harm has been measured.
    Error,
}

impl Severity {
    /// All of them, worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// The name used in reports and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How sure a rule is that what it says is so. Not how bad it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A heuristic over words.
    Low,
    /// Several signals agree.
    Medium,
    /// Read off the surface itself.
    High,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The server as a whole.
    Server,
    /// The project's own file, `mcp-kit.toml`.
    Project,
    /// The project's baseline.
    Baseline,
    /// A tool, by name.
    Tool(String),
    /// A prompt, by name.
    Prompt(String),
    /// A resource, by name.
    Resource(String),
    /// A resource template, by name.
    ResourceTemplate(String),
}

/// Most characters of a name that findings carry: it stands in every one of them.
const MAX_NAME: usize = 1_000;

impl Subject {
    /// One of several things, by its name; of a name that nobody could read the beginning.
    pub fn named(kind: fn(String) -> Self, name: &str) -> Self {
        match name.char_indices().nth(MAX_NAME) {
            None => kind(name.to_owned()),
            Some(_) => kind(name.chars().take(MAX_NAME - 1).chain(['…']).collect()),
        }
    }

    /// The tool's name, if the subject is a tool.
    pub fn tool(&self) -> Option<&str> {
        match self {
            Self::Tool(name) => Some(name),
            _ => None,
        }
    }

    /// What kind of thing it is, in the words of reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Project => "project",
            Self::Baseline => "baseline",
            Self::Tool(_) => "tool",
            Self::Prompt(_) => "prompt",
            Self::Resource(_) => "resource",
            Self::ResourceTemplate(_) => "resource template",
        }
    }

    /// Its name, if it is one of several.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Server | Self::Project | Self::Baseline => None,
            Self::Tool(name)
            | Self::Prompt(name)
            | Self::Resource(name)
            | Self::ResourceTemplate(name) => Some(name),
        }
    }
}

/// Which of two compared surfaces something stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What was there before.
    Old,
    /// What is there now; the only one when a single surface is judged.
    New,
}

/// An instance that proves a finding: one side accepts it and the other refuses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The arguments of a call, or the structured content of a result.
    pub instance: Value,
    /// Whether the instance is the `arguments` of a `tools/call`; else it is its result.
    pub is_call: bool,
    /// The side whose schema accepts it, confirmed by a validator. The other side refuses it.
    pub accepted_by: Side,
}

/// One spot a finding points at.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What stands there.
    pub subject: Subject,
    /// The surface whose document the pointer leads into.
    pub side: Side,
    /// Where in the document the surface was read from; the empty pointer for the whole of it.
    pub pointer: Pointer,
    /// Where inside the subject; the empty pointer for the subject itself.
    pub within: Pointer,
    /// What is particular to this place: a figure, the arguments concerned.
    pub note: Option<String>,
    /// What was counted, where the finding is that it is too much: more of it is another finding.
    pub figure: Option<u64>,
    /// What the finding is about where it is said once for a whole tool: the arguments concerned,
    /// each by its path. One more is another finding; empty where the place itself tells.
    pub parts: Vec<String>,
    /// The instance that proves it, where there is one.
    pub witness: Option<Witness>,
    /// Whether what stands there promises nothing yet, so that nothing about it fails a run.
    pub is_experimental: bool,
    /// Identifies this finding at this place across runs, and no other one of the report; see
    /// [`fingerprint`] and [`Ordinals`].
    pub fingerprint: String,
}

impl Place {
    /// A place that is told from others by its fingerprint alone.
    pub fn new(
        subject: Subject,
        side: Side,
        pointer: Pointer,
        within: Pointer,
        fingerprint: String,
    ) -> Self {
        Self {
            subject,
            side,
            pointer,
            within,
            note: None,
            figure: None,
            parts: Vec::new(),
            witness: None,
            is_experimental: false,
            fingerprint,
        }
    }
}

/// A judgement: one problem, at one place or at several.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id, `group/name`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// What to do about it, in the same form.
    pub help: String,
    /// Where; never empty. The same problem at many places is one finding.
    pub places: Vec<Place>,
}

impl Finding {
    /// The one tool this is about, if it is about exactly one.
    pub fn tool(&self) -> Option<&str> {
        let tool = self.places.first()?.subject.tool()?;
        self.places.iter().all(|place| place.subject.tool() == Some(tool)).then_some(tool)
    }

    /// Whether all of it is about what promises nothing yet.
    pub fn is_experimental(&self) -> bool {
        self.places.iter().all(|place| place.is_experimental)
    }

    /// Whether it fails a run that tolerates only what is below a severity.
    pub fn fails(&self, fail_on: Severity) -> bool {
        self.severity >= fail_on && !self.is_experimental()
    }

    /// The names of all tools this is about, in order of appearance, each once.
    pub fn tools(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let tools = self.places.iter().filter_map(|place| place.subject.tool());
        tools.filter(|name| seen.insert(*name)).collect()
    }

    /// Takes the places that a test picks out of the finding: what is left of it, and a finding of
    /// the same with the places that were picked. Both where both have places.
    pub fn split(mut self, is_picked: impl FnMut(&Place) -> bool) -> (Option<Self>, Option<Self>) {
        let (picked, left) = std::mem::take(&mut self.places).into_iter().partition(is_picked);
        let with = |places: Vec<Place>| {
            let finding = Self { places, ..self.clone() };
            (!finding.places.is_empty()).then_some(finding)
        };
        (with(left), with(picked))
    }

    /// The fingerprint of the only place, or one over those of all places, whatever their order.
    pub fn fingerprint(&self) -> String {
        match self.places.as_slice() {
            [place] => place.fingerprint.clone(),
            places => {
                let mut all: Vec<_> =
                    places.iter().map(|place| place.fingerprint.as_str()).collect();
                all.sort_unstable();
                short_digest(&all.join("\n"))
            }
        }
    }
}

/// A name for one finding at one place that survives rewording the message, reordering the tools
/// and editing anything else: 16 hexadecimal digits over the rule, the subject, the place inside
/// the subject and, where a single string, number or boolean stands there, that value. It is given
/// as canonical JSON, so that escapes and the spelling of numbers make no difference.
pub fn fingerprint(rule: &str, subject: &Subject, within: &Pointer, value: Option<&str>) -> String {
    let (kind, name) = (subject.kind(), subject.name().unwrap_or_default());
    short_digest(&format!("{rule}\n{kind}\n{name}\n{within}\n{}", value.unwrap_or_default()))
}

/// Tells apart what a rule finds more than once at one place, or at two tools of one name: the first
/// keeps its fingerprint, the second one is `…-2`. They are counted in the order of the document
/// among themselves, so that nothing else can move them.
#[derive(Debug, Default)]
pub struct Ordinals(HashMap<String, usize>);

impl Ordinals {
    /// The fingerprint of the next finding of this one.
    pub fn tell_apart(&mut self, fingerprint: String) -> String {
        let count = self.0.entry(fingerprint.clone()).or_default();
        *count += 1;
        if *count == 1 { fingerprint } else { format!("{fingerprint}-{count}") }
    }
}

/// A fingerprint without its ordinal: what all findings of a rule at one place share.
pub fn without_ordinal(fingerprint: &str) -> &str {
    fingerprint.split_once('-').map_or(fingerprint, |(shared, _)| shared)
}

fn short_digest(text: &str) -> String {
    let digest = canonical::digest_of(text.as_bytes());
    digest.trim_start_matches("sha256:")[..16].to_owned()
}
