//! A server behind a URL: the same answers, live streams, both ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Instant,
};

use super::session::{LIMIT, Studio, Tape};
use crate::program::{HttpServer, example};

/// Servers that answer in all the forms that there are.
const WAYS: [&str; 24] = [
    "good", "modern-good", "auth-401-metadata", "auth-403-scope", "login-page",
    "redirect-same-origin", "html-500", "gateway-503", "empty-200", "no-content-type", "charset",
    "http-1.0", "one-byte-chunks", "gzip-good", "bad-gzip", "sse-good", "modern-sse-good",
    "sse-cr", "sse-crlf-bom", "sse-comments", "sse-one-byte-chunks", "invalid-utf8", "accepted",
    "notification-200",
];

/// One that takes any session.
const SESSIONS: &str = "good-without-session";

/// A recorder in front of a server.
struct Recorder {
    child: Child,
    url: String,
    file: PathBuf,
}

impl Recorder {
    fn start(studio: &Studio, upstream: &str, flags: &[&str]) -> Self {
        let file = studio.path("a.jsonl");
        let mut child = Command::new(env!("CARGO_BIN_EXE_mcp-kit"))
            .arg("record")
            .arg("-o")
            .arg(&file)
            .args(["--upstream", upstream])
            .args(flags)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with("recording to "));
        let url = lines.next().unwrap().unwrap();
        thread::spawn(move || lines.for_each(drop));
        Self { child, url, file }
    }

    /// Ends it as a user does.
    fn stop(mut self) -> Tape {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        Tape::read(&self.file)
    }
}

/// Host, port and path of an address.
fn parts(url: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    (host.to_owned(), format!("/{path}"))
}

fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(parts(url).0).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

fn request(url: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
    let (host, own) = parts(url);
    let path = if path.is_empty() { &own } else { path };
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Accept: application/json, text/event-stream\r\n{headers}{length}\r\n{body}"
    )
}

/// The answer to a request: its status line, its headers of the message, and its body.
fn ask(
    url: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (String, Vec<String>, Vec<u8>) {
    let mut stream = connect(url);
    stream.write_all(request(url, method, path, headers, body).as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        // White space after the colon means nothing.
        head.push(line.trim().to_ascii_lowercase().replacen(": ", ":", 1));
    }
    let value_of = |name: &str| head.iter().find_map(|line| line.strip_prefix(name));
    let is_chunked = value_of("transfer-encoding:") == Some("chunked");
    let length = value_of("content-length:").and_then(|length| length.parse::<u64>().ok());
    let mut bytes = Vec::new();
    if is_chunked {
        bytes = unchunked(&mut reader);
    } else {
        // A body that is shorter than promised, or torn, is compared as far as it came.
        let _ = reader.take(length.unwrap_or(u64::MAX)).read_to_end(&mut bytes);
    }
    // The version is that of the connection.
    let status = head.remove(0).split(' ').skip(1).collect();
    let of_connection = [
        "connection", "date", "keep-alive", "transfer-encoding", "content-length", "mcp-session-id",
    ];
    head.retain(|line| !of_connection.iter().any(|name| line.starts_with(&format!("{name}:"))));
    head.sort();
    (status, head, bytes)
}

/// The body of a message in chunks, as far as it came.
fn unchunked(reader: &mut impl BufRead) -> Vec<u8> {
    let mut plain = Vec::new();
    loop {
        let mut line = String::new();
        let _ = reader.read_line(&mut line);
        let size = line.trim().split(';').next().unwrap();
        let Ok(size @ 1..) = u64::from_str_radix(size, 16) else { return plain };
        let _ = reader.take(size).read_to_end(&mut plain);
        let _ = reader.read_line(&mut String::new());
    }
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
const MODERN_LIST: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;

#[test]
fn answers_are_the_same_with_and_without() {
    for way in WAYS {
        let server = HttpServer::start(&example("misbehave"), &["http", way]);
        let studio = Studio::new();
        let recorder = Recorder::start(&studio, &server.url, &[]);
        let modern = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
        for (method, path, headers, body) in [
            ("POST", "", "", INITIALIZE),
            ("POST", "", modern, MODERN_LIST),
            ("POST", "", "", "this is no JSON"),
            ("DELETE", "", "", ""),
            ("GET", "/.well-known/oauth-protected-resource", "", ""),
            (
                "POST",
                "",
                "Authorization: Bearer abcdefgh1\r\nAccept-Encoding: gzip\r\n",
                MODERN_LIST,
            ),
        ] {
            let direct = ask(&server.url, method, path, headers, body);
            let recorded = ask(&recorder.url, method, path, headers, body);
            assert_eq!(recorded.0, direct.0, "{way}: {method} {path} {body}");
            assert_eq!(recorded.1, direct.1, "{way}: {method} {path} {body}");
            assert!(
                recorded.2 == direct.2,
                "{way}: {method} {path} {body}: {} {}",
                String::from_utf8_lossy(&recorded.2),
                String::from_utf8_lossy(&direct.2)
            );
        }
        let tape = recorder.stop();
        assert!(tape.has_end, "{way}");
        assert!(tape.client.iter().any(|message| message == INITIALIZE), "{way}");
        assert!(!tape.text.contains("abcdefgh1"), "{way}");
    }
}

/// A server that does what the test says, one connection at a time, and tells what it was sent.
struct Puppet {
    url: String,
    /// What to write next; nothing more closes the connection.
    say: mpsc::Sender<Option<Vec<u8>>>,
    /// What was read: heads and bodies, and an empty text at the end.
    heard: mpsc::Receiver<String>,
}

impl Puppet {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/mcp?key=in-the-query", listener.local_addr().unwrap());
        let (say, to_say) = mpsc::channel::<Option<Vec<u8>>>();
        let (tell, heard) = mpsc::channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reading = stream.try_clone().unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 65_536];
                loop {
                    let length = reading.read(&mut buffer).unwrap_or(0);
                    let _ = tell.send(String::from_utf8_lossy(&buffer[..length]).into_owned());
                    if length == 0 {
                        return;
                    }
                }
            });
            while let Ok(Some(bytes)) = to_say.recv() {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            let _ = stream.shutdown(std::net::Shutdown::Both);
        });
        Self { url, say, heard }
    }

    fn say(&self, text: &str) {
        self.say.send(Some(text.as_bytes().to_vec())).unwrap();
    }

    /// Waits until it was sent something.
    fn hears(&self, expected: &str) -> String {
        let mut all = String::new();
        loop {
            all += &self.heard.recv_timeout(LIMIT).expect(expected);
            if all.contains(expected) {
                return all;
            }
        }
    }

    /// Waits until its client has gone away.
    fn is_left(&self) {
        while !self.heard.recv_timeout(LIMIT).expect("the end").is_empty() {}
    }
}

