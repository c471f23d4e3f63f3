use super::{At, FORMATS, Found, Shape, Tape, detect, named};
use crate::engine::cassette::{Body, Party};

/// What an importer makes of some lines, a line each.
fn told(format: &str, lines: &[&str]) -> String {
    let mut importer = (named(format).unwrap().open)();
    for line in lines {
        importer.survey(line);
    }
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let mut found = Vec::new();
        if let Err(reason) = importer.read(line, &mut found) {
            text += &format!("line {} {reason}\n", index + 1);
        }
        for found in found {
            text += &match found {
                Found::About { .. } => String::new(),
                Found::Damaged { place, reason } => format!("damaged {place}: {reason}\n"),
                Found::LeftOut(what) => format!("left out: {what}\n"),
                Found::Message(message) => {
                    let arrow = if message.from == Party::Client { "→" } else { "←" };
                    let body = match &message.body {
                        Body::Json(json) => json.get().to_owned(),
                        Body::Text(text) => format!("{text:?}"),
                    };
                    let session = message.session.map(|it| format!("#{it} ")).unwrap_or_default();
                    format!("{} {session}{arrow} {body}\n", message.server)
                }
            };
        }
    }
    text
}

#[track_caller]
fn check(format: &str, lines: &[&str], expected: &[&str]) {
    let expected: String = expected.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(told(format, lines), expected);
}

#[test]
fn every_format_has_a_name_of_its_own_and_says_what_it_lacks() {
    for (index, format) in FORMATS.iter().enumerate() {
        assert!(FORMATS[..index].iter().all(|other| other.name != format.name));
        assert!(!format.lacks.is_empty() && !format.title.is_empty(), "{}", format.name);
    }
}

