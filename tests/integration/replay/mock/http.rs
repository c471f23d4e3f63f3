//! The mock over HTTP: its endpoint, its sessions, and a client of them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    client::{Client, Era, LIMIT, Way},
    tape::Tape,
};

/// An endpoint and the session that is had there.
#[derive(Debug, Default, Clone)]
pub(super) struct Door {
    host: String,
    session: Option<String>,
}

/// An answer that is being read.
pub(super) struct Stream {
    reader: BufReader<TcpStream>,
    pub(super) status: u16,
    pub(super) headers: Vec<String>,
}

impl Door {
    pub(super) fn at(url: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap();
        Self { host: host.to_owned(), session: None }
    }

    /// Sends a request as its era wants it, and reads the head of the answer.
    pub(super) fn open(&mut self, request: &Value) -> Stream {
        let stream = self.send("POST", "/mcp", &self.headers(request), &request.to_string());
        if let Some(id) = stream.header("mcp-session-id") {
            self.session = Some(id.to_owned());
        }
        stream
    }

    /// The headers that belong to a message.
    fn headers(&self, message: &Value) -> String {
        let mut headers = String::new();
        if let Some(id) = &self.session {
            headers.push_str(&format!("Mcp-Session-Id: {id}\r\n"));
        }
        let meta = &message["params"]["_meta"];
        if let Some(revision) = meta["io.modelcontextprotocol/protocolVersion"].as_str() {
            let method = message["method"].as_str().unwrap();
            headers
                .push_str(&format!("MCP-Protocol-Version: {revision}\r\nMcp-Method: {method}\r\n"));
            if let Some(name) = message["params"]["name"].as_str() {
                headers.push_str(&format!("Mcp-Name: {name}\r\n"));
            }
        }
        headers
    }

    /// Sends a request and reads nothing of the answer.
    pub(super) fn lost(&self, request: &Value) -> Stream {
        self.sent("POST", "/mcp", &self.headers(request), &request.to_string())
    }

    pub(super) fn tell(&self, message: &Value) {
        let stream = self.send("POST", "/mcp", &self.headers(message), &message.to_string());
        assert_eq!(stream.status, 202, "{:?}", stream.headers);
    }

    pub(super) fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Stream {
        let mut stream = self.sent(method, path, headers, body);
        let mut line = String::new();
        stream.reader.read_line(&mut line).unwrap();
        stream.status = line.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        loop {
            let mut line = String::new();
            stream.reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                return stream;
            }
            stream.headers.push(line.trim().to_owned());
        }
    }

    /// Sends a request and reads nothing.
    pub(super) fn sent(&self, method: &str, path: &str, headers: &str, body: &str) -> Stream {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let host = match headers.contains("Host: ") {
            true => String::new(),
            false => format!("Host: {}\r\n", self.host),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\
             Accept: application/json, text/event-stream\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        Stream { reader: BufReader::new(stream), status: 0, headers: Vec::new() }
    }
}

