//! `mcp-kit dev crm`: a clock that is turned, an end that is chosen, data that are put back; and that a
//! plain `serve` has none of it.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use mcp_kit::serve::runtime::{
    audit,
    store::{Statement, Value as Stored},
};
use serde_json::{Value, json};

use super::{
    client::{Client, MODERN, meta, send},
    place::Place,
    server::{LIMIT, Server},
};
use crate::program::{Program, repository};

const MINUTE: u64 = 60 * 1_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A server under test. It ends with the value.
pub(super) struct Sandbox {
    child: Child,
    pub(super) address: SocketAddr,
    control: Option<SocketAddr>,
}

impl Sandbox {
    /// A server at a place, with a control endpoint.
    pub(super) fn new(place: &Place) -> Self {
        Self::start(place, &["--store", &place.store, "--control", "127.0.0.1:0"])
    }

    /// A server with the home of a place.
    pub(super) fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::of("crm", place, arguments)
    }

    /// One of the servers under test, by its name.
    pub(super) fn of(name: &str, place: &Place, arguments: &[&str]) -> Self {
        let mut child = command(place, name, &["--http", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = |path: &str| {
            let line = lines.next().expect("an address").unwrap();
            let address = line.strip_prefix("http://").and_then(|it| it.strip_suffix(path));
            address.expect(&line).parse().unwrap()
        };
        let address = next("/mcp");
        let control = arguments.contains(&"--control").then(|| next("/"));
        Self { child, address, control }
    }

    pub(super) fn client(&self) -> Client {
        Client::modern(self.address, None)
    }

    /// Asks the control endpoint.
    pub(super) fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        ask(self.control.expect("a control endpoint"), method, path, body)
    }

    /// Does something at the control endpoint.
    pub(super) fn control(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &body);
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    pub(super) fn advance(&self, by: u64) {
        self.control("/clock", json!({"advance_ms": by}));
    }

    /// Waits until it has ended by itself.
    pub(super) fn ended(mut self) -> ExitStatus {
        ended(&mut self.child)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(began.elapsed() < LIMIT, "the server lives");
        thread::yield_now();
    }
}

pub(super) fn command(place: &Place, name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-kit"));
    command.args(["dev", name]).args(arguments);
    command.env_clear().env("HOME", place.home()).current_dir(place.home());
    command
}

fn ask(address: SocketAddr, method: &str, path: &str, body: &Value) -> (u16, Value) {
    ask_with(address, method, path, body, "")
}

fn ask_with(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &Value,
    headers: &str,
) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let host =
        if headers.contains("host:") { String::new() } else { format!("host: {address}\r\n") };
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{host}{headers}connection: close\r\ncontent-length: {}\r\n\r\n\
         {body}",
        body.len()
    );
    let answer = send(address, request.as_bytes());
    (answer.status, answer.message())
}

/// The arguments of a note about the first customer.
pub(super) fn note(client: &Client, text: &str) -> Value {
    let found = client.call("search_customers", json!({"limit": 1})).data();
    json!({
        "operation": "add_note", "customer_id": found["data"]["customers"][0]["id"], "note": text,
        "reason": "to see", "idempotency_key": format!("propose {text:0>12}").replace(' ', "-"),
    })
}

/// The arguments that make a proposed change.
pub(super) fn commit(proposed: &Value, text: &str) -> Value {
    json!({
        "change_id": proposed["data"]["change"]["id"],
        "idempotency_key": format!("commit {text:0>12}").replace(' ', "-"),
    })
}

/// What a tool answers, and whether it has answered so before.
pub(super) fn answered(client: &Client, tool: &str, arguments: &Value) -> (Value, bool) {
    let answer = client.call(tool, arguments.clone());
    let is_replayed = answer.message()["result"]["_meta"]["dev.mcp-kit/replayed"] == true;
    (answer.data(), is_replayed)
}

