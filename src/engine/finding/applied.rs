//! Which rules a run has applied, and to what.
//!
//! Of a rule that was not applied, silence says nothing: what the allow-list and the baseline have
//! of it is left as it is.

use std::collections::{HashMap, HashSet};

/// The rules that were applied in a run.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    in_force: HashSet<&'static str>,
    left_out: HashMap<&'static str, LeftOut>,
}

/// What a rule was not applied to.
#[derive(Debug, Clone, Default)]
struct LeftOut {
    is_all: bool,
    tools: HashSet<String>,
}

impl Applied {
    /// These rules, to everything.
    pub fn of(rules: impl IntoIterator<Item = &'static str>) -> Self {
        Self { in_force: rules.into_iter().collect(), left_out: HashMap::new() }
    }

    /// Takes note that rules were not applied to a tool, or to nothing at all.
    pub fn leave_out(&mut self, rules: &[&'static str], tool: Option<&str>) {
        for rule in rules {
            let left_out = self.left_out.entry(rule).or_default();
            match tool {
                Some(tool) => drop(left_out.tools.insert(tool.to_owned())),
                None => left_out.is_all = true,
            }
        }
    }

    /// The same without rules that are switched off.
    #[must_use]
    pub fn without(&self, is_off: impl Fn(&str) -> bool) -> Self {
        let mut applied = self.clone();
        applied.in_force.retain(|rule| !is_off(rule));
        applied
    }

    /// Whether a rule is in force, whatever became of it.
    pub fn is_in_force(&self, rule: &str) -> bool {
        self.in_force.contains(rule)
    }

    /// Whether a rule was applied to a tool; without one, to everything there is.
    pub fn is_applied(&self, rule: &str, tool: Option<&str>) -> bool {
        let is_left_out = |left_out: &LeftOut| match tool {
            Some(tool) => left_out.is_all || left_out.tools.contains(tool),
            None => left_out.is_all || !left_out.tools.is_empty(),
        };
        self.is_in_force(rule) && !self.left_out.get(rule).is_some_and(is_left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::Applied;

    #[test]
    fn a_rule_that_was_left_out_somewhere_was_not_applied_there() {
        let mut applied = Applied::of(["a/all", "a/some", "a/none", "a/off"]);
        applied.leave_out(&["a/some"], Some("x"));
        applied.leave_out(&["a/none"], None);
        let applied = applied.without(|rule| rule == "a/off");
        let of = |rule| ["x", "y"].map(|tool| applied.is_applied(rule, Some(tool)));
        assert_eq!((of("a/all"), applied.is_applied("a/all", None)), ([true, true], true));
        assert_eq!((of("a/some"), applied.is_applied("a/some", None)), ([false, true], false));
        assert_eq!((of("a/none"), applied.is_applied("a/none", None)), ([false, false], false));
        assert_eq!((of("a/off"), applied.is_in_force("a/off")), ([false, false], false));
        assert!(applied.is_in_force("a/none"));
        assert!(!applied.is_in_force("other/rule"));
    }
}
