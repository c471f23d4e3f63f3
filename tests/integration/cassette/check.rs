//! Whether cassettes are whole.

use super::{every_kind, printed, run, secret};
use crate::program::{Program, repository};

#[test]
fn a_whole_cassette_is_clean() {
    let program = Program::new().file("a.jsonl", every_kind());
    insta::assert_snapshot!(printed(&program, &["check", "a.jsonl"]), @r"
    a.jsonl: whole: 16 messages in 3.10 s, 7 requests, 4 calls (2 failed)
      requests without an answer: 1
      messages that are no JSON: 1
    ");
}

/// Cassettes of every version of the format are read for ever.
#[test]
fn every_version_is_read() {
    for entry in std::fs::read_dir(repository("fixtures/cassettes/versions")).unwrap() {
        let path = entry.unwrap().path().display().to_string();
        printed(&Program::new(), &["check", &path]);
    }
}

#[test]
fn damage_is_named_and_a_finding() {
    let good = every_kind();
    let mut lines: Vec<&str> = good.lines().collect();
    lines[5] = "{\"kind\":\"mess";
    lines.remove(10);
    let program = Program::new().file("a.jsonl", lines.join("\n") + "\n{\"kind\":\"end");
    let finished = run(&program, &["check", "a.jsonl"]);
    assert_eq!(finished.status, 1);
    insta::assert_snapshot!(finished.stdout, @r"
    a.jsonl: damaged: 14 messages in 3.10 s, 5 requests, 3 calls (1 failed)
      line 6 cannot be read: control character (\u0000-\u001F) found while parsing a string
      lines out of order or missing before: 1
      the last line is cut off: the recording was stopped by force
      requests without an answer: 1
      messages that are no JSON: 1
    ");
    let report = run(&program, &["check", "--format", "json", "a.jsonl"]).json();
    assert_eq!(report["files"][0]["damaged_lines"][0]["line"], 6);
}

#[test]
fn a_recording_that_was_stopped_by_force_is_not_damaged() {
    let good = every_kind();
    let torn = &good[..good.len() - 80];
    let program = Program::new().file("a.jsonl", torn);
    let finished = printed(&program, &["check", "a.jsonl"]);
    assert!(finished.contains("stopped by force"), "{finished}");
}

#[test]
fn what_an_end_speaks_of_has_to_be_there() {
    let good = every_kind();
    let lines: Vec<&str> =
        good.lines().filter(|line| !line.contains("\"n\":18,\"at_us\"")).collect();
    let program = Program::new().file("a.jsonl", lines.join("\n"));
    let finished = run(&program, &["check", "a.jsonl"]);
    assert_eq!(finished.status, 1);
    assert!(finished.stdout.contains("missing at the end: 1 lines"), "{}", finished.stdout);
}

#[test]
fn secrets_are_a_finding() {
    let good = every_kind();
    let with_secret = good.replace("P-9999", &secret());
    let program = Program::new().file("a.jsonl", with_secret);
    let finished = run(&program, &["check", "a.jsonl"]);
    assert_eq!(finished.status, 1);
    assert!(finished.stdout.contains("secrets at 1 places, in n 10\n"), "{}", finished.stdout);
    assert!(!finished.stdout.contains("ghp_"), "{}", finished.stdout);
    printed(&program, &["redact", "a.jsonl", "-o", "b.jsonl"]);
    printed(&program, &["check", "b.jsonl"]);
}
