//! What a project says about findings before its allow-list is asked: other severities.

use std::collections::BTreeMap;

use super::{Finding, Place, Severity};

/// The group of rules that judge the difference between two surfaces.
pub const BREAKING: &str = "breaking/";

/// Gives the findings of rules another severity, or drops them where it is none. What comes out is
/// worst first.
pub fn with_severities(
    findings: Vec<Finding>,
    severities: &BTreeMap<String, Option<Severity>>,
) -> Vec<Finding> {
    let changed = |mut finding: Finding| {
        if let Some(severity) = severities.get(finding.rule) {
            finding.severity = (*severity)?;
        }
        Some(finding)
    };
    let mut findings: Vec<Finding> = findings.into_iter().filter_map(changed).collect();
    worst_first(&mut findings);
    findings
}

/// What a project says of the findings about one tool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolAdjustment {
    /// Rules and groups that are not asked about the tool.
    pub ignore: Vec<String>,
    /// The severities that rules have at the tool, none for those that are off.
    pub severities: BTreeMap<String, Option<Severity>>,
}

impl ToolAdjustment {
    fn severity(&self, finding: &Finding) -> Option<Severity> {
        let rule = finding.rule;
        let is_it = |name: &String| {
            let group = name.strip_suffix('/').unwrap_or(name);
            name == rule || rule.strip_prefix(group).is_some_and(|rest| rest.starts_with('/'))
        };
        if self.ignore.iter().any(is_it) {
            return None;
        }
        self.severities.get(rule).copied().unwrap_or(Some(finding.severity))
    }
}

/// Gives findings the severity that they have at their tool, or drops what is ignored there. A
/// finding about several tools becomes one for each severity. What comes out is worst first.
pub fn with_tools<'a>(
    findings: Vec<Finding>,
    tool: impl Fn(&str) -> Option<&'a ToolAdjustment>,
) -> Vec<Finding> {
    let mut adjusted: Vec<Finding> = Vec::new();
    for mut finding in findings {
        let places = std::mem::take(&mut finding.places);
        let mut parts: BTreeMap<Severity, Vec<Place>> = BTreeMap::new();
        for place in places {
            let severity = match place.subject.tool().and_then(&tool) {
                Some(adjustment) => adjustment.severity(&finding),
                None => Some(finding.severity),
            };
            if let Some(severity) = severity {
                parts.entry(severity).or_default().push(place);
            }
        }
        let part = |(severity, places)| Finding { severity, places, ..finding.clone() };
        adjusted.extend(parts.into_iter().map(part));
    }
    worst_first(&mut adjusted);
    adjusted
}

/// Puts findings in the order of reports. Those of the same severity keep theirs.
pub fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

#[cfg(test)]
mod tests {
    use super::{super::allow::tests::finding, *};

    #[test]
    fn a_severity_of_the_project_replaces_that_of_the_rule() {
        let findings = vec![finding("schema/a", &["x"]), finding("schema/b", &["x"])];
        let severities = BTreeMap::from([
            ("schema/a".to_owned(), Some(Severity::Info)),
            ("schema/b".to_owned(), Some(Severity::Error)),
            ("schema/unseen".to_owned(), None),
        ]);
        let adjusted = with_severities(findings.clone(), &severities);
        let shown: Vec<_> = adjusted.iter().map(|it| (it.rule, it.severity)).collect();
        assert_eq!(shown, [("schema/b", Severity::Error), ("schema/a", Severity::Info)]);
        let off = BTreeMap::from([("schema/a".to_owned(), None)]);
        assert_eq!(with_severities(findings, &off).len(), 1);
    }

    #[test]
    fn a_tool_may_have_its_own() {
        let findings = vec![finding("schema/a", &["x", "y", "z"]), finding("name/b", &["x"])];
        let x = ToolAdjustment {
            ignore: vec!["name/".to_owned()],
            severities: BTreeMap::from([("schema/a".to_owned(), Some(Severity::Info))]),
        };
        let z = ToolAdjustment { ignore: vec!["schema/a".to_owned()], ..ToolAdjustment::default() };
        let of_tool = |name: &str| match name {
            "x" => Some(&x),
            "z" => Some(&z),
            _ => None,
        };
        let adjusted = with_tools(findings, of_tool);
        let shown: Vec<_> = adjusted.iter().map(|it| (it.severity, it.tools())).collect();
        assert_eq!(shown, [(Severity::Error, vec!["y"]), (Severity::Info, vec!["x"])]);
    }
}
