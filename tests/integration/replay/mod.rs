//! `mcp-kit replay`: recorded calls put to a server again.

mod catalogue;
mod compared;
#[cfg(feature = "serve")]
mod matrix;
mod mock;
mod planned;
mod report;
#[cfg(feature = "serve")]
mod sound;

use crate::program::{Program, example, repository};

/// The session with the connector that is recorded in the fixtures.
fn cassette() -> String {
    repository("src/serve/connector/crm/recording.jsonl").display().to_string()
}

/// A server on stdio whose tools nobody has to be careful with.
fn server() -> [String; 3] {
    ["--".to_owned(), example("rmcp_server").display().to_string(), "stdio".to_owned()]
}

#[test]
fn a_call_that_means_nothing_says_what_to_write() {
    let program = Program::new().file("empty.jsonl", "").file(
        "later.jsonl",
        "{\"kind\":\"header\",\"format\":\"mcp-kit.cassette/9\",\"id\":\"0\"}\n",
    );
    let [dashes, command, stdio] = server();
    for (arguments, said) in [
        (vec!["replay"], "no target given"),
        (vec!["replay", "empty.jsonl"], "which server is `empty.jsonl` to be put to?"),
        (vec!["replay", "nowhere.jsonl", &dashes, &command, &stdio], "cannot read nowhere.jsonl"),
        (vec!["replay", "empty.jsonl", &dashes, &command, &stdio], "it is no cassette"),
        (vec!["replay", "later.jsonl", &dashes, &command, &stdio], "help: update mcp-kit"),
        (vec!["replay", "--only", "everything", &dashes, &command, &stdio], "there is no question"),
        (vec!["replay", "--observe", "add", &dashes, &command, &stdio], "TOOL=rows:TABLE:FILE"),
        (vec!["replay", "--seed", "xyz", &dashes, &command, &stdio], "hexadecimal"),
    ] {
        let run = program.run(&arguments);
        assert_eq!(run.status, 2, "{arguments:?}\n{}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?}\n{}", run.stderr);
    }
    let run = program.run(&["replay", "--", "/nowhere/at/all"]);
    assert_eq!(run.status, 4, "{}", run.stderr);
}

#[test]
fn a_recording_that_was_broken_off_is_read_and_its_damage_named() {
    let text = std::fs::read_to_string(cassette()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "{\"kind\":\"mess";
    let torn = lines.join("\n");
    let program = Program::new().file("torn.jsonl", &torn[..torn.len() - 10]);
    let [dashes, command, stdio] = server();
    let run = program.run(&["replay", "torn.jsonl", "--format", "json", &dashes, &command, &stdio]);
    assert!(run.stderr.contains("torn.jsonl:3: the line cannot be read"), "{}", run.stderr);
    let last = format!("torn.jsonl:{}: the line is torn", lines.len());
    assert!(run.stderr.contains(&last), "{}", run.stderr);
    assert_eq!(run.json()["format"], "mcp-kit.replay/1");
}