#[test]
fn a_proposal_is_good_for_a_day() {
    let place = Place::sqlite();
    let server = Sandbox::new(&place);
    let client = server.client();
    let (proposed, _) = answered(&client, "propose_change", &note(&client, "late"));
    let state = || {
        let asked = json!({"change_id": proposed["data"]["change"]["id"]});
        client.call("get_change", asked).data()["data"]["change"]["state"].clone()
    };
    server.advance(DAY - MINUTE);
    assert_eq!(state(), "proposed");
    server.advance(MINUTE);
    assert_eq!(state(), "expired");
    let error = client.call("commit_change", commit(&proposed, "late")).error();
    assert_eq!(
        (&error["code"], &error["reason"]),
        (&json!("approval_rejected"), &json!("expired"))
    );
}

#[test]
fn a_key_is_known_for_thirty_days_and_forgotten_then() {
    for place in Place::both() {
        let server = Sandbox::new(&place);
        let client = server.client();
        let proposal = note(&client, "kept");
        let (proposed, _) = answered(&client, "propose_change", &proposal);
        let change = commit(&proposed, "kept");
        let (made, is_replayed) = answered(&client, "commit_change", &change);
        assert!(!is_replayed);
        for (by, day) in [(DAY, 1), (28 * DAY, 29), (DAY - MINUTE, 30)] {
            server.advance(by);
            assert_eq!(answered(&client, "commit_change", &change), (made.clone(), true), "{day}");
            assert_eq!(answered(&client, "propose_change", &proposal), (proposed.clone(), true));
        }
        assert_eq!(place.count("idempotency"), 2);
        server.advance(2 * MINUTE);
        assert_eq!(
            place.count("idempotency"),
            0,
            "forgotten at once, without waiting for a minute"
        );
        let error = client.call("commit_change", change).error();
        assert_eq!(error["reason"], "already_applied", "a change is made once all the same");
        let (again, is_replayed) = answered(&client, "propose_change", &proposal);
        assert!(!is_replayed);
        assert_ne!(again["data"]["change"]["id"], proposed["data"]["change"]["id"]);
    }
}

#[test]
fn tokens_and_sessions_end_by_the_clock() {
    let place = Place::sqlite();
    let server = Sandbox::start(
        &place,
        &["--store", &place.store, "--control", "127.0.0.1:0", "--require-token"],
    );
    let token = |user: &str| {
        let answer = server.control("/token", json!({"user": user}));
        answer["token"].as_str().unwrap().to_owned()
    };
    let first = Client::modern(server.address, Some(&token("bob")));
    assert_eq!(first.call("search_customers", json!({})).status, 200);
    server.advance(2 * HOUR);
    assert_eq!(first.call("search_customers", json!({})).status, 401);
    let second = Client::legacy(server.address, Some(&token("bob")));
    assert_eq!(second.call("search_customers", json!({})).status, 200);
    server.advance(20 * MINUTE);
    assert_eq!(second.call("search_customers", json!({})).status, 404, "its session has ended");
    // Such a token was good for nothing, and nothing said why.
    let misspelt = json!({"user": "bob", "scopes": ["crm.read", "crm.aprove"]});
    let (status, answer) = server.ask("POST", "/token", &misspelt);
    assert_eq!(status, 400, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains("no scope `crm.aprove`"), "{answer}");
    let about = server.ask("GET", "/", &Value::Null).1;
    assert_eq!(about["scopes"], json!(["crm.read", "crm.write", "crm.approve"]), "{about}");
    let url = format!("http://{}/mcp", server.address);
    let words = ["approve", "list", "--url", &url, "--bearer-env", "APPROVER"];
    let listed = Program::new().env("APPROVER", &token("carol")).run(&words);
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    let (status, answer) = server.ask("POST", "/token", &json!({"user": "nobody"}));
    assert_eq!(status, 400, "{answer}");
}

