//! Three servers on one PostgreSQL behind a balancer are one server, also when one of them dies.

use std::collections::BTreeSet;

use mcp_kit::serve::runtime::{audit, clock::Clock, identity::demo, store::Statement};
use serde_json::{Value, json};

use super::{
    client::{Client, get, try_send},
    place::Place,
    relay::Relay,
    server::{SCOPES, Server},
};

#[test]
fn three_servers_behave_as_one() {
    let place = Place::postgres();
    // The sample data, as if it were somebody's own, and an issuer whose keys are in a file.
    drop(Server::demo(&place, &[]));
    place.write(Statement::new("DELETE FROM demo_data"));
    let issuer = demo::Issuer::open(&place.folder(), Clock::system()).unwrap();
    let keys = place.home().join("keys.json");
    std::fs::write(&keys, issuer.key_set()).unwrap();
    let relay = Relay::new();
    let resource = format!("http://{}/mcp", relay.address);
    let arguments = [
        "--store",
        &place.store,
        "--issuer",
        demo::ISSUER,
        "--jwks",
        keys.to_str().unwrap(),
        "--resource",
        &resource,
    ];
    let mut servers: Vec<Server> =
        (0..3).map(|_| Server::start(place.home(), &arguments)).collect();
    relay.lead_to(&servers.iter().map(|server| server.address).collect::<Vec<_>>());
    let token = |user| issuer.token(&demo::identity(user, SCOPES).unwrap(), &resource);
    let (alice, bob) = (token("alice"), token("bob"));

    // One list, a page from each server: its cursors are good everywhere.
    let modern = Client::modern(relay.address, Some(&alice));
    let whole = pages(&modern, 50);
    assert!(whole.len() > 400, "{}", whole.len());
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len());
    // A session that one began is known to all, to its user alone, and restored where it is new.
    let legacy = Client::legacy(relay.address, Some(&alice));
    assert_eq!(pages(&legacy, 50), whole);
    let mut thief = Client::modern(relay.address, Some(&bob));
    thief.session.clone_from(&legacy.session);
    for _ in 0..6 {
        assert_eq!(thief.call("search_customers", json!({})).status, 404);
        assert_eq!(thief.delete().status, 404);
    }
    // One that is ended at one server has ended at all.
    let short = Client::legacy(relay.address, Some(&alice));
    for _ in 0..3 {
        assert_eq!(short.call("search_customers", json!({"limit": 1})).status, 200);
    }
    assert!(short.delete().status < 300);
    for _ in 0..6 {
        assert_eq!(short.call("search_customers", json!({"limit": 1})).status, 404);
    }
    let mut calls = 10 + 10 + 3;

    // One dies while calls are going on: what was answered stands in the trail, and all goes on.
    let answered = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4_u32)
            .map(|thread| {
                let client = if thread % 2 == 0 { &modern } else { &legacy };
                let relay = &relay;
                scope.spawn(move || {
                    let ids = thread * 100..thread * 100 + 15;
                    ids.filter(|id| is_answered(client, relay, *id)).count()
                })
            })
            .collect();
        servers[1].kill();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert!(answered >= 40, "{answered}");
    calls += answered;
    assert_eq!(pages(&modern, 50), whole);
    assert_eq!(pages(&legacy, 50), whole, "the session goes on");
    calls += 20;
    let counted: usize = [&servers[0], &servers[2]]
        .iter()
        .map(|server| get(server.address, "/metrics").body.matches("result=\"ok\"").count())
        .sum();
    assert!(counted >= 2, "both answer");

    let records = place.with(|store| async move {
        let verdicts = audit::verify(&*store, None).await.unwrap();
        assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
        let acme = verdicts.iter().find(|verdict| verdict.tenant == "acme").unwrap();
        usize::try_from(acme.records).unwrap()
    });
    // A call whose answer was lost with its server may stand there too.
    assert!((calls..=calls + 60 - answered).contains(&records), "{records} of {calls}");
}

/// Whether a call was answered, with success, rather than lost with the server that had it.
/// Ids of requests differ within a session, also while another one is being answered.
fn is_answered(client: &Client, relay: &Relay, id: u32) -> bool {
    let mut message = json!({
        "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": {"name": "search_customers", "arguments": {"limit": 1}},
    });
    let headers: &[(&str, &str)] = match client.session {
        Some(_) => &[("mcp-protocol-version", super::client::LEGACY)],
        None => {
            message["params"]["_meta"] = super::client::meta();
            &[
                ("mcp-protocol-version", super::client::MODERN),
                ("mcp-method", "tools/call"),
                ("mcp-name", "search_customers"),
            ]
        }
    };
    let request = client.bytes("POST", headers, message.to_string().as_bytes());
    match try_send(relay.address, &request) {
        // A stream can end before its event has come.
        Ok(answer) if answer.body.contains("\"isError\"") => {
            assert!(answer.data()["data"].is_object());
            true
        }
        Ok(answer) => {
            assert_eq!(answer.status, 200, "{answer:?}");
            false
        }
        Err(_) => false,
    }
}

/// The ids of all customers, by pages.
fn pages(client: &Client, limit: u32) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut arguments = json!({"limit": limit});
        if !cursor.is_null() {
            arguments["cursor"] = cursor;
        }
        let mut data = client.call("search_customers", arguments).data();
        let customers = data["data"]["customers"].as_array().unwrap();
        ids.extend(customers.iter().map(|customer| customer["id"].as_str().unwrap().to_owned()));
        cursor = data["page"]["next_cursor"].take();
        if cursor.is_null() {
            return ids;
        }
    }
}
