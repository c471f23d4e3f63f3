//! A second person decides: by command, by page, in both eras, on both engines.

use mcp_kit::serve::runtime::{clock::Clock, identity::demo, store::Statement};
use serde_json::{Value, json};

use super::{
    client::{Answer, Client, send},
    place::Place,
    relay::Relay,
    server::{Server, token_with},
};
use crate::program::{Finished, Program};

const WRITE: &[&str] = &["crm.read", "crm.write"];
const APPROVE: &[&str] = &["crm.approve"];
const NEVER: &str = "00000000-0000-4000-8000-000000000000";

fn granted(place: &Place, server: &Server, user: &str, scopes: &[&str]) -> String {
    token_with(place, user, &server.resource(), scopes, Clock::system())
}

fn key(name: &str) -> String {
    format!("key-{name:0>16}")
}

/// A change that somebody has proposed, and what they go on with.
struct Change {
    id: String,
    customer: String,
    name: String,
}

impl Change {
    /// An archive of the customer of this number, or its merge with the next one.
    fn propose(client: &Client, operation: &str, number: usize, name: &str) -> Self {
        let found = client.call("search_customers", json!({"limit": 50})).data();
        let customer = |at: usize| found["data"]["customers"][at].clone();
        let (kept, other) = (customer(number), customer(number + 1));
        let mut arguments = json!({
            "operation": operation, "customer_id": kept["id"], "expected_version": kept["version"],
            "reason": format!("{name}: the customer has asked for it"),
            "idempotency_key": key(&format!("propose-{name}")),
        });
        if operation == "merge" {
            arguments["duplicate_id"] = other["id"].clone();
            arguments["duplicate_version"] = other["version"].clone();
        }
        let change = client.call("propose_change", arguments).data()["data"]["change"].clone();
        assert_eq!(change["needs"], "second_person", "{change}");
        Self {
            id: change["id"].as_str().unwrap().to_owned(),
            customer: kept["id"].as_str().unwrap().to_owned(),
            name: name.to_owned(),
        }
    }

    fn commit(&self, client: &Client) -> Answer {
        let key = key(&format!("commit-{}", self.name));
        client.call("commit_change", json!({"change_id": self.id, "idempotency_key": key}))
    }

    fn waits(&self, client: &Client) {
        let error = self.commit(client).error();
        assert_eq!(error["code"], "approval_required", "{error}");
        let hint = error["next"]["hint"].as_str().unwrap();
        assert!(hint.contains(&format!("mcp-kit approve yes {}", self.id)), "{hint}");
        assert!(hint.contains("/approvals"), "{hint}");
    }

    /// Goes on with the same key.
    fn is_made(&self, client: &Client, by: &str) {
        let made = self.commit(client).data();
        assert_eq!(made["data"]["customer"]["id"], self.customer.as_str());
        let shown = self.shown(client);
        assert_eq!((&shown["state"], &shown["decided_by"]), (&json!("applied"), &json!(by)));
        // Once is enough.
        assert_eq!(self.commit(client).data(), made);
    }

    fn shown(&self, client: &Client) -> Value {
        let shown = client.call("get_change", json!({"change_id": self.id})).data();
        shown["data"]["change"].clone()
    }
}

/// Runs `mcp-kit approve` against a server.
fn approve(server: &Server, token: &str, words: &[&str]) -> Finished {
    let url = server.resource();
    let place = ["--url", &url, "--bearer-env", "APPROVER"];
    Program::new().env("APPROVER", token).run(&[&["approve"], words, &place].concat())
}

