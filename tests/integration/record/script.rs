//! Calls of our own.

use std::{fs, process::Command};

use super::session::{Studio, Tape};
use crate::program::example;

const SCRIPT: &str = r#"
[[call]]
tool = "find_books"
arguments = { words = "sea voyage", password = "correct horse battery" }
save = "found"

[[call]]
tool = "get_book"
arguments = { book_id = "${found#/books/0/book_id}" }

[[call]]
tool = "get_book"

[[call]]
tool = "no_such_tool"
"#;

fn play(studio: &Studio, target: &[&str], script: &str) -> (Option<i32>, String, String) {
    fs::write(studio.path("calls.toml"), script).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mcp-kit"))
        .args(["record", "-o", "a.jsonl", "--script", "calls.toml"])
        .args(target)
        .current_dir(studio.path(""))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn check(tape: &Tape) {
    let calls: Vec<&String> =
        tape.client.iter().filter(|text| text.contains("\"tools/call\"")).collect();
    assert_eq!(calls.len(), 4, "{calls:?}");
    assert!(calls[1].contains(r#""book_id":"b-17""#), "{}", calls[1]);
    assert!(tape.server.iter().any(|text| text.contains("unknown tool")));
    assert!(tape.has_end && !tape.text.contains("correct horse"), "{}", tape.text);
}

#[test]
fn calls_are_made_in_order_with_what_was_answered() {
    let misbehave = example("misbehave").display().to_string();
    for way in ["good", "modern-good"] {
        let studio = Studio::new();
        let (status, stdout, stderr) = play(&studio, &["--", &misbehave, "stdio", way], SCRIPT);
        assert_eq!(status, Some(0), "{stderr}");
        let lines: Vec<&str> = stdout.lines().collect();
        assert!(lines[1].starts_with("  2  get_book  ok  "), "{stdout}");
        assert!(lines[2].starts_with("  3  get_book  tool error  "), "{stdout}");
        assert!(
            lines[3].starts_with("  4  no_such_tool  protocol error: unknown tool"),
            "{stdout}"
        );
        check(&studio.tape());
    }
}

#[test]
#[cfg(feature = "http")]
fn calls_are_made_behind_a_url() {
    for way in ["good", "modern-sse-good"] {
        let server = crate::program::HttpServer::start(&example("misbehave"), &["http", way]);
        let studio = Studio::new();
        let (status, _, stderr) = play(&studio, &[&server.url], SCRIPT);
        assert_eq!(status, Some(0), "{way}: {stderr}");
        let tape = studio.tape();
        check(&tape);
        assert!(tape.text.contains(r#""mcp-protocol-version""#), "{}", tape.text);
    }
}

#[test]
fn a_script_that_cannot_be_carried_out_is_refused_before_a_server_starts() {
    let studio = Studio::new();
    let script = "[[call]]\ntool = \"a\"\narguments = { id = \"${x#/id}\" }\n";
    let (status, _, stderr) = play(&studio, &["--", "touch", "started"], script);
    assert_eq!(status, Some(2));
    assert!(stderr.contains("call 1, of `a`: no call before it is saved as `x`"), "{stderr}");
    assert!(!studio.path("started").exists());
}
