//! Changes that wait, as tasks of a client that follows them: in both eras, over HTTP and stdio, at one
//! server and at several.

mod session;

use std::time::Duration;

use mcp_kit::serve::runtime::{
    approval::{self, Decision, Method},
    audit,
    clock::Clock,
    encoding::hexadecimal,
    identity::demo,
    store::{self, Row, Statement},
};
use rmcp::{
    ServiceError,
    model::{CallToolRequestParams, DetailedTask, TaskPayload, TaskStatus},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use self::session::{Able, FOLLOWS, FOLLOWS_NOT, Session, commit, modes};
use super::{
    client::{Answer, Client, MODERN, get},
    place::{Place, wait},
    relay::Relay,
    server::{Server, token_with},
};

/// Longer than anything here may take.
const LIMIT: Duration = Duration::from_secs(60);
const SCOPES: &[&str] = &["crm.read", "crm.write"];
const NEVER: &str = "00000000-0000-4000-8000-000000000000";

/// A second person decides, as somebody else who can write the store.
async fn decide(place: &Place, change: &str, is_approved: bool) {
    let store = store::open(&place.store.parse().unwrap()).await.unwrap();
    let found = approval::find(&*store, &["commit_change"], "acme", change).await.unwrap();
    let proposal = found.expect("the proposal");
    let decision = Decision {
        is_approved,
        decider: demo::identity("carol", &[]).unwrap().principal(),
        decided_by: "carol".to_owned(),
        method: Method::Command,
        reason: (!is_approved).then(|| "They have an open order".to_owned()),
        at: Clock::system().now(),
    };
    let mut transaction = store.begin().await.unwrap();
    let decided = approval::decide(&mut *transaction, &proposal, &proposal.digest, decision).await;
    decided.unwrap().unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
}

/// The result that a task has ended with.
fn completed(task: &DetailedTask) -> Value {
    match &task.payload {
        TaskPayload::Completed { result } => Value::Object(result.clone()),
        other => panic!("not completed: {other:?}"),
    }
}

fn error_of(result: Result<impl std::fmt::Debug, ServiceError>) -> (i32, String) {
    match result {
        Err(ServiceError::McpError(error)) => (error.code.0, error.message.into_owned()),
        other => panic!("no error of the protocol: {other:?}"),
    }
}

/// All that can become of a change that waits for a second person.
async fn goes_through(session: &Session, place: &Place, first: usize) {
    let name = |what: &str| format!("{what}{first}");
    // It is approved.
    let change = session.propose(first, &name("a")).await;
    let task = session.task(&change, &name("a")).await;
    assert_eq!(task.status, TaskStatus::Working);
    let words = "somebody else has to approve the change";
    assert_eq!(task.status_message.as_deref(), Some(words));
    assert_eq!((task.ttl_ms, task.poll_interval_ms), (Some(172_800_000), Some(2_000)));
    assert_eq!(session.task(&change, &name("a")).await.task_id, task.task_id, "the same task");
    let waiting = session.poll(&task.task_id).await;
    assert_eq!(waiting, DetailedTask::new(task.clone(), TaskPayload::Working));
    session.update(&task.task_id).await.unwrap();
    assert_eq!(session.state(&change).await, "proposed");
    decide(place, &change, true).await;
    let made = session.poll(&task.task_id).await;
    assert_eq!(session.poll(&task.task_id).await, made);
    let result = completed(&made);
    assert_eq!(result["structuredContent"]["data"]["change_id"], change.as_str());
    let mut direct = serde_json::to_value(session.result(&change, &name("a")).await).unwrap();
    assert_eq!(direct["_meta"]["dev.mcp-kit/replayed"], true);
    // What the SDK adds to every result, and to the one of this call.
    direct.as_object_mut().unwrap().remove("_meta");
    assert_eq!(direct, result, "the very result of the call");
    assert_eq!(session.state(&change).await, "applied");
    session.cancel(&task.task_id).await.unwrap();
    assert_eq!(session.poll(&task.task_id).await, made, "too late");

    // It is rejected, which is a result of the tool and no error of the protocol.
    let change = session.propose(first + 1, &name("b")).await;
    let task = session.task(&change, &name("b")).await;
    decide(place, &change, false).await;
    let ended = session.poll(&task.task_id).await;
    let result = completed(&ended);
    assert_eq!(result["isError"], true);
    let error = &result["structuredContent"]["error"];
    assert_eq!(error["code"], "approval_rejected");
    let message = "carol has rejected the change: They have an open order";
    assert_eq!((&error["message"], &error["effect"]), (&json!(message), &json!("none")));
    assert_eq!(ended.task.status_message.as_deref(), Some(message));
    let direct = session.result(&change, &name("b")).await;
    assert_eq!(direct.structured_content.unwrap()["error"]["code"], "approval_rejected");

    // It is given up, and asked for again.
    let change = session.propose(first + 2, &name("c")).await;
    let task = session.task(&change, &name("c")).await;
    session.cancel(&task.task_id).await.unwrap();
    session.cancel(&task.task_id).await.unwrap();
    decide(place, &change, true).await;
    assert_eq!(session.poll(&task.task_id).await.status(), TaskStatus::Cancelled);
    assert_eq!(session.state(&change).await, "approved", "nothing was made");
    let again = session.result(&change, &name("c")).await;
    assert_ne!(again.is_error, Some(true), "{again:?}");
    assert_eq!(session.poll(&task.task_id).await.status(), TaskStatus::Cancelled);

    // Its time is up: that of the proposal, and that of the task.
    let change = session.propose(first + 3, &name("d")).await;
    let task = session.task(&change, &name("d")).await;
    let_expire(place, &change).await;
    let result = completed(&session.poll(&task.task_id).await);
    assert_eq!(result["structuredContent"]["error"]["reason"], "expired", "{result}");
    let late = Statement::new("UPDATE job SET expires_at = 1 WHERE id = $1");
    write(place, late.bind(task.task_id.as_str())).await;
    let never = error_of(session.try_poll(NEVER).await);
    assert_eq!(error_of(session.try_poll(&task.task_id).await), never);
    assert_eq!(never, (-32_602, "task not found".to_owned()));
}

/// Lets the time of a proposal be up. Its digest says when that is, and is written anew with it.
async fn let_expire(place: &Place, id: &str) {
    let store = store::open(&place.store.parse().unwrap()).await.unwrap();
    let rows = store.query(Statement::new("SELECT * FROM proposal WHERE id = $1").bind(id)).await;
    let rows = rows.unwrap();
    let text = |name: &str| rows[0].text(name).unwrap();
    let json = |name: &str| serde_json::from_str::<Value>(text(name)).unwrap();
    let mut all = json!({
        "diff": json("diff"), "payload": json("payload"), "expires_at": 1,
        "created_at": rows[0].integer("created_at").unwrap(),
    });
    for name in ["id", "tenant", "proposer", "proposed_by", "tool", "title", "reason"] {
        all[name] = text(name).into();
    }
    let digest = Sha256::digest(serde_json_canonicalizer::to_vec(&all).unwrap());
    let late = Statement::new("UPDATE proposal SET expires_at = 1, digest = $2 WHERE id = $1");
    write(place, late.bind(id).bind(hexadecimal(&digest))).await;
    store.close().await;
}

async fn jobs(place: &Place) -> i64 {
    let store = store::open(&place.store.parse().unwrap()).await.unwrap();
    let rows = store.query(Statement::new("SELECT count(*) AS n FROM job")).await.unwrap();
    store.close().await;
    rows[0].integer("n").unwrap()
}

async fn write(place: &Place, statement: Statement) {
    let store = store::open(&place.store.parse().unwrap()).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.execute(statement).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    store.close().await;
}

#[test]
fn a_change_that_waits_for_a_second_person_is_a_task_over_http() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        for (index, mode) in modes().into_iter().enumerate() {
            wait(async {
                let session = Session::over_http(&server.resource(), None, FOLLOWS, mode).await;
                goes_through(&session, &place, 10 * index).await;
                session.0.cancel().await.unwrap();
            });
        }
        let whole = place.with(|store| async move { audit::verify(&*store, None).await.unwrap() });
        assert!(whole.iter().all(|verdict| verdict.broken.is_none()), "{whole:?}");
    }
}

