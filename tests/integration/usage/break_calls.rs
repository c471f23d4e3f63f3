//! `diff --traffic`: which recorded calls a change breaks.

use serde_json::{Value, json};

use super::corpus::{Tape, fine};
use crate::program::Program;

fn surfaces() -> (Value, Value) {
    let old = json!({"tools": [
        {"name": "search", "inputSchema": {"type": "object", "properties": {
            "query": {"type": "string"},
            "state": {"enum": ["open", "paid", "on_hold"]},
            "limit": {"$ref": "#/$defs/limit"}
        }, "$defs": {"limit": {"type": "integer"}}}},
        {"name": "export", "inputSchema": {"type": "object"}},
        {"name": "kept", "inputSchema": {"type": "object", "properties": {"a": {"type": "string"}}}},
    ]});
    let new = json!({"tools": [
        {"name": "search", "inputSchema": {"type": "object", "properties": {
            "query": {"type": "string", "maxLength": 5},
            "state": {"enum": ["open", "paid"]},
            "limit": {"$ref": "#/$defs/limit"}
        }, "required": ["query"], "$defs": {"limit": {"type": "integer", "maximum": 50}}}},
        {"name": "kept", "inputSchema": {"type": "object", "properties": {"a": {"type": "string"}}}},
    ]});
    (old, new)
}

fn program() -> Program {
    let (old, new) = surfaces();
    let mut tape = Tape::new("a", None);
    let error = || Some(json!({"content": [{"type": "text", "text": "no"}], "isError": true}));
    let search = "search";
    tape.call(1, search, json!({"query": "lamp"}), fine()); // line 2: fine on both sides
    tape.call(1, search, json!({"query": "lampshade"}), fine()); // 4: too long
    tape.call(1, search, json!({}), error()); // 6: accepted before, whatever was answered
    tape.call(2, search, json!({"query": "x", "state": "on_hold"}), fine()); // 8
    tape.call(2, search, json!({"query": "x", "limit": 80}), None); // 10
    tape.call(2, search, json!({"state": "on_hold"}), fine()); // 11: for two reasons
    tape.call(3, search, json!({"query": 7}), error()); // 13: refused on both sides
    tape.call(3, search, json!({"query": 7}), fine()); // 15: as before, though it succeeded
    tape.call(3, "export", json!({}), fine()); // 17: gone
    tape.call(3, "kept", json!({"a": "b"}), fine());
    tape.call(3, "unknown", json!({}), error());
    Program::new()
        .file("old.json", old.to_string())
        .file("new.json", new.to_string())
        .file("a.jsonl", tape.text)
}

#[test]
fn every_broken_call_is_counted_where_it_breaks() {
    let finished = program()
        .run(&["diff", "old.json", "new.json", "--format", "json", "--traffic", "a.jsonl"]);
    assert_eq!(finished.status, 1, "{}", finished.stderr);
    let report = finished.json();
    let traffic = &report["traffic"];
    assert_eq!(
        [&traffic["calls"], &traffic["judged"], &traffic["lost"], &traffic["sessions"]],
        [&json!(10), &json!(8), &json!(6), &json!(3)]
    );
    let lines = |tool: &Value| -> Vec<u64> {
        tool["calls"].as_array().unwrap().iter().map(|it| it["line"].as_u64().unwrap()).collect()
    };
    assert_eq!(traffic["tools"][0]["tool"], "search");
    // A call without an answer is known to have none at the end.
    assert_eq!(lines(&traffic["tools"][0]), [4, 6, 8, 11, 10]);
    assert_eq!(traffic["tools"][1]["is_gone"], true);
    assert_eq!(lines(&traffic["tools"][1]), [17]);
    let mut notes: Vec<(String, String)> = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        for place in finding["places"].as_array().unwrap() {
            if let Some(note) = place["note"].as_str().filter(|note| note.contains("recorded")) {
                notes.push((finding["message"].as_str().unwrap().to_owned(), note.to_owned()));
            }
        }
    }
    let note = |message: &str| {
        let found = notes.iter().find(|(it, _)| it.contains(message));
        found.unwrap_or_else(|| panic!("{message} in {notes:#?}")).1.clone()
    };
    assert!(
        note("maxLength 5")
            .ends_with("breaks 1 recorded call in 1 session, the first at a.jsonl:4")
    );
    assert!(
        note("is now required")
            .ends_with("breaks 2 recorded calls in 2 sessions, the first at a.jsonl:6")
    );
    assert!(
        note("enum loses")
            .ends_with("breaks 2 recorded calls in 1 session, the first at a.jsonl:8")
    );
    assert!(
        note("maximum 50")
            .ends_with("breaks 1 recorded call in 1 session, the first at a.jsonl:10")
    );
    assert!(note("gone").ends_with("breaks 1 recorded call in 1 session, the first at a.jsonl:17"));
}

#[test]
fn text_and_markdown_name_the_calls_and_what_breaks_none_says_so() {
    let program = program();
    let text = program.run(&["diff", "old.json", "new.json", "--traffic", "a.jsonl"]);
    assert!(text.stdout.contains("6 of 8 recorded calls break, in 3 sessions"), "{}", text.stdout);
    assert!(
        text.stdout.contains("search: 5 of 6 calls in 2 sessions, the first at a.jsonl:4"),
        "{}",
        text.stdout
    );
    let words = ["diff", "old.json", "new.json", "--format", "markdown", "--traffic", "a.jsonl"];
    let markdown = program.run(&words).stdout;
    assert!(markdown.contains("### Recorded traffic"), "{markdown}");
    let same = program.run(&["diff", "old.json", "old.json", "--traffic", "a.jsonl"]);
    assert_eq!(same.status, 0);
    assert!(same.stdout.contains("none of 8 recorded calls breaks"), "{}", same.stdout);
    let plain = program.run(&["diff", "old.json", "new.json", "--format", "json"]);
    assert!(plain.json().get("traffic").is_none());
}