impl Stream {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The next message of the answer: of a stream of events, or the whole body.
    pub(super) fn message(&mut self) -> Option<Value> {
        if self.header("content-type") != Some("text/event-stream") {
            let text = self.rest();
            return Some(
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
            );
        }
        // The sizes of chunks stand on lines between those of events.
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// Everything that is still to come.
    pub(super) fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.reader.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What comes on this connection or another one, when only one of them is answered.
    pub(super) fn first_of(&mut self, other: &mut Self) -> String {
        for stream in [&*self, &*other] {
            stream.reader.get_ref().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        }
        let start = Instant::now();
        let mut found = [Vec::new(), Vec::new()];
        while found.iter().all(Vec::is_empty) {
            assert!(start.elapsed() < LIMIT, "neither is answered");
            for (stream, found) in [&mut *self, &mut *other].into_iter().zip(&mut found) {
                let mut bytes = [0; 4096];
                if let Ok(length) = stream.reader.read(&mut bytes) {
                    found.extend_from_slice(&bytes[..length]);
                }
            }
        }
        assert!(found.iter().any(Vec::is_empty), "both are answered");
        let bytes: Vec<u8> = found.concat();
        String::from_utf8_lossy(&bytes).into_owned() + &self.rest() + &other.rest()
    }
}

fn tape() -> Tape {
    let mut tape = Tape::legacy();
    tape.tools().call("balance", json!({"account": "a"}), "7");
    tape
}

#[test]
fn sessions_begin_with_a_greeting_and_end_when_they_are_told() {
    let mut client = Client::start(&tape(), &[], Way::Http, Era::Legacy);
    let list = client.request("tools/list", json!({}));
    let refused = client.door.send("POST", "/mcp", "", &list.to_string());
    assert_eq!(refused.status, 400, "there is no session yet");
    client.greet();
    assert_eq!(client.call("balance", json!({"account": "a"})).text(), "7");
    let session = client.door.session.clone().unwrap();
    let header = format!("Mcp-Session-Id: {session}\r\n");
    assert_eq!(client.door.send("DELETE", "/mcp", &header, "").status, 200);
    let gone = client.door.send("POST", "/mcp", &header, &list.to_string());
    assert_eq!(gone.status, 404, "a client has to begin anew");
    assert_eq!(client.door.send("GET", "/mcp", "", "").status, 405);
    assert_eq!(client.door.send("POST", "/other", "", "{}").status, 404);
    let (status, _) = client.end();
    assert_eq!(status, 0);
}

#[test]
fn a_server_that_had_no_sessions_has_none() {
    let text = tape().text().replace("\"stdio\"", "\"http\"");
    let program = crate::program::Program::new().file("a.jsonl", text);
    let mut client = Client::start_in(program, &[], Way::Http, Era::Legacy);
    client.greet();
    assert_eq!(client.door.session, None);
    assert_eq!(client.call("balance", json!({"account": "a"})).text(), "7");
}

#[test]
fn the_headers_of_the_newer_era_are_held_to_the_message() {
    let mut client = Client::start(&tape(), &[], Way::Http, Era::Modern);
    let call =
        client.request("tools/call", json!({"name": "balance", "arguments": {"account": "a"}}));
    let good =
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: balance\r\n";
    assert_eq!(client.door.send("POST", "/mcp", good, &call.to_string()).status, 200);
    for wrong in
        [good.replace("balance", "pay"), good.replace("tools/call", "tools/list"), String::new()]
    {
        let mut refused = client.door.send("POST", "/mcp", &wrong, &call.to_string());
        assert_eq!(refused.status, 400, "{wrong}");
        assert_eq!(refused.message().unwrap()["error"]["code"], -32020, "{wrong}");
    }
    // A method that is not there, and a revision that nobody knows.
    let mut unknown = client.request("prompts/list", json!({}));
    assert_eq!(client.door.open(&unknown).status, 404);
    unknown["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2031-01-01".into();
    let mut refused = client.door.open(&unknown);
    assert_eq!(refused.status, 400);
    let error = &refused.message().unwrap()["error"];
    assert_eq!(error["code"], -32022);
    assert_eq!(error["data"], json!({"supported": ["2026-07-28"], "requested": "2031-01-01"}));
}

#[test]
fn a_page_on_the_web_cannot_use_it() {
    let client = Client::start(&tape(), &[], Way::Http, Era::Legacy);
    for headers in ["Host: evil.test\r\n", "Origin: https://evil.test\r\n"] {
        assert_eq!(client.door.send("POST", "/mcp", headers, "{}").status, 403, "{headers}");
    }
    let run = crate::program::Program::new()
        .file("a.jsonl", tape().text())
        .run(&["replay", "--mock", "a.jsonl", "--listen", "0.0.0.0:0"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--allow-remote"), "{}", run.stderr);
}
