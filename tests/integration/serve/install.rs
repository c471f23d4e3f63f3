//! `serve crm --install CLIENT`: the entry does what was asked for, and all else in the file stays.

use serde_json::Value;

use crate::program::{Finished, Program};

const ME: &str = "tenant = \"acme\"\nsubject = \"me\"\n";

fn install(program: &Program, options: &[&str]) -> Finished {
    program.run(&[&["serve", "crm", "--install", "claude-code", "--yes"], options].concat())
}

/// The arguments of the entry.
fn entry(program: &Program) -> Vec<String> {
    let text = std::fs::read_to_string(program.path(".mcp.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let arguments = file["mcpServers"]["crm"]["args"].as_array().unwrap().iter();
    let folder = program.path("").canonicalize().unwrap().display().to_string();
    arguments.map(|it| it.as_str().unwrap().replace(&folder, "[FOLDER]")).collect()
}

#[test]
fn what_was_asked_for_stands_in_the_entry() {
    let policy = "@id(\"all\") permit (principal, action, resource);";
    let new = || Program::new().file("me.toml", ME).file("rules/all.cedar", policy);
    for (options, expected) in [
        (&[][..], &[][..]),
        (&["--demo", "--as", "bob"], &["--demo", "--as", "bob"]),
        (&["--throwaway"], &["--throwaway"]),
        (&["--demo", "--store", "data"], &["--demo", "--store", "[FOLDER]/data"]),
        (
            &["--identity", "me.toml", "--store", "data", "--policy", "rules"],
            &[
                "--store", "[FOLDER]/data", "--identity", "[FOLDER]/me.toml", "--policy",
                "[FOLDER]/rules",
            ],
        ),
        (
            &["--identity", "me.toml", "--store", "postgres://crm@db.test/crm"],
            &["--store", "postgres://crm@db.test/crm", "--identity", "[FOLDER]/me.toml"],
        ),
    ] {
        let program = new();
        let finished = install(&program, options);
        assert_eq!(finished.status, 0, "{options:?}: {}", finished.stderr);
        assert_eq!(entry(&program), [&["serve", "crm", "--stdio"], expected].concat());
    }
    // A client does not have the variables of this shell.
    let program = new().env("MCP_KIT_STORE", "data");
    assert_eq!(install(&program, &["--demo"]).status, 0);
    assert_eq!(entry(&program)[3..], ["--demo", "--store", "[FOLDER]/data"]);
}

#[test]
fn what_makes_no_sense_in_the_entry_is_refused() {
    for (options, words) in [
        (&["--http", "127.0.0.1:1"][..], "--http"),
        (&["--require-token"], "--require-token"),
        (&["--origin", "https://app.example.com"], "--origin"),
        (&["--issuer", "https://a.example.com", "--jwks", "k", "--resource", "r"], "--issuer"),
        (&["--stdio"], "--stdio"),
        (&["--as", "mallory"], "no user `mallory`"),
        (&["--store", "data"], "who may use this store is not said"),
        (&["--identity", "none.toml"], "none.toml"),
        (&["--policy", "none"], "none"),
        (&["--demo", "--store", "postgres://crm:s3cret@db.test/crm"], "the password"),
    ] {
        let program = Program::new();
        let finished = install(&program, options);
        assert_eq!(finished.status, 2, "{options:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(words), "{options:?}: {}", finished.stderr);
        assert!(!finished.stderr.contains("s3cret"), "{}", finished.stderr);
        assert!(!program.path(".mcp.json").exists(), "{options:?}");
    }
}

#[test]
fn a_file_that_is_no_text_is_left_alone() {
    let broken = b"{\"x\": \"\xff\"}\n";
    let program = Program::new().file(".mcp.json", broken);
    let finished = install(&program, &[]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    assert!(finished.stderr.contains("byte 7 of the file is not UTF-8"), "{}", finished.stderr);
    assert_eq!(std::fs::read(program.path(".mcp.json")).unwrap(), broken);
}

#[test]
fn the_bytes_around_the_entry_stay() {
    let before =
        "\u{feff}{\r\n  \"mcpServers\": {\r\n    \"a\": {\"command\": \"a\"} // note a\r\n  }\r\n}";
    let program = Program::new().file(".mcp.json", before);
    let finished = install(&program, &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let after = std::fs::read_to_string(program.path(".mcp.json")).unwrap();
    let (head, tail) = before.split_once(" // note a").unwrap();
    assert!(after.starts_with(&format!("{head}, // note a\r\n    \"crm\": ")), "{after:?}");
    assert!(after.ends_with(tail), "{after:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_named() {
    let program = Program::new();
    let path = program.path(".mcp.json");
    std::os::unix::fs::symlink("nowhere.json", &path).unwrap();
    let finished = install(&program, &[]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    assert!(finished.stderr.contains("is a link that leads nowhere"), "{}", finished.stderr);
    assert!(!program.path("nowhere.json").exists());

    std::fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let finished = install(&program, &[]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    assert!(finished.stderr.contains("is no regular file"), "{}", finished.stderr);
}
