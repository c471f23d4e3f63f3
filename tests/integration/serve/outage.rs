//! A store that does not answer, and comes back.

use std::{thread, time::Instant};

use mcp_kit::serve::runtime::audit;
use serde_json::json;

use super::{
    client::{Client, get},
    hostile::NOBODY,
    place::Place,
    relay::Relay,
    server::{LIMIT, Server},
};

#[test]
fn a_store_that_is_down_is_said_to_be_and_is_found_again() {
    let place = Place::postgres();
    let relay = Relay::new();
    let store = place.through(&relay);
    let server = Server::start(place.home(), &["--demo", "--store", &store, "--as", "alice"]);
    let clients = Client::both(server.address, None);
    let calls = [
        ("search_customers", json!({"limit": 1})),
        ("get_customer", json!({"customer_id": NOBODY})),
        ("list_activity", json!({"customer_id": NOBODY})),
    ];
    assert_eq!(get(server.address, "/readyz").status, 200);

    relay.cut();
    assert_eq!(get(server.address, "/readyz").status, 503);
    assert_eq!(get(server.address, "/healthz").status, 200);
    for client in &clients {
        for (tool, arguments) in &calls {
            let answer = client.call(tool, arguments.clone());
            assert_eq!(answer.status, 200, "{tool}: {answer:?}");
            let error = answer.error();
            assert_eq!(error["code"], "upstream_unavailable", "{tool}: {error}");
            assert_eq!(error["retryable"], true, "{tool}");
            assert!(error["retry_after_ms"].as_u64().unwrap() > 0, "{tool}");
            assert_eq!(error["next"]["action"], "wait", "{tool}");
            assert_eq!(error["effect"], "none", "{tool}");
            assert_eq!(error["correlation_id"], answer.header("x-request-id").unwrap(), "{tool}");
        }
    }
    // What needs no store goes on; what needs one to begin is refused with a wait.
    let tools = clients[0].request("tools/list", json!({})).message();
    assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 3);
    let begun = clients[0].initialize();
    assert_eq!(begun.status, 503, "{begun:?}");
    assert!(begun.header("retry-after").is_some(), "{begun:?}");

    relay.mend();
    let since = Instant::now();
    while get(server.address, "/readyz").status != 200 {
        assert!(since.elapsed() < LIMIT, "it does not come back:\n{}", server.log());
        thread::yield_now();
    }
    for client in &clients {
        assert!(client.call("search_customers", json!({"limit": 1})).data()["data"].is_object());
    }
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
    let password = store.split(':').nth(2).and_then(|rest| rest.split('@').next()).unwrap();
    assert!(!log.contains(password), "{log}");
    let verdicts = place.with(|store| async move { audit::verify(&*store, None).await.unwrap() });
    assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
}

/// A server does not begin without its store, and says which it is.
#[test]
fn a_store_that_is_down_at_the_start_is_an_error() {
    let place = Place::postgres();
    let relay = Relay::new();
    let store = place.through(&relay);
    relay.cut();
    let program = crate::program::Program::new();
    let finished =
        program.run(&["serve", "crm", "--demo", "--http", "127.0.0.1:0", "--store", &store]);
    assert_ne!(finished.status, 0);
    assert!(finished.stderr.contains(&relay.address.to_string()), "{}", finished.stderr);
    let password = store.split(':').nth(2).and_then(|rest| rest.split('@').next()).unwrap();
    assert!(!finished.stderr.contains(password), "{}", finished.stderr);
}

/// SQLite would go on with a file that nobody finds any more, and the trail with it.
#[test]
fn a_store_that_was_deleted_is_down() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--as", "alice"]);
    let clients = Client::both(server.address, None);
    for client in &clients {
        client.call("search_customers", json!({"limit": 1})).data();
    }
    std::fs::remove_dir_all(&place.store).unwrap();
    for _ in 0..2 {
        for client in &clients {
            let error = client.call("search_customers", json!({"limit": 1})).error();
            assert_eq!(error["code"], "upstream_unavailable", "{error}");
            assert_eq!(error["retryable"], true, "{error}");
        }
        assert_eq!(get(server.address, "/readyz").status, 503);
        // A second server makes a store in the same place; what the first one writes is not there.
        drop(Server::demo(&place, &[]));
    }
    assert_eq!(place.count("audit_record"), 0);
}
