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
        ("search_customers", json!({"filter": null})),
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
