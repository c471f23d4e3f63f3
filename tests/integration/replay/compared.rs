//! `--compare`: recorded calls made again, and their answers held to the recorded ones.

use std::fs;

use serde_json::Value;

use crate::program::{Finished, Program, example};

/// A session with the diary: an entry is written, read and listed.
const SESSION: &str = r#"
[[call]]
tool = "list_entries"
[[call]]
tool = "add_entry"
arguments = { text = "dear diary", password = "hunter2-correct-horse", idempotency_key = "key-of-the-session" }
save = "added"
[[call]]
tool = "get_entry"
arguments = { entry_id = "${added#/id}" }
[[call]]
tool = "list_entries"
"#;

/// What brings the diary back to where it began.
pub(super) const RESET: &str =
    "[replay]\nsettle = \"10ms\"\n[replay.reset]\ncommand = \"rm -f diary\"\n";

/// A program with the recording of a session in `session.jsonl`, and the diary empty again.
pub(super) fn recorded(project: &str) -> Program {
    let program = Program::new().file("calls.toml", SESSION);
    let diary = diary(&program, "");
    let mut arguments = vec!["record", "-o", "session.jsonl", "--script", "calls.toml", "--"];
    arguments.extend(diary.iter().map(String::as_str));
    let run = program.run(&arguments);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    fs::remove_file(program.path("diary")).unwrap();
    match project {
        "" => program,
        _ => program.file("mcp-kit.toml", project),
    }
}

pub(super) fn diary(program: &Program, bug: &str) -> Vec<String> {
    let file = program.path("diary").display().to_string();
    vec![example("misbehave").display().to_string(), "diary".to_owned(), file, bug.to_owned()]
}

/// Replays the session against a diary.
pub(super) fn replay(program: &Program, options: &[&str], bug: &str) -> Finished {
    let diary = diary(program, bug);
    let mut arguments = vec!["replay", "session.jsonl"];
    arguments.extend(options);
    arguments.push("--");
    arguments.extend(diary.iter().map(String::as_str));
    program.run(&arguments)
}

const SECRET: [&str; 2] = ["--secret", "secret=DIARY_PASSWORD"];

fn with_password(program: Program) -> Program {
    program.env("DIARY_PASSWORD", "hunter2-correct-horse")
}

