//! Changes of customers, from the proposal to the record, as clients make them in both eras.

use std::time::Duration;

use mcp_kit::serve::runtime::{clock::Clock, store::Statement};
use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig,
        ElicitRequestParams, ElicitResult, ElicitationAction, Implementation, ProtocolVersion,
    },
    service::{ClientLifecycleMode, ClientServiceExt, RequestContext, RunningService},
    transport::StreamableHttpClientTransport,
};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};

use super::{
    client::{Client, MODERN},
    place::{Place, wait},
    server::{Server, token_with},
};
use crate::program::Program;

const LIMIT: Duration = Duration::from_secs(60);

/// A user with a client that can ask them.
struct Person {
    /// What they say; none of them closes the form.
    says: Option<bool>,
    asked: mpsc::UnboundedSender<String>,
    can_be_asked: bool,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let capabilities = match self.can_be_asked {
            true => ClientCapabilities::builder().enable_elicitation().build(),
            false => ClientCapabilities::default(),
        };
        ClientConfig::new(capabilities, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        if let ElicitRequestParams::FormElicitationParams { message, .. } = request {
            self.asked.send(message).unwrap();
        }
        Ok(match self.says {
            Some(confirm) => ElicitResult::new(ElicitationAction::Accept)
                .with_content(json!({"confirm": confirm})),
            None => ElicitResult::new(ElicitationAction::Cancel),
        })
    }
}

struct Session {
    client: RunningService<RoleClient, Person>,
    asked: mpsc::UnboundedReceiver<String>,
}

impl Session {
    async fn new(
        server: &Server,
        mode: ClientLifecycleMode,
        says: Option<bool>,
        can_be_asked: bool,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (sender, asked) = mpsc::unbounded_channel();
        let person = Person { says, asked: sender, can_be_asked };
        let transport = StreamableHttpClientTransport::from_uri(server.resource());
        let client = person.serve_with_lifecycle(transport, mode).await.unwrap();
        Self { client, asked }
    }

    async fn call(&self, tool: &'static str, arguments: Value) -> CallToolResult {
        let Value::Object(arguments) = arguments else { panic!("no object: {arguments}") };
        let request = CallToolRequestParams::new(tool).with_arguments(arguments);
        timeout(LIMIT, self.client.call_tool(request)).await.expect("an answer").unwrap()
    }

    async fn data(&self, tool: &'static str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_ne!(result.is_error, Some(true), "{result:?}");
        result.structured_content.unwrap()["data"].take()
    }

    /// The first customer, and a proposal to change its town.
    async fn propose(&self, key: &str) -> (Value, Value) {
        let found = self.data("search_customers", json!({"limit": 1})).await;
        let id = found["customers"][0]["id"].clone();
        let customer = self.data("get_customer", json!({"customer_id": id})).await;
        let customer = customer["customer"].clone();
        let proposed = json!({
            "operation": "update", "customer_id": id, "expected_version": customer["version"],
            "set": [{"field": "town", "value": format!("Town of {key}")}],
            "reason": "They have moved", "idempotency_key": format!("propose-{key:0>16}"),
        });
        let proposed = self.data("propose_change", proposed).await;
        assert_eq!(proposed["change"]["needs"], "confirmation");
        (customer, proposed["change"].clone())
    }

    async fn commit(&self, change: &Value, key: &str) -> CallToolResult {
        let key = format!("commit-{key:0>16}");
        self.call("commit_change", json!({"change_id": change["id"], "idempotency_key": key})).await
    }

    async fn version(&self, customer: &Value) -> i64 {
        let now = self.data("get_customer", json!({"customer_id": customer["id"]})).await;
        now["customer"]["version"].as_i64().unwrap()
    }

    async fn state(&self, change: &Value) -> Value {
        let now = self.data("get_change", json!({"change_id": change["id"]})).await;
        now["change"]["state"].clone()
    }
}

fn error_of(result: &CallToolResult) -> Value {
    assert_eq!(result.is_error, Some(true), "{result:?}");
    result.structured_content.as_ref().unwrap()["error"].clone()
}

fn is_replayed(result: &CallToolResult) -> bool {
    result.meta.as_ref().is_some_and(|meta| meta.get("dev.mcp-kit/replayed") == Some(&json!(true)))
}

fn modes() -> [ClientLifecycleMode; 2] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [ClientLifecycleMode::Discover { preferred_versions }, ClientLifecycleMode::Initialize]
}

