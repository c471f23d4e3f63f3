//! What was asked, and what was answered.

use super::{every_kind, printed, run};
use crate::program::Program;

#[test]
fn exchanges_are_listed_in_the_order_of_their_requests() {
    let program = Program::new().file("a.jsonl", every_kind());
    insta::assert_snapshot!(printed(&program, &["show", "a.jsonl"]), @r#"
    a.jsonl: https://stock.example.com/mcp over HTTP, 2026-11-23T21:00:00Z

     call       n        at tool or method             arguments                 outcome            took
                2      0.0s initialize                 {"protocolVersion":"2025… ok              2.00 ms
                5      0.0s tools/list                                           ok              2.00 ms
        1       7      1.0s find_parts                 {"word":"bolt","limit":1… ok             200.0 ms
        2      10      2.0s get_part                   {"part_number":"P-9999"}  tool error      10.0 ms
        3      12      2.5s reserve_part               {"part_number":"P-1001",… error -32603   300.0 ms
               13      2.6s server: elicitation/create {"message":"Reserve 5 pi… ok             100.0 ms
        4      17      3.1s find_parts                 {"word":"\u202e"}         unanswered            -

    7 exchanges, 4 calls of tools: 1 ok, 1 tool error, 1 protocol error, 1 unanswered
    "#);
}

#[test]
fn one_call_is_shown_whole() {
    let program = Program::new().file("a.jsonl", every_kind());
    insta::assert_snapshot!(printed(&program, &["show", "--call", "1", "a.jsonl"]), @r#"
    call 1: find_parts
    asked in line 7 at 1.0s, answered in line 9 after 200.0 ms: ok

    arguments
    {
      "word": "bolt",
      "limit": 1.0
    }

    answer
    {
      "content": [
        {
          "type": "text",
          "text": "P-1001"
        }
      ]
    }
    "#);
    let missing = run(&program, &["show", "--call", "5", "a.jsonl"]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("the cassette has 4 calls"), "{}", missing.stderr);
}

#[test]
fn a_part_is_listed() {
    let program = Program::new().file("a.jsonl", every_kind());
    let numbers = |arguments: &[&str]| {
        let text =
            printed(&program, &[&["show", "--format", "jsonl", "a.jsonl"], arguments].concat());
        let rows = text.lines().map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["n"].as_u64().unwrap()
        });
        rows.collect::<Vec<_>>()
    };
    assert_eq!(numbers(&[]), [2, 5, 7, 10, 12, 13, 17]);
    assert_eq!(numbers(&["--tool", "find_parts"]), [7, 17]);
    assert_eq!(numbers(&["--calls", "2..3", "--calls", "4"]), [10, 12, 17]);
    assert_eq!(numbers(&["--calls", "3.."]), [12, 17]);
    assert_eq!(numbers(&["--from-n", "10", "--to-n", "12"]), [10, 12]);
    assert_eq!(numbers(&["--session", "2"]), [0_u64; 0]);
    for range in ["0", "3..2", "x", "1..y", ""] {
        assert_eq!(run(&program, &["show", "--calls", range, "a.jsonl"]).status, 2, "{range}");
    }
}

#[test]
fn what_a_server_has_said_cannot_harm_a_terminal() {
    let program = Program::new().file("a.jsonl", every_kind());
    for arguments in [&["--messages"][..], &[], &["--call", "4"], &["--format", "json"]] {
        let text = printed(&program, &[&["show", "a.jsonl"], arguments].concat());
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{arguments:?}: {text}");
    }
}

#[test]
fn no_answer_holds_the_others_back_for_ever() {
    let mut text = every_kind().lines().next().unwrap().to_owned() + "\n";
    let mut n = 0;
    let mut say = |text: &mut String, from: &str, message: &str| {
        n += 1;
        *text += &format!(
            "{{\"kind\":\"message\",\"n\":{n},\"from\":\"{from}\",\"message\":{message}}}\n"
        );
    };
    say(
        &mut text,
        "client",
        r#"{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{"name":"slow"}}"#,
    );
    for id in 1..3_000 {
        let ask = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"fast"}}}}"#
        );
        say(&mut text, "client", &ask);
        say(&mut text, "server", &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
    }
    let program = Program::new().file("a.jsonl", text);
    let listed = printed(&program, &["show", "--format", "jsonl", "a.jsonl"]);
    let calls: Vec<u64> = listed
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["call"].as_u64().unwrap()
        })
        .collect();
    // What waits is passed by the others; all are numbered by their requests.
    assert_eq!(calls[..3], [2, 3, 4]);
    let mut sorted = calls;
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=3_000).collect::<Vec<_>>());
}