#[test]
fn a_question_is_good_for_ten_minutes() {
    let place = Place::sqlite();
    let server = Sandbox::new(&place);
    let client = server.client();
    let found = client.call("search_customers", json!({"limit": 1})).data();
    let customer = &found["data"]["customers"][0];
    let proposal = json!({
        "operation": "update", "customer_id": customer["id"],
        "expected_version": customer["version"], "set": [{"field": "town", "value": "Elsewhere"}],
        "reason": "They have moved", "idempotency_key": "propose-to-be-asked",
    });
    let (proposed, _) = answered(&client, "propose_change", &proposal);
    let call = |more: Value| {
        let mut params = json!({"name": "commit_change", "arguments": commit(&proposed, "asked"), "_meta": meta()});
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({"elicitation": {}});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        client.body("tools/call", "commit_change", message.to_string().as_bytes()).message()
    };
    let yes = json!({"confirmation": {"action": "accept", "content": {"confirm": true}}});
    let ask = || call(json!({}))["result"]["requestState"].as_str().unwrap().to_owned();
    let state = ask();
    server.advance(10 * MINUTE);
    let late = call(json!({"requestState": state, "inputResponses": yes}));
    assert_eq!(late["error"]["code"], -32_602, "{late}");
    let state = ask();
    server.advance(9 * MINUTE);
    let answer = call(json!({"requestState": state, "inputResponses": yes}));
    assert_eq!(answer["result"]["isError"], false, "{answer}");
}

/// The customers and what has happened with them, all of it.
fn data(place: &Place) -> Vec<Vec<Stored>> {
    place.with(|store| async move {
        let mut rows = Vec::new();
        for all in [
            "SELECT * FROM customer ORDER BY tenant, id",
            "SELECT * FROM activity ORDER BY tenant, id",
        ] {
            let found = store.query(Statement::new(all)).await.unwrap();
            rows.extend(found.iter().map(|row| row.values().to_vec()));
        }
        rows
    })
}

#[test]
fn a_reset_leaves_nothing_but_the_sample_data_and_the_trail() {
    for place in Place::both() {
        let server = Sandbox::new(&place);
        let seed = data(&place);
        assert!(seed.len() > 4_000, "{}", seed.len());
        let client = server.client();
        let legacy = Client::legacy(server.address, None);
        let proposal = note(&legacy, "gone");
        let (proposed, _) = answered(&client, "propose_change", &proposal);
        answered(&client, "commit_change", &commit(&proposed, "gone"));
        server.advance(DAY);
        server.control("/kill", json!({"point": "before_commit"}));
        assert!(data(&place) != seed, "it was written");
        let records = place.count("audit_record");

        let answer = server.control("/reset", Value::Null);
        assert_eq!(answer["clock"]["ahead_ms"], 0);
        assert_eq!(server.ask("GET", "/", &Value::Null).1["kill"]["armed"], Value::Null);
        assert!(data(&place) == seed, "it is as it was");
        for table in ["idempotency", "proposal", "session"] {
            assert_eq!(place.count(table), 0, "{table}");
        }
        assert_eq!(
            place.count("audit_record"),
            records + 2,
            "a reset is in the trail of each tenant"
        );
        let verdicts =
            place.with(|store| async move { audit::verify(&*store, None).await.unwrap() });
        assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
        assert_eq!(legacy.call("search_customers", json!({})).status, 404);
        // The same key, and nothing is known of it.
        let (again, is_replayed) = answered(&client, "propose_change", &proposal);
        assert!(!is_replayed);
        let (_, is_replayed) = answered(&client, "commit_change", &commit(&again, "gone"));
        assert!(!is_replayed);
        server.control("/reset", Value::Null);
        assert!(data(&place) == seed, "it is as it was");
    }
}

