//! What is done about files that are damaged, newer, or no cassettes.

use serde_json::json;

use super::corpus::{Tape, fine};
use crate::program::Program;

fn tape() -> String {
    let mut tape = Tape::new("a", None);
    tape.call(1, "search", json!({"number": 1}), fine());
    tape.text
}

#[test]
fn a_torn_last_line_is_left_out_and_said() {
    let text = tape();
    let torn = &text[..text.len() - 20];
    let program = Program::new().file("a.jsonl", torn);
    let finished = program.run(&["usage", "a.jsonl", "--format", "json"]);
    assert_eq!(finished.status, 0);
    assert!(
        finished
            .stderr
            .contains("a.jsonl:3: a line is left out: the recording was broken off here"),
        "{}",
        finished.stderr
    );
    let report = finished.json();
    assert_eq!(report["summary"]["damaged_lines"], 1);
    assert_eq!(report["tools"][0]["unanswered"], 1);
}

#[test]
fn a_damaged_line_is_named_and_left_out_or_fatal() {
    let (first, rest) = tape().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let program = Program::new().file("a.jsonl", format!("{first}\n{{broken\n{rest}"));
    let lenient = program.run(&["usage", "a.jsonl", "--format", "json"]);
    assert_eq!((lenient.status, &lenient.json()["summary"]["calls"]), (0, &1.into()));
    assert!(lenient.stderr.contains("a.jsonl:2: a line is left out: "), "{}", lenient.stderr);
    let strict = program.run(&["usage", "a.jsonl", "--strict"]);
    assert_eq!(strict.status, 2);
    assert!(strict.stderr.contains("--> a.jsonl:2"), "{}", strict.stderr);
}

#[test]
fn what_is_no_cassette_is_refused_with_advice() {
    let newer = tape().replace("cassette/1", "cassette/2");
    let program = Program::new()
        .file("newer.jsonl", newer)
        .file("other.jsonl", "{\"type\":\"user\"}\n")
        .file("empty.jsonl", "");
    for (file, message) in [
        ("newer.jsonl", "it is of the format `mcp-kit.cassette/2`"),
        ("other.jsonl", "import it first: mcp-kit cassette import"),
        ("empty.jsonl", "it is no cassette"),
        ("missing.jsonl", "cannot read missing.jsonl"),
    ] {
        let finished = program.run(&["usage", file]);
        assert_eq!(finished.status, 2, "{file}");
        assert!(finished.stderr.contains(message), "{file}: {}", finished.stderr);
    }
}

#[test]
fn parts_are_read_in_their_order_and_a_file_is_read_once() {
    let text = tape();
    let lines: Vec<&str> = text.lines().collect();
    let second = lines[0].replace("\"id\":\"a\"", "\"id\":\"a\",\"part\":2");
    let program = Program::new()
        .file("b-first.jsonl", format!("{}\n{}\n", lines[0], lines[1]))
        .file("a-second.jsonl", format!("{second}\n{}\n", lines[2]));
    let words = ["usage", "--format", "json", "a-second.jsonl", "b-first.jsonl", "./b-first.jsonl"];
    let finished = program.run(&words);
    let report = finished.json();
    assert_eq!(report["summary"]["recordings"], 1);
    assert_eq!(
        (&report["summary"]["calls"], &report["tools"][0]["succeeded"]),
        (&1.into(), &1.into())
    );
    assert!(finished.stderr.contains("is given twice and read once"), "{}", finished.stderr);
}

#[test]
fn standard_input_and_a_given_surface_are_read() {
    let surface = r#"{"tools": [{"name": "search"}, {"name": "other"}]}"#;
    let program = Program::new().file("contract.json", surface);
    let words = ["usage", "-", "--surface", "contract.json", "--format", "json"];
    let finished = program.run_with_input(&words, tape().as_bytes());
    let report = finished.json();
    assert_eq!(report["tools_known_from"], "surface");
    assert_eq!(report["summary"]["never_called"], 1);
    let both = program.run(&["usage", "contract.json", "-o", "contract.json"]);
    assert_eq!(both.status, 2, "nothing that is read is written over: {}", both.stderr);
}
