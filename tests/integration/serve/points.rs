//! A server that is killed at each point of a write: whatever the point, repeating the call comes to
//! one effect and one answer.

use std::os::unix::process::ExitStatusExt;

use mcp_kit::serve::runtime::{audit, store::Statement};
use serde_json::{Value, json};

use super::{
    client::{Client, LEGACY, MODERN, meta, try_send},
    place::Place,
    sandbox::{Sandbox, answered, commit, note},
};

/// The points, and whether the write is durable there.
const POINTS: [(&str, bool); 4] = [
    ("before_transaction", false),
    ("before_commit", false),
    ("after_commit", true),
    ("after_answer", true),
];

const SIGKILL: i32 = 9;

/// The answer to a call, if one comes.
fn tried(client: &Client, tool: &str, arguments: &Value) -> Option<Value> {
    let mut params = json!({"name": tool, "arguments": arguments});
    let headers = if client.session.is_some() {
        vec![("mcp-protocol-version", LEGACY)]
    } else {
        params["_meta"] = meta();
        vec![("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", tool)]
    };
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let request = client.bytes("POST", &headers, message.to_string().as_bytes());
    let answer = try_send(client.address, &request).ok()?;
    // The head of a stream may have come, and nothing of the answer.
    answer.body.contains("\"isError\"").then(|| answer.data())
}

/// How many effects a write has had: proposals with its note, or notes.
fn effects(place: &Place, tool: &str, text: &str) -> i64 {
    let statement = match tool {
        "propose_change" => "SELECT count(*) AS n FROM proposal WHERE payload LIKE $1",
        _ => "SELECT count(*) AS n FROM activity WHERE summary LIKE $1",
    };
    let statement = Statement::new(statement).bind(format!("%{text}%"));
    place
        .with(|store| async move { store.query(statement).await.unwrap()[0].integer("n").unwrap() })
}

fn killed_at_each_point(place: &Place, is_legacy: bool) {
    let mut server = Sandbox::new(place);
    let mut client = match is_legacy {
        true => Client::legacy(server.address, None),
        false => server.client(),
    };
    for tool in ["propose_change", "commit_change"] {
        for (point, is_durable) in POINTS {
            let text = format!("{tool} {point}").replace('_', "-");
            let mut arguments = note(&client, &text);
            if tool == "commit_change" {
                let (proposed, _) = answered(&client, "propose_change", &arguments);
                arguments = commit(&proposed, &text);
            }
            server.control("/kill", json!({"point": point, "tool": tool}));
            let first = tried(&client, tool, &arguments);
            let status = server.ended();
            assert_eq!(status.signal(), Some(SIGKILL), "{text}: {status}");
            // Only at the last point was there an answer, and then it has come.
            assert_eq!(first.is_some(), point == "after_answer", "{text}: {first:?}");
            assert_eq!(effects(place, tool, &text), i64::from(is_durable), "{text}");

            server = Sandbox::new(place);
            client.address = server.address;
            let (second, is_replayed) = answered(&client, tool, &arguments);
            assert_eq!(is_replayed, is_durable, "{text}");
            assert!(first.is_none_or(|first| first == second), "{text}: another answer");
            assert_eq!(answered(&client, tool, &arguments), (second, true), "{text}");
            assert_eq!(effects(place, tool, &text), 1, "{text}");
        }
    }
    drop(server);
    assert_eq!(place.count("proposal"), 2 * POINTS.len() as i64);
    assert_eq!(place.count("idempotency"), 3 * POINTS.len() as i64);
    let verdicts = place.with(|store| async move { audit::verify(&*store, None).await.unwrap() });
    assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
}

#[test]
fn one_effect_and_one_answer_wherever_a_server_dies_on_sqlite() {
    killed_at_each_point(&Place::sqlite(), false);
}

#[test]
fn one_effect_and_one_answer_wherever_a_server_dies_on_postgres() {
    killed_at_each_point(&Place::postgres(), false);
}

#[test]
fn one_effect_and_one_answer_wherever_a_server_with_sessions_dies() {
    killed_at_each_point(&Place::sqlite(), true);
}

/// Of many writes, the one that was chosen.
#[test]
fn as_many_writes_pass_as_should() {
    let place = Place::sqlite();
    let server = Sandbox::new(&place);
    let client = server.client();
    let kill = json!({"point": "after_commit", "tool": "propose_change", "after": 3});
    server.control("/kill", kill);
    let arguments = note(&client, "one of several");
    let numbered = |number: u32| {
        let mut arguments = arguments.clone();
        arguments["idempotency_key"] = json!(format!("propose-number-{number}"));
        arguments
    };
    for number in 1..=3 {
        assert!(tried(&client, "propose_change", &numbered(number)).is_some(), "{number}");
        // A repetition is no write.
        assert!(tried(&client, "propose_change", &numbered(number)).is_some(), "{number}");
    }
    assert!(tried(&client, "propose_change", &numbered(4)).is_none());
    assert_eq!(server.ended().signal(), Some(SIGKILL));
    assert_eq!(place.count("proposal"), 4);
}
