//! `mcp-kit usage`, `lint --traffic` and `diff --traffic`: recordings with planted cases are reported
//! exactly, and files that are none are refused with advice.

mod break_calls;
mod corpus;
mod files;

use serde_json::{Value, json};

use crate::program::Program;
use corpus::Corpus;

/// Lint looks at the rules about traffic only.
const ONLY_USAGE: [&str; 4] = ["--select", "usage", "--ignore", ALL_OTHER_GROUPS];
const ALL_OTHER_GROUPS: &str =
    "surface,name,desc,schema,compat,output,write,auth,security,error,latency,deprecate,spec,wire";

fn program(corpus: &Corpus) -> Program {
    let mut program = Program::new().file("contract.json", corpus.surface.to_string());
    for (name, text) in &corpus.files {
        program = program.file(name, text);
    }
    program
}

fn words(first: &[&str], corpus: &Corpus) -> Vec<String> {
    let files = corpus.files.iter().map(|(name, _)| name.clone());
    first.iter().map(|word| (*word).to_owned()).chain(files).collect()
}

#[test]
fn a_corpus_with_planted_cases_is_reported_exactly() {
    for seed in [1, 2, 3] {
        let corpus = Corpus::generate(seed);
        let program = program(&corpus);
        let finished = program.run(&words(&["usage", "--format", "json"], &corpus));
        assert_eq!(finished.status, 0, "{}", finished.stderr);
        let report = finished.json();
        assert_eq!(report["format"], "mcp-kit.usage/1");
        assert_eq!(report["tools_known_from"], "recordings");
        for tool in report["tools"].as_array().unwrap() {
            let name = tool["name"].as_str().unwrap();
            let expected = &corpus.expected[name];
            for (member, value) in expected.as_object().unwrap() {
                assert_eq!(&tool[member], value, "seed {seed}, {name}, {member}: {tool:#}");
            }
        }
        let listed = corpus.expected.as_object().unwrap().len();
        assert_eq!(report["tools"].as_array().unwrap().len(), listed);
        assert_eq!(report["summary"]["calls"], corpus.calls);
        assert_eq!(report["summary"]["sessions"], corpus.sessions);
        let never = |tool: &&Value| tool["calls"] == 0;
        let names = |tools: Vec<&Value>| -> Vec<String> {
            tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
        };
        let tools = report["tools"].as_array().unwrap();
        let never_called = names(tools.iter().filter(never).collect());
        assert_eq!(never_called, ["export_ledger", "purge_cache"]);
        let incorrect = tools.iter().filter(|tool| tool["is_never_correct"] == true).collect();
        assert_eq!(names(incorrect), ["book_visit"]);
    }
}

#[test]
fn lint_turns_the_planted_cases_into_findings_and_nothing_else() {
    for seed in [1, 2, 3] {
        let corpus = Corpus::generate(seed);
        let first = [&["lint", "contract.json", "--format", "json"], &ONLY_USAGE[..]].concat();
        let first = [&first[..], &["--traffic"]].concat();
        let finished = program(&corpus).run(&words(&first, &corpus));
        let report = finished.json();
        let findings = report["findings"].as_array().unwrap();
        let found: Vec<Value> =
            findings.iter().map(|it| json!([it["rule"], it["tools"]])).collect();
        assert_eq!(
            found,
            [
                json!(["usage/never-correct", ["book_visit"]]),
                json!(["usage/retried-without-key", ["create_order"]]),
                json!(["usage/improvised-after-error", ["get_invoice"]]),
                json!(["usage/never-called", ["export_ledger", "purge_cache"]]),
            ],
            "seed {seed}"
        );
        let notes: Vec<&Value> = findings.iter().map(|it| &it["places"][0]["note"]).collect();
        assert_eq!(notes[0], &corpus.notes["book_visit"]);
        assert_eq!(notes[1], &corpus.notes["create_order"]);
        assert_eq!(notes[2], &corpus.notes["get_invoice"]);
    }
}

