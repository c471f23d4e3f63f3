use std::borrow::Cow;

use serde_json::{Value, json, value::RawValue};

use super::{
    Answer, Body, Call, CallOutcome, Damage, End, Event, Exchange, FORMAT, Header, Http, Joiner,
    Line, Message, Party, ReadError, Reader, Sse, Transport,
};

fn header() -> Header {
    Header {
        format: FORMAT.to_owned(),
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        part: 1,
        started: Some("2026-11-23T21:00:00Z".to_owned()),
        transport: Some(Transport::Stdio),
        server: Some("node build/index.js".to_owned()),
        imported_from: None,
        lacks: Vec::new(),
        redaction: Some(1),
        program: "mcp-kit 0.1.0".to_owned(),
    }
}

fn message(n: u64, from: Party, json: &str) -> Message<'static> {
    let json = RawValue::from_string(json.to_owned()).unwrap();
    Message {
        n,
        at_us: Some(n * 1_000),
        from,
        channel: 0,
        session: 0,
        http: None,
        sse: None,
        body: Body::Json(Cow::Owned(json)),
    }
}

/// The lines of a text after its header, by their form, and what is damaged.
fn lines(text: &[u8]) -> Vec<Result<String, Damage>> {
    let mut reader = Reader::open(text).unwrap();
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line().unwrap() {
        lines.push(line.map(|line| line.to_text()));
    }
    lines
}

#[test]
fn what_is_written_is_read_again() {
    let json =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","n":1.0,"n":10000000000000000000000}"#;
    let carried = Message {
        channel: 3,
        session: 1,
        http: Some(Http {
            method: Some("POST".to_owned()),
            status: None,
            headers: [("mcp-method".to_owned(), "tools/call".to_owned())].into(),
        }),
        sse: Some(Sse { event: Some("message".to_owned()), id: Some("7".to_owned()) }),
        ..message(1, Party::Client, json)
    };
    let text = Message {
        body: Body::Text("not \"JSON\"\u{7}".into()),
        at_us: None,
        ..message(2, Party::Server, "0")
    };
    let event = Event {
        n: 3,
        at_us: Some(5),
        event: "exited".to_owned(),
        channel: 0,
        data: json!({"status": 0}),
    };
    let written = [
        Line::Message(carried),
        Line::Message(text),
        Line::Event(event),
        Line::Header(Box::new(Header { part: 2, ..header() })),
        Line::End(End { n: 3, goes_on: true }),
    ];
    let written: Vec<String> = written.iter().map(Line::to_text).collect();
    assert!(written[0].contains(json), "kept byte for byte: {}", written[0]);
    assert!(written.iter().all(|line| line.matches('\n').count() == 1), "{written:?}");
    let file = Line::Header(Box::new(header())).to_text() + &written.concat();
    assert_eq!(*Reader::open(file.as_bytes()).unwrap().header(), header());
    assert_eq!(lines(file.as_bytes()), written.into_iter().map(Ok).collect::<Vec<_>>());
}

#[test]
fn what_is_damaged_is_named_and_the_rest_is_read() {
    let head = Line::Header(Box::new(header())).to_text();
    let good = Line::Message(message(2, Party::Client, "{}")).to_text();
    let later = "{\"kind\":\"colour\",\"n\":3,\"of\":[1]}\n";
    let more = good.replace("\"n\":2", "\"n\":2,\"mood\":\"fine\"");
    let damaged = ["{\"kind\":\"mess\n", "\u{0}\u{0}\n", "{\"kind\":\"message\",\"n\":4}\n"];
    let torn = &good[..good.len() - 3];
    let file = [&head, damaged[0], later, damaged[1], &more, damaged[2], &good, torn].concat();
    let damages: Vec<_> = lines(file.as_bytes()).into_iter().filter_map(Result::err).collect();
    let found: Vec<_> = damages.iter().map(|it| (it.line, it.is_torn)).collect();
    assert_eq!(found, [(2, false), (4, false), (6, false), (8, true)]);
    assert_eq!(damages[2].reason, "missing field `from`");
    let read: Vec<_> = lines(file.as_bytes()).into_iter().filter_map(Result::ok).collect();
    assert_eq!(read, [String::new(), good.clone(), good.clone()]);
    // A last line without its end that is whole was not torn.
    assert_eq!(lines([&head, good.trim_end()].concat().as_bytes()), [Ok(good)]);
}

#[test]
fn another_file_is_no_cassette() {
    for text in ["", "{}\n", "[1]", "{\"ts\":1,\"dir\":\"client->server\",\"msg\":{}}\n", "\u{0}"] {
        let refused = Reader::open(text.as_bytes()).map(|_| ()).unwrap_err();
        assert!(matches!(refused, ReadError::NotACassette), "{text}: {refused}");
    }
    let later = Header { format: "mcp-kit.cassette/2".to_owned(), ..header() };
    let later = Line::Header(Box::new(later)).to_text();
    let refused = Reader::open(later.as_bytes()).map(|_| ()).unwrap_err();
    assert!(matches!(&refused, ReadError::Newer(format) if format == "mcp-kit.cassette/2"));
}