#[test]
fn the_command_decides_at_a_host_in_both_eras() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let carol = granted(&place, &server, "carol", APPROVE);
        let alice = granted(&place, &server, "alice", WRITE);
        for (era, client) in Client::both(server.address, Some(&alice)).iter().enumerate() {
            for (index, operation) in ["archive", "merge"].into_iter().enumerate() {
                let name = format!("{era}{operation}");
                let change = Change::propose(client, operation, 4 * era + 2 * index, &name);
                change.waits(client);
                let listed = approve(&server, &carol, &["list"]);
                assert_eq!(listed.status, 0, "{}", listed.stderr);
                assert!(listed.stdout.contains(&change.id), "{}", listed.stdout);
                assert!(listed.stdout.contains("asked for by alice"), "{}", listed.stdout);
                let shown = approve(&server, &carol, &["show", &change.id, "--format", "json"]);
                let shown = shown.json();
                assert_eq!(shown["format"], "mcp-kit.approvals/1");
                let records = if operation == "merge" { 2 } else { 1 };
                assert_eq!(shown["topics"].as_array().unwrap().len(), records, "{shown}");

                // Nobody is there to be asked.
                let unasked = approve(&server, &carol, &["yes", &change.id]);
                assert_eq!(unasked.status, 2, "{}", unasked.stderr);
                assert!(unasked.stderr.contains("--yes"), "{}", unasked.stderr);
                let stale = ["yes", &change.id, "--yes", "--digest", "00"];
                assert_eq!(approve(&server, &carol, &stale).status, 1);
                change.waits(client);
                let digest = shown["digest"].as_str().unwrap();
                let words = ["yes", &change.id, "--yes", "--digest", digest, "--reason", "seen"];
                let said = approve(&server, &carol, &words);
                assert_eq!(said.status, 0, "{}", said.stderr);
                assert!(said.stdout.contains("-> "), "the diff is shown: {}", said.stdout);
                assert!(said.stdout.contains("approved by carol"), "{}", said.stdout);
                assert_eq!(change.shown(client)["decision_reason"], "seen");
                change.is_made(client, "carol");
                // Too late.
                let late = approve(&server, &carol, &["no", &change.id, "--reason", "no"]);
                assert_eq!(late.status, 1, "{}", late.stdout);
                assert!(late.stderr.contains("is made already"), "{}", late.stderr);
            }
            let change = Change::propose(client, "archive", 20 + era, &format!("{era}no"));
            let without = approve(&server, &carol, &["no", &change.id, "--reason", " "]);
            assert_eq!(without.status, 2, "{}", without.stderr);
            let said = approve(&server, &carol, &["no", &change.id, "--reason", "Not this one"]);
            assert_eq!(said.status, 0, "{}", said.stderr);
            let error = change.commit(client).error();
            assert_eq!(error["code"], "approval_rejected", "{error}");
            assert!(error["message"].as_str().unwrap().contains("Not this one"), "{error}");
        }
    }
}

