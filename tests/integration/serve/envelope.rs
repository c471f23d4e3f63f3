//! Every error of every tool is the envelope, and leads to something that is there.

use std::collections::BTreeSet;

use mcp_kit::serve::runtime::guidance::Code;
use serde_json::{Value, json};

use super::{
    client::{Answer, Client},
    hostile::NOBODY,
    place::Place,
    relay::Relay,
    server::Server,
};

/// The keys that every envelope has, and those that it may have.
const KEYS: [&str; 10] = [
    "argument", "code", "correlation_id", "effect", "expected", "got", "message", "next",
    "retry_after_ms", "retryable",
];

#[test]
fn every_error_is_the_envelope_and_leads_somewhere() {
    let place = Place::postgres();
    let relay = Relay::new();
    let store = place.through(&relay);
    let server = Server::start(place.home(), &["--demo", "--store", &store, "--as", "alice"]);
    let clients = Client::both(server.address, None);
    let tools = clients[0].request("tools/list", json!({})).message()["result"]["tools"].take();
    let cursor =
        clients[0].call("search_customers", json!({"limit": 1})).data()["page"]["next_cursor"]
            .take();
    let customer = clients[0].call("search_customers", json!({"limit": 1})).data()["data"]
        ["customers"][0]["id"]
        .take();
    let mut wrong = vec![
        ("search_customers", json!({"query": ""})),
        ("search_customers", json!({"query": "x".repeat(201)})),
        ("search_customers", json!({"query": 7})),
        ("search_customers", json!({"qeury": "x"})),
        ("search_customers", json!({"filter": {"status": "gone"}})),
        ("search_customers", json!({"filter": {"owner": ""}})),
        ("search_customers", json!({"filter": {"ownr": "x"}})),
        ("search_customers", json!({"filter": "x"})),
        ("search_customers", json!({"filter": 7})),
        ("search_customers", json!({"filter": {"updated_after": "yesterday"}})),
        ("search_customers", json!({"filter": {"updated_after": "2026-02-30T00:00:00Z"}})),
        ("search_customers", json!({"limit": 0})),
        ("search_customers", json!({"limit": 51})),
        ("search_customers", json!({"limit": 1.5})),
        ("search_customers", json!({"limit": "1"})),
        ("search_customers", json!({"limit": 1e300})),
        ("search_customers", json!({"cursor": "x"})),
        ("search_customers", json!({"cursor": ""})),
        ("search_customers", json!({"cursor": cursor, "query": "other"})),
        ("get_customer", json!({})),
        ("get_customer", json!({"customer_id": ""})),
        ("get_customer", json!({"customer_id": "x".repeat(65)})),
        ("get_customer", json!({"customer_id": [customer]})),
        ("get_customer", json!({"customer_id": customer, "fields": []})),
        ("get_customer", json!({"customer_id": customer, "fields": ["email", "email"]})),
        ("get_customer", json!({"customer_id": customer, "fields": ["password"]})),
        ("get_customer", json!({"customer_id": customer, "fields": "email"})),
        ("get_customer", json!({"customer_id": customer, "x".repeat(5_000): 1})),
        ("get_customer", json!({"customer_id": NOBODY})),
        ("get_customer", json!({"customer_id": "'; DROP TABLE customer; --"})),
        ("get_customer", json!({"customer_id": "nul\u{0}nul"})),
        ("list_activity", json!({})),
        ("list_activity", json!({"customer_id": customer, "kinds": []})),
        ("list_activity", json!({"customer_id": customer, "kinds": ["fax"]})),
        ("list_activity", json!({"customer_id": customer, "kinds": ["note", "note"]})),
        ("list_activity", json!({"customer_id": customer, "since": "2026-06-30"})),
        ("list_activity", json!({"customer_id": customer, "limit": -1})),
        ("list_activity", json!({"customer_id": customer, "cursor": cursor})),
        ("list_activity", json!({"customer_id": NOBODY})),
    ];
    let mut codes = BTreeSet::new();
    let mut ids = Vec::new();
    let mut check = |client: &Client, tool: &str, arguments: &Value| {
        let answer = client.call(tool, arguments.clone());
        let error = envelope(&answer, &tools, tool, arguments);
        codes.insert(error["code"].as_str().unwrap().to_owned());
        ids.push(error["correlation_id"].as_str().unwrap().to_owned());
    };
    for client in &clients {
        for (tool, arguments) in &wrong {
            check(client, tool, arguments);
        }
    }
    // What is odd and not wrong, or text that a store could stumble over.
    for query in ["nul\u{0}nul", "%", "_", "\\", "'", "🦊", "\u{202e}", "a b c d e f g h i j"] {
        let answer = clients[0].call("search_customers", json!({"query": query}));
        if answer.message()["result"]["isError"] == true {
            envelope(&answer, &tools, "search_customers", &json!({"query": query}));
        }
    }
    relay.cut();
    wrong.clear();
    for tool in ["search_customers", "get_customer", "list_activity"] {
        let arguments =
            if tool == "search_customers" { json!({}) } else { json!({"customer_id": customer}) };
        for client in &clients {
            check(client, tool, &arguments);
        }
    }
    relay.mend();
    let expected = ["invalid_argument", "not_found", "upstream_unavailable"];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is of one call");
    // The operator finds each that the store could take under its id.
    let stored = place.dump();
    let log = server.log();
    for id in &ids {
        assert!(log.contains(id.as_str()), "{id} is not in the log");
    }
    let kept = ids.iter().filter(|id| stored.contains(id.as_str())).count();
    assert!(kept >= ids.len() - 6, "{kept} of {}", ids.len());
}

