//! What a project makes of the verdicts: other formats, the allow-list, severities and baselines.

use serde_json::Value;

use super::server;
use crate::program::{Finished, Program};

/// Puts the server of the Rust SDK to the test, which is good and not without faults.
fn replay(program: &Program, more: &[&str]) -> Finished {
    let [dashes, command, stdio] = server();
    let small = ["replay", "--allow-writes", "--settle", "20ms", "--rounds", "2", "--racers", "2"];
    program.run(&[&small, more, &[&dashes, &command, &stdio]].concat())
}

/// The rules and tools of the findings that nothing allows.
fn open(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|finding| finding["allowed"].is_null());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    open.map(|finding| (text(&finding["rule"]), text(&finding["tool"]))).collect()
}

/// What fails there, as findings.
const FAILS: [(&str, &str); 1] = [("replay/error-as-success", "find_parts")];

/// What is written into `mcp-kit.toml` to let pass what fails.
fn allowed() -> String {
    let entry = |(rule, tool): (&str, &str)| {
        format!("[[allow]]\nrule = \"{rule}\"\ntool = \"{tool}\"\nreason = \"the clients know\"\n")
    };
    FAILS.map(entry).concat()
}

#[test]
fn what_fails_is_an_error_and_what_is_not_known_a_warning() {
    let program = Program::new();
    let run = replay(&program, &["--format", "json"]);
    let report = run.json();
    assert_eq!((run.status, &report["fails"]), (1, &true.into()), "{report:#}");
    let severities = |severity: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        let of_it = findings.filter(|finding| finding["severity"] == severity);
        of_it.map(|it| it["places"][0]["trial"]["outcome"].clone()).collect::<Vec<_>>()
    };
    let tally = |outcome: &str| report["summary"][outcome].as_u64().unwrap() as usize;
    assert_eq!(severities("error"), vec![Value::from("failed"); tally("failed")]);
    assert_eq!(severities("warning"), vec![Value::from("inconclusive"); tally("inconclusive")]);
    for expected in FAILS {
        let found = open(&report).into_iter().any(|(rule, tool)| (&*rule, &*tool) == expected);
        assert!(found, "{expected:?}: {report:#}");
    }
    let schema = program.run(&["schema", "replay"]).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(&report).map(|it| it.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn every_format_is_written_in_one_run() {
    let program = Program::new();
    let formats = ["text", "json", "jsonl", "sarif", "junit", "github", "markdown", "html"];
    let pairs: Vec<String> = formats
        .iter()
        .flat_map(|it| ["--format".into(), (*it).into(), "-o".into(), format!("report.{it}")])
        .collect();
    let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
    let run = replay(&program, &pairs);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    for format in formats {
        let text = std::fs::read_to_string(program.path(&format!("report.{format}"))).unwrap();
        assert!(text.contains("replay/error-as-success"), "{format}: {text}");
        let again = text.contains("--only error-as-success") && text.contains("--tool find_parts");
        assert!(again, "{format} does not say how to do it again: {text}");
        let help = text.contains("against the input schema");
        assert!(help || format == "json", "{format} does not say what to do: {text}");
    }
}

#[test]
fn what_the_project_allows_does_not_fail_the_run_and_stays_in_sight() {
    let program = Program::new().file("mcp-kit.toml", allowed());
    let run = replay(&program, &["--format", "json"]);
    let report = run.json();
    assert_eq!((run.status, &report["summary"]["allowed"]), (0, &1.into()), "{report:#}");
    let text = replay(&program, &[]);
    assert!(text.stdout.contains("allowed[replay/error-as-success]"), "{}", text.stdout);
    assert!(text.stdout.contains("= reason: the clients know"), "{}", text.stdout);
    // What is not known fails a run all the same where that is asked for.
    for flags in [["--strict", "--verbose"], ["--fail-on", "warning"]] {
        assert_eq!(replay(&program, &flags).status, 1, "{flags:?}");
    }
    let both = replay(&program, &["--strict", "--fail-on", "error"]);
    assert_eq!(both.status, 2, "{}", both.stderr);
    assert_eq!(replay(&program, &["--isolated"]).status, 1);
}

#[test]
fn an_entry_is_stale_where_its_question_was_answered_alone() {
    let stale = |rule: &str, tool: &str, more: &[&str]| {
        let entry = format!("[[allow]]\nrule = \"{rule}\"\ntool = \"{tool}\"\nreason = \"x\"\n");
        let program = Program::new().file("mcp-kit.toml", entry);
        let report = replay(&program, &[&["--format", "json"], more].concat()).json();
        open(&report).iter().any(|(rule, _)| rule == "allow/stale")
    };
    assert!(stale("replay/slow-sync", "find_parts", &[]), "it was passed");
    assert!(!stale("replay/slow-sync", "find_parts", &["--tool", "get_part"]), "nobody asked");
    assert!(!stale("replay/slow-sync", "find_parts", &["--only", "empty-error"]), "nobody asked");
    assert!(!stale("replay/crash-duplicate", "reserve_part", &[]), "it was blocked");
}

#[test]
fn a_rule_that_is_off_has_no_findings_and_is_asked_where_it_is_named_or_presupposed() {
    let text = "[severity]\n\"replay/error-as-success\" = \"off\"\n\
                \"replay/key-description-misleads\" = \"off\"\n\
                \"replay/slow-sync\" = \"info\"\n";
    let program = Program::new().file("mcp-kit.toml", text);
    let run = replay(&program, &["--format", "json"]);
    let report = run.json();
    assert_eq!(run.status, 0, "{report:#}");
    let asked = |report: &Value, rule: &str| {
        let tools = report["tools"].as_array().unwrap().iter();
        tools.flat_map(|it| it["verdicts"].as_array().unwrap()).any(|it| it["rule"] == rule)
    };
    let severities = |rule: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|it| it["rule"] == rule)
            .map(|it| it["severity"].clone())
            .collect::<Vec<_>>()
    };
    assert!(severities("replay/slow-sync").iter().all(|it| it == "info"), "{report:#}");
    // The questions about errors presuppose it, and it fails.
    assert!(asked(&report, "replay/error-as-success"), "{report:#}");
    assert_eq!(severities("replay/error-as-success"), [""; 0]);
    assert!(!asked(&report, "replay/key-description-misleads"), "{report:#}");
    let named =
        replay(&program, &["--only", "key-description-misleads", "--format", "json"]).json();
    assert!(asked(&named, "replay/key-description-misleads"), "{named:#}");
    let text = replay(&program, &[]);
    assert!(text.stdout.contains("1 off"), "{}", text.stdout);
}