const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                      Mcp-Session-Id: s-1234567890\r\nTransfer-Encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// Reads until a text has come.
fn read_until(stream: &mut TcpStream, expected: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(expected) {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "ended before {expected}: {text}");
        text += &String::from_utf8_lossy(&buffer[..length]);
    }
    text
}

#[test]
fn events_are_passed_on_as_they_come() {
    let puppet = Puppet::start();
    let studio = Studio::new();
    let recorder = Recorder::start(&studio, &puppet.url, &[]);
    let mut client = connect(&recorder.url);
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow"}}"#;
    client.write_all(request(&recorder.url, "POST", "", "", call).as_bytes()).unwrap();
    let heard = puppet.hears("\"slow\"");
    assert!(heard.starts_with("POST /mcp?key=in-the-query HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("host: {}", parts(&puppet.url).0)), "{heard}");
    puppet.say(STREAM);
    // The next one is not sent before this one was seen, nor is its end in the same piece.
    for n in 1..=3 {
        let event = format!(
            "id: e{n}\r\nevent: message\r\ndata: {{\"jsonrpc\":\"2.0\",\"n\":{n}}}\r\n\r\n"
        );
        let (first, second) = event.split_at(20);
        puppet.say(&chunk(first));
        read_until(&mut client, first.lines().last().unwrap());
        puppet.say(&chunk(second));
        read_until(&mut client, &format!("\"n\":{n}}}"));
    }
    puppet.say("0\r\n\r\n");
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).unwrap();
    let tape = recorder.stop();
    assert_eq!(tape.client, [call]);
    assert_eq!(tape.server, [1, 2, 3].map(|n| format!("{{\"jsonrpc\":\"2.0\",\"n\":{n}}}")));
    assert!(tape.text.contains(r#""sse":{"event":"message","id":"e2"}"#), "{}", tape.text);
    assert!(!tape.text.contains("s-1234567890") && !tape.text.contains("in-the-query"));
    assert_eq!(tape.events("closed").len(), 1);
}

#[test]
fn whoever_goes_away_ends_the_other_side() {
    // The client.
    let puppet = Puppet::start();
    let studio = Studio::new();
    let recorder = Recorder::start(&studio, &puppet.url, &[]);
    let mut client = connect(&recorder.url);
    client.write_all(request(&recorder.url, "GET", "", "", "").as_bytes()).unwrap();
    puppet.hears("\r\n\r\n");
    puppet.say(STREAM);
    puppet.say(&chunk("data: {}\n\n"));
    read_until(&mut client, "data: {}");
    drop(client);
    puppet.is_left();
    recorder.stop();
    // The server, in the middle of an event.
    let puppet = Puppet::start();
    let studio = Studio::new();
    let recorder = Recorder::start(&studio, &puppet.url, &[]);
    let mut client = connect(&recorder.url);
    client.write_all(request(&recorder.url, "GET", "", "", "").as_bytes()).unwrap();
    puppet.hears("\r\n\r\n");
    puppet.say(STREAM);
    puppet.say(&chunk("data: {\"whole\":1}\n\ndata: {\"torn"));
    read_until(&mut client, "torn");
    puppet.say.send(None).unwrap();
    let mut rest = Vec::new();
    let _ = client.read_to_end(&mut rest);
    assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "a torn stream has no end");
    assert_eq!(recorder.stop().server, ["{\"whole\":1}"]);
}

#[test]
fn sessions_are_told_apart_without_their_ids() {
    let server = HttpServer::start(&example("misbehave"), &["http", SESSIONS]);
    let studio = Studio::new();
    let recorder = Recorder::start(&studio, &server.url, &[]);
    for id in ["first-session-id", "second-session-id", "first-session-id"] {
        let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
        ask(&recorder.url, "POST", "", &format!("Mcp-Session-Id: {id}\r\n"), list);
    }
    let tape = recorder.stop();
    assert!(!tape.text.contains("session-id\""), "{}", tape.text);
    let sessions: Vec<&str> = tape
        .text
        .lines()
        .filter(|line| line.contains("\"from\":\"client\""))
        .map(|line| line.split("\"session\":").nth(1).unwrap().split(',').next().unwrap())
        .collect();
    assert_eq!(sessions, ["1", "2", "1"]);
}

#[test]
fn a_recorder_is_for_this_machine() {
    let puppet = Puppet::start();
    let studio = Studio::new();
    let recorder = Recorder::start(&studio, &puppet.url, &[]);
    let mut client = connect(&recorder.url);
    client
        .write_all(b"POST /mcp HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    assert!(read_until(&mut client, "\r\n").starts_with("HTTP/1.1 403 "));
    recorder.stop();
    let ended = Command::new(env!("CARGO_BIN_EXE_mcp-kit"))
        .args(["record", "-o", "x", "--upstream", "http://a.test/", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("--allow-remote"));
}

#[test]
fn a_server_that_cannot_be_reached_is_said_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let studio = Studio::new();
    let recorder = Recorder::start(&studio, &format!("http://127.0.0.1:{port}/mcp"), &[]);
    let (status, _, body) = ask(&recorder.url, "POST", "", "", INITIALIZE);
    assert!(status.contains("502"), "{status}");
    assert!(String::from_utf8_lossy(&body).contains("the server cannot be reached"));
    let tape = recorder.stop();
    let counts = ["request", "unreachable"].map(|name| tape.events(name).len());
    assert_eq!(counts, [1, 1]);
}

#[test]
fn a_recorder_that_is_killed_has_written_what_was_seen() {
    let server = HttpServer::start(&example("misbehave"), &["http", SESSIONS]);
    for _ in 0..10 {
        let studio = Studio::new();
        let mut recorder = Recorder::start(&studio, &server.url, &[]);
        let (_, _, body) = ask(&recorder.url, "POST", "", "", INITIALIZE);
        recorder.child.kill().unwrap();
        recorder.child.wait().unwrap();
        let text = String::from_utf8(body).unwrap();
        let answer = text.lines().find(|line| line.contains("\"result\"")).unwrap();
        let answer = answer.trim_start_matches("data: ");
        let start = Instant::now();
        // The tape ends by itself, soon.
        while !fs::read_to_string(&recorder.file).unwrap().contains(answer) {
            assert!(start.elapsed() < LIMIT, "{answer} is not in the file");
            thread::yield_now();
        }
    }
}
