use super::*;
use crate::engine::finding::allow::tests::finding;

fn baseline(findings: &[Finding]) -> Baseline {
    // What is read back is what is asked, with the positions of the file.
    read(render(&Baseline::of(findings)).as_bytes()).unwrap()
}

fn compare(baseline: &Baseline, findings: Vec<Finding>) -> Compared {
    baseline.compare(findings, |_| true)
}

#[test]
fn a_baseline_reads_as_it_was_written() {
    let twice = finding("schema/b", &["x"]);
    let written = Baseline::of(&[finding("schema/b", &["y", "x"]), twice]);
    let text = render(&written);
    insta::assert_snapshot!(text, @r#"
    {
      "format": "mcp-kit.baseline/1",
      "rules": {
        "schema/b": 3
      },
      "findings": [
        {"rule": "schema/b", "severity": "error", "kind": "tool", "name": "x", "fingerprint": "886ac9c9a0e136f1", "count": 2},
        {"rule": "schema/b", "severity": "error", "kind": "tool", "name": "y", "fingerprint": "b3e3ada2dab856c1"}
      ]
    }
    "#);
    let back = read(text.as_bytes()).unwrap();
    assert_eq!(render(&back), text);
    assert_eq!(back.entries[1].position, Position { line: 8, column: 5 });
    let empty = render(&Baseline::default());
    assert_eq!(read(empty.as_bytes()).unwrap(), Baseline::default());
}

#[test]
fn what_it_knows_is_known_and_the_rest_is_new() {
    let baseline = baseline(&[finding("schema/a", &["x", "gone"])]);
    let found = vec![finding("schema/a", &["x", "y"]), finding("schema/b", &["x"])];
    let compared = compare(&baseline, found);
    let shown = |findings: &[Finding]| -> Vec<String> {
        findings.iter().map(|it| format!("{} {:?}", it.rule, it.tools())).collect()
    };
    assert_eq!(shown(&compared.new), [r#"schema/a ["y"]"#, r#"schema/b ["x"]"#]);
    assert_eq!(shown(&compared.known), [r#"schema/a ["x"]"#]);
    let stale: Vec<_> =
        compared.stale.iter().map(|index| baseline.entries[*index].name.as_deref()).collect();
    assert_eq!(stale, [Some("gone")]);
    assert_eq!(compared.shrunk.entries.len(), 1, "what is new is not taken in");
}

#[test]
fn one_more_of_the_same_is_new() {
    let one = || finding("schema/a", &["x"]);
    let compared = compare(&baseline(&[one()]), vec![one(), one()]);
    assert_eq!((compared.known.len(), compared.new.len()), (1, 1));
    let compared = compare(&baseline(&[one(), one()]), vec![one()]);
    assert_eq!((compared.known.len(), compared.stale.len()), (1, 1));
    assert_eq!(compared.shrunk.entries[0].count, 1);
}

#[test]
fn what_has_become_worse_is_new_and_what_has_become_better_stays_better() {
    let mild = || Finding { severity: Severity::Warning, ..finding("schema/a", &["x"]) };
    let bad = || finding("schema/a", &["x"]);
    let worse = compare(&baseline(&[mild()]), vec![bad()]);
    assert_eq!((worse.new.len(), worse.stale.len()), (1, 0));
    assert_eq!(worse.shrunk.entries[0].severity, Severity::Warning);
    let better = compare(&baseline(&[bad()]), vec![mild()]);
    assert_eq!((better.known.len(), better.stale.len()), (1, 0));
    assert_eq!(better.shrunk.entries[0].severity, Severity::Warning);
}

#[test]
fn one_more_argument_is_new_and_one_less_stays_away() {
    let of = |parts: &[&str]| {
        let mut found = finding("schema/a", &["x"]);
        found.places[0].parts = parts.iter().map(|part| (*part).to_owned()).collect();
        found
    };
    let known = baseline(&[of(&["b", "a", "b"])]);
    assert_eq!(known.entries[0].parts, ["a", "b"]);
    for (parts, is_new) in [(&["a", "b"], false), (&["b", "b"], false), (&["a", "c"], true)] {
        let compared = compare(&known, vec![of(parts)]);
        assert_eq!((compared.new.len(), compared.stale.len()), (usize::from(is_new), 0));
    }
    let less = compare(&known, vec![of(&["b"])]).shrunk;
    assert_eq!(less.entries[0].parts, ["b"]);
    assert_eq!(compare(&less, vec![of(&["a", "b"])]).new.len(), 1);
    assert_eq!(known.clone().joined(baseline(&[of(&["c"])])).entries[0].parts, ["a", "b", "c"]);
    // An earlier version wrote no parts.
    let old = baseline(&[of(&[])]);
    assert_eq!(compare(&old, vec![of(&["a"])]).known.len(), 1);
}

#[test]
fn a_rule_that_was_not_asked_leaves_its_entries_alone() {
    let baseline = baseline(&[finding("schema/a", &["x"])]);
    let compared = baseline.compare(Vec::new(), |_| false);
    assert_eq!((compared.stale.len(), compared.shrunk), (0, baseline));
}

#[test]
fn two_baselines_become_one() {
    let joined = baseline(&[finding("schema/a", &["x"])])
        .joined(baseline(&[finding("schema/a", &["x", "y"]), finding("a/a", &["z"])]));
    assert_eq!(joined.counts(), BTreeMap::from([("a/a", 1), ("schema/a", 2)]));
    assert!(joined.entries.is_sorted_by_key(|entry| entry.rule.clone()));
}

#[test]
fn what_is_no_baseline_of_this_version_is_refused_with_its_place() {
    let refused = |text: &str| {
        let error = read(text.as_bytes()).expect_err(text);
        let Position { line, column } = error.position;
        format!("{line}:{column}: {}\n  {}", error.message, error.help)
    };
    let entry = r#"{"rule": "a/b", "severity": "error", "kind": "tool", "fingerprint": "0"}"#;
    let file =
        |entries: &str| format!(r#"{{"format": "mcp-kit.baseline/1", "findings": [{entries}]}}"#);
    let cases = [
        "nothing".to_owned(),
        "{\"tools\": []}".to_owned(),
        "{\"format\": \"mcp-kit.baseline/2\"}".to_owned(),
        "{\"format\": \"mcp-kit.baseline/1\"}".to_owned(),
        file("3"),
        file(&format!("{entry},{entry}")),
        file(&entry.replace("error", "fatal")),
        file(&entry.replace('}', ", \"count\": 0}")),
        file(&entry.replace('}', ", \"parts\": [3]}")),
    ];
    let all: Vec<String> = cases.iter().map(|text| refused(text)).collect();
    insta::assert_snapshot!(all.join("\n"), @"
    1:1: expected a JSON value, found `n`
      name a file that `mcp-kit lint --write-baseline` has written
    1:1: the file is no baseline
      name a file that `mcp-kit lint --write-baseline` has written
    1:12: the baseline's format is `mcp-kit.baseline/2`; this version reads `mcp-kit.baseline/1`
      take the version of mcp-kit that wrote it, or delete the file and write it anew with --write-baseline
    1:1: the baseline has no list of `findings`
      take the file from version control again, or delete it and write a new one with --write-baseline
    1:47: a finding of the baseline has no `severity`
      take the file from version control again, or delete it and write a new one with --write-baseline
    1:120: the finding `0` stands in the baseline twice
      take the file from version control again, or delete it and write a new one with --write-baseline
    1:47: a finding of the baseline has a severity that there is not
      take the file from version control again, or delete it and write a new one with --write-baseline
    1:47: the `count` of a finding of the baseline is no number above zero
      take the file from version control again, or delete it and write a new one with --write-baseline
    1:47: the `parts` of a finding of the baseline are no list of names
      take the file from version control again, or delete it and write a new one with --write-baseline
    ");
}
