//! The file: its name, who may read it, its parts.

use std::{fs, os::unix::fs::PermissionsExt};

use super::session::{Studio, Tape};

#[test]
fn a_recording_belongs_to_its_owner_and_says_what_it_is() {
    let studio = Studio::new();
    studio.start(&[], &["sh", "-c", "cat", "--token=hunter2x"]).end();
    let mode = fs::metadata(studio.path("a.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let header = studio.tape().header;
    assert_eq!(header.server.as_deref(), Some("sh -c cat --token=…"));
    assert_eq!((header.redaction, header.id.len()), (Some(1), 32));
    assert!(header.started.is_some_and(|started| started.ends_with('Z')));
}

#[test]
fn nothing_is_written_over() {
    let studio = Studio::new();
    fs::write(studio.path("a.jsonl"), "mine\n").unwrap();
    let ended = studio.start(&[], &["true"]).end();
    assert!(ended.stderr.contains("a.jsonl is there already; recording to "), "{}", ended.stderr);
    studio.start(&[], &["true"]).end();
    assert_eq!(fs::read_to_string(studio.path("a.jsonl")).unwrap(), "mine\n");
    let ids = ["a-2.jsonl", "a-3.jsonl"].map(|name| Tape::read(&studio.path(name)).header.id);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_file_that_cannot_be_made_is_said_before_a_server_starts() {
    let studio = Studio::new();
    fs::write(studio.path("a.jsonl"), "").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-kit"));
    command.args(["record", "-o", "no/such/folder/a.jsonl", "--", "touch", "started"]);
    let ended = super::session::Session::start(command.current_dir(studio.path(""))).end();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot create no/such/folder/a.jsonl"), "{}", ended.stderr);
    assert!(!studio.path("started").exists());
}

#[test]
fn a_recording_goes_on_in_another_file() {
    let studio = Studio::new();
    let mut session = studio.start(&["--rotate", "4KiB"], &["cat"]);
    let lines: Vec<String> =
        (0..40).map(|number| format!("{{\"n\":{number},\"p\":\"{}\"}}", "x".repeat(300))).collect();
    session.send((lines.join("\n") + "\n").as_bytes());
    session.end();
    let mut client = Vec::new();
    let mut parts = 0;
    let mut id = None;
    loop {
        parts += 1;
        let name = if parts == 1 { "a.jsonl".to_owned() } else { format!("a-part{parts}.jsonl") };
        if !studio.path(&name).exists() {
            break;
        }
        let size = fs::metadata(studio.path(&name)).unwrap().len();
        let mode = fs::metadata(studio.path(&name)).unwrap().permissions().mode();
        // The line that says that it goes on comes on top.
        assert!(size <= 4096 + 64 && mode & 0o777 == 0o600, "{name}: {size}");
        let tape = Tape::read(&studio.path(&name));
        assert_eq!((tape.header.part, tape.has_end), (parts, true));
        assert_eq!(*id.get_or_insert(tape.header.id.clone()), tape.header.id);
        client.extend(tape.client);
    }
    assert!(parts > 5);
    assert_eq!(client, lines);
}

#[test]
fn standard_error_is_kept_where_that_is_asked_for() {
    let studio = Studio::new();
    let script = "echo one >&2; printf 'password=n0t4W0rd' >&2";
    let ended = studio.start(&["--keep-stderr"], &["sh", "-c", script]).end();
    assert_eq!(ended.stderr, "one\npassword=n0t4W0rd");
    let tape = studio.tape();
    let lines: Vec<&str> =
        tape.events("stderr").iter().map(|data| data["text"].as_str().unwrap()).collect();
    assert_eq!(lines[0], "one");
    assert!(lines[1].starts_with("password=«redacted:"), "{lines:?}");
}

#[test]
fn lines_are_of_the_published_schema() {
    let studio = Studio::new();
    let mut session = studio.start(&["--keep-stderr"], &["sh", "-c", "cat; echo no >&2"]);
    session.send(b"{\"a\":1}\nno JSON\n");
    session.end();
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-kit"))
        .args(["schema", "cassette"])
        .output()
        .unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let text = studio.tape().text;
    assert!(text.lines().count() >= 7, "{text}");
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
    }
    for wrong in [r#"{"kind":"message","n":1,"from":"client"}"#, r#"{"kind":"header"}"#] {
        assert!(!validator.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}