#[test]
fn a_change_that_waits_for_a_second_person_is_a_task_over_stdio() {
    let place = Place::sqlite();
    for (index, mode) in modes().into_iter().enumerate() {
        wait(async {
            let (session, mut child) = Session::over_stdio(&place, mode).await;
            goes_through(&session, &place, 10 * index).await;
            session.0.cancel().await.unwrap();
            timeout(LIMIT, child.wait()).await.expect("an end").unwrap();
        });
    }
}

#[test]
fn who_does_not_follow_tasks_is_answered_as_ever() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    for (index, mode) in modes().into_iter().enumerate() {
        wait(async {
            let resource = server.resource();
            let session = Session::over_http(&resource, None, FOLLOWS_NOT, mode.clone()).await;
            let change = session.propose(index, &format!("{index}")).await;
            let result = session.result(&change, &format!("{index}")).await;
            let error = result.structured_content.unwrap()["error"].take();
            assert_eq!(error["code"], "approval_required");
            assert_eq!(error["next"]["action"], "poll_job");
            assert_eq!(error["next"]["tool"], "get_change");
            assert_eq!(jobs(&place).await, 0);
            // Nobody has asked, so nobody is told of a task, theirs or not.
            let undeclared = error_of(session.try_poll(NEVER).await);
            assert_eq!(undeclared.0, -32_021);
            assert_eq!(error_of(session.cancel(NEVER).await), undeclared);
            assert_eq!(error_of(session.update(NEVER).await), undeclared);
            // The user is asked before there is a task, and is not asked where they cannot be.
            for (says, state) in [(Some(true), "applied"), (None, "proposed")] {
                let able = Able { follows_tasks: true, says };
                let session = Session::over_http(&resource, None, able, mode.clone()).await;
                let key = format!("{index}{state}");
                let change = update(&session, &key).await;
                let Value::Object(arguments) = commit(&change, &key) else { panic!("an object") };
                let request = CallToolRequestParams::new("commit_change").with_arguments(arguments);
                match says {
                    Some(_) => {
                        let result = session.0.call_tool(request).await.unwrap();
                        assert_ne!(result.is_error, Some(true), "{result:?}");
                    }
                    None => {
                        session.task(&change, &key).await;
                    }
                }
                assert_eq!(session.state(&change).await, state);
                assert_eq!(jobs(&place).await, i64::from(says.is_none()));
            }
            write(&place, Statement::new("DELETE FROM job")).await;
        });
    }
}

