//! The bundled connector, which does what replay asks for.

use std::{fs, path::Path};

use serde_json::Value;

use super::cassette;
use crate::program::Program;

/// Small enough for every run of the tests.
const SMALL: [&str; 6] = ["--settle", "20ms", "--rounds", "3", "--racers", "6"];

/// The connector under test with its store in a folder, started by replay.
fn connector(program: &Program, user: &str) -> String {
    let (store, control) = (program.path("store"), program.path("control"));
    let control = match user {
        "alice" => format!("--control 127.0.0.1:0 --control-file {}", control.display()),
        _ => String::new(),
    };
    let binary = env!("CARGO_BIN_EXE_mcp-kit");
    format!("{binary} dev crm --stdio --as {user} --store {} {control}", store.display())
}

/// The report on the connector, spoken to in an era.
fn report(program: &Program, era: &str, more: &[&str]) -> (i32, Value) {
    let control = program.path("control").display().to_string();
    let rows = program.path("store").join("store.sqlite").display().to_string();
    let observed = format!("propose_change=rows:proposal:{rows}");
    let other = connector(program, "dave");
    let cassette = cassette();
    let mut arguments = vec!["replay", &cassette, "--era", era, "--format", "json"];
    arguments.extend(SMALL);
    arguments.extend(["--observe", &observed, "--control", &control, "--other-command", &other]);
    arguments.extend(more);
    let command = connector(program, "alice");
    arguments.push("--");
    arguments.extend(command.split_whitespace());
    let run = program.run(&arguments);
    (run.status, run.json())
}

fn verdicts(report: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let tools = report["tools"].as_array().unwrap();
    tools.iter().flat_map(|tool| {
        let verdicts = tool["verdicts"].as_array().unwrap();
        verdicts.iter().map(|verdict| (tool["tool"].as_str().unwrap(), verdict))
    })
}

fn check(era: &str) {
    let program = Program::new();
    let mut arguments = vec!["replay", "@crm+writes", "--era", era, "--format", "json"];
    arguments.extend(SMALL);
    arguments.extend(["--allow-writes", "--strict"]);
    let run = program.run(&arguments);
    let report = run.json();
    let other = verdicts(&report).filter(|(_, verdict)| {
        !["passed", "skipped"].contains(&verdict["outcome"].as_str().unwrap())
    });
    let other: Vec<_> = other.collect();
    assert!(other.is_empty(), "{other:#?}");
    assert_eq!(run.status, 0, "{}", run.stderr);
    let passed = |tool: &str| {
        let of_it = verdicts(&report)
            .filter(|(name, verdict)| *name == tool && verdict["outcome"] == "passed");
        of_it.count()
    };
    for tool in ["propose_change", "commit_change"] {
        assert!(passed(tool) >= 30, "{tool}: {}", passed(tool));
    }
    for tool in ["search_customers", "get_customer", "list_activity", "get_change"] {
        assert!(passed(tool) >= 12, "{tool}: {}", passed(tool));
    }
    let commit =
        report["tools"].as_array().unwrap().iter().find(|it| it["tool"] == "commit_change");
    let counted = commit.unwrap()["counted_by"].as_str().unwrap();
    assert!(counted.contains("`list_activity`"), "{counted}");
    let schema = Program::new().run(&["schema", "replay"]).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(&report).map(|it| it.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn the_connector_passes_every_question_in_the_modern_era() {
    check("modern");
}

#[test]
fn the_connector_passes_every_question_in_the_legacy_era() {
    check("legacy");
}

#[test]
fn nothing_that_may_write_is_called_unless_that_is_allowed() {
    let program = Program::new();
    let (status, report) = report(
        &program,
        "modern",
        &["--tool", "commit_change", "--tool", "propose_change", "--tool", "get_customer"],
    );
    assert_eq!(status, 0, "{report:#}");
    let left_out: Vec<&str> = report["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["tool"].as_str().unwrap())
        .collect();
    assert_eq!(left_out, ["commit_change", "propose_change"]);
    assert!(verdicts(&report).all(|(tool, _)| tool == "get_customer"));
    let store = fs::read(Path::new(&program.path("store/store.sqlite"))).unwrap();
    let text = String::from_utf8_lossy(&store);
    assert!(!text.contains("called back today"), "a note was written");
}
