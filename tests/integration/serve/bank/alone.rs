//! What does not show in one sequence of calls: times, clients that go, and all the moments to die.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    super::{
        client::{Client, LEGACY, MODERN, meta, try_send},
        place::Place,
        sandbox::{Sandbox, command},
        server::LIMIT,
    },
    observed::{Bank, call, key, opened, opening, outcome},
    upstream::{Does, Upstream},
};
use crate::program::Program;

/// How often something that depends on a moment is tried.
const ATTEMPTS: usize = 40;

fn bytes(client: &Client, tool: &str, arguments: &Value) -> Vec<u8> {
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta()});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let headers =
        [("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", tool)];
    client.bytes("POST", &headers, message.to_string().as_bytes())
}

#[test]
fn whenever_it_dies_a_write_is_made_once() {
    for place in Place::both() {
        dies_everywhere(Bank::at(place, &[]));
    }
}

fn dies_everywhere(mut bank: Bank) {
    let account = opened(&bank.client(), "of dying");
    let writes = [
        ("open_account", "opening", json!({"owner": "Dies"})),
        ("deposit", "deposit", json!({"account_id": account, "amount_cents": 5})),
        ("export_statement", "statement", json!({"account_id": account})),
        ("close_account", "closing", Value::Null),
    ];
    for (tool, kind, arguments) in writes {
        for point in ["before_transaction", "before_commit", "after_commit", "after_answer"] {
            let mut arguments = arguments.clone();
            if arguments.is_null() {
                let own = opened(&bank.client(), &format!("of {point}"));
                arguments = json!({"account_id": own});
            }
            arguments["idempotency_key"] = key(&format!("{tool} {point}")).into();
            let (booked, paid) = (bank.count(kind), bank.upstream.payments());
            bank.server.control("/kill", json!({"point": point, "tool": tool}));
            // After the last byte it may be there or not.
            let _ = try_send(bank.server.address, &bytes(&bank.client(), tool, &arguments));
            bank.again();
            let mut answer = call(&bank.client(), tool, &arguments);
            if outcome(&answer) == "refused" {
                assert_eq!(answer.error()["code"], "idempotency_in_flight", "{tool} {point}");
                bank.server.advance(answer.error()["retry_after_ms"].as_u64().unwrap());
                answer = call(&bank.client(), tool, &arguments);
            }
            assert!(["made", "again"].contains(&outcome(&answer)), "{tool} {point}: {answer:?}");
            assert_eq!(bank.count(kind), booked + 1, "{tool} {point}");
            let payments = usize::from(tool == "deposit");
            assert_eq!(bank.upstream.payments(), paid + payments, "{tool} {point}");
            let again = call(&bank.client(), tool, &arguments);
            assert_eq!(outcome(&again), "again", "{tool} {point}");
            assert_eq!(again.data(), answer.data(), "{tool} {point}");
        }
    }
}

/// Sends a write, goes away when it is done and not answered, and says whether its key is known then;
/// nothing where the answer was faster.
fn goes_away(bank: &Bank, name: &str) -> Option<bool> {
    let client = bank.client();
    let open = opening("Gone", name);
    let (before, known) = (bank.count("opening"), bank.place.count("idempotency"));
    let mut stream = TcpStream::connect(bank.server.address).unwrap();
    stream.write_all(&bytes(&client, "open_account", &open)).unwrap();
    let began = Instant::now();
    while bank.count("opening") == before {
        assert!(began.elapsed() < LIMIT, "nothing is opened");
    }
    stream.set_nonblocking(true).unwrap();
    if stream.peek(&mut [0]).is_ok() {
        return None;
    }
    drop(stream);
    let began = Instant::now();
    while bank.place.count("idempotency") > known {
        // Longer than the moment for which the bug waits.
        if began.elapsed() > Duration::from_secs(2) {
            return None;
        }
    }
    Some(outcome(&call(&client, "open_account", &open)) == "again")
}

#[test]
fn the_key_of_a_client_that_goes_is_forgotten_with_the_bug() {
    let bank = Bank::with(&["lost-response-duplicate"]);
    let found = (0..ATTEMPTS).find_map(|number| goes_away(&bank, &format!("goes away {number}")));
    assert_eq!(found, Some(false));
}

#[test]
fn a_write_whose_answer_is_lost_is_made_once() {
    let bank = Bank::with(&[]);
    let client = bank.client();
    for number in 0..10 {
        let open = opening("Lost", &format!("lost answer {number}"));
        let before = bank.count("opening");
        let mut stream = TcpStream::connect(bank.server.address).unwrap();
        stream.write_all(&bytes(&client, "open_account", &open)).unwrap();
        drop(stream);
        assert_ne!(outcome(&call(&client, "open_account", &open)), "refused");
        assert_eq!(outcome(&call(&client, "open_account", &open)), "again");
        assert_eq!(bank.count("opening"), before + 1);
    }
}

