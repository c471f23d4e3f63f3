//! Which rules are in force.

use super::{Profile, Rule, Settings, client::Client};
use crate::engine::finding::Severity;

/// Warnings that the strict profile takes for errors: what this project asks of every server and
/// most servers do not do yet.
const ERRORS_WHEN_STRICT: [&str; 3] =
    ["output/missing-schema", "surface/too-many-tools", "write/no-idempotency-key"];

/// A profile, changed by names: `--profile`, `--target`, `--select` and `--ignore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    profile: Profile,
    of_targets: Vec<&'static str>,
    select: Vec<String>,
    ignore: Vec<String>,
    settings: Settings,
}

/// A name that is neither a rule nor a group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule or group `{0}`")]
pub struct UnknownRule(pub String);

impl Selection {
    /// The rules of a profile.
    pub fn of(profile: Profile) -> Self {
        Self {
            profile,
            of_targets: Vec::new(),
            select: Vec::new(),
            ignore: Vec::new(),
            settings: Settings::default(),
        }
    }

    /// Adds the rules that hold a server to the limits of these clients.
    #[must_use]
    pub fn aiming_at(mut self, clients: &[Client]) -> Self {
        self.of_targets = clients.iter().flat_map(|client| client.rules()).collect();
        self
    }

    /// Gives the rules other figures and words than their own.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The figures and words of the rules.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Adds rules to the profile and takes rules out of it, each by id (`name/too-long`) or by
    /// group (`name`, `name/`). What is named more exactly wins, so `--ignore schema --select
    /// schema/bad-regex` keeps one rule of the group; at the same exactness, ignoring wins.
    ///
    /// # Errors
    /// When a name is neither a rule nor a group.
    pub fn adjusted(mut self, select: &[String], ignore: &[String]) -> Result<Self, UnknownRule> {
        for name in select.iter().chain(ignore) {
            if !super::all().any(|rule| specificity(name, rule) > 0) {
                return Err(UnknownRule(name.clone()));
            }
        }
        self.select.extend_from_slice(select);
        self.ignore.extend_from_slice(ignore);
        Ok(self)
    }

    /// The least severity that findings of a rule have under the profile.
    pub fn least_severity(&self, rule: &str) -> Severity {
        let is_raised = self.profile == Profile::Strict && ERRORS_WHEN_STRICT.contains(&rule);
        if is_raised { Severity::Error } else { Severity::Info }
    }

    /// Whether a rule is in force.
    pub fn contains(&self, rule: &Rule) -> bool {
        let best = |names: &[String]| names.iter().map(|name| specificity(name, rule)).max();
        let (selected, ignored) =
            (best(&self.select).unwrap_or(0), best(&self.ignore).unwrap_or(0));
        if selected == 0 && ignored == 0 {
            rule.profile <= self.profile || self.of_targets.contains(&rule.id)
        } else {
            selected > ignored
        }
    }
}

/// Whether one name of a rule or group means all that another one means.
pub fn covers(outer: &str, inner: &str) -> bool {
    let group = outer.strip_suffix('/').unwrap_or(outer);
    let rest = inner.strip_prefix(group);
    outer == inner || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How exactly a name means a rule: 2 by its id, 1 by its group, 0 not at all.
fn specificity(name: &str, rule: &Rule) -> u8 {
    if name == rule.id {
        2
    } else {
        u8::from(name.strip_suffix('/').unwrap_or(name) == rule.group())
    }
}
