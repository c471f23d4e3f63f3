//! Requests that nobody well-meaning sends, each with the answer that it must get.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use mcp_kit::serve::runtime::{
    clock::Clock,
    store::{Row, Statement},
};
use serde_json::{Value, json};

use super::{
    client::{Answer, Client, get, meta, parse, send},
    place::Place,
    server::{LIMIT, Server, token, token_with},
};

/// An id that no customer has.
pub(super) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The id of the first customer that a search of this user finds.
fn first(client: &Client) -> String {
    let data = client.call("search_customers", json!({"limit": 1})).data();
    data["data"]["customers"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn only_a_good_token_of_this_server_is_let_in() {
    let (place, elsewhere) = (Place::sqlite(), Place::sqlite());
    let server = Server::demo(&place, &["--require-token"]);
    let resource = server.resource();
    let good = token(&place, "alice", &resource);
    let hours_ago = Clock::standing_at(Clock::system().now() - 2 * 60 * 60 * 1_000);
    let in_an_hour = Clock::standing_at(Clock::system().now() + 60 * 60 * 1_000);
    let forged = {
        let (head, tail) = good.split_at(good.len() - 10);
        format!(
            "{head}{}",
            if tail.starts_with('A') {
                tail.replacen('A', "B", 1)
            } else {
                format!("A{}", &tail[1..])
            }
        )
    };
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let bad = [
        ("garbage", "garbage".to_owned()),
        ("audience of another server", token(&place, "alice", "https://crm.example.com/mcp")),
        ("audience of another port", token(&place, "alice", "http://127.0.0.1:1/mcp")),
        ("audience with a slash more", token(&place, "alice", &format!("{resource}/"))),
        ("expired", token_with(&place, "alice", &resource, &["crm.read"], hours_ago)),
        ("not yet", token_with(&place, "alice", &resource, &["crm.read"], in_an_hour)),
        ("the key of another server", token(&elsewhere, "alice", &resource)),
        ("another signature", forged),
        ("no signature", unsigned),
        ("very long", "a".repeat(17 << 10)),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
    ];
    let metadata = format!("http://{}/.well-known/oauth-protected-resource/mcp", server.address);
    let refused = |what: &str, answer: Answer, is_with_token: bool| {
        assert_eq!(answer.status, 401, "{what}: {answer:?}");
        assert_eq!(answer.body, "", "{what}");
        let challenge = answer.header("www-authenticate").unwrap_or_else(|| panic!("{what}"));
        assert!(challenge.starts_with("Bearer "), "{what}: {challenge}");
        assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
        assert!(challenge.contains("scope=\"crm.read\""), "{what}: {challenge}");
        assert_eq!(
            challenge.contains("error=\"invalid_token\""),
            is_with_token,
            "{what}: {challenge}"
        );
    };
    for (what, token) in &bad {
        let client = Client::modern(server.address, Some(token));
        refused(what, client.call("search_customers", json!({})), true);
        refused(what, client.initialize(), true);
        refused(what, client.delete(), true);
    }
    let nobody = Client::modern(server.address, None);
    refused("none", nobody.call("search_customers", json!({})), false);
    refused("none", nobody.initialize(), false);
    for header in [
        "Basic YWxpY2U6YWxpY2U=",
        "Bearer",
        "Bearer  ",
        good.as_str(),
        &format!("Bearer {good}, Bearer {good}"),
    ] {
        let answer = nobody.with("authorization", header).call("search_customers", json!({}));
        assert_eq!(answer.status, 401, "{header}: {answer:?}");
    }
    let twice = nobody.with("x-first", &format!("1\r\nauthorization: Bearer {good}"));
    let twice = twice.with("x-second", &format!("1\r\nauthorization: Bearer {good}"));
    assert_eq!(twice.call("search_customers", json!({})).status, 401);
    // The document says whom to ask, to everybody.
    let document = get(server.address, "/.well-known/oauth-protected-resource/mcp");
    assert_eq!(document.message()["resource"], resource.as_str());
    // And a good token is good in both eras.
    for client in Client::both(server.address, Some(&good)) {
        assert!(client.call("search_customers", json!({})).data()["data"].is_object());
    }
}

#[test]
fn a_bad_token_is_not_the_user_without_one() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--as", "carol"]);
    assert!(!first(&Client::modern(server.address, None)).is_empty());
    for token in ["", "x", "a.b.c"] {
        let answer =
            Client::modern(server.address, Some(token)).call("search_customers", json!({}));
        assert_eq!(answer.status, 401, "{token:?}: {answer:?}");
    }
}

#[test]
fn a_scope_that_is_missing_is_named() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let weak = |user| token_with(&place, user, &server.resource(), &[], Clock::system());
    for client in Client::both(server.address, Some(&weak("alice"))) {
        let answer = client.call("get_customer", json!({"customer_id": NOBODY}));
        assert_eq!(answer.status, 403, "{answer:?}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        assert!(challenge.contains("scope=\"crm.read\""), "{challenge}");
    }
    // Who would not have the tool with the scope either learns nothing of it.
    for client in Client::both(server.address, Some(&weak("erin"))) {
        let hidden = client.call("get_customer", json!({"customer_id": NOBODY}));
        assert_eq!(
            hidden.bytes(),
            client.call("no_customer", json!({"customer_id": NOBODY})).bytes()
        );
    }
    // Two readers of one body may see two tools: refused before it is asked what the token may do.
    let client = Client::modern(server.address, Some(&weak("alice")));
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_customer","Name":"x"}}"#;
    assert_eq!(client.body("tools/call", "get_customer", body).status, 400);
}