#[test]
fn a_call_that_is_badly_written_is_not_a_method_that_is_unknown() {
    let place = Place::sqlite();
    let server = Server::start(place.home(), &["--demo", "--store", &place.store, "--as", "alice"]);
    for client in Client::both(server.address, None) {
        let usual = client.call("search_customers", json!({"limit": 0})).message();
        let keys = |message: &Value| {
            let result = message["result"].as_object().unwrap();
            result.keys().cloned().collect::<BTreeSet<_>>()
        };
        for arguments in [json!("{\"limit\": 1}"), json!("x"), json!([]), json!(7), json!(true)] {
            let params = json!({"name": "search_customers", "arguments": arguments});
            let answer = client.request("tools/call", params);
            assert_eq!(answer.status, 200, "{arguments}: {answer:?}");
            let error = answer.error();
            assert_eq!(error["code"], "invalid_argument", "{arguments}: {error}");
            assert_eq!(error["argument"], "", "{arguments}: {error}");
            assert_eq!(error["next"]["action"], "fix_arguments", "{arguments}: {error}");
            assert_eq!(keys(&answer.message()), keys(&usual), "it is a result like others");
            let is_text = arguments.as_str().is_some_and(|text| text.starts_with('{'));
            let hint = error["next"]["hint"].as_str().unwrap();
            assert_eq!(hint.contains("not as a string"), is_text, "{arguments}: {error}");
        }
        for params in [
            json!({}),
            json!({"name": 5}),
            json!({"name": null, "arguments": {}}),
            json!({"arguments": "{}"}),
            json!({"name": "search_customers", "arguments": {}, "requestState": 5}),
        ] {
            let answer = client.request("tools/call", params.clone());
            assert_eq!(answer.message()["error"]["code"], -32_602, "{params}: {answer:?}");
            assert!(matches!(answer.status, 200 | 400), "{params}: {answer:?}");
        }
        // Nor are other methods unknown because their params are not theirs; one that is, is.
        for (method, params, code) in [
            ("tools/list", json!({"cursor": "x"}), -32_602),
            ("resources/list", json!({"cursor": "x"}), -32_602),
            ("resources/templates/list", json!({"cursor": "x"}), -32_602),
            ("prompts/list", json!({"cursor": "x"}), -32_602),
            ("tools/no", json!({"name": "search_customers", "arguments": "{}"}), -32_601),
        ] {
            let answer = client.request(method, params);
            assert_eq!(answer.message()["error"]["code"], code, "{method}: {answer:?}");
        }
    }
    // All calls are in the trail: per era one as usual, five with odd arguments, five without a name.
    let dump = place.dump();
    let kept = dump.lines().filter(|line| line.contains("\"code\":\"invalid_argument\"")).count();
    assert_eq!(kept, 2 * (1 + 5 + 5));
}

