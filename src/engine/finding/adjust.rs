//! What a project says about findings before its allow-list is asked: other severities.

use std::collections::BTreeMap;

use super::{Finding, Severity};

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
}
