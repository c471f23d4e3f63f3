//! A client that can send anything: HTTP/1.1 by hand, in both eras of the protocol.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(40);

/// The revision of each era that is spoken here.
pub(super) const MODERN: &str = "2026-07-28";
pub(super) const LEGACY: &str = "2025-11-25";

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The message in the body, whether it is JSON or the last event of a stream.
    pub(super) fn message(&self) -> Value {
        let text = match self.header("content-type") {
            Some("text/event-stream") => {
                let mut events = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
                events.rfind(|data| !data.is_empty()).unwrap_or_default()
            }
            _ => &self.body,
        };
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The result of a tool that was called with success.
    pub(super) fn data(&self) -> Value {
        let mut message = self.message();
        assert_eq!(message["result"]["isError"], false, "{self:?}");
        message["result"]["structuredContent"].take()
    }

    /// The error of a tool's envelope.
    pub(super) fn error(&self) -> Value {
        let mut message = self.message();
        assert_eq!(message["result"]["isError"], true, "{self:?}");
        let envelope = message["result"]["structuredContent"].take();
        let mirrored = message["result"]["content"][0]["text"].as_str().unwrap_or_default();
        assert_eq!(serde_json::from_str::<Value>(mirrored).unwrap(), envelope, "{self:?}");
        envelope["error"].clone()
    }

    /// All that a caller can see, without what is of this very request.
    pub(super) fn bytes(&self) -> String {
        let id = self.header("x-request-id").unwrap_or("none").to_owned();
        let headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        // The events of a session are numbered.
        let lines = self.body.lines().filter(|line| !line.starts_with("id: "));
        let body = lines.collect::<Vec<_>>().join("\n").replace(&id, "[ID]");
        format!("{}\n{}\n{body}", self.status, headers.concat())
    }
}

/// Sends bytes and reads until the other side closes or an answer without length is over.
pub(super) fn send(address: SocketAddr, request: &[u8]) -> Answer {
    try_send(address, request).unwrap_or_else(|error| panic!("{address}: {error}"))
}

pub(super) fn try_send(address: SocketAddr, request: &[u8]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    // A server that refuses a body does not read all of it.
    let written = stream.write_all(request);
    let mut bytes = Vec::new();
    let read = read_all(&mut stream, &mut bytes);
    match (parse(&bytes), written.and(read.map(drop))) {
        (Some(answer), _) => Ok(answer),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(std::io::Error::other("the connection was closed without an answer")),
    }
}

/// A stream whose other side only says that it is still there is over after a while, too.
fn read_all(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let (began, mut buffer) = (Instant::now(), [0; 1 << 14]);
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            read => bytes.extend(&buffer[..read]),
        }
        assert!(began.elapsed() < LIMIT, "no end: {}", String::from_utf8_lossy(bytes));
    }
}

pub(super) fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = &bytes[end + 4..];
    let is_chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
    let body = if is_chunked { unchunked(body) } else { body.to_vec() };
    Some(Answer { status, headers, body: String::from_utf8(body).ok()? })
}

/// A body without the frames of RFC 9112, section 7.1.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok()).unwrap_or(0);
        let (begin, end) = (end + 2, end + 2 + size);
        if size == 0 || rest.len() < end + 2 {
            break;
        }
        body.extend(&rest[begin..end]);
        rest = &rest[end + 2..];
    }
    body
}

/// One user of a server, in one era.
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) address: SocketAddr,
    pub(super) token: Option<String>,
    /// The session, in the era that has them.
    pub(super) session: Option<String>,
    /// Headers that are sent instead of or beside the usual ones.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Client {
    /// A client of 2026-07-28.
    pub(super) fn modern(address: SocketAddr, token: Option<&str>) -> Self {
        Self { address, token: token.map(str::to_owned), session: None, headers: Vec::new() }
    }

    /// A client of 2025-11-25, with a session.
    pub(super) fn legacy(address: SocketAddr, token: Option<&str>) -> Self {
        let mut client = Self::modern(address, token);
        let answer = client.initialize();
        assert_eq!(answer.status, 200, "{answer:?}");
        client.session = Some(answer.header("mcp-session-id").expect("a session").to_owned());
        let answer = client.post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        assert_eq!(answer.status, 202, "{answer:?}");
        client
    }

    /// A client of each era.
    pub(super) fn both(address: SocketAddr, token: Option<&str>) -> [Self; 2] {
        [Self::modern(address, token), Self::legacy(address, token)]
    }

    /// Asks for a session.
    pub(super) fn initialize(&self) -> Answer {
        let client = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client});
        let message = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        self.raw("POST", &[], message.to_string().as_bytes())
    }

    /// The same with another header, or with another value of a usual one.
    pub(super) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.to_owned()));
        client
    }

    pub(super) fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    pub(super) fn request(&self, method: &str, params: Value) -> Answer {
        self.post(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    }

    /// Sends a message with what its era wants to be with it.
    pub(super) fn post(&self, message: &Value) -> Answer {
        let mut message = message.clone();
        if self.session.is_none()
            && let Some(params) = message["params"].as_object_mut()
        {
            params.insert("_meta".to_owned(), meta());
        }
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let name = message["params"]["name"].as_str().unwrap_or_default().to_owned();
        self.body(&method, &name, message.to_string().as_bytes())
    }

    /// Sends any bytes as the body of a call.
    pub(super) fn body(&self, method: &str, name: &str, body: &[u8]) -> Answer {
        let mut headers = match self.session {
            Some(_) => vec![("mcp-protocol-version", LEGACY)],
            None => vec![("mcp-protocol-version", MODERN), ("mcp-method", method)],
        };
        if self.session.is_none() && !name.is_empty() {
            headers.push(("mcp-name", name));
        }
        self.raw("POST", &headers, body)
    }

    /// Ends the session.
    pub(super) fn delete(&self) -> Answer {
        self.raw("DELETE", &[("mcp-protocol-version", LEGACY)], b"")
    }

    pub(super) fn raw(&self, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send(self.address, &self.bytes(method, headers, body))
    }

    /// A whole request.
    pub(super) fn bytes(&self, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut all: Vec<(String, String)> = vec![
            ("host".to_owned(), self.address.to_string()),
            ("connection".to_owned(), "close".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("accept".to_owned(), "application/json, text/event-stream".to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ];
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        all.extend(headers.iter().map(own));
        if let Some(token) = &self.token {
            all.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        if let Some(session) = &self.session {
            all.push(("mcp-session-id".to_owned(), session.clone()));
        }
        for (name, value) in &self.headers {
            all.retain(|(usual, _)| usual != name);
            all.push(((*name).to_owned(), value.clone()));
        }
        let mut bytes = format!("{method} /mcp HTTP/1.1\r\n").into_bytes();
        for (name, value) in all {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
        bytes
    }
}

/// What every request says of its client since 2026-07-28.
pub(super) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Asks for a path without speaking the protocol.
pub(super) fn get(address: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    send(address, request.as_bytes())
}
