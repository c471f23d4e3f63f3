//! Cassettes of what others have recorded.

use std::{collections::BTreeMap, fs};

use super::{messages, printed, run, sample, secret};
use crate::program::Program;

/// The messages that a sample is imported as.
#[track_caller]
fn imported(name: &str, arguments: &[&str]) -> String {
    let program = Program::new();
    let sample = sample(name);
    printed(&program, &[&["import", "-o", "out.jsonl", &sample], arguments].concat());
    let checked = run(&program, &["check", "out.jsonl"]);
    assert_eq!(checked.status, 0, "{}", checked.stdout);
    messages(&program, "out.jsonl")
}

#[test]
fn a_transcript_of_claude_code() {
    insta::assert_snapshot!(imported("claude-code.jsonl", &["--server", "stock"]), @r##"
          1      0 µs #1 → {"jsonrpc":"2.0","id":"toolu_001","method":"tools/call","params":{"name":"find_parts","arguments":{"word":"bolt","limit":5}}}
          2  100.0 ms #1 → {"jsonrpc":"2.0","id":"toolu_002","method":"tools/call","params":{"name":"get_part","arguments":{"part_number":"P-9999"}}}
          3  400.0 ms #1 ← {"jsonrpc":"2.0","id":"toolu_002","result":{"content":[{"type":"text","text":"{\"error\":{\"code\":\"not_found\"}}"}],"isError":true}}
          4  500.0 ms #1 ← {"jsonrpc":"2.0","id":"toolu_001","result":{"content":[{"type":"text","text":"{\"parts\":[{\"part_number\":\"P-1001\"}],\"total\":1}"},{"type":"image","data":"aGk=","mimeType":"image/png"}],"structuredContent":{"parts":[{"part_number":"P-1001"}],"total":1}}}
          5   53.00 s #2 → {"jsonrpc":"2.0","id":"toolu_006","method":"tools/call","params":{"name":"get_part","arguments":{"part_number":"P-1002"}}}
          6   54.00 s #1 → {"jsonrpc":"2.0","id":"toolu_007","method":"tools/call","params":{"name":"reserve_part","arguments":{"part_number":"P-1001","quantity":5,"idempotency_key":"order-0000000000001"}}}
    "##);
}

#[test]
fn a_response_of_openai() {
    insta::assert_snapshot!(imported("openai-responses.json", &[]), @r##"
          1      0 µs → {"jsonrpc":"2.0","id":"mcpl_1","method":"tools/list"}
          2      0 µs ← {"jsonrpc":"2.0","id":"mcpl_1","result":{"tools":[{"name":"find_parts","description":"Find parts in the warehouse by a word of their name.","inputSchema":{"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},"annotations":{"readOnlyHint": true}},{"name":"reserve_part","inputSchema":{"type": "object"}}]}}
          3      0 µs → {"jsonrpc":"2.0","id":"mcp_1","method":"tools/call","params":{"name":"find_parts","arguments":{"word":"bolt"}}}
          4      0 µs ← {"jsonrpc":"2.0","id":"mcp_1","result":{"content":[{"type":"text","text":"{\"parts\":[],\"total\":0}"}]}}
          5      0 µs → {"jsonrpc":"2.0","id":"mcp_2","method":"tools/call","params":{"name":"reserve_part","arguments":"{\"quantity\": 5"}}
          6      0 µs ← {"jsonrpc":"2.0","id":"mcp_2","error":{"code":-32602,"message":"missing part_number"}}
          7      0 µs → {"jsonrpc":"2.0","id":"mcp_3","method":"tools/call","params":{"name":"reserve_part","arguments":{"part_number":"P-1001","quantity":500}}}
          8      0 µs ← {"jsonrpc":"2.0","id":"mcp_3","result":{"content":[{"type":"text","text":"only 400 pieces are available"}],"isError":true}}
          9      0 µs → {"jsonrpc":"2.0","id":"mcp_4","method":"tools/call","params":{"name":"find_parts","arguments":{}}}
         10      0 µs ← {"jsonrpc":"2.0","id":"mcp_4","error":{"code":-32000,"message":"HTTP 503: try again later"}}
    "##);
}

#[test]
fn a_trace_of_openai_agents() {
    insta::assert_snapshot!(imported("openai-agents.json", &[]), @r##"
          1      0 µs #1 → {"jsonrpc":"2.0","id":"span_2","method":"tools/call","params":{"name":"find_parts","arguments":{"word":"bolt"}}}
          2  125.0 ms #1 ← {"jsonrpc":"2.0","id":"span_2","result":{"content":[{"type":"text","text":"{\"parts\":[],\"total\":0}","annotations":null}]}}
          3    2.00 s #1 → {"jsonrpc":"2.0","id":"span_3","method":"tools/call","params":{"name":"reserve_part","arguments":{"part_number":"P-9999"}}}
          4    2.25 s #1 ← {"jsonrpc":"2.0","id":"span_3","result":{"content":[{"type":"text","text":"no part has this number"}],"isError":true}}
          5    2.50 s #1 → {"jsonrpc":"2.0","id":"span_4","method":"tools/call","params":{"name":"get_part","arguments":{"part_number":"P-1001"}}}
    "##);
}

#[test]
fn spans_of_opentelemetry() {
    insta::assert_snapshot!(imported("otlp.json", &[]), @r##"
          1      0 µs #1 → {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"find_parts","arguments":{"word":"bolt"}}}
          2  250.0 ms #1 ← {"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"none"}]}}
          3    1.00 s #1 → {"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"reserve_part","arguments":{"quantity":500}}}
          4    7.50 s #1 ← {"jsonrpc":"2.0","id":8,"result":{"content":[{"type":"text","text":"only 400 pieces are available"}],"isError":true}}
          5    8.00 s → {"jsonrpc":"2.0","id":"eee19b7ec3c1b175","method":"tools/call","params":{"name":"reserve_parts"}}
          6    8.01 s ← {"jsonrpc":"2.0","id":"eee19b7ec3c1b175","error":{"code":-32602,"message":"unknown tool"}}
    "##);
}

#[test]
fn an_http_archive() {
    insta::assert_snapshot!(imported("har.har", &[]), @r##"
          1      0 µs #1 → {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"web","version":"1"}}}
          2   12.5 ms #1 ← {"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"stock","version":"1"}}}
          3   50.0 ms #1 → {"jsonrpc":"2.0","method":"notifications/initialized"}
          4  100.0 ms #1 → {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find_parts","arguments":{"word":"bolt"}}}
          5  140.0 ms #1 ← {"jsonrpc":"2.0","id":1,"result":{"content":[]}}
          6  200.0 ms #1 → {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_part","arguments":{}}}
          7  300.0 ms → {"jsonrpc":"2.0","id":3,"method":"tools/list"}
          8  301.0 ms ← Unauthorized
    "##);
}

/// One session with `tests/peers/rmcp_server.rs`, recorded by each of them.
#[test]
fn what_recorders_of_others_have_written_is_the_same_session() {
    let program = Program::new();
    let calls = |name: &str| {
        printed(&program, &["import", &sample(name), "-o", "out.jsonl"]);
        let listed = printed(&program, &["show", "--format", "jsonl", "out.jsonl"]);
        let rows = listed.lines().map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let (method, tool) = (&row["method"], &row["tool"]);
            // How long the text of an answer is depends on who has written it.
            // Nor does the order of members.
            let arguments: Option<BTreeMap<String, serde_json::Value>> =
                serde_json::from_value(row["arguments"].clone()).unwrap();
            let arguments = serde_json::to_string(&arguments).unwrap();
            format!("{method} {tool} {arguments} {}", row["outcome"])
        });
        rows.collect::<Vec<_>>().join("\n")
    };
    let expected = calls("mcp-rec.jsonl");
    insta::assert_snapshot!(expected, @r#"
    "initialize" null {"capabilities":{},"clientInfo":{"name":"real-importers","version":"1"},"protocolVersion":"2025-11-25"} "ok"
    "tools/list" null null "ok"
    "tools/call" "find_parts" {"limit":5,"word":"bolt"} "ok"
    "tools/call" "get_part" {"part_number":"P-9999"} "tool_error"
    "tools/call" "reserve_part" {"idempotency_key":"order-0000000000001","part_number":"P-1001","quantity":5} "ok"
    "tools/call" "reserve_part" {"idempotency_key":"order-0000000000001","part_number":"P-1001","quantity":5} "ok"
    "tools/call" "reserve_part" {"idempotency_key":"order-0000000000001","part_number":"P-1001","quantity":6} "tool_error"
    "tools/call" "no_such_tool" {"name":"Zoë 🔩"} "protocol_error"
    "tools/call" "find_parts" {"word":"nut"} "ok"
    "#);
    for name in ["mcp-cassette.json", "mcp-vcr.yaml", "mcp-vcr.ndjson", "mcp-recorder.json"] {
        assert_eq!(calls(name), expected, "{name}");
    }
}

#[test]
fn a_header_says_where_it_is_from_and_what_it_lacks() {
    let program = Program::new();
    let text = printed(&program, &["import", &sample("mcp-vcr.ndjson")]);
    let header: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(header["imported_from"], "mcp-vcr");
    assert_eq!(header["server"], "rmcp_server stdio");
    assert_eq!(header["transport"], "stdio");
    assert!(header["lacks"].as_array().is_some_and(|lacks| !lacks.is_empty()));
    assert!(header["redaction"].is_u64());
    // The same file is the same recording.
    let again = printed(&program, &["import", &sample("mcp-vcr.ndjson")]);
    assert_eq!(text, again);
}

#[test]
fn what_is_of_several_servers_is_chosen_from_or_parted() {
    let program = Program::new();
    let file = sample("claude-code.jsonl");
    for output in [&[][..], &["-o", "out.jsonl"]] {
        let refused = run(&program, &[&["import", &file], output].concat());
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""));
        assert!(refused.stderr.contains("stock: 6 messages"), "{}", refused.stderr);
        assert!(!program.path("out.jsonl").exists());
    }
    printed(&program, &["import", &file, "-o", "of-{server}.jsonl"]);
    assert_eq!(messages(&program, "of-calendar.jsonl").lines().count(), 2);
    assert_eq!(messages(&program, "of-stock.jsonl").lines().count(), 6);
    let nobody = run(&program, &["import", &file, "--server", "nobody"]);
    assert_eq!(nobody.status, 2);
    assert!(nobody.stderr.contains("nothing was said to a server `nobody`"), "{}", nobody.stderr);
}

#[test]
fn what_was_left_out_is_counted() {
    let program = Program::new();
    let finished = run(&program, &["import", &sample("claude-code.jsonl"), "-o", "{server}.jsonl"]);
    insta::assert_snapshot!(finished.stderr, @r"
    calendar.jsonl: 2 messages of calendar
    stock.jsonl: 6 messages of stock
    left out: 1 calls of tools of the client itself
    left out: 1 calls on branches that were given up
    left out: 1 calls that the user did not permit
    ");
}

#[test]
fn several_files_become_one_cassette() {
    let program = Program::new();
    let (one, other) = (sample("mcp-rec.jsonl"), sample("mcp-vcr.yaml"));
    printed(&program, &["import", &one, &other, "-o", "out.jsonl"]);
    let checked = printed(&program, &["check", "out.jsonl"]);
    assert!(checked.contains("18 requests, 14 calls"), "{checked}");
    let header = fs::read_to_string(program.path("out.jsonl")).unwrap();
    assert!(header.contains("\"imported_from\":\"mcp-rec, mcp-vcr\""), "{header}");
}

#[test]
fn standard_input_is_a_file_too() {
    let program = Program::new();
    for name in ["mcp-rec.jsonl", "mcp-cassette.json", "mcp-vcr.yaml"] {
        let text = fs::read(sample(name)).unwrap();
        let piped = program.run_with_input(&["cassette", "import", "-"], &text);
        assert_eq!(piped.status, 0, "{}", piped.stderr);
        assert_eq!(piped.stdout, printed(&program, &["import", &sample(name)]), "{name}");
    }
}

#[test]
fn secrets_do_not_reach_the_disk() {
    let secret = secret();
    let line = |dir: &str, msg: &str| format!(r#"{{"ts":1795471976.5,"dir":"{dir}","msg":{msg}}}"#);
    let text = [
        line(
            "client->server",
            &format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","arguments":{{"password":"correct-horse-9","note":"it is {secret}"}}}}}}"#
            ),
        ),
        line(
            "server->client",
            &format!(
                r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"{{\"key\":\"{secret}\"}}"}}]}}}}"#
            ),
        ),
    ];
    let har = fs::read_to_string(sample("har.har")).unwrap();
    let program = Program::new().file("secret.jsonl", text.join("\n")).file("web.har", har);
    printed(&program, &["import", "secret.jsonl", "-o", "out.jsonl"]);
    let out = fs::read_to_string(program.path("out.jsonl")).unwrap();
    assert!(!out.contains(&secret) && !out.contains("correct-horse-9"), "{out}");
    assert!(out.contains("it is «redacted:"), "{out}");
    // The id of a session is a secret; which messages are of one session is not.
    printed(&program, &["import", "web.har", "-o", "web.jsonl"]);
    let out = fs::read_to_string(program.path("web.jsonl")).unwrap();
    assert!(!out.contains("session-of-the-sample") && out.contains("\"session\":1"), "{out}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let program = Program::new().file("out.jsonl", "something else");
    printed(&program, &["import", &sample("mcp-rec.jsonl"), "-o", "out.jsonl"]);
    let mode = fs::metadata(program.path("out.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_cannot_be_read_is_named_and_passed_over_or_fatal() {
    let good = fs::read_to_string(sample("mcp-rec.jsonl")).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let text = format!("{}\n{{\"ts\":1,\"di\n{}\n", lines[0], lines[1]);
    let program = Program::new().file("in.jsonl", text);
    let finished = run(&program, &["import", "in.jsonl", "-o", "out.jsonl"]);
    assert_eq!(finished.status, 0);
    insta::assert_snapshot!(finished.stderr, @r"
    warning: in.jsonl:2: passed over: EOF while parsing a string
    out.jsonl: 2 messages
    ");
    let finished = run(&program, &["import", "--strict", "in.jsonl", "-o", "strict.jsonl"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("--> in.jsonl:2"), "{}", finished.stderr);
    assert!(!program.path("strict.jsonl").exists());
}
