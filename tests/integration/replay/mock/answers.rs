//! Which recorded answer a request gets.

use serde_json::json;

use super::{
    client::{Client, Era, Way, everywhere},
    tape::{Tape, said},
};

#[test]
fn a_repeated_call_is_answered_like_the_first() {
    let mut tape = Tape::legacy();
    tape.tools()
        .call("pay", json!({"amount": 5, "idempotency_key": "recorded-1"}), "receipt 1")
        .call("pay", json!({"amount": 5, "idempotency_key": "recorded-2"}), "receipt 2");
    everywhere(&tape, &[], |client| {
        let mut pay = |key: &str| {
            let reply = client.call("pay", json!({"idempotency_key": key, "amount": 5.0}));
            reply.text().to_owned()
        };
        // Keys that the client has made up, and those of the recording.
        assert_eq!(pay("a"), "receipt 1");
        assert_eq!(pay("a"), "receipt 1");
        assert_eq!(pay("b"), "receipt 2");
        assert_eq!(pay("a"), "receipt 1");
        assert_eq!(pay("b"), "receipt 2");
        assert_eq!(pay("recorded-1"), "receipt 1");
    });
}

#[test]
fn a_key_that_is_used_again_is_answered_as_recorded_or_not_at_all() {
    let mut tape = Tape::legacy();
    let conflict = json!({"result": {"isError": true,
        "content": [{"type": "text", "text": "idempotency_conflict"}]}});
    let arguments = json!({"amount": 6, "idempotency_key": "recorded"});
    tape.tools()
        .call("pay", json!({"amount": 5, "idempotency_key": "recorded"}), "receipt")
        .exchange("tools/call", json!({"name": "pay", "arguments": arguments}), conflict)
        .call("pay", json!({"amount": 7, "idempotency_key": "other"}), "receipt 7");
    everywhere(&tape, &[], |client| {
        let mut pay = |key: &str, amount: u64| {
            client.call("pay", json!({"idempotency_key": key, "amount": amount}))
        };
        assert_eq!(pay("a", 5).text(), "receipt");
        assert_eq!(pay("a", 6).text(), "idempotency_conflict");
        let refused = pay("a", 7);
        assert!(refused.is_error());
        assert_eq!(refused.answer["result"]["_meta"], json!({"dev.mcp-kit/unrecorded": true}));
        assert!(refused.text().contains("this idempotency key was used for another call before"));
        // Of a fresh key nobody knows that it would be refused.
        assert!(pay("b", 6).text().contains("no call of `pay` like this was recorded"));
        assert_eq!(pay("b", 7).text(), "receipt 7");
    });
}

#[test]
fn a_key_that_is_not_recognised_can_be_named() {
    let mut tape = Tape::legacy();
    tape.call("ship", json!({"box": 1, "note": "recorded"}), "shipped");
    for (flags, text) in [
        (&[][..], "where `/note` is \"recorded\" and here it is \"mine\""),
        (&["--key", "note"][..], "shipped"),
    ] {
        everywhere(&tape, flags, |client| {
            let reply = client.call("ship", json!({"box": 1, "note": "mine"}));
            assert!(reply.text().contains(text), "{}", reply.text());
        });
    }
}

#[test]
fn what_was_answered_in_two_ways_comes_in_recorded_order() {
    let mut tape = Tape::legacy();
    for text in ["7", "9"] {
        tape.call("balance", json!({"account": "a", "at": {"x": 1, "y": 2}}), text);
    }
    everywhere(&tape, &[], |client| {
        let texts = [0; 3].map(|_| {
            let reply = client.call("balance", json!({"at": {"y": 2, "x": 1}, "account": "a"}));
            reply.text().to_owned()
        });
        assert_eq!(texts, ["7", "9", "9"]);
    });
}

#[test]
fn what_was_not_recorded_is_refused_with_what_was() {
    let mut tape = Tape::legacy();
    tape.tools().call("balance", json!({"account": "a", "of": {"day": 1}}), "7");
    everywhere(&tape, &[], |client| {
        for (tool, arguments, words) in [
            (
                "balance",
                json!({"account": "b", "of": {"day": 1}}),
                "where `/account` is \"a\" and here it is \"b\"",
            ),
            (
                "balance",
                json!({"account": "a"}),
                "where `/of` is {\"day\":1} and here it is missing",
            ),
            (
                "balance",
                json!({"account": "a", "of": {"day": 1, "hour": 2}}),
                "there is no `/of/hour`",
            ),
            ("balanse", json!({}), "no call of `balanse` was recorded; calls were of `balance`"),
        ] {
            let reply = client.call(tool, arguments);
            assert!(reply.is_error(), "{:?}", reply.answer);
            assert!(reply.text().contains(words), "{}", reply.text());
        }
        let refused = client.ask("prompts/get", json!({"name": "x"})).answer;
        assert_eq!(refused["error"]["code"], -32601);
        let words = refused["error"]["message"].as_str().unwrap();
        assert!(words.contains("no `prompts/get` was recorded; there are `initialize`"), "{words}");
        let refused = client.ask("tools/list", json!({"cursor": "9"})).answer;
        assert_eq!(refused["error"]["code"], -32602);
    });
}