/// The exchanges of some messages: the lines of request and answer, and what came of each.
fn joined(messages: &[Message<'_>]) -> Vec<(u64, Option<u64>, String)> {
    let mut joiner = Joiner::new(|_, _| true);
    let mut done = Vec::new();
    for message in messages {
        joiner.push(message, |exchange| done.push(exchange));
    }
    done.extend(joiner.finish());
    let in_words = |exchange: Exchange| {
        let answer = match exchange.answer {
            Answer::Result(result) => format!("result {}", result.get()),
            Answer::Error(error) => format!("error {}", error.get()),
            Answer::None => "none".to_owned(),
        };
        (exchange.n, exchange.answered_n, format!("{} {answer}", exchange.method))
    };
    done.into_iter().map(in_words).collect()
}

#[test]
fn requests_and_answers_are_put_together() {
    let ask =
        |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"m{}"}}"#, id.trim_matches('"'));
    let answer = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
    let failed = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":1}}}}"#);
    let messages = [
        message(1, Party::Client, &ask("1")),
        message(2, Party::Client, &ask("\"1\"")),
        // The server asks under the same id.
        message(3, Party::Server, &ask("1")),
        message(4, Party::Server, &answer("\"1\"")),
        message(5, Party::Client, &failed("1")),
        message(6, Party::Server, r#"{"jsonrpc":"2.0","method":"note"}"#),
        message(7, Party::Server, &answer("1")),
        message(8, Party::Server, &answer("1")),
        message(9, Party::Client, &ask("2")),
        message(10, Party::Client, &ask("2")),
        message(11, Party::Client, &format!("[{},{}]", ask("3"), ask("4"))),
        message(12, Party::Server, &format!("[{},{}]", answer("4"), answer("3"))),
    ];
    let expected = [
        (2, Some(4), "m1 result {}"),
        (3, Some(5), "m1 error {\"code\":1}"),
        (1, Some(7), "m1 result {}"),
        (9, None, "m2 none"),
        (11, Some(12), "m4 result {}"),
        (11, Some(12), "m3 result {}"),
        (10, None, "m2 none"),
    ];
    let expected = expected.map(|(n, answered, text)| (n, answered, text.to_owned()));
    assert_eq!(joined(&messages), expected);
}

#[test]
fn an_id_counts_for_its_session_or_its_http_request() {
    let ask = r#"{"jsonrpc":"2.0","id":1,"method":"m"}"#;
    let on = |n, from, session, channel, json: &str| Message {
        session,
        channel,
        ..message(n, from, json)
    };
    let answer = |text: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"result":"{text}"}}"#);
    let messages = [
        on(1, Party::Client, 0, 1, ask),
        on(2, Party::Client, 0, 2, ask),
        on(3, Party::Client, 1, 3, ask),
        on(4, Party::Client, 2, 4, ask),
        on(5, Party::Server, 2, 9, &answer("d")),
        on(6, Party::Server, 0, 2, &answer("b")),
        on(7, Party::Server, 1, 3, &answer("c")),
        on(8, Party::Server, 0, 1, &answer("a")),
    ];
    let expected = [(4, 5, "d"), (2, 6, "b"), (3, 7, "c"), (1, 8, "a")]
        .map(|(n, answered, text)| (n, Some(answered), format!("m result \"{text}\"")));
    assert_eq!(joined(&messages), expected);
}

#[test]
fn what_waits_is_bounded() {
    let most = Joiner::MOST as u64;
    let messages: Vec<_> = (1..=most + 1)
        .map(|n| message(n, Party::Client, &format!(r#"{{"id":{n},"method":"m"}}"#)))
        .collect();
    let done = joined(&messages);
    assert_eq!((done.len(), done[0].0, done[1].0), (messages.len(), 1, 2));
}

#[test]
fn a_call_says_what_came_of_it() {
    let call = |answer: Value| {
        let params = r#"{"name":"add","arguments":{"b":1,"a":1.0}}"#;
        let exchange = Exchange {
            serial: 1,
            from: Party::Client,
            method: "tools/call".to_owned(),
            params: Some(RawValue::from_string(params.to_owned()).unwrap()),
            n: 1,
            at_us: None,
            time_us: None,
            session: 0,
            answered_n: None,
            answer: match answer {
                Value::Null => Answer::None,
                Value::String(_) => {
                    Answer::Error(serde_json::value::to_raw_value(&answer).unwrap())
                }
                _ => Answer::Result(serde_json::value::to_raw_value(&answer).unwrap()),
            },
        };
        Call::of(exchange).unwrap()
    };
    let with_arguments = call(json!({}));
    assert_eq!(with_arguments.tool, "add");
    assert_eq!(with_arguments.arguments.unwrap().get(), r#"{"b":1,"a":1.0}"#);
    for (answer, expected) in [
        (json!({"content": []}), CallOutcome::Ok),
        (json!({"content": [], "isError": true}), CallOutcome::ToolError),
        (json!({"resultType": "input_required"}), CallOutcome::InputRequired),
        (json!({"resultType": "task", "taskId": "t"}), CallOutcome::Task),
        (json!({"task": {"taskId": "t"}}), CallOutcome::Task),
        (json!("error"), CallOutcome::ProtocolError),
        (Value::Null, CallOutcome::Unanswered),
    ] {
        assert_eq!(call(answer.clone()).outcome(), expected, "{answer}");
    }
}