/// A proposal that its user has to confirm.
async fn update(session: &Session, key: &str) -> String {
    let found = session.data("search_customers", json!({"limit": 50})).await;
    let customer = &found["customers"][40];
    let proposed = json!({
        "operation": "update", "customer_id": customer["id"],
        "expected_version": customer["version"],
        "set": [{"field": "town", "value": format!("Town of {key}")}],
        "reason": "They have moved", "idempotency_key": format!("update-{key:0>16}"),
    });
    let proposed = session.data("propose_change", proposed).await;
    assert_eq!(proposed["change"]["needs"], "confirmation");
    proposed["change"]["id"].as_str().unwrap().to_owned()
}

/// A request by hand in the modern era, of a client that follows tasks or does not.
fn ask(client: &Client, method: &str, params: &Value, follows: bool) -> Answer {
    let mut params = params.clone();
    let extensions = match follows {
        true => json!({"extensions": {"io.modelcontextprotocol/tasks": {}}}),
        false => json!({}),
    };
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": extensions,
    });
    let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default().to_owned();
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    client.body(method, &name, message.to_string().as_bytes())
}

fn user(place: &Place, server: &Server, name: &str, scopes: &[&str]) -> Client {
    let token = token_with(place, name, &server.resource(), scopes, Clock::system());
    Client::modern(server.address, Some(&token))
}