#[test]
fn the_control_endpoint_says_what_is_wrong_and_does_nothing() {
    let place = Place::sqlite();
    let server = Sandbox::new(&place);
    for (path, body, says) in [
        ("/clock", json!({}), "one of `advance_ms` and `set`"),
        ("/clock", json!({"advance_ms": -1}), "invalid value"),
        ("/clock", json!({"advance_ms": 1, "set": "2100-01-01T00:00:00Z"}), "one of"),
        ("/clock", json!({"advance_ms": u64::MAX}), "at most"),
        ("/clock", json!({"set": "tomorrow"}), "RFC 3339"),
        ("/clock", json!({"set": "2020-01-01T00:00:00Z"}), "only goes forward"),
        ("/clock", json!({"set": "9999-12-31T23:59:59Z"}), "at once at most"),
        ("/kill", json!({}), "missing field `point`"),
        ("/kill", json!({"point": "now"}), "no point `now`"),
        ("/kill", json!({"point": "after_commit", "tool": "get_change"}), "no tool `get_change`"),
        ("/kill", json!({"point": "after_commit", "later": 1}), "unknown field `later`"),
        ("/token", json!({"user": 1}), "invalid type"),
    ] {
        let (status, answer) = server.ask("POST", path, &body);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(says), "{path} {body}: {status} {answer}");
    }
    assert_eq!(server.ask("POST", "/elsewhere", &Value::Null).0, 404);
    let control = server.control.unwrap();
    for headers in ["origin: http://localhost\r\n", "host: elsewhere.example\r\n"] {
        let kill = json!({"point": "before_transaction"});
        assert_eq!(ask_with(control, "POST", "/kill", &kill, headers).0, 403, "{headers}");
    }
    let (_, about) = server.ask("GET", "/", &Value::Null);
    assert_eq!(about["server"], format!("http://{}/mcp", server.address));
    assert_eq!((&about["kill"]["armed"], &about["clock"]["ahead_ms"]), (&Value::Null, &json!(0)));
    server.control("/kill", json!({"point": "after_commit", "tool": "commit_change", "after": 2}));
    let armed = &server.ask("GET", "/", &Value::Null).1["kill"]["armed"];
    let expected = json!({"point": "after_commit", "tool": "commit_change", "after": 2});
    assert_eq!(*armed, expected);
    assert_eq!(server.ask("DELETE", "/kill", &Value::Null).0, 200);
    assert_eq!(server.ask("GET", "/", &Value::Null).1["kill"]["armed"], Value::Null);
    answered(&server.client(), "propose_change", &note(&server.client(), "alive"));
}

