//! Calls tools of `serve crm` at an address, again and again:
//! `serve_load read|write|replay ADDRESS CUSTOMER CLIENTS SECONDS`.
//!
//! `read` calls `get_customer`. `write` proposes a note and commits it, which are two calls with two
//! idempotency keys, each client to a customer of its own of those that a search finds. `replay` repeats one call of `propose_change` with its key. Each client has one
//! connection and one call under way. Prints calls a second and the times at which half and 99 of 100
//! calls were answered, in milliseconds: `RATE P50 P99`.

#![expect(clippy::print_stdout, reason = "its result is what it prints")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

/// Calls that are made before any is counted.
const WARM_UP: usize = 50;
/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, load, address, customer, clients, seconds] = arguments.as_slice() else {
        panic!("serve_load read|write|replay ADDRESS CUSTOMER CLIENTS SECONDS")
    };
    let host = address.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    let clients: usize = clients.parse().expect("a number of clients");
    let seconds = Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let start = Arc::new(Barrier::new(clients));
    let threads: Vec<_> = (0..clients)
        .map(|client| {
            let mut connection = Connection::new(&host);
            let (load, start) = (load.clone(), Arc::clone(&start));
            let customer = match load.as_str() {
                "read" => customer.clone(),
                _ => connection.customer(client),
            };
            thread::spawn(move || {
                // Keys are new in each run.
                let name = format!("{}-{client}", process::id());
                let mut user = User { connection, load, customer, name, calls: 0, proposal: None };
                for _ in 0..WARM_UP {
                    user.call();
                }
                start.wait();
                let end = Instant::now() + seconds;
                let mut times = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    user.call();
                    times.push(begun.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times: Vec<Duration> =
        threads.into_iter().flat_map(|thread| thread.join().expect("no client fails")).collect();
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1_000.0;
    let rate = times.len() as f64 / seconds.as_secs_f64();
    println!("{rate:.0} {:.2} {:.2}", at(50), at(99));
}

/// One client.
struct User {
    connection: Connection,
    load: String,
    customer: String,
    name: String,
    calls: usize,
    /// The proposal that is to be committed next.
    proposal: Option<String>,
}

impl User {
    fn call(&mut self) {
        self.calls += 1;
        let (id, customer) = (self.calls, &self.customer);
        if self.load == "read" {
            let arguments = format!(r#"{{"customer_id":"{customer}"}}"#);
            let answer = self.connection.call(id, "get_customer", &arguments);
            assert!(answer.contains("display_name"), "{answer}");
            return;
        }
        let number = if self.load == "replay" { 0 } else { id };
        let key = format!("key-{}-{number:0>16}", self.name);
        if let Some(proposal) = self.proposal.take() {
            let arguments = format!(r#"{{"change_id":"{proposal}","idempotency_key":"{key}"}}"#);
            let answer = self.connection.call(id, "commit_change", &arguments);
            assert!(answer.contains(r#""version""#) && !is_replayed(&answer), "{answer}");
            return;
        }
        let arguments = format!(
            r#"{{"operation":"add_note","customer_id":"{customer}","note":"A note that is written","reason":"To measure","idempotency_key":"{key}"}}"#
        );
        let answer = self.connection.call(id, "propose_change", &arguments);
        assert!(answer.contains(r#""state":"proposed""#), "{answer}");
        match self.load.as_str() {
            "write" => self.proposal = ids(&answer).next(),
            _ => assert_eq!(is_replayed(&answer), id > 1, "{answer}"),
        }
    }
}

fn is_replayed(answer: &str) -> bool {
    answer.contains(r#""dev.mcp-kit/replayed":true"#)
}

/// The ids in an answer.
fn ids(answer: &str) -> impl Iterator<Item = String> {
    let (_, content) = answer.rsplit_once(r#""structuredContent""#).expect("an answer of a tool");
    let rest = content.split(r#""id":""#).skip(1);
    rest.filter_map(|rest| rest.split('"').next()).map(str::to_owned)
}

struct Connection {
    host: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn new(host: &str) -> Self {
        let stream = TcpStream::connect(host).expect("the server listens");
        stream.set_nodelay(true).expect("an option of TCP");
        stream.set_read_timeout(Some(PATIENCE)).expect("an option of TCP");
        Self { host: host.to_owned(), stream: BufReader::new(stream) }
    }

    /// The customer of a client.
    fn customer(&mut self, client: usize) -> String {
        let answer = self.call(0, "search_customers", r#"{"limit":50}"#);
        let customers: Vec<String> = ids(&answer).collect();
        customers[client % customers.len()].clone()
    }

    /// One call, answered.
    fn call(&mut self, id: usize, tool: &str, arguments: &str) -> String {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}},"io.modelcontextprotocol/clientInfo":{{"name":"load","version":"1"}}}}}}}}"#
        );
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("the server reads");
        self.answer()
    }

    fn answer(&mut self) -> String {
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("an answer");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().expect("a length");
            }
            is_chunked |= line == "transfer-encoding: chunked";
            if line.is_empty() {
                break;
            }
        }
        if !is_chunked {
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).expect("a body");
            return String::from_utf8(body).expect("UTF-8");
        }
        let mut body = String::new();
        loop {
            let mut size = String::new();
            self.stream.read_line(&mut size).expect("a chunk");
            let size = usize::from_str_radix(size.trim(), 16).expect("a size");
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk).expect("a chunk");
            if size == 0 {
                return body;
            }
            body.push_str(&String::from_utf8_lossy(&chunk[..size]));
        }
    }
}