#[test]
fn a_task_is_its_owners_and_like_none_for_everybody_else() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes", "--require-token"]);
        let change = wait(async {
            let token = token_with(&place, "alice", &server.resource(), SCOPES, Clock::system());
            let [modern, _] = modes();
            let session =
                Session::over_http(&server.resource(), Some(&token), FOLLOWS, modern).await;
            session.propose(0, "own").await
        });
        let alice = user(&place, &server, "alice", SCOPES);
        let called = json!({"name": "commit_change", "arguments": commit(&change, "own")});
        let begun = ask(&alice, "tools/call", &called, true).message();
        assert_eq!(begun["result"]["resultType"], "task", "{begun}");
        let id = begun["result"]["taskId"].as_str().unwrap();
        wait(decide(&place, &change, true));
        let methods = [
            ("tasks/get", json!({})),
            ("tasks/cancel", json!({})),
            ("tasks/update", json!({"inputResponses": {}})),
        ];
        for stranger in ["bob", "carol", "dave", "erin"] {
            let stranger = user(&place, &server, stranger, SCOPES);
            for (method, params) in &methods {
                let of = |id: &str| {
                    let mut params = params.clone();
                    params["taskId"] = id.into();
                    ask(&stranger, method, &params, true)
                };
                let (theirs, never) = (of(id), of(NEVER));
                assert_eq!(theirs.bytes(), never.bytes(), "{method}");
                let error = &never.message()["error"];
                assert_eq!(
                    (&error["code"], &error["message"]),
                    (&json!(-32_602), &json!("task not found"))
                );
            }
        }
        // A token for less leaves the task as it is.
        let reader = user(&place, &server, "alice", &["crm.read"]);
        let asked = ask(&reader, "tasks/get", &json!({"taskId": id}), true).message();
        assert_eq!(asked["result"]["status"], "working", "{asked}");
        let words = asked["result"]["statusMessage"].as_str().unwrap();
        assert!(words.contains("crm.write"), "{words}");
        let asked = ask(&alice, "tasks/get", &json!({"taskId": id}), true).message();
        assert_eq!(asked["result"]["status"], "completed", "{asked}");
        assert_eq!(asked["result"]["resultType"], "complete");
        let counted = get(server.address, "/metrics").body;
        assert!(counted.contains(r#"{tool="commit_change",result="ok"} 1"#), "{counted}");
        let direct = ask(&alice, "tools/call", &called, true).message();
        let mut direct = direct["result"].clone();
        direct.as_object_mut().unwrap().remove("_meta");
        assert_eq!(asked["result"]["result"].to_string(), direct.to_string(), "byte for byte");
    }
}

#[test]
fn what_is_no_request_for_a_task_is_told_so() {
    let place = Place::sqlite();
    let writing = Server::demo(&place, &["--allow-writes"]);
    let client = Client::modern(writing.address, None);
    let extension = "/result/capabilities/extensions/io.modelcontextprotocol~1tasks";
    let discovered = ask(&client, "server/discover", &json!({}), false).message();
    assert_eq!(discovered.pointer(extension), Some(&json!({})), "{discovered}");
    assert_eq!(client.initialize().message().pointer(extension), Some(&json!({})));
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        for params in
            [json!({"taskId": NEVER, "inputResponses": {}}), json!({"taskId": 5}), json!({})]
        {
            let error = ask(&client, method, &params, false).message()["error"].clone();
            assert_eq!(error["code"], -32_021, "{method} {params}: {error}");
            let needed = error.pointer("/data/requiredCapabilities/extensions").unwrap();
            assert_eq!(needed, &json!({"io.modelcontextprotocol/tasks": {}}));
            let error = ask(&client, method, &params, true).message()["error"].clone();
            assert_eq!(error["code"], -32_602, "{method} {params}: {error}");
        }
    }
    for method in ["tasks/list", "tasks/result"] {
        let error = ask(&client, method, &json!({"taskId": NEVER}), true).message();
        assert_eq!(error["error"]["code"], -32_601, "{method}: {error}");
    }
    drop(writing);
    let reading = Server::demo(&place, &[]);
    let client = Client::modern(reading.address, None);
    let discovered = ask(&client, "server/discover", &json!({}), true).message();
    assert!(discovered["result"]["capabilities"].is_object(), "{discovered}");
    assert_eq!(discovered.pointer(extension), None, "what reads has no tasks");
    for params in [json!({"taskId": NEVER}), json!({})] {
        let error = ask(&client, "tasks/get", &params, true).message()["error"].clone();
        assert_eq!(error["code"], -32_601, "{error}");
    }
}