#[test]
fn every_refusal_has_its_code() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    let alice = granted(&place, &server, "alice", WRITE);
    let client = Client::modern(server.address, Some(&alice));
    let change = Change::propose(&client, "archive", 0, "one");
    // Somebody who may approve does not approve what they have proposed themselves.
    let both = [WRITE, APPROVE].concat();
    let carol = granted(&place, &server, "carol", &both);
    let own = Client::modern(server.address, Some(&carol));
    let own = Change::propose(&own, "archive", 1, "own");
    let gone = Change::propose(&client, "archive", 2, "gone");
    let changed = Statement::new("UPDATE customer SET version = version + 1 WHERE id = $1");
    place.write(changed.bind(gone.customer.as_str()));
    let forged = Change::propose(&client, "archive", 3, "forged");
    let longer = Statement::new("UPDATE proposal SET expires_at = expires_at + 1 WHERE id = $1");
    place.write(longer.bind(forged.id.as_str()));
    let hidden = Change::propose(&client, "archive", 4, "hidden");
    let raised = Statement::new("UPDATE customer SET sensitivity = 9 WHERE id = $1");
    place.write(raised.bind(hidden.customer.as_str()));

    let token = |user: &str, scopes: &[&str]| granted(&place, &server, user, scopes);
    let old = Clock::standing_at(1_700_000_000_000);
    let expired = token_with(&place, "carol", &server.resource(), APPROVE, old);
    let good = token("carol", APPROVE);
    for (status, what, token, id) in [
        (1, "may not decide about changes", &token("alice", APPROVE), change.id.as_str()),
        (1, "may not decide about changes", &token("erin", APPROVE), &change.id),
        (1, "there is no proposal", &token("dave", APPROVE), &change.id),
        (1, "there is no proposal", &good, NEVER),
        (1, "there is no proposal", &good, &hidden.id),
        (1, "there is no proposal", &good, "../../healthz"),
        (1, "have proposed themselves", &good, &own.id),
        (1, "a record has changed", &good, &gone.id),
        (5, "the server made a mistake", &good, &forged.id),
        (3, "crm.approve", &token("carol", WRITE), &change.id),
        (3, "does not take the token", &expired, &change.id),
        (3, "does not take the token", &format!("{}AAAA", &good[..good.len() - 4]), &change.id),
        (2, "holds no token", &String::new(), &change.id),
    ] {
        let before = place.count("proposal");
        let said = approve(&server, token, &["yes", id, "--yes"]);
        assert_eq!(said.status, status, "{what}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(what), "{what}: {}", said.stderr);
        assert!(token.is_empty() || !said.stderr.contains(token.as_str()), "{}", said.stderr);
        assert_eq!(place.count("proposal"), before);
    }
    // Of another tenant, and none at all: the same to the letter.
    let said = |user: &str, id: &str| {
        let said = approve(&server, &token(user, APPROVE), &["show", id]);
        (said.status, said.stdout, said.stderr.replace(id, "[ID]"))
    };
    assert_eq!(said("dave", &change.id), said("dave", NEVER));
    let decided = "SELECT count(*) AS n FROM proposal WHERE is_approved IS NOT NULL";
    let decided = place.with(|store| async move {
        store.query(Statement::new(decided)).await.unwrap()[0].integer("n").unwrap()
    });
    assert_eq!(decided, 0);
    change.waits(&client);

    let resource = server.resource();
    drop(server);
    let nobody = Program::new().env("APPROVER", &good).run(&[
        "approve", "list", "--url", &resource, "--bearer-env", "APPROVER", "--format", "json",
    ]);
    assert_eq!(nobody.status, 4, "{}", nobody.stderr);
    let reading = Server::demo(&place, &[]);
    let good = granted(&place, &reading, "carol", APPROVE);
    let none = approve(&reading, &good, &["list"]);
    assert_eq!(none.status, 2, "{}", none.stderr);
    assert!(none.stderr.contains("has no approvals"), "{}", none.stderr);
    for words in [
        &["approve", "list"][..],
        &["approve", "list", "--demo"],
        &["approve", "list", "--url", "https://crm.example.com/mcp"],
        &["approve", "list", "--url", "http://crm.example.com/mcp", "--bearer-env", "HOME"],
        &["approve", "list", "--demo", "--as", "zoe"],
        &["approve", "list", "--demo", "--as", "carol", "--store", "never-was"],
        &["approve", "list", "--demo", "--as", "carol", "--identity", "x"],
        &["approve", "no", NEVER, "--demo", "--as", "carol"],
    ] {
        let said = Program::new().run(words);
        assert_eq!(said.status, 2, "{words:?}: {}{}", said.stdout, said.stderr);
    }
}

#[test]
fn the_command_decides_on_the_store_itself() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let alice = granted(&place, &server, "alice", WRITE);
        let client = Client::modern(server.address, Some(&alice));
        let change = Change::propose(&client, "merge", 0, "direct");
        change.waits(&client);
        let program = Program::new();
        let run = |user: &str, words: &[&str]| {
            let demo = ["--demo", "--as", user, "--store", &place.store];
            program.run(&[&["approve"], words, &demo].concat())
        };
        let listed = run("carol", &["list"]);
        assert_eq!(listed.status, 0, "{}", listed.stderr);
        assert!(listed.stdout.contains(&change.id), "{}", listed.stdout);
        for (user, words) in [("alice", "may not decide"), ("dave", "there is no proposal")] {
            let said = run(user, &["yes", &change.id, "--yes"]);
            assert_eq!(said.status, 1, "{}", said.stdout);
            assert!(said.stderr.contains(words), "{}", said.stderr);
        }
        let said = run("carol", &["yes", &change.id, "--yes"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let again = run("carol", &["yes", &change.id, "--yes"]);
        assert_eq!(again.status, 1, "{}", again.stdout);
        assert!(again.stderr.contains("decided already, by carol"), "{}", again.stderr);
        change.is_made(&client, "carol");
    }
}