#[test]
fn without_traffic_nothing_is_said_of_it_and_no_entry_goes_stale() {
    let corpus = Corpus::generate(1);
    let allow = "[[allow]]\nrule = \"usage/never-called\"\ntool = \"export_ledger\"\n\
                 reason = \"once a year\"\n";
    let program = program(&corpus).file("mcp-kit.toml", allow);
    let plain =
        program.run(&[&["lint", "contract.json", "--format", "json"], &ONLY_USAGE[..]].concat());
    assert_eq!((plain.status, plain.rules().len()), (0, 0), "{}", plain.stdout);

    let first = [&["lint", "contract.json", "--format", "json"], &ONLY_USAGE[..], &["--traffic"]];
    let finished = program.run(&words(&first.concat(), &corpus));
    let report = finished.json();
    let findings = report["findings"].as_array().unwrap();
    let allowed: Vec<&Value> =
        findings.iter().filter(|finding| !finding["allowed"].is_null()).collect();
    assert_eq!(allowed.len(), 1, "{}", finished.stdout);
    assert_eq!(allowed[0]["tools"], json!(["export_ledger"]));
}

#[test]
fn traffic_of_another_server_is_no_silent_pass() {
    let corpus = Corpus::generate(1);
    let other = r#"{"tools": [{"name": "other", "inputSchema": {"type": "object"}}]}"#;
    let program = program(&corpus).file("other.json", other);
    let lint = [&["lint", "other.json"], &ONLY_USAGE[..], &["--traffic"]].concat();
    let lint = program.run(&words(&lint, &corpus));
    assert_eq!(lint.status, 0, "{}", lint.stdout);
    assert!(lint.stderr.contains("and none of a tool of this surface"), "{}", lint.stderr);
    let diff = program.run(&words(&["diff", "other.json", "other.json", "--traffic"], &corpus));
    assert_eq!(diff.status, 0, "{}", diff.stdout);
    assert!(diff.stderr.contains("no call of a tool of the old surface"), "{}", diff.stderr);
}

#[test]
fn a_baseline_knows_what_traffic_has_shown() {
    let corpus = Corpus::generate(2);
    let program = program(&corpus);
    let first = [&["lint", "contract.json", "--format", "json"], &ONLY_USAGE[..]].concat();
    let write = [&first[..], &["--write-baseline", "b.json", "--traffic"]].concat();
    assert_eq!(program.run(&words(&write, &corpus)).status, 0);
    let read = [&first[..], &["--baseline", "b.json", "--fail-on", "info", "--traffic"]].concat();
    let known = program.run(&words(&read, &corpus));
    assert_eq!((known.status, &known.json()["summary"]["known"]), (0, &4.into()));
    // Without traffic the entries are left as they are.
    let plain = [&first[..], &["--baseline", "b.json", "--fail-on", "info"]].concat();
    let plain = program.run(&plain);
    assert_eq!((plain.status, plain.rules().len()), (0, 0), "{}", plain.stdout);
}

#[test]
fn every_format_says_the_same() {
    let corpus = Corpus::generate(1);
    let program = program(&corpus);
    for (format, sign) in
        [("text", "never called"), ("markdown", "**Never called**"), ("html", "<svg")]
    {
        let finished = program.run(&words(&["usage", "--format", format], &corpus));
        assert_eq!(finished.status, 0, "{}", finished.stderr);
        for part in [sign, "book_visit", "get_invoice"] {
            let plain = finished.stdout.replace("<wbr>", "");
            assert!(plain.contains(part), "{format}: {part}");
        }
    }
}

#[test]
fn the_json_reports_are_as_their_schemas_say() {
    let corpus = Corpus::generate(1);
    let program = program(&corpus);
    let usage = program.run(&words(&["usage", "--format", "json"], &corpus)).json();
    let first = ["diff", "contract.json", "contract.json", "--format", "json", "--traffic"];
    let same = program.run(&words(&first, &corpus)).json();
    let fewer = json!({"tools": [corpus.surface["tools"][0]]}).to_string();
    let first = ["diff", "contract.json", "fewer.json", "--format", "json", "--traffic"];
    let fewer = program.file("fewer.json", fewer).run(&words(&first, &corpus)).json();
    assert!(fewer["traffic"]["lost"].as_u64() > Some(0));
    for (name, report) in [("usage", &usage), ("diff", &same), ("diff", &fewer)] {
        let schema = Program::new().run(&["schema", name]).json();
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(report).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        let mut wrong = report.clone();
        wrong["format"] = "mcp-kit.other/1".into();
        assert!(!validator.is_valid(&wrong));
    }
}
