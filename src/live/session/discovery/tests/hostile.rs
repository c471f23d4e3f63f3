//! Files that are broken, or written to break a reader.

use super::*;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(World::new().with("project/.mcp.json", text).show(), expected);
}

#[test]
fn a_broken_file_does_not_hide_the_others() {
    let world = World::new()
        .with("project/.mcp.json", "{\"mcpServers\": {\n  \"a\": }")
        .with("project/mcp.json", "\u{0}\u{1}")
        .with("project/mcp-kit.toml", "[servers\n")
        .with(".config/goose/config.yaml", "extensions: [a\n")
        .with(".cursor/mcp.json", r#"{"mcpServers": {"crm": {"command": "x"}}}"#);
    let lines = world.show();
    assert_eq!(lines[0], "crm ~/.cursor/mcp.json:1:17 Cursor user: x");
    assert!(lines[1].starts_with("~/project/mcp-kit.toml:1:"), "{lines:?}");
    assert_eq!(lines[2], "~/project/.mcp.json:2:8: expected a JSON value, found `}`");
    assert_eq!(lines[3], "~/project/mcp.json:1:1: expected a JSON value, found `\\0`");
    assert!(lines[4].starts_with("~/.config/goose/config.yaml:"), "{lines:?}");
    let error = world.discover().find(Some("jira")).unwrap_err();
    assert!(error.help().starts_with("it may stand in a file that could not be read"));
}

#[test]
fn wrong_types_everywhere() {
    let start = "~/project/.mcp.json";
    for (text, expected) in [
        ("[]", "1:1: the file holds a list, not a table"),
        (r#"{"mcpServers": []}"#, "1:16: `mcpServers` is a list, not a table of servers"),
        (r#"{"mcpServers": {"a": 1}}"#, "1:22: server `a`: it is a number, not a table"),
        (r#"{"mcpServers": {"a": {}}}"#, "1:22: server `a`: neither `command` nor `url` is given"),
        (
            r#"{"mcpServers": {"a": {"command": ["x"]}}}"#,
            "1:34: server `a`: `command` is a list, not a string",
        ),
        (
            r#"{"mcpServers": {"a": {"command": "x", "args": "y"}}}"#,
            "1:47: server `a`: `args` is a string, not a list of strings",
        ),
        (
            r#"{"mcpServers": {"a": {"command": "x", "args": ["y", 1]}}}"#,
            "1:53: server `a`: `args[1]` is a number, not a string",
        ),
        (
            r#"{"mcpServers": {"a": {"command": "x", "env": {"K": {}}}}}"#,
            "1:52: server `a`: `env.K` is a table, not a string",
        ),
        (
            r#"{"mcpServers": {"a": {"url": "x", "headers": [1]}}}"#,
            "1:46: server `a`: `headers` is a list, not a table of strings",
        ),
        (
            r#"{"mcpServers": {"a": {"command": "x", "disabled": "no"}}}"#,
            "1:51: server `a`: `disabled` is a string, not a boolean",
        ),
        (
            r#"{"mcpServers": {"a": {"url": "x", "type": "ws"}}}"#,
            "1:43: server `a`: `ws` is no transport; there are stdio, http and sse",
        ),
        (
            r#"{"mcpServers": {"a": {"url": "x", "type": "stdio"}}}"#,
            "1:22: server `a`: `command` is missing",
        ),
        (r#"{"servers": {}, "inputs": {}}"#, "1:27: `inputs` is a table, not a list"),
    ] {
        check(text, &[&format!("{start}:{expected}")]);
    }
    // Nulls count as absent, and a file without servers is no problem.
    for text in ["null", "{}", r#"{"mcpServers": null, "projects": 1}"#] {
        check(text, &[]);
    }
}

#[test]
fn other_servers_survive_a_broken_one_and_a_name_written_twice() {
    check(
        "{\"mcpServers\": {\n\"a\": 1,\n\"b\": {\"command\": \"old\"},\n\"b\": {\"command\": \"new\"}}}",
        &[
            "b ~/project/.mcp.json:4:1 Claude Code project: new",
            "~/project/.mcp.json:2:6: server `a`: it is a number, not a table",
            "~/project/.mcp.json:3:1: server `b` stands here twice; the last one counts",
        ],
    );
}

#[test]
fn deep_nesting_and_many_values() {
    let deep = format!(
        r#"{{"mcpServers": {{"a": {}1{}, "b": {{"command": "x"}}}}}}"#,
        r#"{"command": "#.repeat(100_000),
        "}".repeat(100_000)
    );
    check(
        &deep,
        &[
            &format!("b ~/project/.mcp.json:1:{} Claude Code project: x", deep.len() - 22),
            "~/project/.mcp.json:1:34: server `a`: `command` is a table, not a string",
        ],
    );
    // Quadratic work over one line of half a million values would not end in test time.
    let many = format!(
        r#"{{"mcpServers": {{"a": {{"command": "ä", "args": [{}"x"]}}}}}}"#,
        r#""ä","#.repeat(500_000)
    );
    assert_eq!(World::new().with("project/.mcp.json", &many).discover().entries.len(), 1);
}

#[test]
fn what_is_no_ordinary_file_is_not_opened() {
    let world = World::new();
    fs_create(&world.path("project/.mcp.json"));
    std::fs::write(world.path("project/.vscode"), "").unwrap();
    let lines = world.show();
    assert_eq!(lines, ["~/project/.mcp.json: cannot be read: it is not an ordinary file"]);
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let world = World::new().with("project/.mcp.json", "");
    let file = File::options().write(true).open(world.path("project/.mcp.json")).unwrap();
    file.set_len(MAX_FILE_BYTES + 1).unwrap();
    let expected = "~/project/.mcp.json: cannot be read: longer than 16777216 bytes";
    assert_eq!(world.show(), [expected]);
}
