//! Calls `get_customer` at an address, again and again: `serve_load ADDRESS CUSTOMER CLIENTS SECONDS`.
//!
//! Each client has one connection and one call under way. Prints calls a second and the times at
//! which half and 99 of 100 calls were answered, in milliseconds: `RATE P50 P99`.

#![expect(clippy::print_stdout, reason = "its result is what it prints")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
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
    let [_, address, customer, clients, seconds] = arguments.as_slice() else {
        panic!("serve_load ADDRESS CUSTOMER CLIENTS SECONDS")
    };
    let host = address.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    let clients: usize = clients.parse().expect("a number of clients");
    let seconds = Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let start = Arc::new(Barrier::new(clients));
    let threads: Vec<_> = (0..clients)
        .map(|client| {
            let (host, customer, start) = (host.clone(), customer.clone(), Arc::clone(&start));
            thread::spawn(move || {
                let mut connection = Connection::new(&host);
                for call in 0..WARM_UP {
                    connection.call(client * 1_000_000 + call, &customer);
                }
                start.wait();
                let end = Instant::now() + seconds;
                let mut times = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    connection.call(client * 1_000_000 + WARM_UP + times.len(), &customer);
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

    /// One call, answered with a customer.
    fn call(&mut self, id: usize, customer: &str) {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"get_customer","arguments":{{"customer_id":"{customer}"}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}},"io.modelcontextprotocol/clientInfo":{{"name":"load","version":"1"}}}}}}}}"#
        );
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: get_customer\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("the server reads");
        let answer = self.answer();
        assert!(answer.contains("display_name"), "{answer}");
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
