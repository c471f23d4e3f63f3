//! What a project says about replays: `[replay]` of `mcp-kit.toml`, links, and the reset.

use std::fs;

use super::compared::{RESET, recorded, replay};

#[test]
fn links_are_shown_and_set_right() {
    let program = recorded("");
    let shown = program.run(&["replay", "session.jsonl", "--show-bindings"]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    let line = shown.stdout.trim();
    assert!(line.contains(" add_entry /id → line "), "{line}");
    assert!(line.contains(" get_entry /entry_id  \"entry-"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    let none = program
        .run(&["replay", "session.jsonl", "--show-bindings", "--no-bind", "get_entry#/entry_id"]);
    assert_eq!(none.stdout, "", "{}", none.stdout);
    assert!(none.stderr.contains("no call uses what another one has answered"), "{}", none.stderr);
    let given = program.run(&[
        "replay",
        "session.jsonl",
        "--show-bindings",
        "--bind",
        "add_entry#/text=get_entry#/entry_id",
    ]);
    assert!(given.stdout.contains("add_entry /text → "), "{}", given.stdout);
    assert!(given.stdout.contains("\"dear diary\"  (given)"), "{}", given.stdout);
    let wrong =
        program.run(&["replay", "session.jsonl", "--show-bindings", "--no-bind", "entry_id"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("TOOL#/pointer"), "{}", wrong.stderr);
}

#[test]
fn a_project_has_its_links_and_options() {
    let project = "[[replay.binding]]\nnever = \"get_entry#\"\n";
    let program = recorded(project);
    let shown = program.run(&["replay", "session.jsonl", "--show-bindings"]);
    assert_eq!(shown.stdout, "", "{}", shown.stdout);
    let shown = program.run(&["replay", "session.jsonl", "--show-bindings", "--isolated"]);
    assert!(shown.stdout.contains("get_entry"), "{}", shown.stdout);
    // An entry that is not named anew is not found, which is another answer than the recorded one.
    let run = replay(&program, &["--compare", "shape", "--allow-writes"], "");
    assert_eq!(run.status, 1, "{}", run.stdout);
    assert!(run.stdout.contains("/isError is true instead of false"), "{}", run.stdout);
    let values = program.run(&["config", "show"]);
    assert!(
        values.stdout.contains("replay.binding = [{\"never\":\"get_entry#\"}]"),
        "{}",
        values.stdout
    );
}

#[test]
fn a_command_of_a_project_runs_only_when_it_is_trusted() {
    let program = recorded("[replay.reset]\ncommand = \"touch was-run\"\n");
    let run = replay(&program, &["--compare", "shape"], "");
    assert_eq!(run.status, 2, "{}", run.stdout);
    assert!(run.stderr.contains("is not trusted yet"), "{}", run.stderr);
    assert!(run.stderr.contains("reset.command = touch was-run"), "{}", run.stderr);
    assert!(!program.path("was-run").exists() && !program.path("diary").exists());
    let run = replay(&program, &["--compare", "shape", "--isolated"], "");
    assert!(!run.stderr.contains("trusted"), "{}", run.stderr);
    assert!(!program.path("was-run").exists());
}

#[test]
fn a_reset_that_does_not_reset_is_refused() {
    for (command, said) in [
        ("true", "does not take back what `add_entry` has written"),
        ("false", "`false` ended with"),
        ("/nowhere/at/all", "did not start"),
    ] {
        let program = recorded(&RESET.replace("rm -f diary", command));
        for questions in [&["--compare", "shape"][..], &["--only", "duplicate-effect"]] {
            let run = replay(&program, &[questions, &["--trust"]].concat(), "");
            assert_eq!(run.status, 2, "{command}: {}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains(said), "{command}: {}", run.stderr);
        }
        // One entry for each of the two runs, by which the reset was put to the test.
        let entries = fs::read_to_string(program.path("diary")).unwrap_or_default();
        assert!(entries.lines().count() <= 2, "{entries}");
    }
}

#[test]
fn a_declared_reset_allows_writes_and_takes_them_back() {
    let program =
        recorded(&format!("{RESET}[[replay.observe]]\ntool = \"add_entry\"\nlines = \"diary\"\n"));
    fs::write(program.path("diary"), "").unwrap();
    let options =
        ["--trust", "--format", "json", "--tool", "add_entry", "--only", "duplicate-effect"];
    let run = replay(&program, &options, "");
    let report = run.json();
    let tool = &report["tools"][0];
    assert!(tool["counted_by"].as_str().is_some_and(|it| it.contains("lines of")), "{report:#}");
    let mut verdicts = tool["verdicts"].as_array().unwrap().iter();
    let verdict = verdicts.find(|it| it["rule"] == "replay/duplicate-effect").unwrap();
    assert_eq!(verdict["outcome"], "failed", "keys mean nothing to it: {report:#}");
    assert!(!program.path("diary").exists(), "what was written is gone");
}
