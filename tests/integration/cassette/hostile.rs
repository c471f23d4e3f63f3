//! Files that are no cassettes, and cassettes that want to do harm.

use super::{every_kind, run};
use crate::program::Program;

const COMMANDS: [&[&str]; 6] = [
    &["show"],
    &["show", "--messages"],
    &["check"],
    &["cut", "--calls", "1"],
    &["merge"],
    &["redact"],
];

#[test]
fn what_is_no_cassette_is_refused_with_advice() {
    let program = Program::new()
        .file("empty", "")
        .file("text", "hello\n")
        .file("nul", [0_u8; 4_096])
        .file("other", "{\"ts\":1,\"dir\":\"client->server\",\"msg\":{}}\n")
        .file("long", "[".repeat(3 << 20))
        .file("folder/file", "");
    for command in COMMANDS {
        for file in ["empty", "text", "nul", "other", "long", "folder", "missing"] {
            let refused = run(&program, &[command, &[file]].concat());
            assert_eq!(refused.status, 2, "{command:?} {file}: {}", refused.stderr);
            assert_eq!(refused.stdout, "", "{command:?} {file}");
            let is_read = !matches!(file, "folder" | "missing");
            assert_eq!(refused.stderr.contains("cassette import"), is_read, "{}", refused.stderr);
        }
    }
}

#[test]
fn a_newer_version_is_refused_with_advice() {
    let later = every_kind().replace("mcp-kit.cassette/1", "mcp-kit.cassette/2");
    let program = Program::new().file("a.jsonl", later);
    for command in COMMANDS {
        let refused = run(&program, &[command, &["a.jsonl"]].concat());
        assert_eq!(refused.status, 2);
        assert!(refused.stderr.contains("a later version of mcp-kit"), "{}", refused.stderr);
    }
}

#[test]
fn a_failure_is_json_for_whoever_asks_for_json() {
    let program = Program::new().file("a.jsonl", "");
    let refused = run(&program, &["show", "--format", "json", "a.jsonl"]);
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!(error["error"]["code"], 2);
}

#[test]
fn hostile_lines_are_named_or_escaped() {
    let header = every_kind().lines().next().unwrap().to_owned();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let message = |n: u64, json: &str| {
        format!("{{\"kind\":\"message\",\"n\":{n},\"from\":\"client\",\"message\":{json}}}")
    };
    let tool =
        r#"{"id":1,"method":"tools/call","params":{"name":"a\u001b[31mb\u202e","arguments":3}}"#;
    let lines = [
        header,
        message(1, &deep),
        message(2, &format!("{{\"id\":{deep},\"method\":\"a\"}}")),
        message(3, tool),
        message(4, "\"\u{0}\""),
        format!(
            "{{\"kind\":\"message\",\"n\":5,\"from\":\"client\",\"text\":\"{}\"}}",
            "\\u0000".repeat(9)
        ),
        "{\"kind\":\"event\",\"n\":6,\"event\":\"\u{9b}x\"}".to_owned(),
        "x".repeat(4 << 20),
        "\u{feff}{}".to_owned(),
        message(18_446_744_073_709_551_615, "{}"),
        "{\"kind\":\"end\",\"n\":18446744073709551615}".to_owned(),
    ];
    let program = Program::new().file("a.jsonl", lines.join("\n"));
    for command in COMMANDS {
        let finished = run(&program, &[command, &["a.jsonl"]].concat());
        assert!([0, 1].contains(&finished.status), "{command:?}: {}", finished.stderr);
        let shown =
            if command[0] == "show" || command[0] == "check" { &finished.stdout } else { "" };
        for text in [shown, &finished.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{0}']), "{command:?}");
        }
    }
}

#[test]
fn hostile_files_are_no_imports() {
    let program = Program::new()
        .file("empty", "")
        .file("nul", [0_u8; 4_096])
        .file("latin", b"{\"ts\":1,\"dir\":\"client->server\",\"msg\":\"\xe4\"}\n".as_slice())
        .file("deep", "{\"data\":".repeat(50_000))
        .file("yaml", "messages: &a [*a]\nserver_command: [x]\n")
        .file("bomb", bomb())
        .file("har", "{\"log\":{\"entries\":[1,{\"request\":7}]}}")
        .file("folder/file", "");
    for file in ["empty", "nul", "latin", "deep", "yaml", "bomb", "har", "folder", "missing"] {
        for from in [&[][..], &["--from", "har"], &["--from", "mcp-rec"], &["--from", "mcp-vcr"]] {
            let refused = run(&program, &[&["import", file, "-o", "out.jsonl"], from].concat());
            assert_eq!(refused.status, 2, "{file} {from:?}: {}", refused.stderr);
            assert!(!program.path("out.jsonl").exists());
        }
    }
}

#[test]
fn a_cassette_is_not_imported_again() {
    let program = Program::new().file("a.jsonl", every_kind());
    let refused = run(&program, &["import", "a.jsonl"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("is a cassette already"), "{}", refused.stderr);
    assert_eq!(run(&program, &["merge", "a.jsonl", "-"]).status, 2);
}

/// Aliases of aliases, which would fill the memory.
fn bomb() -> String {
    let mut text = "server_command: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let under = vec![format!("*a{}", level - 1); 8].join(", ");
        text += &format!("a{level}: &a{level} [{under}]\n");
    }
    text + "messages: [*a29]\n"
}