#[test]
fn a_user_who_can_be_asked_confirms_a_change_or_does_not() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        for (index, mode) in modes().into_iter().enumerate() {
            wait(async {
                for (says, code, state) in [
                    (Some(true), None, "applied"),
                    (Some(false), Some("approval_rejected"), "rejected"),
                    (None, Some("approval_required"), "proposed"),
                ] {
                    let key = format!("{index}{says:?}").replace(['(', ')'], "");
                    let mut session = Session::new(&server, mode.clone(), says, true).await;
                    let (customer, change) = session.propose(&key).await;
                    let before = customer["version"].as_i64().unwrap();
                    let result = session.commit(&change, &key).await;
                    let question = session.asked.try_recv().expect("the user is asked");
                    let town = customer["town"].as_str().unwrap();
                    let line = format!("town: \"{town}\" becomes \"Town of {key}\"");
                    assert!(question.contains(&line), "{question}");
                    assert!(question.contains("They have moved"), "{question}");
                    assert_eq!(session.state(&change).await, state, "{mode:?} {says:?}");
                    let version = session.version(&customer).await;
                    match code {
                        None => {
                            assert_ne!(result.is_error, Some(true), "{result:?}");
                            assert_eq!(version, before + 1);
                            let again = session.commit(&change, &key).await;
                            assert!(is_replayed(&again) && !is_replayed(&result), "{again:?}");
                            assert_eq!(again.structured_content, result.structured_content);
                        }
                        Some(code) => {
                            assert_eq!(error_of(&result)["code"], code, "{mode:?} {says:?}");
                            assert_eq!(version, before);
                        }
                    }
                    assert!(session.asked.try_recv().is_err(), "once is enough");
                    session.client.cancel().await.unwrap();
                }
            });
        }
    }
}

#[test]
fn a_client_that_cannot_ask_is_told_what_is_needed() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    for mode in modes() {
        wait(async {
            let session = Session::new(&server, mode, Some(true), false).await;
            let (customer, change) = session.propose("mute").await;
            let error = error_of(&session.commit(&change, "mute").await);
            assert_eq!(error["code"], "approval_required");
            assert_eq!((&error["effect"], &error["retryable"]), (&json!("none"), &json!(true)));
            assert_eq!(error["next"]["tool"], "get_change");
            assert_eq!(session.version(&customer).await, customer["version"].as_i64().unwrap());
        });
    }
}

/// A call by hand in the modern era, of a client that can ask.
fn call(server: &Server, tool: &str, arguments: &Value, more: &Value) -> Value {
    let mut params = json!({"name": tool, "arguments": arguments, "_meta": {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
    }});
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let client = Client::modern(server.address, None);
    client.body("tools/call", tool, message.to_string().as_bytes()).message()
}

#[test]
fn an_answer_is_good_for_the_question_that_was_asked() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    let data = |tool: &str, arguments: Value| {
        let answer = call(&server, tool, &arguments, &json!({}));
        answer["result"]["structuredContent"]["data"].clone()
    };
    let found = data("search_customers", json!({"limit": 2}));
    let propose = |index: usize| {
        let customer = &found["customers"][index];
        let arguments = json!({
            "operation": "update", "customer_id": customer["id"],
            "expected_version": customer["version"],
            "set": [{"field": "town", "value": "Porto"}], "reason": "They have moved",
            "idempotency_key": format!("propose-by-hand-{index}"),
        });
        data("propose_change", arguments)["change"]["id"].clone()
    };
    let version = |index: usize| {
        let customer =
            data("get_customer", json!({"customer_id": found["customers"][index]["id"]}));
        customer["customer"]["version"].clone()
    };
    let (first, second) = (propose(0), propose(1));
    let commit = |id: &Value| json!({"change_id": id, "idempotency_key": "commit-by-hand-01"});
    let asked = call(&server, "commit_change", &commit(&first), &json!({}));
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    let state = asked["result"]["requestState"].as_str().unwrap().to_owned();
    let yes = json!({"confirmation": {"action": "accept", "content": {"confirm": true}}});
    let mut changed = state.clone().into_bytes();
    changed[20] = if changed[20] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for (what, arguments, state) in [
        ("another change", commit(&second), &state),
        ("a state that was tampered with", commit(&first), &changed),
        ("no state of ours", commit(&first), &"x".to_owned()),
    ] {
        let more = json!({"requestState": state, "inputResponses": yes});
        let answer = call(&server, "commit_change", &arguments, &more);
        assert_eq!(answer["error"]["code"], -32_602, "{what}: {answer}");
    }
    assert_eq!(
        [version(0), version(1)],
        [0, 1].map(|it| found["customers"][it]["version"].clone())
    );
    let more = json!({"requestState": state, "inputResponses": yes});
    let made = call(&server, "commit_change", &commit(&first), &more);
    assert_eq!(made["result"]["isError"], false, "{made}");
    // The same answer again, as after a result that was lost: nothing more is done.
    let again = call(&server, "commit_change", &commit(&first), &more);
    assert_eq!(again["result"]["structuredContent"], made["result"]["structuredContent"]);
    assert_eq!(again["result"]["_meta"]["dev.mcp-kit/replayed"], true);
    // An old answer under a new key is of use to nobody.
    let mut anew = commit(&first);
    anew["idempotency_key"] = "commit-by-hand-02".into();
    let refused = call(&server, "commit_change", &anew, &more);
    assert_eq!(refused["error"]["code"], -32_602, "{refused}");
    let expected = found["customers"][0]["version"].as_i64().unwrap() + 1;
    assert_eq!(
        [version(0), version(1)],
        [json!(expected), found["customers"][1]["version"].clone()]
    );
}