/// A client over stdio, of the era with sessions.
struct Session {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Session {
    fn new(place: &Place, arguments: &[&str]) -> Self {
        let mut child = command(place, "bank", &["--stdio", "--store", &place.store])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut session = Self { child, input, lines };
        let client = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client});
        session.send(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}));
        session.lines.next().unwrap().unwrap();
        session.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        session
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
    }

    fn call(&mut self, tool: &str, arguments: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}}));
    }

    /// Ends the input, which lets what has begun come to an end; what comes until then.
    fn end(mut self) -> Vec<String> {
        drop(self.input);
        let lines = self.lines.map(Result::unwrap).collect();
        self.child.wait().unwrap();
        lines
    }
}

/// How many entries there are after a deposit that is cancelled while the payment network takes its time.
fn cancelled(bug: &[&str]) -> i64 {
    let (place, upstream) = (Place::sqlite(), Upstream::new());
    upstream.does(Does::Delays(Duration::from_millis(300)));
    let url = upstream.url();
    let mut session = Session::new(&place, &[&["--upstream", &url][..], bug].concat());
    let pay = json!({
        "account_id": "acct-00000000000000a1", "amount_cents": 5, "idempotency_key": key("cancelled"),
    });
    session.call("deposit", &pay);
    let began = Instant::now();
    while !upstream.is_asked() {
        assert!(began.elapsed() < LIMIT, "the network is not asked");
    }
    let params = json!({"requestId": 1});
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
    let answered = session.end();
    assert!(answered.iter().all(|line| !line.contains("\"id\":1")), "{answered:?}");
    place.count("bank_entry")
}

#[test]
fn the_key_of_a_client_that_ends_its_input_is_forgotten_with_the_bug() {
    for (bug, entries) in [(&[][..], 1), (&["--bug", "lost-response-duplicate"], 2)] {
        let place = Place::sqlite();
        for _ in 0..2 {
            let mut session = Session::new(&place, bug);
            session.call("open_account", &opening("Ends", "ends its input"));
            session.end();
        }
        // The sample data have two.
        assert_eq!(place.count("bank_entry"), 2 + entries, "{bug:?}");
    }
}

#[test]
fn a_call_that_is_cancelled_takes_no_effect_but_with_the_bug() {
    let right = cancelled(&[]);
    assert_eq!(cancelled(&["--bug", "cancel-ignored"]), right + 1);
}

#[test]
fn what_is_slow_takes_its_time() {
    for (bug, least) in [("slow-sync", 600), ("near-limit", 350), ("no-progress", 150)] {
        let place = Place::sqlite();
        let server = Sandbox::of("bank", &place, &["--bug", bug, "--slow-by", "0.1"]);
        let began = Instant::now();
        let sample = json!({"account_id": "acct-00000000000000a1"});
        let found = call(&server.client(), "get_account", &sample).data();
        assert_eq!(found["account"]["owner"], "Ada Lovelace");
        assert!(began.elapsed() >= Duration::from_millis(least), "{bug}");
    }
}

#[test]
fn the_strictest_rules_find_nothing_about_it() {
    let program = env!("CARGO_BIN_EXE_mcp-kit");
    let (place, upstream) = (Place::sqlite(), Upstream::new());
    let server = Sandbox::of("bank", &place, &["--upstream", &upstream.url()]);
    let url = format!("http://{}/mcp", server.address);
    let strict = ["lint", "--profile", "strict", "--era", "both", "--allow-writes"];
    for target in [vec![url.as_str()], vec!["--", program, "dev", "bank", "--stdio"]] {
        let arguments = [&strict[..], &["--format", "json"], &target].concat();
        let report = Program::new().run(&arguments).json();
        assert_eq!(report["findings"], json!([]), "{target:?}");
    }
}

#[test]
fn a_bug_is_listed_and_one_that_there_is_not_is_refused() {
    let listed = Program::new().run(&["dev", "bank", "--list-bugs"]).stdout;
    for facts in mcp_kit::serve::sandbox::bank::Bug::ALL {
        assert!(listed.contains(&format!("  {}  ", facts.name)), "{}", facts.name);
    }
    for (arguments, says) in [
        (["--bug", "no-bug"], "there is no bug `no-bug`"),
        (["--slow-by", "0"], "--slow-by 0 is out of range"),
        (["--upstream", "ftp://here"], "no address of an upstream"),
        (["--http", "0.0.0.0:0"], "can be reached by others"),
    ] {
        let finished = Program::new().run(&[&["dev", "bank"][..], &arguments].concat());
        assert_eq!(finished.status, 2, "{arguments:?}");
        assert!(finished.stderr.contains(says), "{arguments:?}: {}", finished.stderr);
    }
}