#[test]
fn what_a_user_may_not_see_is_answered_like_what_never_was() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let of = |user| token(&place, user, &server.resource());
    let theirs = first(&Client::modern(server.address, Some(&of("dave"))));
    let carol = Client::modern(server.address, Some(&of("carol")));
    let mine = carol.call("search_customers", json!({"filter": {"owner": "carol"}, "limit": 1}));
    let mine = mine.data()["data"]["customers"][0]["id"].as_str().unwrap().to_owned();
    for tool in ["get_customer", "list_activity"] {
        for (user, id) in [("alice", &theirs), ("carol", &theirs), ("bob", &theirs), ("bob", &mine)]
        {
            for client in Client::both(server.address, Some(&of(user))) {
                let hidden = client.call(tool, json!({"customer_id": id}));
                let never = client.call(tool, json!({"customer_id": NOBODY}));
                assert_eq!(hidden.bytes(), never.bytes(), "{tool} {user}");
                assert_eq!(hidden.error()["code"], "not_found");
            }
        }
    }
    // The trail tells them apart: bob was denied the record of his tenant, in two tools and two eras;
    // one of another tenant is not even looked up.
    let denied = |id: &str| {
        let dump = place.dump();
        let records = dump.lines().filter(|line| line.contains("\"decision\":\"deny\""));
        records.filter(|line| line.contains("\"sub\":\"bob\"") && line.contains(id)).count()
    };
    assert_eq!((denied(&mine), denied(&theirs)), (4, 0));
}

#[test]
fn a_hidden_tool_is_answered_like_one_that_never_was() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let erin = token(&place, "erin", &server.resource());
    for client in Client::both(server.address, Some(&erin)) {
        assert_eq!(client.request("tools/list", json!({})).message()["result"]["tools"], json!([]));
        for tool in ["search_customers", "get_customer", "list_activity"] {
            for arguments in [
                json!({}),
                json!({"customer_id": NOBODY}),
                json!({"x": 1}),
                json!([1]),
                Value::Null,
            ] {
                let hidden = client.call(tool, arguments.clone());
                let never = client.call("never_was", arguments.clone());
                assert_eq!(hidden.bytes(), never.bytes(), "{tool} {arguments}");
                assert_ne!(hidden.message()["error"], Value::Null);
            }
            // Nor when it is asked for in the wrong way.
            let odd =
                [("mcp-name", "other"), ("mcp-param-query", "x"), ("mcp-method", "tools/list")];
            for (header, value) in odd {
                let client = client.with(header, value);
                let hidden = client.call(tool, json!({"query": "y"})).bytes().replace(tool, "TOOL");
                let never = client.call("never_was", json!({"query": "y"})).bytes();
                assert_eq!(
                    without_length(&hidden),
                    without_length(&never.replace("never_was", "TOOL"))
                );
            }
        }
    }
}

