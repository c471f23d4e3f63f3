//! A client of one era and a recording of the other.

use serde_json::{Value, json};

use super::{
    client::{Client, Era, WAYS, Way},
    tape::{Tape, said},
};

fn tape(of: Era) -> Tape {
    let mut tape = match of {
        Era::Legacy => Tape::legacy(),
        Era::Modern => Tape::modern(),
    };
    tape.tools().exchange(
        "tools/call",
        json!({"name": "balance", "arguments": {}}),
        json!({"result": {"content": [{"type": "text", "text": "7"}], "structuredContent": {"z": 1, "a": 2}}}),
    );
    tape
}

#[test]
fn the_server_is_the_same_in_both_eras() {
    for recorded in [Era::Legacy, Era::Modern] {
        for way in WAYS {
            for spoken in [Era::Legacy, Era::Modern] {
                let mut client = Client::start(&tape(recorded), &[], *way, spoken);
                let greeting = client.greet().answer["result"].clone();
                assert_eq!(greeting["instructions"], "pay once", "{recorded:?} {spoken:?}");
                assert_eq!(greeting["capabilities"], json!({"tools": {}}));
                let info = match spoken {
                    Era::Legacy => &greeting["serverInfo"],
                    Era::Modern => &greeting["_meta"]["io.modelcontextprotocol/serverInfo"],
                };
                assert_eq!(*info, json!({"name": "till", "version": "3"}));
                let list = client.ask("tools/list", json!({})).answer["result"].clone();
                let has = |value: &Value, name: &str| value.get(name).is_some();
                if spoken == Era::Modern && recorded == Era::Legacy {
                    assert_eq!(list["resultType"], "complete");
                    assert!(has(&list, "ttlMs") && has(&list, "cacheScope"), "{list}");
                }
                if spoken == Era::Legacy {
                    assert!(!has(&list, "resultType") && !has(&list, "ttlMs"), "{list}");
                }
                let call = client.call("balance", json!({}));
                assert_eq!(call.text(), "7");
                let (status, stderr) = client.end();
                assert_eq!(status, 0, "{stderr}");
                let is_translated = stderr.contains("greeting and answers are translated");
                assert_eq!(is_translated, spoken != recorded, "{recorded:?} {spoken:?} {stderr}");
            }
        }
    }
}

#[test]
fn what_is_recorded_keeps_its_bytes() {
    let mut tape = Tape::legacy();
    tape.ask("tools/call", json!({"name": "balance", "arguments": {}}));
    let text = tape.text()
        + r#"{"kind":"message","n":9,"from":"server","message":{"id":2,"jsonrpc":"2.0","result":{"z": 1.50, "content":[],  "a":"\u00e9"}}}"#
        + "\n";
    let program = crate::program::Program::new().file("a.jsonl", text);
    let mut client = Client::start_in(program, &[], Way::Stdio, Era::Legacy);
    client.greet();
    let call = client.request("tools/call", json!({"name": "balance"}));
    client.write(&call.to_string());
    assert_eq!(
        client.raw_line().unwrap(),
        format!(
            r#"{{"jsonrpc":"2.0","id":{},"result":{{"z": 1.50, "content":[],  "a":"\u00e9"}}}}"#,
            call["id"]
        )
    );
}

#[test]
fn a_server_that_refused_the_newer_era_refuses_it_again() {
    let mut tape = Tape::without_greeting();
    let refusal = json!({"error": {"code": -32601, "message": "Method not found"}});
    tape.exchange("server/discover", json!({}), refusal.clone());
    let greeting = json!({"protocolVersion": "2025-06-18", "capabilities": {},
        "serverInfo": {"name": "old", "version": "1"}});
    tape.exchange("initialize", json!({}), json!({"result": greeting}));
    for way in WAYS {
        let mut client = Client::start(&tape, &[], *way, Era::Modern);
        assert_eq!(client.greet().answer["error"], refusal["error"]);
        client.era = Era::Legacy;
        assert_eq!(client.greet().answer["result"]["protocolVersion"], "2025-06-18");
    }
}

#[test]
fn it_can_be_held_to_one_era() {
    for way in WAYS {
        for (flag, spoken, other) in
            [("legacy", Era::Legacy, Era::Modern), ("modern", Era::Modern, Era::Legacy)]
        {
            let mut client = Client::start(&tape(Era::Legacy), &["--era", flag], *way, other);
            assert_eq!(client.greet().answer["error"]["code"], -32601, "{flag}");
            client.era = spoken;
            assert!(client.greet().answer["result"].is_object());
            assert_eq!(client.call("balance", json!({})).text(), "7");
        }
    }
}

#[test]
fn without_a_greeting_and_a_list_one_is_made_up_and_said_so() {
    let mut tape = Tape::without_greeting();
    tape.call("balance", json!({"account": "a"}), "7").exchange(
        "tools/call",
        json!({"name": "pay", "arguments": {}}),
        said("paid"),
    );
    super::client::everywhere(&tape, &[], |client| {
        let list = client.ask("tools/list", json!({})).answer["result"]["tools"].clone();
        let names: Vec<&Value> =
            list.as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
        assert_eq!(names, ["balance", "pay"]);
        assert_eq!(client.call("balance", json!({"account": "a"})).text(), "7");
    });
    let client = Client::start(&tape, &[], Way::Stdio, Era::Legacy);
    let (_, stderr) = client.end();
    assert!(stderr.contains("no greeting was recorded; one is made up"), "{stderr}");
    assert!(stderr.contains("no tool list was recorded"), "{stderr}");
}
