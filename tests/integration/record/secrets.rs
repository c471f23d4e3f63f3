//! No secret reaches the disk, and the client has them all.

use serde_json::{Value, json};

use super::session::Studio;

/// In two pieces, so that nobody's scanner takes this file for a leak.
fn token() -> String {
    ["ghp_", "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi"].concat()
}

fn planted() -> Vec<String> {
    let token = token();
    let inner = json!({"password": "correct horse battery", "note": format!("use {token}")});
    let schema = json!({"type": "object", "properties": {"api_key": {"type": "string"}}});
    let messages: Vec<Value> = vec![
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "a",
            "_meta": {"progressToken": "p-1"},
            "arguments": {"sku": token, "api_key": "correct horse battery", "cursor": "next-9",
                "body": inner.to_string(), "url": "https://ann:correct horse battery@host/".replace(' ', "-")}}}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text",
            "text": format!("pushed with {token} to https://host/?access_token=n0t4W0rd9x")}],
            "structuredContent": {"session": {"refresh_token": "correct horse battery"}}}}),
        json!({"jsonrpc": "2.0", "id": 2, "result": {"nextCursor": "c-2", "tools": [{"name": "a",
            "inputSchema": schema}]}}),
    ];
    let mut lines: Vec<String> = messages.iter().map(Value::to_string).collect();
    lines.push(format!("not JSON: {token}"));
    lines
}

#[test]
fn no_secret_reaches_the_disk() {
    let studio = Studio::new();
    let mut session = studio.start(&[], &["cat"]);
    let lines = planted();
    let input = lines.join("\n") + "\n";
    session.send(input.as_bytes());
    assert_eq!(String::from_utf8(session.end().stdout).unwrap(), input);
    let tape = studio.tape();
    for secret in [&token(), "correct horse", "correct-horse", "n0t4W0rd9x"] {
        assert!(!tape.text.contains(secret), "{secret}: {}", tape.text);
    }
    assert_eq!(tape.client, tape.server);
    assert_eq!(tape.client.len(), lines.len());
    assert_eq!(tape.client[2], lines[2], "the tool list is what it was");
    let call: Value = serde_json::from_str(&tape.client[0]).unwrap();
    assert_eq!(call["params"]["_meta"]["progressToken"], "p-1");
    assert_eq!(call["params"]["arguments"]["cursor"], "next-9");
    let placeholder = call["params"]["arguments"]["sku"].as_str().unwrap();
    assert!(placeholder.starts_with("«redacted:github-token:"), "{placeholder}");
    assert!(tape.client[1].contains(placeholder) && tape.client[3].contains(placeholder));
}

#[test]
fn placeholders_differ_between_recordings() {
    let studio = Studio::new();
    for _ in 0..2 {
        let mut session = studio.start(&[], &["cat"]);
        session.send(format!("{}\n", token()).as_bytes());
        session.end();
    }
    let other = super::session::Tape::read(&studio.path("a-2.jsonl"));
    assert_ne!(studio.tape().client, other.client);
}

#[test]
fn what_may_be_a_secret_is_left_out_where_that_is_asked_for() {
    let drawn = "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi";
    let suspect = json!({"jsonrpc": "2.0", "method": "m", "params": {"note": drawn}}).to_string();
    let fine = json!({"jsonrpc": "2.0", "method": "m", "params": {"note": "fine"}}).to_string();
    let studio = Studio::new();
    let mut session = studio.start(&["--strict-redact"], &["cat"]);
    session.send(format!("{suspect}\n{fine}\n").as_bytes());
    session.end();
    let tape = studio.tape();
    assert!(!tape.text.contains(drawn), "{}", tape.text);
    assert_eq!(tape.client, [fine]);
    let withheld = tape.events("withheld");
    assert_eq!(withheld.len(), 2);
    assert_eq!(withheld[0]["pointer"], "/params/note");
}

#[test]
fn secrets_are_kept_only_with_a_warning() {
    let studio = Studio::new();
    let mut session = studio.start(&["--redact", "off"], &["cat"]);
    session.send(format!("{{\"token\":\"{}\"}}\n", token()).as_bytes());
    let ended = session.end();
    assert!(ended.stderr.contains("will hold every password"), "{}", ended.stderr);
    let tape = studio.tape();
    assert!(tape.text.contains(&token()));
    assert_eq!(tape.header.redaction, None);
}