#[test]
fn an_identity_of_this_machine_decides_about_data_of_ones_own() {
    let place = Place::sqlite();
    let write = |name: &str, subject: &str, more: &str| {
        let path = place.home().join(name);
        let text = format!("tenant = \"acme\"\nsubject = \"{subject}\"\nclearance = 3\n{more}\n");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let groups = "groups = [\"readers\", \"writers\", \"approvers\"]";
    let anna = write("anna.toml", "anna", groups);
    let ben = write("ben.toml", "ben", groups);
    let narrow = write("narrow.toml", "ben", &format!("{groups}\nscopes = [\"crm.read\"]"));
    // The records come from the sample data, as if they were somebody's own.
    drop(Server::demo(&place, &[]));
    place.write(Statement::new("DELETE FROM demo_data"));
    let program = Program::new();
    let call = |id: u32, tool: &str, arguments: Value| {
        let params = json!({"name": tool, "arguments": arguments, "_meta": super::client::meta()});
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        let words = [
            "serve", "crm", "--stdio", "--allow-writes", "--identity", &anna, "--store",
            &place.store,
        ];
        let finished = program.run_with_input(&words, format!("{message}\n").as_bytes());
        let answer: Value = serde_json::from_str(finished.stdout.lines().next().unwrap()).unwrap();
        answer["result"]["structuredContent"].clone()
    };
    let found = call(1, "search_customers", json!({"limit": 1}));
    let customer = &found["data"]["customers"][0];
    let proposed = call(
        2,
        "propose_change",
        json!({
            "operation": "archive", "customer_id": customer["id"],
            "expected_version": customer["version"], "reason": "gone", "idempotency_key": key("a"),
        }),
    );
    let id = proposed["data"]["change"]["id"].as_str().unwrap_or_else(|| panic!("{proposed}"));
    let run = |who: &str| {
        let words = ["approve", "yes", id, "--yes", "--identity", who, "--store", &place.store];
        program.run(&words)
    };
    let own = run(&anna);
    assert_eq!(own.status, 1, "{}", own.stdout);
    assert!(own.stderr.contains("have proposed themselves"), "{}", own.stderr);
    let said = run(&narrow);
    assert_eq!(said.status, 1, "{}", said.stdout);
    assert!(said.stderr.contains("crm.approve"), "{}", said.stderr);
    let said = run(&ben);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let made = call(3, "commit_change", json!({"change_id": id, "idempotency_key": key("b")}));
    assert_eq!(made["data"]["customer"]["id"], customer["id"], "{made}");
}

/// Somebody with a browser, as far as a server sees it.
pub(super) struct Browser {
    server: std::net::SocketAddr,
    cookie: String,
}

impl Browser {
    pub(super) fn new(server: std::net::SocketAddr) -> Self {
        Self { server, cookie: String::new() }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        let Self { server, cookie } = self;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {server}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        );
        send(*server, request.as_bytes())
    }

    pub(super) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let Self { server, cookie } = self;
        let escape =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let fields = fields.iter().map(|(name, value)| format!("{name}={}", escape(value)));
        let body = fields.collect::<Vec<_>>().join("&");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {server}\r\norigin: null\r\nsec-fetch-site: same-origin\
             \r\ncookie: {cookie}\r\nconnection: close\r\ncontent-type: \
             application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = send(*server, request.as_bytes());
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        answer
    }

    pub(super) fn sign_in(&mut self, token: &str) {
        let answer = self.post("/approvals/sign-in", &[("token", token)]);
        assert_eq!(answer.status, 303, "{answer:?}");
    }

    pub(super) fn decide(&mut self, id: &str, decision: &str, reason: &str) -> Answer {
        let path = format!("/approvals/changes/{id}");
        let shown = self.get(&path);
        assert_eq!(shown.status, 200, "{shown:?}");
        let field = |name: &str| {
            let begin = format!("name=\"{name}\" value=\"");
            let rest = shown.body.split_once(&begin).unwrap_or_else(|| panic!("{shown:?}")).1;
            rest.split_once('"').unwrap().0.to_owned()
        };
        let (form, digest) = (field("form"), field("digest"));
        let fields =
            [("form", &*form), ("digest", &digest), ("decision", decision), ("reason", reason)];
        self.post(&path, &fields)
    }
}

