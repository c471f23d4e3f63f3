//! One set of decisions on top of another one: a file on the file that it extends, flags on a file.

use std::collections::BTreeMap;

use super::{Config, Deprecation, Diff, Lint, MetaKeys, ToolSettings};
use crate::engine::rule::covers;

impl Config {
    /// Takes from another file what this one does not say. What belongs to one server is not taken:
    /// its contract, its baseline and what it lives with.
    #[must_use]
    pub fn extending(self, base: Self) -> Self {
        Self {
            lint: self.lint.extending(Lint { baseline: None, ..base.lint }),
            diff: self.diff.extending(&base.diff),
            contract: self.contract,
            deprecation: self.deprecation.extending(base.deprecation),
            replay: self.replay,
            severities: joined(self.severities, base.severities),
            tools: tools(self.tools, base.tools),
            allow: self.allow,
        }
    }
}

impl Lint {
    /// Takes what these do not say. Lists of rules and of vendors are added to those of the other
    /// one; what is selected here is no longer ignored there, and the other way round.
    #[must_use]
    pub fn extending(self, base: Self) -> Self {
        let select = added(base.select, &self.select, &self.ignore);
        let ignore = added(base.ignore, &self.ignore, &self.select);
        Self {
            extends: self.extends,
            profile: self.profile.or(base.profile),
            targets: if self.targets.is_empty() { base.targets } else { self.targets },
            select,
            ignore,
            fail_on: self.fail_on.or(base.fail_on),
            baseline: self.baseline.or(base.baseline),
            max_tools: self.max_tools.or(base.max_tools),
            max_tool_tokens: self.max_tool_tokens.or(base.max_tool_tokens),
            max_tokens: self.max_tokens.or(base.max_tokens),
            vendors: added(base.vendors, &self.vendors, &[]),
            domain: self.domain.or(base.domain),
        }
    }
}

impl Diff {
    fn extending(self, base: &Self) -> Self {
        Self {
            fail_on: self.fail_on.or(base.fail_on),
            strict: self.strict.or(base.strict),
            assert_formats: self.assert_formats.or(base.assert_formats),
        }
    }
}

impl Deprecation {
    fn extending(self, base: Self) -> Self {
        let (own, base_meta) = (self.meta, base.meta);
        Self {
            window_days: self.window_days.or(base.window_days),
            releases: self.releases.or(base.releases),
            meta: MetaKeys {
                deprecated: own.deprecated.or(base_meta.deprecated),
                since: own.since.or(base_meta.since),
                sunset: own.sunset.or(base_meta.sunset),
                replacement: own.replacement.or(base_meta.replacement),
            },
        }
    }
}

/// The names of the base that the opposite list does not take back, and then these.
fn added(base: Vec<String>, own: &[String], opposite: &[String]) -> Vec<String> {
    let is_taken_back = |name: &String| opposite.iter().any(|it| covers(it, name));
    let mut names: Vec<String> = base.into_iter().filter(|name| !is_taken_back(name)).collect();
    for name in own {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn joined<V>(own: BTreeMap<String, V>, base: BTreeMap<String, V>) -> BTreeMap<String, V> {
    let mut joined = base;
    joined.extend(own);
    joined
}

fn tools(
    own: BTreeMap<String, ToolSettings>,
    base: BTreeMap<String, ToolSettings>,
) -> BTreeMap<String, ToolSettings> {
    let mut tools = base;
    for (name, mut settings) in own {
        let below = tools.remove(&name).unwrap_or_default();
        settings.stability = settings.stability.or(below.stability);
        let adjustment = &mut settings.adjustment;
        adjustment.ignore = added(below.adjustment.ignore, &adjustment.ignore, &[]);
        let severities = std::mem::take(&mut adjustment.severities);
        adjustment.severities = joined(severities, below.adjustment.severities);
        tools.insert(name, settings);
    }
    tools
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Stability, read};
    use crate::engine::{finding::Severity, rule::Profile};

    fn extending(own: &str, base: &str) -> Config {
        read(own).unwrap().extending(read(base).unwrap())
    }

    #[test]
    fn a_value_of_the_extending_file_wins_and_the_rest_is_taken() {
        let base = "[lint]\nprofile = \"strict\"\nfail_on = \"info\"\nmax_tools = 9\n\
                    baseline = \"theirs.json\"\n[diff]\nstrict = true\n[deprecation]\nreleases = 2\n\
                    [severity]\n\"name/too-long\" = \"off\"\n\"desc/missing\" = \"info\"\n\
                    [contract]\npath = \"theirs.json\"\n\
                    [[allow]]\nrule = \"desc/missing\"\nreason = \"theirs\"\n";
        let own = "[lint]\nprofile = \"spec\"\n[severity]\n\"name/too-long\" = \"error\"\n";
        let config = extending(own, base);
        let lint = &config.lint;
        assert_eq!((lint.profile, lint.fail_on), (Some(Profile::Spec), Some(Severity::Info)));
        assert_eq!((lint.max_tools, config.settings().max_tools), (Some(9), 9));
        assert_eq!((config.diff.strict, config.deprecation.releases), (Some(true), Some(2)));
        assert_eq!(config.severities["name/too-long"], Some(Severity::Error));
        assert_eq!(config.severities["desc/missing"], Some(Severity::Info));
        assert_eq!(
            (lint.baseline.as_ref(), config.allow.len()),
            (None, 0),
            "these are one server's"
        );
        assert_eq!(config.contract.path, "contract.json");
    }

    #[test]
    fn rules_and_words_are_added_and_what_is_selected_is_no_longer_ignored() {
        let config = extending(
            "[lint]\nselect = [\"name/too-long\"]\nignore = [\"schema\"]\nvendors = [\"b\"]\n",
            "[lint]\nselect = [\"schema/bad-regex\", \"desc\"]\nignore = [\"name/too-long\"]\n\
             vendors = [\"a\", \"b\"]\n",
        );
        assert_eq!(config.lint.select, ["desc", "name/too-long"]);
        assert_eq!(config.lint.ignore, ["schema"]);
        assert_eq!(config.lint.vendors, ["a", "b"]);
    }

    #[test]
    fn what_is_said_of_a_tool_is_joined() {
        let config = extending(
            "[tools.x]\nignore = [\"desc\"]\n[tools.y]\nignore = [\"desc\"]\n",
            "[tools.x]\nstability = \"experimental\"\nignore = [\"name\"]\n\
             [tools.x.severity]\n\"schema/bad-regex\" = \"info\"\n",
        );
        let tool = &config.tools["x"];
        assert_eq!(tool.stability, Some(Stability::Experimental));
        assert_eq!(tool.adjustment.ignore, ["name", "desc"]);
        assert_eq!(tool.adjustment.severities.len(), 1);
        assert_eq!(config.tools["y"].stability, None);
    }
}