#[test]
fn attempts_on_tools_that_are_not_there_are_in_the_trail() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let erin = token(&place, "erin", &server.resource());
    let long = format!("never_\u{9b}31m{}", "x".repeat(5_000));
    for client in Client::both(server.address, Some(&erin)) {
        for tool in ["get_customer", "never_was"] {
            client.call(tool, json!({"customer_id": NOBODY}));
            client.call(tool, json!("{}"));
        }
        // Such a name fits into no header, which only the era with sessions does without.
        if client.session.is_some() {
            client.call(&long, json!({}));
        }
    }
    let dump = place.dump();
    let records: Vec<Value> = dump
        .lines()
        .filter(|line| line.starts_with('{') && line.contains("\"sub\":\"erin\""))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |tool: &str| records.iter().filter(|record| record["tool"] == tool).count();
    assert_eq!((of("get_customer"), of("never_was"), records.len()), (4, 4, 9));
    for record in &records {
        assert_eq!(record["decision"], "deny", "{record}");
        assert_eq!(record["result"]["code"], "not_found", "{record}");
        assert_eq!(record["policy_ids"], json!([]), "{record}");
        let name = record["tool"].as_str().unwrap();
        assert!(name.chars().count() <= 64 && !name.contains('\u{9b}'), "{record}");
    }
}

#[test]
fn policies_that_fail_while_tools_are_listed_are_in_the_log() {
    let place = Place::sqlite();
    let folder = place.home().join("policies");
    std::fs::create_dir(&folder).unwrap();
    let policies = "@id(\"all\") permit (principal, action, resource);\n\
        @id(\"too-much\") forbid (principal, action, resource) \
        when { principal.clearance * 9223372036854775807 > 100 };";
    std::fs::write(folder.join("own.cedar"), policies).unwrap();
    let folder = folder.display().to_string();
    let server = Server::demo(&place, &["--as", "alice", "--policy", &folder]);
    let client = Client::modern(server.address, None);
    for _ in 0..3 {
        let tools = client.request("tools/list", json!({})).message()["result"]["tools"].take();
        assert_eq!(tools, json!([]));
    }
    let (_, log) = server.stop();
    let lines = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    // Once for each tool, not once for each request.
    assert_eq!(lines("a policy cannot decide who sees a tool"), 3, "{log}");
    assert!(log.contains("too-much"), "{log}");
    assert!(lines("this user sees no tool") > 0, "{log}");
}

#[test]
fn no_error_leads_to_a_tool_that_is_hidden() {
    let place = Place::sqlite();
    let folder = place.home().join("policies");
    std::fs::create_dir(&folder).unwrap();
    let policies = "@id(\"some\") permit (principal, action, resource) \
        unless { action == Action::\"search_customers\" };";
    std::fs::write(folder.join("own.cedar"), policies).unwrap();
    let folder = folder.display().to_string();
    let server = Server::demo(&place, &["--as", "alice", "--policy", &folder]);
    for client in Client::both(server.address, None) {
        let unknown = json!({"customer_id": "00000000-0000-4000-8000-000000000000"});
        let error = client.call("get_customer", unknown).error();
        assert_eq!(
            (&error["code"], &error["next"]["action"]),
            (&json!("not_found"), &json!("ask_user"))
        );
        assert!(!error.to_string().contains("search_customers"), "{error}");
    }
}

