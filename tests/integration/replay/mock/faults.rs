//! `--faults`: each kind on each transport, and those that do not strike.

use serde_json::{Value, json};

use super::{
    client::{Client, Era, Way},
    tape::Tape,
};
use crate::program::Program;

fn tape() -> Tape {
    let mut tape = Tape::legacy();
    tape.tools()
        .call("pay", json!({"amount": 5, "idempotency_key": "recorded-1"}), "receipt 1")
        .call("pay", json!({"amount": 5, "idempotency_key": "recorded-2"}), "receipt 2");
    tape
}

/// A mock with one fault, at the first call of `pay`.
fn with(fault: &str, way: Way) -> Client {
    let faults = format!("format = \"mcp-kit.faults/1\"\n[[fault]]\ntool = \"pay\"\n{fault}\n");
    let program = Program::new().file("a.jsonl", tape().text()).file("f.toml", faults);
    let flags = ["--faults", "f.toml", "--strict"];
    let mut client = Client::start_in(program, &flags, way, Era::Legacy);
    client.greet();
    client
}

fn pay(client: &mut Client) -> Value {
    let arguments = json!({"amount": 5, "idempotency_key": "mine"});
    client.request("tools/call", json!({"name": "pay", "arguments": arguments}))
}

/// Ends a mock whose fault has struck.
fn end_well(client: Client) {
    let (status, stderr) = client.end();
    assert_eq!(status, 0, "{stderr}");
    assert!(!stderr.contains("did not strike"), "{stderr}");
}

#[test]
fn a_lost_answer_is_the_same_when_it_is_asked_for_again() {
    let mut client = with("kind = \"lose-answer\"", Way::Stdio);
    let lost = pay(&mut client);
    client.write(&lost.to_string());
    // What comes next is the answer to the second one.
    let again = pay(&mut client);
    assert_eq!(client.put(&again, |_| None).text(), "receipt 1");
    end_well(client);
}

#[test]
#[cfg(feature = "http")]
fn over_http_a_lost_answer_is_waited_for_in_vain() {
    let mut client = with("kind = \"lose-answer\"", Way::Http);
    let lost = pay(&mut client);
    let mut door = client.door.clone();
    let session = door.open(&client.request("ping", json!({})));
    assert_eq!(session.status, 200);
    let mut waiting = client.door.lost(&lost);
    // The connections may be taken in another order than they were made: one is answered, one never.
    let again = pay(&mut client);
    let mut answered = client.door.lost(&again);
    let text = answered.first_of(&mut waiting);
    assert!(text.contains("receipt 1"), "{text}");
    end_well(client);
}

#[test]
fn an_answer_comes_late_broken_twice_or_as_an_error() {
    for way in super::client::WAYS {
        let mut client = with("kind = \"delay\"\ndelay = \"10ms\"", *way);
        let call = pay(&mut client);
        assert_eq!(client.put(&call, |_| None).text(), "receipt 1");
        end_well(client);

        let mut client = with("kind = \"error-result\"\nmessage = \"out of money\"", *way);
        let call = pay(&mut client);
        let reply = client.put(&call, |_| None);
        assert!(reply.is_error());
        assert_eq!(reply.text(), "out of money");
        // It stands in the place of the call, which was not carried out.
        let call = pay(&mut client);
        assert_eq!(client.put(&call, |_| None).text(), "receipt 1");
        end_well(client);

        let mut client =
            with("kind = \"protocol-error\"\ncode = -32000\nmessage = \"no\"\ntimes = 2", *way);
        for _ in 0..2 {
            let call = pay(&mut client);
            let error = client.put(&call, |_| None).answer["error"].clone();
            assert_eq!(error, json!({"code": -32000, "message": "no"}));
        }
        end_well(client);
    }
}

#[test]
fn on_stdio_json_is_cut_and_answers_come_twice() {
    let mut client = with("kind = \"malformed-json\"", Way::Stdio);
    let call = pay(&mut client);
    client.write(&call.to_string());
    let line = client.raw_line().unwrap();
    assert!(line.starts_with("{\"jsonrpc\""), "{line}");
    assert!(serde_json::from_str::<Value>(&line).is_err(), "{line}");
    end_well(client);

    let mut client = with("kind = \"duplicate-answer\"", Way::Stdio);
    let call = pay(&mut client);
    client.write(&call.to_string());
    assert_eq!(client.line(), client.line());
    end_well(client);
}

#[test]
fn on_stdio_the_server_ends() {
    for (fault, code) in [("kind = \"exit\"\ncode = 7", 7), ("kind = \"close-connection\"", 0)] {
        let mut client = with(fault, Way::Stdio);
        let call = pay(&mut client);
        client.write(&call.to_string());
        assert_eq!(client.line(), None, "nothing is answered");
        let (status, stderr) = client.ended();
        assert_eq!(status, code, "{stderr}");
    }
}

