//! Files that are no cassettes, or damaged ones, and calls that mean nothing.

use serde_json::json;

use super::{
    client::{Client, Era, Way},
    tape::Tape,
};
use crate::program::Program;

fn tape() -> Tape {
    let mut tape = Tape::legacy();
    tape.call("balance", json!({"account": "a"}), "7").call(
        "balance",
        json!({"account": "b"}),
        "8",
    );
    tape
}

#[test]
fn what_cannot_be_played_is_said() {
    let program = Program::new()
        .file("a.jsonl", tape().text())
        .file("other.json", "{}")
        .file(
            "later.jsonl",
            "{\"kind\":\"header\",\"format\":\"mcp-kit.cassette/9\",\"id\":\"0\"}\n",
        )
        .file("header.jsonl", tape().text().lines().next().unwrap())
        .file("wrong.toml", "[[fault]]\nkind = \"explode\"\n");
    for (arguments, said) in [
        (vec!["--mock"], "no cassette to be the server of"),
        (vec!["--mock", "nowhere.jsonl"], "cannot read nowhere.jsonl"),
        (vec!["--mock", "."], "is no regular file"),
        (vec!["--mock", "other.json"], "it is no cassette"),
        (vec!["--mock", "later.jsonl"], "install that one"),
        (vec!["--mock", "header.jsonl"], "no request that could be answered"),
        (vec!["--mock", "a.jsonl", "@crm"], "there is no other server"),
        (vec!["--mock", "a.jsonl", "--pace", "fast"], "write none, recorded, or a factor"),
        (vec!["--mock", "a.jsonl", "--pace", "x0"], "write none, recorded, or a factor"),
        (vec!["--mock", "a.jsonl", "--faults", "wrong.toml"], "there is no kind `explode`"),
        (vec!["a.jsonl", "--faults", "wrong.toml"], "--mock"),
        (vec!["--mock", "a.jsonl", "--", "true"], "cannot be used with"),
    ] {
        let arguments = [vec!["replay"], arguments].concat();
        let run = program.run(&arguments);
        assert_eq!(run.status, 2, "{arguments:?}\n{}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?}\n{}", run.stderr);
        assert_eq!(run.stdout, "", "nothing but messages goes there");
    }
}

#[test]
fn a_damaged_line_is_passed_over_or_fatal_and_a_torn_one_dropped() {
    let text = tape().text();
    let mut lines: Vec<&str> = text.lines().collect();
    // The first call.
    lines[3] = "{\"kind\":\"mess";
    let damaged = lines.join("\n");
    let torn = &damaged[..damaged.len() - 30];
    let program = Program::new().file("a.jsonl", torn);
    let mut client = Client::start_in(program, &[], Way::Stdio, Era::Legacy);
    client.greet();
    assert!(client.call("balance", json!({"account": "a"})).is_error());
    let torn_answer = client.call("balance", json!({"account": "b"}));
    assert!(
        torn_answer.text().contains("was recorded without an answer"),
        "{}",
        torn_answer.text()
    );
    let (_, stderr) = client.end();
    assert!(stderr.contains("a.jsonl:4: passed over"), "{stderr}");
    assert!(stderr.contains("a.jsonl:7: the last line is cut off"), "{stderr}");
    let run =
        Program::new().file("a.jsonl", &damaged).run(&["replay", "--mock", "a.jsonl", "--strict"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("a.jsonl:4"), "{}", run.stderr);
    let torn = &text[..text.len() - 30];
    let run =
        Program::new().file("a.jsonl", torn).run(&["replay", "--mock", "a.jsonl", "--strict"]);
    assert_eq!(run.status, 0, "a recording may be broken off\n{}", run.stderr);
}

#[test]
fn a_cassette_that_is_changed_meanwhile_is_noticed() {
    let program = Program::new().file("a.jsonl", tape().text());
    let path = program.path("a.jsonl");
    let mut client = Client::start_in(program, &[], Way::Stdio, Era::Legacy);
    client.greet();
    std::fs::write(&path, "x".repeat(10_000)).unwrap();
    let answer = client.call("balance", json!({"account": "b"})).answer;
    let words = answer["error"]["message"].as_str().unwrap();
    assert!(words.contains("the cassette was changed meanwhile"), "{words}");
}

#[test]
fn what_is_no_message_is_answered_as_such() {
    let mut client = Client::start(&tape(), &[], Way::Stdio, Era::Legacy);
    for (line, code) in [
        ("nonsense", -32700),
        ("[]", -32600),
        ("7", -32600),
        ("{}", -32600),
        ("{\"id\":{\"a\":1}", -32700),
    ] {
        client.write(line);
        assert_eq!(client.line().unwrap()["error"]["code"], code, "{line}");
    }
    client.greet();
    assert_eq!(client.call("balance", json!({"account": "a"})).text(), "7");
}