#[test]
fn the_page_decides_in_both_eras() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let page = server.said("Second person:");
        let page = page.split("   (").next().unwrap().to_owned();
        assert_eq!(page, format!("http://{}/approvals", server.address));
        let alice = granted(&place, &server, "alice", WRITE);
        let mut carol = Browser::new(server.address);
        carol.sign_in(&granted(&place, &server, "carol", APPROVE));
        for (era, client) in Client::both(server.address, Some(&alice)).iter().enumerate() {
            for (index, operation) in ["archive", "merge"].into_iter().enumerate() {
                let name = format!("{era}{operation}");
                let change = Change::propose(client, operation, 4 * era + 2 * index, &name);
                change.waits(client);
                assert!(carol.get("/approvals").body.contains(&change.id));
                let answer = carol.decide(&change.id, "approve", "");
                assert_eq!(answer.status, 303, "{answer:?}");
                change.is_made(client, "carol");
                let shown = carol.get(&format!("/approvals/changes/{}", change.id));
                assert!(shown.body.contains("and it was made"), "{shown:?}");
            }
            let change = Change::propose(client, "archive", 20 + era, &format!("{era}no"));
            assert_eq!(carol.decide(&change.id, "reject", "Not this one").status, 303);
            let error = change.commit(client).error();
            assert_eq!(error["code"], "approval_rejected", "{error}");
            // A record that has changed since: the page says so and decides nothing.
            let change = Change::propose(client, "archive", 22 + era, &format!("{era}void"));
            let changed = Statement::new("UPDATE customer SET version = version + 1 WHERE id = $1");
            place.write(changed.bind(change.customer.as_str()));
            let shown = carol.get(&format!("/approvals/changes/{}", change.id));
            assert!(shown.body.contains("A record has changed"), "{shown:?}");
            assert!(!shown.body.contains("<textarea"), "{shown:?}");
        }
    }
}

#[test]
fn the_command_of_the_banner_makes_a_second_person() {
    let program = Program::new();
    let server = Server::start(&program.path(""), &["--allow-writes"]);
    let said = server.said("Second person:");
    let command = said.split_once("(token: ").unwrap().1.trim_end_matches(')');
    let words = shlex::split(command).unwrap();
    let finished = program.run(&words[1..]);
    assert_eq!(finished.status, 0, "{command}: {}", finished.stderr);
    let listed = approve(&server, finished.stdout.trim(), &["list"]);
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    assert!(listed.stdout.contains("nothing waits for a decision"), "{}", listed.stdout);
    let reading = Server::start(&program.path(""), &[]);
    reading.said("Ctrl-C");
    assert!(!reading.log().contains("Second person"), "{}", reading.log());
}

#[test]
fn a_visit_goes_on_at_another_process_and_after_a_restart() {
    let place = Place::postgres();
    drop(Server::demo(&place, &[]));
    place.write(Statement::new("DELETE FROM demo_data"));
    let issuer = demo::Issuer::open(&place.folder(), Clock::system()).unwrap();
    let keys = place.home().join("keys.json");
    std::fs::write(&keys, issuer.key_set()).unwrap();
    let relay = Relay::new();
    let resource = format!("http://{}/mcp", relay.address);
    let keys = keys.to_str().unwrap();
    let arguments = [
        "--allow-writes",
        "--store",
        &place.store,
        "--issuer",
        demo::ISSUER,
        "--jwks",
        keys,
        "--resource",
        &resource,
    ];
    let start = || Server::start(place.home(), &arguments);
    let mut servers = vec![start(), start()];
    let lead = |servers: &[Server]| {
        relay.lead_to(&servers.iter().map(|server| server.address).collect::<Vec<_>>());
    };
    lead(&servers);
    let token = |user, scopes| issuer.token(&demo::identity(user, scopes).unwrap(), &resource);
    let client = Client::modern(relay.address, Some(&token("alice", WRITE)));
    let mut carol = Browser::new(relay.address);
    carol.sign_in(&token("carol", APPROVE));
    for _ in 0..4 {
        assert!(carol.get("/approvals").body.contains("Signed in as"));
    }
    let change = Change::propose(&client, "archive", 0, "first");
    assert_eq!(carol.decide(&change.id, "approve", "").status, 303);
    change.is_made(&client, "carol");
    // None of those who know her is left.
    servers.iter_mut().for_each(Server::kill);
    let servers = vec![start(), start()];
    lead(&servers);
    let change = Change::propose(&client, "archive", 5, "second");
    assert_eq!(carol.decide(&change.id, "approve", "").status, 303);
    change.is_made(&client, "carol");
    let form = carol.get("/approvals").body;
    let form = form.split_once("name=\"form\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let before = carol.cookie.clone();
    assert_eq!(carol.post("/approvals/sign-out", &[("form", form)]).status, 303);
    carol.cookie = before;
    for _ in 0..4 {
        assert!(carol.get("/approvals").body.contains("Access token"), "signed out everywhere");
    }
}