#[test]
fn arguments_are_taken_as_the_schema_says() {
    let place = Place::sqlite();
    let server = Server::start(place.home(), &["--demo", "--store", &place.store, "--as", "carol"]);
    let client = Client::modern(server.address, None);
    let found = |arguments: Value| {
        let data = client.call("search_customers", arguments).data();
        data["data"]["customers"].as_array().unwrap().len()
    };
    // An integer is one however it is written.
    assert_eq!(found(json!({"limit": 20.0})), 20);
    let id = client.call("search_customers", json!({"limit": 1})).data();
    let id = &id["data"]["customers"][0]["id"];
    client.call("list_activity", json!({"customer_id": id, "limit": 5.0})).data();
    // Names are found as they can be typed.
    for (name, typed) in [
        ("Yılmaz", "YILMAZ"),
        ("Weiß", "WEISS"),
        ("Łukasz", "Lukasz"),
        ("Søren", "SOREN"),
        ("İrem", "irem"),
        ("Ærø", "aero"),
    ] {
        let count = found(json!({"query": name, "limit": 50}));
        assert!(count > 0, "{name}");
        assert_eq!(found(json!({"query": typed, "limit": 50})), count, "{typed}");
    }
    // No word is left out without a word.
    assert_eq!(found(json!({"query": "ada ada ada ada ada ada zzzzz"})), 0);
    assert!(found(json!({"query": "ada ada ada ada ada ada ada"})) > 0);
    let error = client.call("search_customers", json!({"query": "a b c d e f g"})).error();
    assert_eq!(
        (&error["code"], &error["argument"]),
        (&json!("invalid_argument"), &json!("/query"))
    );
    // What is allowed is named.
    for (tool, arguments, values) in [
        (
            "search_customers",
            json!({"filter": {"status": "Active"}}),
            "one of \"lead\", \"active\", \"dormant\", \"closed\"",
        ),
        (
            "list_activity",
            json!({"customer_id": id, "kinds": ["fax"]}),
            "one of \"note\", \"change\", \"meeting\", \"call\"",
        ),
    ] {
        let error = client.call(tool, arguments).error();
        assert_eq!(error["expected"], values);
        assert!(error["next"]["hint"].as_str().unwrap().contains(values), "{error}");
    }
    let error = client.call("get_customer", json!({"id": id})).error();
    assert_eq!(error["next"]["hint"], "is `customer_id` meant? it is missing");
}

/// The error of an answer, if it is as every error must be.
fn envelope(answer: &Answer, tools: &Value, tool: &str, arguments: &Value) -> Value {
    let error = answer.error();
    let shown = format!("{tool} {arguments:.200} {error}");
    let keys: BTreeSet<&str> = error.as_object().unwrap().keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = KEYS.into_iter().chain(["reason"]).collect();
    assert!(KEYS.iter().all(|key| keys.contains(key)) && keys.is_subset(&known), "{shown}");
    assert!(Code::ALL.iter().any(|code| error["code"] == code.name()), "{shown}");
    assert_ne!(error["code"], "internal", "{shown}");
    assert_eq!(error["effect"], "none", "{shown}");
    assert_eq!(error["retryable"], error["code"] == "upstream_unavailable", "{shown}");
    assert_eq!(error["retry_after_ms"].is_u64(), error["retryable"] == true, "{shown}");
    assert_eq!(error["correlation_id"], answer.header("x-request-id").unwrap(), "{shown}");
    let message = error["message"].as_str().unwrap();
    assert!(!message.starts_with(char::is_uppercase) && !message.ends_with('.'), "{shown}");
    assert!(answer.body.len() < 4_000, "what was sent is cut: {}", answer.body.len());
    let next = &error["next"];
    assert!(!next["hint"].as_str().unwrap().is_empty(), "{shown}");
    let schema = |name: &str| {
        let tool = tools.as_array().unwrap().iter().find(|tool| tool["name"] == name);
        tool.unwrap_or_else(|| panic!("there is no tool {name}: {shown}"))["inputSchema"].clone()
    };
    match next["action"].as_str().unwrap() {
        "call_tool" | "poll_job" => {
            let schema = schema(next["tool"].as_str().unwrap());
            assert!(jsonschema::is_valid(&schema, &next["arguments"]), "{shown}");
        }
        "fix_arguments" => {
            let pointer = error["argument"].as_str().unwrap();
            let name = pointer.split('/').nth(1).unwrap_or_default();
            let schema = schema(tool);
            let properties = schema["properties"].as_object().unwrap();
            // An argument that there is, or one that was sent and that there is not; then those that
            // there are are named.
            if !properties.contains_key(name) {
                let is_long = pointer.is_empty() && arguments.to_string().len() > 1_000;
                assert!(arguments.get(name).is_some() || is_long, "{shown}");
                let real = error["expected"].as_str().unwrap();
                assert!(properties.keys().all(|name| real.contains(name.as_str())), "{shown}");
            }
        }
        "wait" => assert_eq!(error["retryable"], true, "{shown}"),
        action => panic!("{action}: {shown}"),
    }
    error
}
