//! Servers that are killed while they write: what they have acknowledged is there, and once.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mcp_kit::serve::runtime::{audit, store::Statement};
use serde_json::{Value, json};

use super::{
    client::{Client, MODERN, meta, try_send},
    place::Place,
    relay::Relay,
    server::Server,
};

/// Longer than any write may take, with all the servers that die under it.
const LIMIT: Duration = Duration::from_secs(120);
const WRITES: usize = 500;
const CLIENTS: usize = 8;

/// Calls a tool with the same arguments until it is answered. How often it took.
fn until_answered(client: &Client, tool: &str, arguments: &Value) -> (Value, usize) {
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta()});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let headers =
        [("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", tool)];
    let request = client.bytes("POST", &headers, message.to_string().as_bytes());
    let began = Instant::now();
    for attempt in 1.. {
        assert!(began.elapsed() < LIMIT, "{tool} is not answered: {arguments}");
        let Ok(answer) = try_send(client.address, &request) else {
            thread::yield_now();
            continue;
        };
        if answer.status >= 500 {
            continue;
        }
        let mut message = answer.message();
        let content = message["result"]["structuredContent"].take();
        if message["result"]["isError"] == false {
            return (content["data"].clone(), attempt);
        }
        let error = &content["error"];
        assert_eq!(error["retryable"], true, "{answer:?}");
        assert_ne!(error["effect"], "applied", "{answer:?}");
    }
    unreachable!()
}

/// Numbers that differ from run to run.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Self(now.as_nanos() as u64 | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// Notes that are written while servers die, and how often each is there in the end.
fn write_while_servers_die(place: &Place, count: usize) {
    let relay = Relay::new();
    let arguments = ["--allow-writes"];
    let mut servers: Vec<Server> = (0..count).map(|_| Server::demo(place, &arguments)).collect();
    let lead = |servers: &[Server]| {
        relay.lead_to(&servers.iter().map(|server| server.address).collect::<Vec<_>>());
    };
    lead(&servers);
    let client = Client::modern(relay.address, None);
    let (found, _) = until_answered(&client, "search_customers", &json!({"limit": 50}));
    let customers = found["customers"].as_array().unwrap();
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let acknowledged = Mutex::new(Vec::new());
    let (mut kills, mut retries) = (0, 0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut attempts = 0;
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= WRITES {
                            return attempts;
                        }
                        let customer = &customers[number % customers.len()]["id"];
                        let note = format!("crash note {number}");
                        let proposed = json!({
                            "operation": "add_note", "customer_id": customer, "note": note,
                            "reason": "to see", "idempotency_key": format!("propose-{number:0>12}"),
                        });
                        let (proposal, tried) =
                            until_answered(&client, "propose_change", &proposed);
                        let committed = json!({
                            "change_id": proposal["change"]["id"],
                            "idempotency_key": format!("commit-{number:0>12}"),
                        });
                        let (_, again) = until_answered(&client, "commit_change", &committed);
                        attempts += tried + again - 2;
                        acknowledged.lock().unwrap().push(note);
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        let mut random = Random::new();
        loop {
            // Somewhere between two answers, which is anywhere within the other writes.
            let until = answered.load(Ordering::SeqCst) + 5 + random.below(30);
            while answered.load(Ordering::SeqCst) < until.min(WRITES)
                && !writers.iter().all(thread::ScopedJoinHandle::is_finished)
            {
                thread::yield_now();
            }
            if until >= WRITES {
                break;
            }
            let one = random.below(servers.len());
            servers[one].kill();
            kills += 1;
            servers[one] = Server::demo(place, &arguments);
            lead(&servers);
        }
        retries = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
    });
    assert!(
        kills >= 8 && retries >= kills,
        "{kills} servers were killed, {retries} calls repeated"
    );
    drop(servers);

    let written: BTreeMap<String, i64> = place.with(|store| async move {
        let statement = Statement::new(
            "SELECT summary, count(*) AS n FROM activity WHERE summary LIKE 'crash note %' \
             GROUP BY summary",
        );
        let rows = store.query(statement).await.unwrap();
        let pair = |row: &mcp_kit::serve::runtime::store::Row| {
            (row.text("summary").unwrap().to_owned(), row.integer("n").unwrap())
        };
        rows.iter().map(pair).collect()
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert_eq!(acknowledged.len(), WRITES);
    for note in &acknowledged {
        assert_eq!(written.get(note), Some(&1), "{note}, after {kills} kills");
    }
    assert_eq!(written.len(), WRITES, "nothing else was written");
    assert_eq!(place.count("proposal"), WRITES as i64, "each was proposed once");
    assert_eq!(place.count("idempotency"), 2 * WRITES as i64);
    let verdicts = place.with(|store| async move { audit::verify(&*store, None).await.unwrap() });
    assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
    let records: u64 = verdicts.iter().map(|verdict| verdict.records).sum();
    assert!(records > 2 * WRITES as u64, "{records}");
}

#[test]
fn a_server_that_is_killed_loses_and_doubles_nothing_on_sqlite() {
    write_while_servers_die(&Place::sqlite(), 1);
}

#[test]
fn a_server_that_is_killed_loses_and_doubles_nothing_on_postgres() {
    write_while_servers_die(&Place::postgres(), 1);
}

#[test]
fn of_three_servers_one_after_another_dies_and_nothing_is_lost_or_doubled() {
    write_while_servers_die(&Place::postgres(), 3);
}