/// Somebody with a token for everything.
fn user(place: &Place, server: &Server, name: &str) -> Client {
    let scopes = ["crm.read", "crm.write"];
    let token = token_with(place, name, &server.resource(), &scopes, Clock::system());
    Client::modern(server.address, Some(&token))
}

fn key(name: &str) -> String {
    format!("key-{name:0>16}")
}

#[test]
fn what_is_not_ones_own_or_not_as_it_was_changes_nothing() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let [alice, carol, dave] = ["alice", "carol", "dave"].map(|it| user(&place, &server, it));
        let found = alice.call("search_customers", json!({"limit": 50})).data();
        let customers = found["data"]["customers"].as_array().unwrap();
        let (id, version) = (&customers[0]["id"], customers[0]["version"].as_i64().unwrap());
        let update = |version: i64, field: &str, value: &str, name: &str| {
            json!({
                "operation": "update", "customer_id": id, "expected_version": version,
                "set": [{"field": field, "value": value}], "reason": "to see",
                "idempotency_key": key(name),
            })
        };
        let note = |name: &str| {
            json!({
                "operation": "add_note", "customer_id": id, "note": name, "reason": "to see",
                "idempotency_key": key(name),
            })
        };
        let change = |answer: &super::client::Answer| answer.data()["data"]["change"]["id"].clone();
        let commit =
            |change: &Value, name: &str| json!({"change_id": change, "idempotency_key": key(name)});
        let stale = change(&alice.call("propose_change", update(version, "town", "Porto", "a")));
        let noted = change(&alice.call("propose_change", note("b")));
        let archived = json!({
            "operation": "archive", "customer_id": id, "expected_version": version,
            "reason": "to see", "idempotency_key": key("c"),
        });
        let archived = change(&alice.call("propose_change", archived));
        let before = (place.count("activity"), place.count("proposal"));

        // Another user, another tenant: a change of alice's is like one that never was.
        let never = json!("00000000-0000-4000-8000-000000000000");
        for stranger in [&carol, &dave] {
            let error = |change: &Value, name: &str| {
                let mut error = stranger.call("commit_change", commit(change, name)).error();
                error["correlation_id"] = Value::Null;
                error
            };
            assert_eq!(error(&noted, "d"), error(&never, "d2"));
            assert_eq!(error(&noted, "d")["code"], "not_found");
            let shown = stranger.call("get_change", json!({"change_id": noted})).error();
            assert_eq!(shown["code"], "not_found");
        }
        for (arguments, code, what) in [
            (update(version + 1, "town", "Porto", "e"), "version_conflict", "a stale version"),
            (update(version, "credit_limit_cents", "1", "f"), "not_permitted", "a hidden field"),
            (update(version, "status", "gone", "g"), "invalid_argument", "no status"),
            (update(version, "email", "x", "h"), "invalid_argument", "no address"),
            (update(version, "town", " ", "i"), "invalid_argument", "an empty town"),
            (
                json!({"operation": "merge", "reason": "x", "idempotency_key": key("j")}),
                "invalid_argument",
                "half a merge",
            ),
            (json!({"operation": "add_note", "reason": "x"}), "idempotency_key_required", "no key"),
        ] {
            let error = alice.call("propose_change", arguments).error();
            assert_eq!(error["code"], code, "{what}: {error}");
            assert_eq!(error["effect"], "none", "{what}");
        }
        // A hidden value that is guessed right is refused like any other.
        let tenant = customers[0]["id"].as_str().unwrap().to_owned();
        let cents = place.with(|store| async move {
            let statement =
                Statement::new("SELECT credit_limit_cents AS n FROM customer WHERE id = $1");
            store.query(statement.bind(tenant)).await.unwrap()[0].integer("n").unwrap()
        });
        let guess = update(version, "credit_limit_cents", &cents.to_string(), "p");
        assert_eq!(alice.call("propose_change", guess).error()["code"], "not_permitted");
        // One that needs another person, and one that needs to be asked about.
        for (waiting, name) in [(&archived, "k"), (&stale, "l")] {
            let error = alice.call("commit_change", commit(waiting, name)).error();
            assert_eq!(error["code"], "approval_required", "{error}");
        }
        assert_eq!((place.count("activity"), place.count("proposal")), before);

        place.approve(stale.as_str().unwrap(), "carol");
        // Something else happens to the customer: the proposals on the old version are void.
        place.write(
            Statement::new("UPDATE customer SET version = version + 1 WHERE id = $1")
                .bind(id.as_str().unwrap()),
        );
        let error = alice.call("commit_change", commit(&stale, "m")).error();
        assert_eq!(error["code"], "version_conflict", "{error}");
        let shown = alice.call("get_change", json!({"change_id": stale})).data();
        assert_eq!(shown["data"]["change"]["state"], "void");
        assert_eq!((place.count("activity"), place.count("proposal")), before);

        // A note has no version, and is made once, whichever key it is asked for with.
        alice.call("commit_change", commit(&noted, "n")).data();
        let values = [
            ("display_name", "Ada"),
            ("town", "Porto"),
            ("email", "a@b.example"),
            ("phone", "555"),
        ]
        .map(|(field, value)| json!({"field": field, "value": value}));
        let created = json!({
            "operation": "create", "set": values, "reason": "to see", "idempotency_key": key("q"),
        });
        let created = alice.call("propose_change", created).data();
        assert_eq!(created["data"]["change"]["needs"], "confirmation");
        let error = alice.call("commit_change", commit(&noted, "o")).error();
        assert_eq!(error["reason"], "already_applied", "{error}");
        let error = alice.call("commit_change", commit(&archived, "n")).error();
        assert_eq!(error["code"], "idempotency_conflict", "{error}");
        let after = (before.0 + 1, before.1 + 1);
        assert_eq!((place.count("activity"), place.count("proposal")), after);
        let taken = alice.call("list_activity", json!({"customer_id": id, "limit": 1})).data();
        assert_eq!(taken["data"]["activities"][0]["summary"], "b");
        assert_eq!(taken["data"]["activities"][0]["author"], "alice");
    }
}