#[test]
fn a_baseline_lets_pass_what_was_there_before() {
    let program = Program::new();
    let write = replay(&program, &["--write-baseline", "known.json"]);
    assert_eq!(write.status, 0, "{}{}", write.stdout, write.stderr);
    let run = replay(&program, &["--baseline", "known.json", "--strict", "--format", "json"]);
    assert_eq!((run.status, open(&run.json())), (0, Vec::new()), "{}", run.stdout);
    // Part of a run says nothing about the rest of the baseline.
    let tool = ["--baseline", "known.json", "--tool", "get_part", "--format", "json"];
    assert_eq!(open(&replay(&program, &tool).json()), Vec::new());
    let text = std::fs::read_to_string(program.path("known.json")).unwrap();
    let mut known: Value = serde_json::from_str(&text).unwrap();
    let entries = known["findings"].as_array_mut().unwrap();
    entries.retain(|entry| entry["rule"] != "replay/error-as-success");
    std::fs::write(program.path("known.json"), known.to_string()).unwrap();
    let new = replay(&program, &["--baseline", "known.json", "--format", "json"]);
    let rules: Vec<String> = open(&new.json()).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!((new.status, rules.as_slice()), (1, &["replay/error-as-success".to_owned()][..]));
}

#[test]
fn a_report_is_not_written_over_what_is_read() {
    let program = Program::new().file("session.jsonl", "").file("mcp-kit.toml", "");
    for (arguments, said) in [
        (vec!["session.jsonl", "-o", "session.jsonl"], "session.jsonl"),
        (vec!["-o", "mcp-kit.toml"], "mcp-kit.toml"),
    ] {
        let run = replay(&program, &arguments);
        assert_eq!(run.status, 2, "{}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(said) && run.stderr.contains("over"), "{}", run.stderr);
        assert_eq!(std::fs::read(program.path(said)).unwrap(), b"");
    }
}