/// A comparison with a reset, at a level.
fn compared(bug: &str, level: &str) -> (i32, Vec<(String, String)>, Value) {
    let program = with_password(recorded(RESET));
    let run = replay(
        &program,
        &["--compare", level, "--trust", "--format", "json", SECRET[0], SECRET[1]],
        bug,
    );
    let report = run.json();
    let outcomes = report["tools"].as_array().unwrap().iter().map(|tool| {
        let verdict = &tool["verdicts"][0];
        assert_eq!(verdict["rule"], "replay/answer-differs");
        (text(&tool["tool"]), text(&verdict["outcome"]))
    });
    assert!(!program.path("diary").exists(), "what was written is gone");
    assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"));
    (run.status, outcomes.collect(), report.clone())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn outcomes(of: [&str; 3]) -> Vec<(String, String)> {
    let tools = ["add_entry", "get_entry", "list_entries"].map(str::to_owned);
    tools.into_iter().zip(of.map(str::to_owned)).collect()
}

#[test]
fn the_same_server_answers_the_same_under_other_names() {
    for level in ["shape", "value", "exact"] {
        let (status, found, report) = compared("", level);
        assert_eq!((status, found), (0, outcomes(["passed"; 3])), "{level}: {report:#}");
        let noise = report["tools"][2]["verdicts"][0]["history"].to_string();
        let learns = noise.contains("learned as noise: /structuredContent/answer");
        assert_eq!(learns, level != "shape", "{level}: {noise}");
    }
}

#[test]
fn what_is_answered_otherwise_is_found_with_its_line_and_place() {
    for (bug, level, said) in [
        ("renames", "shape", ": /structuredContent/text is missing"),
        ("shouts", "value", "is \"DEAR DIARY\" instead of \"dear diary\""),
        ("shouts", "exact", "/structuredContent/text is"),
        ("lies", "shape", "/structuredContent/text is a list instead of a text"),
        ("lies", "shape", "is not what the output schema says"),
        ("forgets", "shape", "the server lists no such tool"),
    ] {
        let (status, found, report) = compared(bug, level);
        let failed = found.iter().filter(|(_, outcome)| outcome == "failed");
        let failed: Vec<&str> = failed.map(|(tool, _)| tool.as_str()).collect();
        assert_eq!((status, failed), (1, vec!["get_entry"]), "{bug}: {report:#}");
        assert!(report.to_string().replace("\\\"", "\"").contains(said), "{bug}: {report:#}");
    }
    let (status, found, report) = compared("shouts", "shape");
    assert_eq!((status, found), (0, outcomes(["passed"; 3])), "{report:#}");
}

#[test]
fn the_command_of_a_finding_finds_it_again() {
    let program = with_password(recorded(RESET));
    let options = ["--compare", "shape", "--trust", "--format", "json", SECRET[0], SECRET[1]];
    let report = replay(&program, &options, "renames").json();
    let failed = report["tools"].as_array().unwrap().iter().find(|it| it["tool"] == "get_entry");
    let again = text(&failed.unwrap()["verdicts"][0]["again"]);
    let again = again.replace("[FOLDER]", &program.path("").display().to_string());
    let again = again.replace("[MISBEHAVE]", &example("misbehave").display().to_string());
    let words = again.split(' ').filter(|word| *word != "mcp-kit");
    let words: Vec<&str> = words.map(|word| word.trim_matches('\'')).collect();
    let words = [&words[..1], &["--trust"], &words[1..]].concat();
    let run = program.run(&words);
    assert_eq!(run.status, 1, "{words:?}\n{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("/structuredContent/text is missing"), "{}", run.stdout);
    assert!(!run.stdout.contains("list_entries"), "{}", run.stdout);
}

#[test]
fn without_a_word_about_writes_nothing_is_written() {
    let program = recorded("");
    let run = replay(&program, &["--compare", "value", "--format", "json"], "");
    assert!(!program.path("diary").exists());
    let report = run.json();
    let of = |index: usize| text(&report["tools"][index]["verdicts"][0]["outcome"]);
    // What is read after the write is not known, and what it made cannot be read.
    assert_eq!([of(0), of(1), of(2)], ["skipped", "skipped", "inconclusive"], "{report:#}");
    let reason = text(&report["tools"][1]["verdicts"][0]["reason"]);
    assert!(reason.contains("/entry_id is the value of a call that was not made"), "{reason}");
}

#[test]
fn a_call_with_a_secret_is_left_out_until_somebody_has_it() {
    let program = with_password(recorded(""));
    let tape = fs::read_to_string(program.path("session.jsonl")).unwrap();
    assert!(!tape.contains("hunter2"), "{tape}");
    let options = ["--compare", "shape", "--allow-writes", "--format", "json"];
    let run = replay(&program, &options, "");
    let reason = text(&run.json()["tools"][0]["verdicts"][0]["reason"]);
    assert!(reason.contains("its arguments hold «redacted:"), "{reason}");
    assert!(!program.path("diary").exists());
    let run = replay(&program, &[options.as_slice(), &SECRET].concat(), "");
    assert_eq!(
        (run.status, run.json()["summary"]["passed"].as_u64()),
        (0, Some(3)),
        "{}",
        run.stdout
    );
    let written = fs::read_to_string(program.path("diary")).unwrap();
    assert!(written.contains("hunter2-correct-horse"), "{written}");
    assert!(!written.contains("key-of-the-session"), "the key is another one: {written}");
    assert_eq!(written.lines().count(), 1, "writes are made once: {written}");
}

#[test]
fn an_update_is_a_recording_of_now() {
    let program = with_password(recorded(RESET));
    let options =
        ["--compare", "value", "--trust", "--update", "renewed.jsonl", SECRET[0], SECRET[1]];
    let run = replay(&program, &options, "shouts");
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let renewed = fs::read_to_string(program.path("renewed.jsonl")).unwrap();
    assert!(renewed.contains("DEAR DIARY") && !renewed.contains("hunter2"), "{renewed}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(program.path("renewed.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let check = program.run(&["cassette", "check", "renewed.jsonl"]);
    assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
    // It has what was sent now: the links are there, and the server that was asked passes.
    let shown = program.run(&["replay", "renewed.jsonl", "--show-bindings"]);
    assert!(shown.stdout.contains("add_entry /id"), "{}", shown.stdout);
    let shouting = diary(&program, "shouts");
    let mut arguments = vec!["replay", "renewed.jsonl", "--compare", "value", "--trust"];
    arguments.extend(SECRET);
    arguments.push("--");
    arguments.extend(shouting.iter().map(String::as_str));
    let run = program.run(&arguments);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_recording_is_written_over_only_where_that_is_said() {
    let program = recorded("");
    let before = fs::read(program.path("session.jsonl")).unwrap();
    let options = ["--compare", "shape", "--update", "./session.jsonl"];
    let run = replay(&program, &options, "");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--in-place"), "{}", run.stderr);
    assert_eq!(fs::read(program.path("session.jsonl")).unwrap(), before);
    let run = replay(&program, &[options.as_slice(), &["--in-place"]].concat(), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_ne!(fs::read(program.path("session.jsonl")).unwrap(), before);
}

#[test]
fn a_server_that_ends_by_itself_is_started_again_only_where_that_is_said() {
    let program = with_password(recorded(RESET));
    let options = ["--compare", "shape", "--trust", "--format", "json", SECRET[0], SECRET[1]];
    let run = replay(&program, &options, "dies");
    assert_eq!(run.status, 1, "{}", run.stdout);
    let reason = text(&run.json()["tools"][2]["verdicts"][0]["reason"]);
    assert!(reason.contains("by itself, while `get_entry` was called"), "{reason}");
    let run = replay(&program, &[options.as_slice(), &["--restart"]].concat(), "dies");
    let report = run.json();
    let of = |index: usize| text(&report["tools"][index]["verdicts"][0]["outcome"]);
    assert_eq!([of(0), of(1), of(2)], ["passed", "failed", "passed"], "{report:#}");
    assert!(run.stderr.contains("ended 2 times by itself while `get_entry`"), "{}", run.stderr);
}