#[test]
fn ids_tokens_and_cursors_are_those_of_the_client() {
    let mut tape = Tape::legacy();
    for (cursor, next, name) in [(None, Some("p2"), "one"), (Some("p2"), None, "two")] {
        let mut page = json!({"tools": [{"name": name, "inputSchema": {"type": "object"}}]});
        let mut params = json!({});
        if let Some(cursor) = cursor {
            params["cursor"] = cursor.into();
        }
        if let Some(next) = next {
            page["nextCursor"] = next.into();
        }
        tape.exchange("tools/list", params, json!({"result": page}));
    }
    tape.ask("tools/call", json!({"name": "one", "arguments": {}}));
    for (method, params) in [
        ("notifications/progress", json!({"progressToken": "recorded-token", "progress": 1})),
        ("notifications/message", json!({"level": "info", "data": "half"})),
        ("notifications/progress", json!({"progressToken": "another", "progress": 2})),
    ] {
        tape.say("server", 10, json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }
    tape.answer(10, said("done"));
    everywhere(&tape, &[], |client| {
        let mut names = Vec::new();
        let mut params = json!({});
        loop {
            let page = client.ask("tools/list", params).answer["result"].clone();
            names.push(page["tools"][0]["name"].as_str().unwrap().to_owned());
            match page.get("nextCursor") {
                Some(cursor) => params = json!({"cursor": cursor}),
                None => break,
            }
        }
        assert_eq!(names, ["one", "two"]);
        let params = json!({"name": "one", "arguments": {}, "_meta": {"progressToken": 77}});
        let reply = client.ask("tools/call", params);
        assert_eq!(reply.text(), "done");
        let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress",
            "params": {"progressToken": 77, "progress": 1}});
        assert_eq!(reply.before[0], progress);
        // The newer era has log messages only where they are asked for.
        let heard = if client.era == Era::Legacy { 2 } else { 1 };
        assert_eq!(reply.before.len(), heard, "{:?}", reply.before);
        let without = client.call("one", json!({}));
        assert_eq!(without.before.len(), heard - 1, "nobody has asked for progress");
    });
}

#[test]
fn answers_come_at_the_recorded_pace_where_that_is_asked_for() {
    let mut tape = Tape::legacy();
    for (account, after_us) in [("slow", 2_000_000), ("fast", 10)] {
        tape.ask("tools/call", json!({"name": "balance", "arguments": {"account": account}}));
        tape.answer(after_us, said(account));
    }
    for (pace, order) in
        [("none", ["slow", "fast"]), ("recorded", ["fast", "slow"]), ("x2", ["fast", "slow"])]
    {
        let mut client = Client::start(&tape, &["--pace", pace], Way::Stdio, Era::Legacy);
        client.greet();
        for account in ["slow", "fast"] {
            let params = json!({"name": "balance", "arguments": {"account": account}});
            let request = client.request("tools/call", params);
            client.write(&request.to_string());
        }
        let texts = [0; 2].map(|_| {
            client.line().unwrap()["result"]["content"][0]["text"].as_str().unwrap().to_owned()
        });
        assert_eq!(texts, order, "{pace}");
    }
}

#[test]
fn what_is_cancelled_is_not_answered() {
    let faults = "[[fault]]\ntool = \"balance\"\nkind = \"delay\"\ndelay = \"1h\"\n";
    let mut tape = Tape::legacy();
    tape.call("balance", json!({}), "7");
    let program =
        crate::program::Program::new().file("a.jsonl", tape.text()).file("f.toml", faults);
    let mut client =
        Client::start_in(program, &["--faults", "f.toml", "--strict"], Way::Stdio, Era::Legacy);
    client.greet();
    let call = client.request("tools/call", json!({"name": "balance", "arguments": {}}));
    client.write(&call.to_string());
    client.tell(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": call["id"]}}));
    assert_eq!(client.ask("ping", json!({})).before.len(), 0);
    // It would wait for an hour otherwise.
    assert_eq!(client.end().0, 0);
}