/// Where an error repeats the name that was sent, its length differs as the name does.
fn without_length(bytes: &str) -> String {
    let lines = bytes.lines().filter(|line| !line.starts_with("content-length"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_cursor_is_good_for_its_user_and_its_list_only() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let of = |user| Client::modern(server.address, Some(&token(&place, user, &server.resource())));
    let (alice, carol) = (of("alice"), of("carol"));
    let next = |client: &Client, arguments: Value| {
        let data = client.call("search_customers", arguments).data();
        data["page"]["next_cursor"].as_str().unwrap().to_owned()
    };
    let cursor = next(&alice, json!({"limit": 3}));
    let page = alice.call("search_customers", json!({"limit": 3, "cursor": cursor})).data();
    assert_eq!(page["data"]["customers"].as_array().unwrap().len(), 3);
    let middle = cursor.len() / 2;
    let changed = if &cursor[middle..=middle] == "A" { "B" } else { "A" };
    let forged = format!("{}{changed}{}", &cursor[..middle], &cursor[middle + 1..]);
    let tool = "search_customers";
    let customer = first(&alice);
    let wrong = [
        (&alice, tool, json!({"cursor": forged})),
        (&alice, tool, json!({"cursor": "x"})),
        (&alice, tool, json!({"cursor": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})),
        (&alice, tool, json!({"cursor": &cursor[1..]})),
        (&alice, tool, json!({"cursor": "🦊"})),
        (&alice, tool, json!({"cursor": next(&carol, json!({"limit": 3}))})),
        (&alice, tool, json!({"cursor": cursor, "query": "a"})),
        (&alice, tool, json!({"cursor": cursor, "filter": {"owner": "bob"}})),
        (&alice, "list_activity", json!({"cursor": cursor, "customer_id": customer})),
        (&carol, tool, json!({"cursor": cursor})),
    ];
    for (client, tool, arguments) in wrong {
        let error = client.call(tool, arguments.clone()).error();
        assert_eq!(error["code"], "invalid_argument", "{arguments} {error}");
        assert_eq!(error["argument"], "/cursor", "{arguments} {error}");
        assert_eq!(error["message"], "this cursor does not belong to this list", "{arguments}");
        assert_eq!(error["next"]["action"], "fix_arguments", "{arguments}");
    }
    let error = alice.call(tool, json!({"cursor": "x".repeat(2_001)})).error();
    assert_eq!(error["argument"], "/cursor", "{error}");
}

/// That a list goes on, and where, must not depend on records that its reader does not see.
#[test]
fn a_list_goes_on_only_where_its_reader_sees_more() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--require-token"]);
        let statement = Statement::new(
            "SELECT display_name, town, owner, status, sensitivity FROM customer \
             WHERE tenant = 'acme' ORDER BY sort_key, id",
        );
        let records = place.with(|store| async move {
            let rows = store.query(statement).await.unwrap();
            let text = |row: &Row, name: &'static str| row.text(name).unwrap().to_owned();
            let record = |row: &Row| {
                let words = text(row, "display_name");
                let word = words.split_whitespace().last().unwrap_or_default().to_owned();
                let sensitivity = row.integer("sensitivity").unwrap();
                (word, text(row, "town"), text(row, "owner"), text(row, "status"), sensitivity)
            };
            rows.iter().map(record).collect::<Vec<_>>()
        });
        for (user, clearance) in [("alice", 2), ("bob", 1)] {
            let token = token(&place, user, &server.resource());
            let client = Client::modern(server.address, Some(&token));
            let is_hidden = |owner: &str, sensitivity| {
                sensitivity > clearance || user == "bob" && owner != user
            };
            let hidden =
                records.iter().filter(|(.., owner, _, sensitivity)| is_hidden(owner, *sensitivity));
            let mut tried = 0;
            for (word, town, owner, status, _) in hidden.take(20) {
                for arguments in [
                    json!({"query": word}),
                    json!({"query": format!("{word} {town}")}),
                    json!({"query": word, "filter": {"owner": owner}}),
                    json!({"query": word, "filter": {"status": status}}),
                    json!({"query": town, "filter": {"owner": owner, "status": status}}),
                ] {
                    let with = |limit: usize| {
                        let mut arguments = arguments.clone();
                        arguments["limit"] = json!(limit);
                        client.call("search_customers", arguments).data()
                    };
                    let found = with(50)["data"]["customers"].as_array().unwrap().len();
                    if found < 50 {
                        let page = with(found.max(1))["page"].take();
                        let end = json!({"next_cursor": null, "truncated": false});
                        assert_eq!(page, end, "{user} {arguments} {found}");
                        tried += 1;
                    }
                }
            }
            assert!(tried > 50, "{tried}");
            for owner in ["alice", "carol", "mallory"] {
                let arguments = json!({"filter": {"owner": owner}, "limit": 1});
                let data = client.call("search_customers", arguments).data();
                let found = data["data"]["customers"].as_array().unwrap().len();
                assert_eq!(data["page"]["truncated"], found == 1, "{user} {owner}");
            }
        }
    }
}

