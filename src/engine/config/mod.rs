//! `mcp-kit.toml`: what a project has decided, read from its text.
//!
//! Every member may be missing; what is there must be known and of the right type, because a
//! misspelt key that is passed over is a gate that does not hold. Read [`Config`] and [`read`]
//! first; [`effective`] says what counts and where it comes from. Not for: finding the file (`cli` does) or applying what it says (the modules that the
//! sections are for).

mod effective;
mod extend;
mod read;
mod replay;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use effective::{Effective, Layer, Origin, effective, places};
pub use read::read;
pub use replay::{Binding, Counter, Observe, Replay, Reset, Spot};

use super::{
    finding::{Severity, adjust::ToolAdjustment, allow::Allow},
    protocol::json::Position,
    rule::{Profile, Settings, client::Client},
};

/// The file's name.
pub const FILE_NAME: &str = "mcp-kit.toml";

/// The format this version reads: the value of `format`, where the file has one.
pub const FORMAT: &str = "mcp-kit.config/1";

/// What a project has decided. The default is a project that has decided nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// `[lint]`
    pub lint: Lint,
    /// `[diff]`
    pub diff: Diff,
    /// `[contract]`
    pub contract: Contract,
    /// `[deprecation]`
    pub deprecation: Deprecation,
    /// `[replay]`; none where the file has none.
    pub replay: Option<Replay>,
    /// `[severity]`: the severities that rules have in this project, none for those that are off.
    pub severities: BTreeMap<String, Option<Severity>>,
    /// `[tools.NAME]`
    pub tools: BTreeMap<String, ToolSettings>,
    /// `[[allow]]`, in the order of the file.
    pub allow: Vec<Allow>,
}

/// `[lint]`: what the flags of `mcp-kit lint` are unless they are given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lint {
    /// `extends`: the file whose values count where this one has none.
    pub extends: Option<Extends>,
    /// `profile`
    pub profile: Option<Profile>,
    /// `targets`: clients whose limits count.
    pub targets: Vec<Client>,
    /// `select`: rules and groups that exist.
    pub select: Vec<String>,
    /// `ignore`: rules and groups that exist; none of them is selected too.
    pub ignore: Vec<String>,
    /// `fail_on`: the least severity that fails a run.
    pub fail_on: Option<Severity>,
    /// `baseline`: the file of what is known from before, relative to the file's folder.
    pub baseline: Option<String>,
    /// `max_tools`: the budget of `surface/too-many-tools`.
    pub max_tools: Option<u32>,
    /// `max_tool_tokens`: the budget of `surface/tool-token-budget`.
    pub max_tool_tokens: Option<u32>,
    /// `max_tokens`: the budget of `surface/token-budget`.
    pub max_tokens: Option<u32>,
    /// `vendors`: products that `name/vendor` finds beside those it knows.
    pub vendors: Vec<String>,
    /// `domain`: what the server is about.
    pub domain: Option<String>,
}

/// `extends`: another `mcp-kit.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extends {
    /// The path, relative to the file's folder.
    pub path: String,
    /// Where it stands in the file.
    pub position: Position,
}

/// `[diff]`: what the flags of `mcp-kit diff` are unless they are given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff {
    /// `fail_on`: the least severity that fails a run; `breaking` is an error and `any` is
    /// information.
    pub fail_on: Option<Severity>,
    /// `strict`: what could not be decided is a break.
    pub strict: Option<bool>,
    /// `assert_formats`: `format` is checked instead of being an annotation.
    pub assert_formats: Option<bool>,
}

/// `[contract]`: where the committed surface lies. Paths are relative to the file's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// `path`
    pub path: String,
    /// `[[contract.audience]]`: a contract for each audience that sees a list of its own.
    pub audiences: Vec<Audience>,
}

impl Default for Contract {
    fn default() -> Self {
        Self { path: "contract.json".to_owned(), audiences: Vec::new() }
    }
}

/// `[[contract.audience]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// `name`; no two audiences have the same.
    pub name: String,
    /// `path`, relative to the file's folder.
    pub path: String,
}

/// `[deprecation]`: how long a tool has to be marked before it may go. Where both limits are
/// given, both have to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deprecation {
    /// `window_days`: days between the first contract that has the mark and the removal.
    pub window_days: Option<u32>,
    /// `releases`: contract versions between them.
    pub releases: Option<u32>,
    /// `[deprecation.meta]`
    pub meta: MetaKeys,
}

/// `[deprecation.meta]`: keys of a tool's `_meta` that say the same as the members of
/// `dev.mcp-kit/deprecated`, for projects that have had their own for long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetaKeys {
    /// `deprecated`: the key whose value is true, or a text that says why.
    pub deprecated: Option<String>,
    /// `since`: the key with the version that had the mark first.
    pub since: Option<String>,
    /// `sunset`: the key with the day of the removal.
    pub sunset: Option<String>,
    /// `replacement`: the key with the name of the tool to call instead.
    pub replacement: Option<String>,
}

/// `[tools.NAME]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolSettings {
    /// `stability`
    pub stability: Option<Stability>,
    /// `ignore` and `[tools.NAME.severity]`
    pub adjustment: ToolAdjustment,
}

/// What callers of a tool are promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stability {
    /// That it stays compatible.
    #[default]
    Stable,
    /// Nothing: what breaks its callers is information and never fails a run, whatever its severity.
    Experimental,
}

impl Config {
    /// The tools whose callers are promised nothing.
    pub fn experimental_tools(&self) -> BTreeSet<String> {
        let tools = self.tools.iter();
        let experimental =
            tools.filter(|(_, settings)| settings.stability == Some(Stability::Experimental));
        experimental.map(|(name, _)| name.clone()).collect()
    }

    /// What the project says of the findings about a tool.
    pub fn adjustment(&self, tool: &str) -> Option<&ToolAdjustment> {
        self.tools.get(tool).map(|settings| &settings.adjustment)
    }

    /// The figures and words that rules take.
    pub fn settings(&self) -> Settings {
        let (own, lint) = (Settings::default(), &self.lint);
        let number = |given: Option<u32>, own: usize| given.map_or(own, |given| given as usize);
        Settings {
            max_tools: number(lint.max_tools, own.max_tools),
            max_tool_tokens: number(lint.max_tool_tokens, own.max_tool_tokens),
            max_tokens: number(lint.max_tokens, own.max_tokens),
            vendors: lint.vendors.clone(),
            domain: lint.domain.clone(),
        }
    }

    /// Whether the project has switched a rule off.
    pub fn is_off(&self, rule: &str) -> bool {
        matches!(self.severities.get(rule), Some(None))
    }
}

/// What is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What: a lowercase fragment that names the key.
    pub message: String,
    /// Where in the file.
    pub position: Position,
    /// What to do.
    pub help: Option<String>,
}