#[test]
fn a_task_outlives_its_server() {
    for place in Place::both() {
        for (index, mode) in modes().into_iter().enumerate() {
            let key = format!("restart{index}");
            let mut server = Server::demo(&place, &["--allow-writes"]);
            let (change, task) = wait(async {
                let session =
                    Session::over_http(&server.resource(), None, FOLLOWS, mode.clone()).await;
                let change = session.propose(index, &key).await;
                let task = session.task(&change, &key).await;
                (change, task)
            });
            server.kill();
            wait(decide(&place, &change, true));
            let server = Server::demo(&place, &["--allow-writes"]);
            wait(async {
                let session = Session::over_http(&server.resource(), None, FOLLOWS, mode).await;
                let ended = session.poll(&task.task_id).await;
                assert_eq!(completed(&ended)["structuredContent"]["data"]["change_id"], change);
                let direct = session.result(&change, &key).await;
                assert_ne!(direct.is_error, Some(true), "{direct:?}");
            });
        }
    }
}

#[test]
fn three_servers_know_the_same_tasks() {
    let place = Place::postgres();
    drop(Server::demo(&place, &[]));
    place.write(Statement::new("DELETE FROM demo_data"));
    let issuer = demo::Issuer::open(&place.folder(), Clock::system()).unwrap();
    let keys = place.home().join("keys.json");
    std::fs::write(&keys, issuer.key_set()).unwrap();
    let relay = Relay::new();
    let resource = format!("http://{}/mcp", relay.address);
    let arguments = [
        "--allow-writes",
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
    let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
    relay.lead_to(&addresses);
    let token = issuer.token(&demo::identity("alice", SCOPES).unwrap(), &resource);
    let change = wait(async {
        let [modern, _] = modes();
        let session = Session::over_http(&resource, Some(&token), FOLLOWS, modern).await;
        session.propose(0, "cluster").await
    });
    // Connections of these clients are for one request each, so the relay leads from one to the next.
    let client = Client::modern(relay.address, Some(&token));
    let called = json!({"name": "commit_change", "arguments": commit(&change, "cluster")});
    let ids: Vec<Value> = (0..6)
        .map(|_| ask(&client, "tools/call", &called, true).message()["result"]["taskId"].clone())
        .collect();
    assert!(ids[0].is_string() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let poll = || ask(&client, "tasks/get", &json!({"taskId": ids[0]}), true).message();
    for _ in 0..6 {
        assert_eq!(poll()["result"]["status"], "working");
    }
    servers[0].kill();
    wait(decide(&place, &change, true));
    let ends: Vec<Value> = std::thread::scope(|scope| {
        let polling: Vec<_> = (0..8).map(|_| scope.spawn(poll)).collect();
        polling.into_iter().map(|thread| thread.join().unwrap()["result"].take()).collect()
    });
    assert_eq!(ends[0]["status"], "completed", "{}", ends[0]);
    assert!(ends.iter().all(|end| end["result"] == ends[0]["result"]), "{ends:?}");
    let records = place.with(|store| async move {
        let verdicts = audit::verify(&*store, None).await.unwrap();
        assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
        let record = Statement::new("SELECT record FROM audit_record");
        let rows = store.query(record).await.unwrap();
        let record = |row: &Row| serde_json::from_str(row.text("record").unwrap()).unwrap();
        rows.iter().map(record).collect::<Vec<Value>>()
    });
    let is_commit = |record: &&Value| record["phase"] == "commit";
    let made = records.iter().filter(is_commit).map(|record| &record["result"]);
    let made = made.filter(|result| result["code"] == "ok" && result["replayed"].is_null());
    assert_eq!(made.count(), 1, "one change");
}
