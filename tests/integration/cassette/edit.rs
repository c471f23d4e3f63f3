//! Cassettes made of cassettes.

use std::fs;

use super::{every_kind, messages, printed, run, secret};
use crate::program::Program;

/// The numbers that the messages kept had before, told apart by what they say.
fn kept(arguments: &[&str]) -> Vec<usize> {
    let program = Program::new().file("a.jsonl", every_kind());
    printed(&program, &[&["cut", "a.jsonl", "-o", "b.jsonl"], arguments].concat());
    printed(&program, &["check", "b.jsonl"]);
    let body = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["message"].clone(), line["text"].clone(), line["event"].clone())
    };
    let before = every_kind();
    let before: Vec<_> = before.lines().filter(|line| line.contains("\"n\":")).collect();
    let is_line = |line: &&str| !line.contains("\"later\"") && !line.contains("\"kind\":\"end\"");
    let before: Vec<_> = before.into_iter().filter(is_line).map(body).collect();
    let after = fs::read_to_string(program.path("b.jsonl")).unwrap();
    let after = after.lines().filter(|line| line.contains("\"n\":")).filter(is_line).map(body);
    after.map(|line| before.iter().position(|it| *it == line).unwrap() + 1).collect()
}

#[test]
fn a_cut_keeps_what_its_calls_need() {
    // The handshake, the list, the call, its progress and its answer.
    assert_eq!(kept(&["--calls", "1"]), [2, 3, 4, 5, 6, 7, 8, 9]);
    // What the server has asked because of the call, and what was answered.
    assert_eq!(kept(&["--calls", "3"]), [2, 3, 4, 5, 6, 12, 13, 14, 15]);
    assert_eq!(kept(&["--tool", "get_part"]), [2, 3, 4, 5, 6, 10, 11]);
    assert_eq!(kept(&["--tool", "find_parts", "--calls", "2.."]), [2, 3, 4, 5, 6, 17]);
    assert_eq!(kept(&["--from-n", "10", "--to-n", "12"]), [2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15]);
    assert_eq!(
        kept(&["--session", "1"]),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    );
}

#[test]
fn a_cut_of_nothing_is_no_cut() {
    let program = Program::new().file("a.jsonl", every_kind());
    let refused = run(&program, &["cut", "a.jsonl"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("nothing says what to keep"), "{}", refused.stderr);
}

#[test]
fn recordings_are_merged_with_their_sessions_apart() {
    let later = every_kind()
        .replace("2026-11-23T21:00:00Z", "2026-11-23T21:01:00Z")
        .replace("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let program = Program::new().file("a.jsonl", every_kind()).file("b.jsonl", later);
    printed(&program, &["merge", "a.jsonl", "b.jsonl", "-o", "c.jsonl"]);
    let checked = printed(&program, &["check", "c.jsonl"]);
    assert!(checked.contains("14 requests, 8 calls"), "{checked}");
    let merged = fs::read_to_string(program.path("c.jsonl")).unwrap();
    let of = |n: usize| -> serde_json::Value {
        let line = merged.lines().find(|line| line.contains(&format!("\"n\":{n},"))).unwrap();
        serde_json::from_str(line).unwrap()
    };
    assert_eq!((of(20)["session"].as_u64(), of(2)["session"].as_u64()), (Some(2), Some(1)));
    assert_eq!(
        (of(20)["at_us"].as_u64(), of(20)["channel"].as_u64()),
        (Some(60_000_120), Some(10))
    );
    // The parts of one recording go on where the one before ended.
    let part = |part: &str, lines: &[&str]| {
        let header =
            format!(r#"{{"kind":"header","format":"mcp-kit.cassette/1","id":"x","part":{part}}}"#);
        header + "\n" + &lines.concat()
    };
    let ask = "{\"kind\":\"message\",\"n\":1,\"from\":\"client\",\"message\":{\"id\":1,\"method\":\"a\"}}\n";
    let answer =
        "{\"kind\":\"message\",\"n\":2,\"from\":\"server\",\"message\":{\"id\":1,\"result\":{}}}\n";
    let program = program.file("1.jsonl", part("1", &[ask])).file("2.jsonl", part("2", &[answer]));
    let joint = printed(&program, &["merge", "1.jsonl", "2.jsonl"]);
    let finished = program.run_with_input(&["cassette", "check", "-"], joint.as_bytes());
    assert!(!finished.stdout.contains("without an answer"), "{}", finished.stdout);
}

#[test]
fn nothing_that_is_read_is_written_over() {
    let program = Program::new().file("a.jsonl", every_kind()).file("b.jsonl", every_kind());
    for arguments in [
        &["cut", "--calls", "1", "a.jsonl", "-o", "a.jsonl"][..],
        &["merge", "a.jsonl", "b.jsonl", "-o", "./b.jsonl"],
        &["redact", "a.jsonl", "-o", "a.jsonl"],
        &["import", "a.jsonl", "--from", "mcp-rec", "-o", "a.jsonl"],
    ] {
        let refused = run(&program, arguments);
        assert_eq!(refused.status, 2, "{arguments:?}");
        assert!(refused.stderr.contains("would write over"), "{}", refused.stderr);
    }
    assert_eq!(fs::read_to_string(program.path("a.jsonl")).unwrap(), every_kind());
}

#[test]
fn damage_is_passed_over_or_fatal() {
    let good = every_kind();
    let mut lines: Vec<&str> = good.lines().collect();
    lines[3] = "nonsense";
    let program = Program::new().file("a.jsonl", lines.join("\n") + "\n{\"kind\":\"mes");
    for command in [&["cut", "--calls", "1"][..], &["merge"], &["redact"], &["show"]] {
        let finished = run(&program, &[command, &["a.jsonl"]].concat());
        assert_eq!(finished.status, 0, "{command:?}: {}", finished.stderr);
        assert!(finished.stderr.contains("a.jsonl:4: passed over"), "{}", finished.stderr);
        assert!(finished.stderr.contains("the last line is cut off"), "{}", finished.stderr);
        let strict = run(&program, &[command, &["a.jsonl", "--strict"]].concat());
        assert_eq!(strict.status, 2, "{command:?}");
        assert!(strict.stderr.contains("a.jsonl:4"), "{}", strict.stderr);
    }
}

#[test]
fn secrets_are_taken_out_again() {
    let secret = secret();
    let program = Program::new().file("a.jsonl", every_kind().replace("P-9999", &secret));
    printed(&program, &["redact", "a.jsonl", "-o", "b.jsonl"]);
    let redacted = fs::read_to_string(program.path("b.jsonl")).unwrap();
    assert!(!redacted.contains(&secret) && redacted.contains("«redacted:"), "{redacted}");
    // Nothing else is another one than before.
    let (before, after) = (messages(&program, "a.jsonl"), messages(&program, "b.jsonl"));
    let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
    assert_eq!(changed.count(), 1);
}