#[test]
#[cfg(feature = "http")]
fn over_http_the_connection_the_body_or_the_status_is_wrong() {
    let mut client = with("kind = \"close-connection\"", Way::Http);
    let call = pay(&mut client);
    let closed = client.door.open(&call);
    assert_eq!(closed.status, 0, "{:?}", closed.headers);
    let call = pay(&mut client);
    assert_eq!(client.put(&call, |_| None).text(), "receipt 1");
    end_well(client);

    let mut client = with("kind = \"malformed-json\"", Way::Http);
    let call = pay(&mut client);
    let mut broken = client.door.open(&call);
    assert_eq!(broken.header("content-type"), Some("application/json"));
    assert!(serde_json::from_str::<Value>(&broken.rest()).is_err());
    end_well(client);

    let mut client = with("kind = \"duplicate-answer\"", Way::Http);
    let call = pay(&mut client);
    let mut twice = client.door.open(&call);
    assert_eq!(twice.message(), twice.message());
    assert_eq!(twice.message(), None);
    end_well(client);

    let mut client = with("kind = \"cut-stream\"", Way::Http);
    let call = pay(&mut client);
    let mut cut = client.door.open(&call);
    assert_eq!(cut.header("content-type"), Some("text/event-stream"));
    let rest = cut.rest();
    assert!(rest.contains("data: {\"jsonrpc\"") && !rest.contains("\n\r\n0\r\n"), "{rest}");
    end_well(client);

    for (fault, status, header) in [
        ("status = 429\nretry_after = 3", 429, ("retry-after", "3")),
        ("status = 401", 401, ("www-authenticate", "Bearer")),
        ("status = 503", 503, ("content-type", "text/plain")),
    ] {
        let mut client = with(&format!("kind = \"http-status\"\n{fault}"), Way::Http);
        let call = pay(&mut client);
        let refused = client.door.open(&call);
        assert_eq!(refused.status, status);
        assert_eq!(refused.header(header.0), Some(header.1));
        let call = pay(&mut client);
        assert_eq!(client.put(&call, |_| None).text(), "receipt 1");
        end_well(client);
    }

    let mut client = with("kind = \"exit\"\ncode = 9", Way::Http);
    let call = pay(&mut client);
    assert_eq!(client.door.open(&call).status, 0);
    assert_eq!(client.ended().0, 9);
}

#[test]
fn a_fault_is_for_a_tool_a_method_or_a_key() {
    let faults = "[[fault]]\nmethod = \"tools/list\"\nnth = 2\nkind = \"protocol-error\"\n\
                  [[fault]]\nkey = \"cursed\"\nkind = \"error-result\"\nmessage = \"cursed\"\n";
    let program = Program::new().file("a.jsonl", tape().text()).file("f.toml", faults);
    let flags = ["--faults", "f.toml", "--strict", "-v"];
    let mut client = Client::start_in(program, &flags, Way::Stdio, Era::Legacy);
    client.greet();
    assert!(client.ask("tools/list", json!({})).answer["result"].is_object());
    assert!(client.ask("tools/list", json!({})).answer["error"].is_object());
    for (key, text) in [("fine", "receipt 1"), ("cursed", "cursed")] {
        let reply = client.call("pay", json!({"amount": 5, "idempotency_key": key}));
        assert_eq!(reply.text(), text);
    }
    let (status, stderr) = client.end();
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("fault 1 strikes tools/list"), "{stderr}");
    assert!(stderr.contains("fault 2 strikes tools/call of `pay`"), "{stderr}");
}

#[test]
fn what_did_not_strike_is_said_and_fails_where_that_is_asked_for() {
    let faults = "[[fault]]\ntool = \"pay\"\nnth = 2\nkind = \"lose-answer\"\n\
                  [[fault]]\ntool = \"pay\"\nkind = \"http-status\"\nstatus = 503\n\
                  [[fault]]\nmethod = \"prompts/list\"\nkind = \"exit\"\n";
    for (flags, code) in
        [(&["--faults", "f.toml"][..], 0), (&["--faults", "f.toml", "--strict"], 1)]
    {
        let program = Program::new().file("a.jsonl", tape().text()).file("f.toml", faults);
        let mut client = Client::start_in(program, flags, Way::Stdio, Era::Legacy);
        client.greet();
        assert_eq!(
            client.call("pay", json!({"amount": 5, "idempotency_key": "k"})).text(),
            "receipt 1"
        );
        // Also where it is ended by a signal.
        client.signal();
        let (status, stderr) = client.ended();
        assert_eq!(status, code, "{stderr}");
        for said in [
            "fault 2 (http-status at call 1 of `pay`) strikes over HTTP only",
            "fault 1 (lose-answer at call 2 of `pay`) did not strike: it was asked once",
            "fault 3 (exit at `prompts/list` 1) did not strike: nothing of that kind was asked",
        ] {
            assert!(stderr.contains(said), "{stderr}");
        }
    }
}

#[test]
fn something_that_is_not_recorded_fails_a_strict_run() {
    for (flags, code) in [(&[][..], 0), (&["--strict"][..], 1)] {
        let mut client = Client::start(&tape(), flags, Way::Stdio, Era::Legacy);
        client.greet();
        assert!(client.call("pay", json!({})).is_error());
        let (status, stderr) = client.end();
        assert_eq!(status, code);
        assert!(stderr.contains("not recorded: no call of `pay` like this"), "{stderr}");
    }
}
