//! Users who are asked by one process and whose answers reach another, in the era in which a question
//! is a request of the server.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use mcp_kit::serve::runtime::store::Statement;
use serde_json::{Value, json};

use super::{
    client::{Answer, Client, LEGACY, parse},
    place::Place,
    server::Server,
};

const LIMIT: Duration = Duration::from_secs(40);

/// A client of 2025-11-25 that can ask its user, in a session.
fn with_forms(server: &Server) -> Client {
    let mut client = Client::modern(server.address, None);
    let params = json!({
        "protocolVersion": LEGACY, "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "test", "version": "1"},
    });
    let message = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let answer = client.raw("POST", &[], message.to_string().as_bytes());
    client.session = Some(answer.header("mcp-session-id").expect("a session").to_owned());
    client.post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    client
}

/// A call whose user is being asked.
struct Asked {
    stream: TcpStream,
    bytes: Vec<u8>,
    /// The id of the question.
    id: Value,
}

impl Asked {
    /// Calls `commit_change` and reads until the question comes.
    fn new(client: &Client, id: u32, change: &Value) -> Self {
        let key = format!("commit-{id:0>16}");
        let message = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
                "name": "commit_change",
                "arguments": {"change_id": change, "idempotency_key": key},
            },
        });
        let headers = [("mcp-protocol-version", LEGACY)];
        let mut stream = TcpStream::connect(client.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let request = client.bytes("POST", &headers, message.to_string().as_bytes());
        stream.write_all(&request).unwrap();
        let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut buffer).unwrap();
            assert!(read > 0, "no question: {}", String::from_utf8_lossy(&bytes));
            bytes.extend(&buffer[..read]);
            let Some(answer) = parse(&bytes) else { continue };
            let mut events = answer.body.lines().filter_map(|line| line.strip_prefix("data: "));
            let messages = events.by_ref().filter_map(|it| serde_json::from_str::<Value>(it).ok());
            for message in messages {
                if message["method"] == "elicitation/create" {
                    return Self { stream, bytes, id: message["id"].clone() };
                }
            }
        }
    }

    /// What the call is answered in the end.
    fn answer(mut self) -> Answer {
        self.stream.read_to_end(&mut self.bytes).unwrap();
        parse(&self.bytes).unwrap()
    }
}

fn say(client: &Client, id: &Value, confirm: bool) {
    let result = json!({"action": "accept", "content": {"confirm": confirm}});
    let message = json!({"jsonrpc": "2.0", "id": id, "result": result});
    assert_eq!(client.post(&message).status, 202);
}

#[test]
fn an_answer_that_reaches_another_process_is_passed_on_and_answers_nothing_else() {
    let place = Place::postgres();
    let servers = [0, 1].map(|_| Server::demo(&place, &["--allow-writes"]));
    let here = with_forms(&servers[0]);
    let there = Client { address: servers[1].address, ..here.clone() };
    let found = here.call("search_customers", json!({"limit": 2})).data();
    let change = |index: usize| {
        let customer = &found["data"]["customers"][index];
        let arguments = json!({
            "operation": "update", "customer_id": customer["id"],
            "expected_version": customer["version"],
            "set": [{"field": "town", "value": "Porto"}], "reason": "They have moved",
            "idempotency_key": format!("propose-question-{index}"),
        });
        here.call("propose_change", arguments).data()["data"]["change"]["id"].clone()
    };
    let (first, second) = (change(0), change(1));
    // One session, a question in each process: to the SDK both are the first.
    let (one, other) = (Asked::new(&here, 11, &first), Asked::new(&there, 12, &second));
    assert_ne!(one.id, other.id);
    // What nobody has asked is no answer, nor what another session was asked.
    let stranger = with_forms(&servers[1]);
    say(&stranger, &one.id, true);
    for id in [json!(0), json!("x-0"), json!("00000000000000000000000000000000-0")] {
        say(&here, &id, true);
        say(&there, &id, true);
    }
    say(&here, &other.id, true);
    say(&there, &one.id, false);
    assert_eq!(one.answer().error()["code"], "approval_rejected");
    assert_eq!(other.answer().data()["data"]["change_id"], second);
    let state = |id: &Value| {
        let shown = here.call("get_change", json!({"change_id": id})).data();
        shown["data"]["change"]["state"].clone()
    };
    assert_eq!((state(&first), state(&second)), (json!("rejected"), json!("applied")));
    // Nothing is kept of what was said.
    let count = || {
        place.with(|store| async move {
            let count = Statement::new("SELECT count(*) AS n FROM question");
            store.query(count).await.unwrap()[0].integer("n").unwrap()
        })
    };
    let began = Instant::now();
    while count() > 0 {
        assert!(began.elapsed() < LIMIT, "questions are kept");
    }
}