#[test]
fn who_may_not_write_knows_of_no_tool_that_does() {
    let place = Place::sqlite();
    let writing = Server::demo(&place, &["--allow-writes"]);
    let arguments = json!({"change_id": "x", "idempotency_key": key("x")});
    for name in ["bob", "erin"] {
        let answer = user(&place, &writing, name).call("commit_change", arguments.clone());
        assert_eq!(answer.message()["error"]["code"], -32_602, "{name}: {answer:?}");
    }
    let reader = token_with(&place, "alice", &writing.resource(), &["crm.read"], Clock::system());
    let answer =
        Client::modern(writing.address, Some(&reader)).call("commit_change", arguments.clone());
    assert_eq!(answer.status, 403, "{answer:?}");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("crm.read crm.write"), "{challenge}");
    drop(writing);
    let reading = Server::demo(&place, &[]);
    let answer = user(&place, &reading, "alice").call("commit_change", arguments);
    assert_eq!(answer.message()["error"]["code"], -32_602, "{answer:?}");
}

/// What `mcp-kit diff` finds between two targets: each finding's rule.
fn differences(old: &str, new: &str) -> Vec<String> {
    let finished = Program::new().run(&["diff", old, new, "--format", "json"]);
    assert_eq!(finished.status, 0, "{}{}", finished.stdout, finished.stderr);
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_contract_is_what_is_listed_and_writing_adds_tools_alone() {
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/src/serve/connector/crm/contract.json");
    assert_eq!(
        differences(contract, "@crm+writes"),
        [""; 0],
        "accept it with: mcp-kit snapshot @crm+writes -o src/serve/connector/crm/contract.json"
    );
    let program = Program::new();
    let reading = program.path("reading.json");
    let reading = reading.to_str().unwrap();
    assert_eq!(program.run(&["snapshot", "@crm", "-o", reading]).status, 0);
    assert_eq!(
        differences(reading, "@crm+writes"),
        ["breaking/version-not-bumped", "breaking/tool-added", "breaking/capability-gained"]
    );
}

#[test]
fn nothing_is_found_in_the_tools_that_write() {
    let finished = Program::new().run(&[
        "lint", "@crm+writes", "--profile", "strict", "--allow-writes", "--fail-on", "info",
    ]);
    assert_eq!(finished.status, 0, "{}{}", finished.stdout, finished.stderr);
    assert!(finished.stdout.contains("no findings (profile strict)"), "{}", finished.stdout);
}