#[test]
fn formats_are_told_apart_by_what_is_in_them() {
    for (text, expected) in [
        (r#"{"type":"user","uuid":"a","parentUuid":null}"#, Some("claude-code")),
        (r#"{"type":"assistant","session_id":"a","message":{}}"#, Some("claude-code")),
        (r#"[{"type":"message"},{"type":"mcp_call"}]"#, Some("openai-responses")),
        (r#"{"object":"list","data":[{"type":"function_call"}]}"#, Some("openai-responses")),
        (r#"{"type":"response.completed","response":{}}"#, Some("openai-responses")),
        (r#"{"data":[{"object":"trace"},{"object":"trace.span"}]}"#, Some("openai-agents")),
        (r#"{"resourceSpans":[]}"#, Some("otlp")),
        (r#"{"log":{"entries":[]}}"#, Some("har")),
        (r#"{"format_version":3,"messages":[]}"#, Some("mcp-cassette")),
        (r#"{"version":"1.0","metadata":{},"interactions":[]}"#, Some("mcp-recorder")),
        (r#"{"ts":1.5,"dir":"client->server","msg":{}}"#, Some("mcp-rec")),
        (r#"{"t":1,"dir":"c2s","payload":{}}"#, Some("mcp-vcr")),
        ("messages:\n- dir: c2s\nmeta:\n  server_command: [x]\n", Some("mcp-vcr")),
        ("messages:\n- hello\n", None),
        (r#"{"messages":[]}"#, None),
        ("[]", None),
        ("42", None),
        ("\u{0}", None),
        ("", None),
    ] {
        let found = detect(&Shape::of([text])).map(|format| format.name);
        assert_eq!(found, expected, "{text}");
    }
}

/// Whatever a line says, no importer takes part of it for something else, or fails otherwise than by
/// saying so.
#[test]
fn hostile_lines_are_named_by_every_importer() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = format!("{}1{}", "{\"data\":".repeat(5_000), "}".repeat(5_000));
    let lines =
        ["", "{", "null", "[]", "{}", "\"\u{0}\"", "\u{feff}", "1e999", &deep, &deep_objects];
    for format in FORMATS {
        for line in lines {
            let said = told(format.name, &[line]);
            assert!(!said.contains(['→', '←']), "{}: {line:.40}: {said}", format.name);
        }
    }
}

#[test]
fn claude_code_lines_that_are_none_of_ours_are_passed_over() {
    check(
        "claude-code",
        &[
            r#"{"type":"queue-operation","operation":"dequeue"}"#,
            r#"{"type":"user","uuid":"1","parentUuid":null,"message":{"content":"[{\"type\":\"tool_use\"}]"}}"#,
            r#"{"type":"later","uuid":"2","parentUuid":"1","message":"anything"}"#,
            r#"{"type":"assistant","uuid":"3","parentUuid":"1","message":{"content":[{"type":"tool_use","name":"mcp__a__b"},{"type":"tool_use","id":"t","name":"mcp__a__b__c","input":{}}]}}"#,
            r#"{"type":"assistant","uuid":"4","parentUuid":"3","message":{"content":[{"type":"tool_use","id":"t","name":"mcp__a__b__c","input":{}}]}}"#,
            "{\"torn",
        ],
        &[
            "damaged a tool_use: it has no `id` or `name`",
            r#"a → {"jsonrpc":"2.0","id":"t","method":"tools/call","params":{"name":"b__c","arguments":{}}}"#,
            "line 6 EOF while parsing a string",
        ],
    );
}

#[test]
fn openai_events_and_repeated_items_count_once() {
    let call = r#"{"type":"mcp_call","id":"m","server_label":"s","name":"t","arguments":"{}","output":"ok"}"#;
    let done = format!(r#"{{"type":"response.output_item.done","item":{call}}}"#);
    let completed = format!(r#"{{"type":"response.completed","response":{{"output":[{call}]}}}}"#);
    check(
        "openai-responses",
        &[
            r#"{"type":"response.output_item.added","item":{"type":"mcp_call","id":"m","server_label":"s","name":"t","arguments":""}}"#,
            &done,
            &completed,
            r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"}"#,
            r#"[{"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"x"}]}]"#,
            r#"{"type":"mcp_call","id":"n","name":"t"}"#,
            r#"{"type":"mcp_call","id":7}"#,
        ],
        &[
            r#"s → {"jsonrpc":"2.0","id":"m","method":"tools/call","params":{"name":"t","arguments":{}}}"#,
            r#"s ← {"jsonrpc":"2.0","id":"m","result":{"content":[{"type":"text","text":"ok"}]}}"#,
            r#"functions → {"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"f","arguments":{"a":1}}}"#,
            r#"functions ← {"jsonrpc":"2.0","id":"c","result":{"content":[{"type":"text","text":"x"}]}}"#,
            "damaged : it has no `server_label`",
            "damaged : invalid type: integer `7`, expected a string",
        ],
    );
}

#[test]
fn an_openai_call_that_is_under_way_is_answered_when_it_comes_again() {
    check(
        "openai-responses",
        &[
            r#"{"object":"response","output":[{"type":"mcp_call","id":"m","server_label":"s","name":"t","arguments":"{}","status":"in_progress"}]}"#,
            r#"{"object":"response","output":[{"type":"mcp_call","id":"m","server_label":"s","name":"t","arguments":"{}","output":"ok"}]}"#,
            r#"{"object":"response","output":[{"type":"mcp_call","id":"m","server_label":"s","name":"t","arguments":"{}","output":"ok"}]}"#,
        ],
        &[
            r#"s → {"jsonrpc":"2.0","id":"m","method":"tools/call","params":{"name":"t","arguments":{}}}"#,
            r#"s ← {"jsonrpc":"2.0","id":"m","result":{"content":[{"type":"text","text":"ok"}]}}"#,
        ],
    );
}

#[test]
fn mcp_rec_keeps_what_was_no_json() {
    check(
        "mcp-rec",
        &[
            r#"{"ts": 1.5, "dir": "server->client", "msg": {"_raw": "hello", "_unparsed": true}}"#,
            r#"{"ts": 2, "dir": "sideways", "msg": {}}"#,
        ],
        &[" ← \"hello\"", "line 2 `dir` is `sideways`"],
    );
}

#[test]
fn another_version_of_mcp_cassette_is_refused() {
    check(
        "mcp-cassette",
        &[r#"{"format_version":4,"messages":[]}"#],
        &["line 1 its `format_version` is 4, and 3 is read"],
    );
    check(
        "mcp-cassette",
        &[
            r#"{"format_version":3,"messages":[{"t_offset_ms":1,"sender":"server","payload":"noise"},{"sender":"server"}]}"#,
        ],
        &[" ← \"noise\"", "damaged /messages/1: missing field `t_offset_ms`"],
    );
}

#[test]
fn spans_that_go_in_circles_are_left_alone() {
    let span = |id: &str, parent: &str| {
        format!(
            r#"{{"traceId":"t","spanId":"{id}","parentSpanId":"{parent}","startTimeUnixNano":1,"attributes":[
            {{"key":"mcp.method.name","value":{{"stringValue":"tools/call"}}}},
            {{"key":"gen_ai.tool.name","value":{{"stringValue":"x"}}}}]}}"#
        )
    };
    let spans = [span("a", "b"), span("b", "a"), span("c", "c")].join(",");
    let text = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}, {{"spanId":1}}]}}]}}]}}"#
    );
    let said = told("otlp", &[&text]);
    assert!(said.contains("damaged /resourceSpans/0/scopeSpans/0/spans/3"), "{said}");
    assert_eq!(said.matches('→').count(), 3, "{said}");
}

#[test]
fn times_of_files_follow_each_other() {
    let message = |at| super::Imported {
        session: Some("s".to_owned()),
        channel: 2,
        ..super::Imported::new("", at, Party::Client, Body::Text("".into()))
    };
    let mut tape = Tape::default();
    let next = |tape: &mut Tape, at| {
        let message = tape.next(message(at));
        (message.n, message.at_us, message.session, message.channel)
    };
    assert_eq!(next(&mut tape, At::Clock(5_000_000)), (1, Some(0), 1, 2));
    assert_eq!(next(&mut tape, At::Clock(6_000_000)), (2, Some(1_000_000), 1, 2));
    // A clock that was set back.
    assert_eq!(next(&mut tape, At::Clock(4_000_000)), (3, Some(0), 1, 2));
    tape.next_file();
    assert_eq!(next(&mut tape, At::Clock(9_000_000)), (4, Some(4_000_000), 2, 4));
    tape.next_file();
    // Began before the last one: it goes on at its end.
    assert_eq!(next(&mut tape, At::Clock(1_000_000)), (5, Some(4_000_000), 3, 6));
    assert_eq!(next(&mut tape, At::Clock(1_000_500)), (6, Some(4_000_500), 3, 6));
    assert_eq!(next(&mut tape, At::Unknown), (7, None, 3, 6));
    assert_eq!(tape.started().as_deref(), Some("1970-01-01T00:00:05Z"));
    // Where nothing tells sessions apart, files do.
    let message = super::Imported::new("", At::Unknown, Party::Client, Body::Text("".into()));
    assert_eq!(tape.next(message).session, 4);
}