#[test]
fn a_cursor_tells_nothing_of_hidden_records() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let bob = Client::modern(server.address, Some(&token(&place, "bob", &server.resource())));
    let (mut cursor, mut seen) = (Value::Null, BTreeSet::new());
    for page in 0.. {
        assert!(page < 600, "the list does not end");
        let mut arguments = json!({"limit": 1});
        if !cursor.is_null() {
            arguments["cursor"] = cursor.clone();
        }
        let mut data = bob.call("search_customers", arguments).data();
        for customer in data["data"]["customers"].as_array().unwrap() {
            assert_eq!(customer["owner"], "bob");
            assert!(
                seen.insert(customer["id"].as_str().unwrap().to_owned()),
                "{customer} came twice"
            );
        }
        assert_ne!(data["data"]["customers"], json!([]), "an empty page looks like the end");
        cursor = data["page"]["next_cursor"].take();
        let Some(text) = cursor.as_str() else { break };
        let readable = decoded(text);
        assert!(!readable.contains("sort_key") && !readable.contains("\"id\""), "{readable}");
    }
    // The pages together are what one sees with the largest pages.
    let mut all = BTreeSet::new();
    let mut cursor = Value::Null;
    loop {
        let mut arguments = json!({"limit": 50});
        if !cursor.is_null() {
            arguments["cursor"] = cursor.clone();
        }
        let mut data = bob.call("search_customers", arguments).data();
        let ids = data["data"]["customers"].as_array().unwrap().clone();
        all.extend(ids.iter().map(|customer| customer["id"].as_str().unwrap().to_owned()));
        cursor = data["page"]["next_cursor"].take();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, all);
    assert!(all.len() > 50, "{}", all.len());
}

