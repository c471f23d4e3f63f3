//! The target grammar and the flags around it, seen from outside.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::program::{HttpServer, Program, example, git};

const TOOLS: &str = r#"{"tools": [{"name": "get_order", "inputSchema": {"type": "string"}}]}"#;

#[test]
fn a_surface_is_read_from_every_shape_of_file() {
    let shapes = [
        TOOLS.to_owned(),
        r#"[{"name": "get_order", "inputSchema": {"type": "string"}}]"#.to_owned(),
        format!(r#"{{"jsonrpc": "2.0", "id": 1, "result": {TOOLS}}}"#),
        r#"{"name": "get_order", "inputSchema": {"type": "string"}}"#.to_owned(),
        format!(r#"{{"format": "mcp-kit.contract/1", "surface": {TOOLS}}}"#),
        format!("\u{feff}{TOOLS}"),
    ];
    for shape in shapes {
        let program = Program::new().file("surface.json", &shape);
        let finished = program.run(&["lint", "--format", "json", "surface.json"]);
        assert_eq!(finished.status, 1, "{shape}\n{}", finished.stderr);
        assert!(finished.rules().contains(&"schema/root-not-object".to_owned()), "{shape}");
    }
}

#[test]
fn a_file_that_is_something_else_says_what_was_expected_and_found() {
    let cases = [
        ("{\"name\": \"app\", \"version\": \"1\"}", "found an object with the keys name, version"),
        ("[1, 2]", "found an array in which nothing has a name"),
        ("{}", "found an empty object"),
        ("3", "found a number"),
        ("{\"format\": \"mcp-kit.contract/9\"}", "a newer mcp-kit may read it"),
        ("", "expected a JSON value, found the end of the text"),
        ("{\"tools\": [", "line 1, column 12"),
        ("#!/bin/sh\nexec server\n", "expected a JSON value, found `#`"),
    ];
    for (text, expected) in cases {
        let program = Program::new().file("file.json", text);
        let finished = program.run(&["lint", "file.json"]);
        assert_eq!(finished.status, 2, "{text}");
        assert!(finished.stderr.contains(expected), "{text}\n{}", finished.stderr);
        assert!(finished.stderr.contains("= help:"), "{text}\n{}", finished.stderr);
    }
}

#[test]
fn standard_input_is_a_target() {
    let finished = Program::new().run_with_input(&["lint", "-"], TOOLS.as_bytes());
    assert_eq!(finished.status, 1, "{}", finished.stderr);
}

#[test]
fn a_revision_of_a_repository_is_a_target() {
    let program = Program::new().file("contract.json", TOOLS);
    std::fs::remove_dir(program.path(".git")).unwrap();
    let git = |arguments: &[&str]| git(&program.path(""), arguments);
    git(&["init", "-q"]);
    git(&["add", "contract.json"]);
    git(&["commit", "-q", "-m", "contract"]);
    std::fs::write(program.path("contract.json"), "changed since").unwrap();
    assert_eq!(program.run(&["lint", "git:HEAD:contract.json"]).status, 1);
    let missing = program.run(&["lint", "git:HEAD:nothing.json"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing.stderr.contains("cannot read HEAD:nothing.json from git"),
        "{}",
        missing.stderr
    );
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let cases: [&[&str]; 13] = [
        &["lint", "--select", "schema", "--ignore", "schema", "file.json"],
        &["lint", "--format", "json", "-o", "a", "--format", "text", "-o", "a", "file.json"],
        &["lint"],
        &["lint", "file.json", "--", "server"],
        &["lint", "file.json", "--era", "modern"],
        &["lint", "file.json", "-e", "A=b"],
        &["lint", "-H", "A: b", "--", "server"],
        &["lint", "--pass-env", "http://127.0.0.1:9/"],
        &["lint", "-q", "-v", "file.json"],
        &["lint", "--format", "json", "--format", "text", "file.json"],
        &["lint", "-o", "a", "-o", "b", "file.json"],
        &["lint", "--bearer-env", "T", "-H", "Authorization: x", "http://127.0.0.1:9/"],
        &["explain", "--list", "name/too-long"],
    ];
    let program = Program::new().env("T", "token").file("file.json", TOOLS);
    for arguments in cases {
        let finished = program.run(arguments);
        assert_eq!(finished.status, 2, "{arguments:?}\n{}{}", finished.stdout, finished.stderr);
    }
}

#[test]
fn a_server_gets_a_minimal_environment_and_what_it_is_given() {
    let program = Program::new().env("SECRET", "hunter2").env("SHARED", "yes");
    let show = |flags: &[&str]| {
        let mut arguments = vec!["lint"];
        arguments.extend(flags);
        arguments.extend(["--", "sh", "-c", "env >&2; exit 3"]);
        program.run(&arguments).stderr
    };
    let minimal = show(&[]);
    assert!(minimal.contains("HOME=") && !minimal.contains("hunter2"), "{minimal}");
    let given = show(&["-e", "SHARED", "-e", "OWN=value"]);
    assert!(given.contains("SHARED=yes") && given.contains("OWN=value"), "{given}");
    assert!(!given.contains("hunter2"), "{given}");
    assert!(show(&["--pass-env"]).contains("hunter2"));
}

#[test]
fn credentials_come_from_the_environment_or_a_file() {
    let server = HttpServer::start(&example("misbehave"), &["http", "auth-401-metadata"]);
    let refused = Program::new().run(&["lint", &server.url]);
    assert_eq!(refused.status, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("oauth-protected-resource"), "{}", refused.stderr);
    let program = Program::new()
        .env("TOKEN", "let-me-in")
        .file("headers", "Authorization: Bearer let-me-in\n");
    assert_eq!(program.run(&["lint", "--bearer-env", "TOKEN", &server.url]).status, 0);
    assert_eq!(program.run(&["lint", "-H", "@headers", &server.url]).status, 0);
}

/// Whether a process ends, which takes a moment after it was killed. Where nobody reaps orphans, a
/// dead process stays in the table as a zombie.
pub(crate) fn is_gone(id: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        if status.is_empty() || status.contains("State:\tZ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn nothing_is_left_running() {
    let program = Program::new();
    let misbehave = example("misbehave").display().to_string();
    let log = program.path("server.log").display().to_string();
    let arguments = ["lint", "--server-log", &log, "--", &misbehave, "stdio", "leaves-child"];
    let finished = program.run(&arguments);
    assert!(matches!(finished.status, 0 | 1), "{}", finished.stderr);
    let text = std::fs::read_to_string(&log).unwrap();
    // The server is started once to read its lists and once to ask it more.
    assert_eq!(text.lines().count(), 2, "{text}");
    for line in text.lines() {
        let id: String = line.chars().filter(char::is_ascii_digit).collect();
        assert!(is_gone(&id), "{id} is still running");
    }
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_run_and_the_server() {
    use std::io::{BufRead, BufReader};
    let program = Program::new();
    // The server says that it has started and then stays silent for ever.
    let script = "echo $$ >&2; echo started; exec cat > /dev/null";
    let arguments = ["lint", "--server-log", "server.log", "--", "sh", "-c", script];
    let fifo = program.path("server.log");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let child = program.command(&arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(std::fs::File::open(&fifo).unwrap()).read_line(&mut line).unwrap();
    let interrupted =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let finished = program.finish(child, &arguments);
    assert_eq!(finished.status, 130, "{}", finished.stderr);
    let server = line.trim();
    assert!(is_gone(server), "{server} is still running");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_not_a_success() {
    let program = Program::new().file("file.json", TOOLS);
    for arguments in [["snapshot", "file.json"], ["lint", "file.json"], ["explain", "--list"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let child = program.command(&arguments).stdout(full).spawn().unwrap();
        let finished = program.finish(child, &arguments);
        assert_eq!(finished.status, 2, "{arguments:?}");
        assert!(finished.stderr.contains("cannot write standard output"), "{}", finished.stderr);
    }
}

#[test]
fn a_reader_that_goes_away_is_not_an_error() {
    let program = Program::new().file("file.json", TOOLS);
    let arguments = ["lint", "--format", "json", "--fail-on", "error", "--ignore", "schema,desc"];
    let arguments = [&arguments[..], &["file.json"]].concat();
    let mut child = program.command(&arguments).spawn().unwrap();
    drop(child.stdout.take());
    let finished = program.finish(child, &arguments);
    assert_eq!((finished.status, finished.stderr.as_str()), (0, ""));
}

#[test]
fn secrets_in_an_address_or_a_command_are_not_repeated() {
    let url = "http://user:hunter2@127.0.0.1:9/mcp?api_key=s3cret";
    let config = format!(
        r#"{{"mcpServers": {{"far": {{"url": "{url}"}}, "near": {{"command": "nope", "args": ["--token=s3cret"]}}}}}}"#
    );
    let program = Program::new().file(".mcp.json", config);
    let runs: [&[&str]; 4] = [
        &["lint", url],
        &["lint", "--format", "json", url],
        &["servers"],
        &["lint", "--", "nope", "--api-key", "s3cret"],
    ];
    for arguments in runs {
        let finished = program.run(arguments);
        let shown = format!("{}{}", finished.stdout, finished.stderr);
        assert!(!shown.contains("hunter2") && !shown.contains("s3cret"), "{arguments:?}\n{shown}");
    }
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let program = Program::new().file("file.json", TOOLS);
    for flags in [
        ["--timeout", "0s"],
        ["--connect-timeout", "soon"],
        ["--max-bytes", "0"],
        ["--max-bytes", "9999GiB"],
        ["--max-pages", "0"],
    ] {
        let finished = program.run(&["lint", flags[0], flags[1], "file.json"]);
        assert_eq!(finished.status, 2, "{flags:?}\n{}", finished.stderr);
    }
    let finished = program.run(&["lint", "--max-bytes", "20", "file.json"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("raise --max-bytes"), "{}", finished.stderr);
}

#[test]
fn what_is_ours_is_not_blamed_on_the_server() {
    let cases: [(&[&str], &str); 3] = [
        (&["lint", "--cwd", "/no/such", "--", "sh"], "cannot use /no/such"),
        (&["lint", "--server-log", "/no/such/log", "--", "sh"], "cannot use /no/such/log"),
        (&["lint", "-H", "X-Name: a\u{7}b", "http://127.0.0.1:9/"], "header `X-Name`"),
    ];
    for (arguments, expected) in cases {
        let finished = Program::new().run(arguments);
        assert_eq!(finished.status, 2, "{arguments:?}\n{}", finished.stderr);
        assert!(finished.stderr.contains(expected), "{arguments:?}\n{}", finished.stderr);
    }
}