#[test]
fn data_go_with_the_server_unless_a_store_is_named() {
    let place = Place::sqlite();
    let temporary = place.home().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let found = || fs::read_dir(&temporary).unwrap().count();
    let mut child = command(&place, "crm", &["--http", "127.0.0.1:0"])
        .env("TMPDIR", &temporary)
        .env("MCP_KIT_STORE", place.home().join("mine"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(found(), 1);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(ended(&mut child).success());
    assert_eq!(found(), 0);
    assert!(!place.home().join("mine").exists(), "a store that serves is none to reset");
}

#[test]
fn who_is_not_on_this_machine_is_kept_out() {
    let place = Place::sqlite();
    for arguments in [["--control", "0.0.0.0:0"], ["--http", "0.0.0.0:0"]] {
        let output = command(&place, "crm", &arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("0.0.0.0:0 can be reached by others"), "{stderr}");
    }
}

/// The sockets on which a process listens.
#[cfg(target_os = "linux")]
fn listening(id: u32) -> usize {
    let of_process: Vec<PathBuf> = fs::read_dir(format!("/proc/{id}/fd"))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .collect();
    let listed = ["tcp", "tcp6"].map(|file| fs::read_to_string(format!("/proc/{id}/net/{file}")));
    listed
        .iter()
        .flatten()
        .flat_map(|table| table.lines().skip(1))
        .filter(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // 0A is LISTEN.
            fields[3] == "0A"
                && of_process.contains(&PathBuf::from(format!("socket:[{}]", fields[9])))
        })
        .count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_plain_serve_has_no_control() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    assert_eq!(listening(server.id()), 1);
    let sandbox = Sandbox::start(&place, &[]);
    assert_eq!(listening(sandbox.child.id()), 1, "nor has one that was not asked for");
    let controlled = Sandbox::start(&place, &["--control", "127.0.0.1:0"]);
    assert_eq!(listening(controlled.child.id()), 2);
    for path in ["/clock", "/kill", "/reset", "/token", "/"] {
        for address in [server.address, sandbox.address, controlled.address] {
            let request =
                format!("POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
            assert_eq!(send(address, request.as_bytes()).status, 404, "{path}");
        }
    }
    for option in ["--control", "--control-file", "--kill", "--clock"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-kit"));
        let output = command.args(["serve", "crm", option, "127.0.0.1:0"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}: {output:?}");
    }
    // Nothing in the environment is asked for it either.
    let seen = Server::start_at(
        "127.0.0.1:0",
        place.home(),
        &["--demo", "--store", &place.store],
        &[("MCP_KIT_CONTROL", "127.0.0.1:0"), ("MCP_KIT_KILL", "after_commit")],
    );
    assert_eq!(listening(seen.id()), 1);
}

#[test]
fn only_the_sandbox_can_watch_the_points_of_a_write() {
    let mut named = Vec::new();
    let mut folders = vec![repository("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            if entry.path().components().any(|part| part.as_os_str() == "tests") {
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            if text.contains("watched_by(") || text.contains("sandbox::control") {
                let path = entry.path();
                let path = path.strip_prefix(repository("")).unwrap().display().to_string();
                named.push(path.replace('\\', "/"));
            }
        }
    }
    named.sort();
    let expected = [
        "src/cli/dev/bank.rs",
        "src/cli/dev/crm.rs",
        "src/serve/runtime/points.rs",
        "src/serve/sandbox/control/kill.rs",
    ];
    assert_eq!(named, expected);
}

#[test]
fn over_stdio_the_control_endpoint_is_named_in_a_file() {
    use std::io::Write;

    let place = Place::sqlite();
    let file = place.home().join("control");
    let mut child = command(
        &place,
        "crm",
        &["--stdio", "--control", "127.0.0.1:0", "--control-file", file.to_str().unwrap()],
    )
    .args(["--store", &place.store])
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let began = Instant::now();
    let control = loop {
        if let Ok(text) = fs::read_to_string(&file) {
            let address = text.trim().trim_start_matches("http://").trim_end_matches('/');
            break address.parse::<SocketAddr>().unwrap();
        }
        assert!(began.elapsed() < LIMIT, "no file");
        thread::sleep(Duration::from_millis(5));
    };
    let (mut input, mut lines) =
        (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()).lines());
    let mut call = |tool: &str, arguments: &Value| {
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta()});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        writeln!(input, "{message}").unwrap();
        let line = lines.next()?.ok()?;
        serde_json::from_str::<Value>(&line).ok()
    };
    assert!(meta()["io.modelcontextprotocol/protocolVersion"] == MODERN);
    let found = call("search_customers", &json!({"limit": 1})).unwrap();
    let id = &found["result"]["structuredContent"]["data"]["customers"][0]["id"];
    let note = json!({
        "operation": "add_note", "customer_id": id, "note": "over stdio", "reason": "to see",
        "idempotency_key": "propose-over-stdio",
    });
    assert_eq!(ask(control, "POST", "/kill", &json!({"point": "after_answer"})).0, 200);
    let answer = call("propose_change", &note).expect("it was sent before the end");
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    assert!(!ended(&mut child).success());
    assert_eq!(place.count("proposal"), 1);
}

/// Times beyond could not be written any more, and were all shown as the last one.
#[test]
fn the_clock_ends_with_the_year_9999() {
    let place = Place::sqlite();
    let server = Sandbox::new(&place);
    let century = json!({"advance_ms": 100 * 365 * DAY});
    let mut turns = 0;
    let refused = loop {
        let (status, answer) = server.ask("POST", "/clock", &century);
        if status != 200 {
            break answer;
        }
        turns += 1;
        assert!(turns < 100, "{answer}");
    };
    assert!(refused["error"].as_str().unwrap().contains("year 9999"), "{refused}");
    assert!(turns > 70, "{turns}");
    answered(&server.client(), "propose_change", &note(&server.client(), "late"));
}