/// The text in URL-safe Base64, as far as it is text.
fn decoded(text: &str) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for character in text.bytes() {
        let digit = digits.iter().position(|digit| *digit == character).unwrap();
        bits = (bits << 6) | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_body_that_is_not_one_plain_message_is_refused() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--as", "alice"]);
    let call = |params: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}"#)
    };
    for client in Client::both(server.address, None) {
        let meta = if client.session.is_some() { json!({}) } else { meta() };
        let good = call(&format!(
            r#"{{"name":"get_customer","arguments":{{"customer_id":"x"}},"_meta":{meta}}}"#
        ));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let rows: Vec<(&str, Vec<u8>, i64, Value)> = vec![
            ("two names", call(&format!(r#"{{"name":"get_customer","name":"list_activity","_meta":{meta}}}"#)).into(), -32_600, json!(7)),
            ("two cases", call(&format!(r#"{{"name":"get_customer","NAME":"list_activity","_meta":{meta}}}"#)).into(), -32_600, json!(7)),
            ("escaped", call(&format!(r#"{{"name":"get_customer","n\u0061me":"x","_meta":{meta}}}"#)).into(), -32_600, json!(7)),
            ("in arguments", call(&format!(r#"{{"name":"get_customer","arguments":{{"customer_id":"a","Customer_ID":"b"}},"_meta":{meta}}}"#)).into(), -32_600, json!(7)),
            ("two methods", br#"{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call"}"#.to_vec(), -32_600, json!(7)),
            ("two ids", br#"{"jsonrpc":"2.0","id":7,"ID":8,"method":"ping"}"#.to_vec(), -32_600, json!(7)),
            ("empty", b"".to_vec(), -32_700, Value::Null),
            ("half", good.as_bytes()[..good.len() - 1].to_vec(), -32_700, Value::Null),
            ("two messages", format!("{good}{good}").into(), -32_700, Value::Null),
            ("deep", deep.into(), -32_700, Value::Null),
            ("not UTF-8", b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xff\"}".to_vec(), -32_700, json!(7)),
        ];
        assert_eq!(client.body("tools/call", "get_customer", good.as_bytes()).status, 200);
        for (what, body, code, id) in &rows {
            let answer = client.body("tools/call", "get_customer", body);
            assert_eq!(answer.status, 400, "{what}: {answer:?}");
            let message = answer.message();
            assert_eq!(message["error"]["code"], *code, "{what}: {answer:?}");
            assert_eq!(message["id"], *id, "{what}: {answer:?}");
        }
        // What is JSON and no message is the SDK's to refuse; it is never an answer of a tool.
        for body in ["[]", "{}", "null", "7", &format!("[{good}]")] {
            let answer = client.body("tools/call", "get_customer", body.as_bytes());
            assert!((400..500).contains(&answer.status), "{body}: {answer:?}");
        }
        // The headers of 2026-07-28 must say what the body says.
        if client.session.is_none() {
            for (method, name) in [("tools/list", "get_customer"), ("tools/call", "list_activity")]
            {
                assert_eq!(
                    client.body(method, name, good.as_bytes()).status,
                    400,
                    "{method} {name}"
                );
            }
        }
    }
    let metrics = get(server.address, "/metrics").body;
    assert!(metrics.contains(r#"requests_refused_total{reason="ambiguous_keys"} 12"#), "{metrics}");
    assert!(metrics.contains(r#"requests_refused_total{reason="not_json"} 10"#), "{metrics}");
}

#[test]
fn arguments_that_are_not_in_the_schema_are_refused() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--as", "alice"]);
    for client in Client::both(server.address, None) {
        for (tool, arguments, pointer) in [
            ("search_customers", json!({"tenant": "globex"}), "/tenant"),
            ("search_customers", json!({"filter": {"tenant": "globex"}}), "/filter/tenant"),
            ("search_customers", json!({"sql": "' OR 1=1 --"}), "/sql"),
            ("get_customer", json!({"customer_id": "x", "as": "carol"}), "/as"),
            ("list_activity", json!({"customer_id": "x", "a/b~c": 1}), "/a~1b~0c"),
        ] {
            let error = client.call(tool, arguments.clone()).error();
            assert_eq!(error["code"], "invalid_argument", "{arguments}");
            assert_eq!(error["argument"], pointer, "{arguments}");
        }
    }
}

#[test]
fn a_body_that_is_too_long_or_too_slow_is_not_waited_for() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--as", "alice"]);
    let client = Client::modern(server.address, None);
    let long = json!({"name": "get_customer", "arguments": {"customer_id": "x".repeat(1 << 20)}});
    let answer = client.request("tools/call", long);
    assert_eq!(answer.status, 413, "{answer:?}");
    // Also where nobody said how long it will be.
    let mut request = client.with("transfer-encoding", "chunked").bytes(
        "POST",
        &[("mcp-method", "tools/call")],
        b"",
    );
    let length = b"content-length: 0\r\n";
    let place_of = request.windows(length.len()).position(|window| window == length).unwrap();
    request.drain(place_of..place_of + length.len());
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    for _ in 0..17 {
        request.extend(&chunk);
    }
    request.extend(b"0\r\n\r\n");
    assert_eq!(send(server.address, &request).status, 413);
    // Half a body, and half a head: both ends after ten seconds, and others are served meanwhile.
    let whole = client.bytes("POST", &[("mcp-method", "tools/call")], b"{\"jsonrpc\":\"2.0\"}");
    let open = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    };
    let mut slow_body = open(&whole[..whole.len() - 5]);
    let mut slow_head = open(&whole[..40]);
    assert!(!first(&client).is_empty());
    let mut bytes = Vec::new();
    slow_body.read_to_end(&mut bytes).unwrap();
    assert_eq!(parse(&bytes).expect("an answer").status, 408);
    bytes.clear();
    // Whether with an answer or without one, the connection ends.
    let _ = slow_head.set_read_timeout(Some(Duration::from_secs(20)));
    match slow_head.read_to_end(&mut bytes) {
        Ok(_) => assert!(!bytes.starts_with(b"HTTP/1.1 200")),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}

#[test]
fn other_pages_and_other_names_are_refused() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--as", "alice", "--origin", "https://app.example.com"]);
    let port = server.address.port();
    for client in Client::both(server.address, None) {
        for (name, value, status) in [
            ("host", "evil.example".to_owned(), 403),
            ("host", format!("evil.example:{port}"), 403),
            ("host", format!("127.0.0.1.evil.example:{port}"), 403),
            ("host", format!("localhost:{port}"), 200),
            ("origin", "https://evil.example".to_owned(), 403),
            ("origin", "null".to_owned(), 403),
            ("origin", "https://app.example.com.evil.example".to_owned(), 403),
            ("origin", "http://app.example.com".to_owned(), 403),
            ("origin", "https://app.example.com".to_owned(), 200),
        ] {
            let answer = client.with(name, &value).call("search_customers", json!({"limit": 1}));
            assert_eq!(answer.status, status, "{name}: {value}: {answer:?}");
        }
    }
    // Pages of this machine may call, beside those that are named.
    let client = Client::modern(server.address, None).with("origin", "http://localhost:3000");
    assert_eq!(client.call("search_customers", json!({"limit": 1})).status, 200);
}

#[test]
fn a_session_is_of_its_user_and_ends_for_good() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let of = |user| token(&place, user, &server.resource());
    let alice = Client::legacy(server.address, Some(&of("alice")));
    let session = alice.session.clone();
    for user in ["bob", "dave", "erin"] {
        let mut thief = Client::modern(server.address, Some(&of(user)));
        thief.session.clone_from(&session);
        let mut never = thief.clone();
        never.session = Some(NOBODY.to_owned());
        let stolen = thief.call("search_customers", json!({}));
        assert_eq!(stolen.status, 404, "{user}: {stolen:?}");
        assert_eq!(stolen.bytes(), never.call("search_customers", json!({})).bytes());
        assert_eq!(thief.delete().bytes(), never.delete().bytes(), "{user}");
        assert_eq!(thief.raw("GET", &[], b"").status, 404, "{user}");
    }
    assert!(!first(&alice).is_empty(), "nobody else has ended it");
    let ended = alice.delete();
    assert!(ended.status < 300, "{ended:?}");
    assert_eq!(alice.call("search_customers", json!({})).status, 404);
    assert_eq!(alice.delete().status, 404);
    assert!(!place.dump().contains(session.as_deref().unwrap()));
}

#[test]
fn a_user_has_so_many_sessions() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let of = |user| token(&place, user, &server.resource());
    let alice = Client::modern(server.address, Some(&of("alice")));
    let sessions: Vec<Answer> = (0..64).map(|_| alice.initialize()).collect();
    assert!(sessions.iter().all(|answer| answer.status == 200));
    let refused = alice.initialize();
    assert_eq!(refused.status, 429, "{refused:?}");
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Others, and the era without sessions, take no notice.
    assert_eq!(Client::modern(server.address, Some(&of("bob"))).initialize().status, 200);
    assert!(!first(&alice).is_empty());
    let mut one = alice.clone();
    one.session = sessions[0].header("mcp-session-id").map(str::to_owned);
    assert!(one.delete().status < 300);
    assert_eq!(alice.initialize().status, 200);
}
