//! What the limits do, on a server whose tools wait, fail and answer as a test wants.

mod asking;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rmcp::model::ProtocolVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        super::{
            audit,
            clock::Clock,
            guidance::Failure,
            identity::demo,
            points::Points,
            store::{Store, session, trial::Trial},
            tool::{Answer, Call, Definition, Effect, Services, Tool, Toolbox},
        },
        About, Limits, Metrics, Server,
    },
    Access, Config, serve,
};

/// Long enough for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page that may read the answers.
const PAGE: &str = "https://app.example.com";

/// Says when it has been called, and answers when it is let go.
struct Wait {
    entered: Arc<Semaphore>,
    go: Arc<Semaphore>,
}

/// Panics.
struct Panic;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Serialize, JsonSchema)]
struct Done {}

const fn definition(name: &'static str) -> Definition {
    Definition { name, title: name, description: name, effect: Effect::Reads, scopes: &[] }
}

impl Tool for Wait {
    type Arguments = Nothing;
    type Output = Done;

    const DEFINITION: Definition = definition("wait");

    async fn call(&self, _: &Call, _: Nothing) -> Result<Answer<Done>, Failure> {
        self.entered.add_permits(1);
        self.go.acquire().await.expect("nobody closes it").forget();
        Ok(Answer::of(Done {}))
    }
}

impl Tool for Panic {
    type Arguments = Nothing;
    type Output = Done;

    const DEFINITION: Definition = definition("panic");

    async fn call(&self, _: &Call, _: Nothing) -> Result<Answer<Done>, Failure> {
        panic!("a tool makes a mistake");
    }
}

const SCHEMA: &str = r#"
action "wait", "panic", "ask" appliesTo { principal: User, resource: [Tenant], context: Call };
"#;
const POLICIES: &str = r#"@id("everything") permit (principal, action, resource);"#;
const ABOUT: About = About { name: "trial", title: "Trial", version: "1", instructions: "Try it." };

/// A server that is running, and what a test holds of it.
struct Running {
    address: SocketAddr,
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    entered: Arc<Semaphore>,
    go: Arc<Semaphore>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    _place: Trial,
}

impl Running {
    async fn with(limits: Limits) -> Self {
        let place = Trial::sqlite();
        let store = place.ready().await;
        let clock = Clock::standing_at(1_700_000_000_000);
        let metrics = Arc::new(Metrics::default());
        let [entered, go] = [(), ()].map(|()| Arc::new(Semaphore::new(0)));
        let services = Services::on_trial(&store, &clock, SCHEMA, POLICIES);
        let wait = Wait { entered: Arc::clone(&entered), go: Arc::clone(&go) };
        let toolbox = Toolbox::of("trial").with(wait).with(Panic).with(asking::Ask);
        let server = Server::new(&ABOUT, toolbox, services, Arc::clone(&metrics), limits);
        let lacking = server.clone();
        let config = Config {
            access: Access::Everybody(Arc::new(demo::identity("alice", &[]).unwrap())),
            lacking_scopes: Arc::new(move |tool, who| lacking.lacking_scopes(tool, who)),
            approvals: None,
            hosts: Vec::new(),
            origins: vec![PAGE.to_owned()],
            store: Arc::clone(&store),
            clock: clock.clone(),
            limits,
            metrics: Arc::clone(&metrics),
            points: Points::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, server, config, stop.clone()));
        Self { address, store, metrics, clock, entered, go, stop, serving, _place: place }
    }

    /// Sends a message on a connection of its own.
    async fn send(&self, message: Value, session: Option<&str>) -> Connection {
        let mut connection = Connection::to(self.address).await;
        connection.send(&message, session).await;
        connection
    }

    async fn answer(&self, message: Value, session: Option<&str>) -> Reply {
        self.send(message, session).await.reply().await
    }

    /// Waits until a call has come to the tool that waits.
    async fn entered(&self) {
        timeout(PATIENCE, self.entered.acquire()).await.expect("a call comes").unwrap().forget();
    }
}

struct Connection {
    stream: TcpStream,
    address: SocketAddr,
}

struct Reply {
    status: u16,
    head: String,
    body: Value,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(at, _)| at.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn error(&self) -> &Value {
        &self.body["result"]["structuredContent"]["error"]
    }
}

impl Connection {
    async fn to(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), address }
    }

    /// A call in the era without sessions, or a message of a session.
    async fn send(&mut self, message: &Value, session: Option<&str>) {
        let method = message["method"].as_str().unwrap_or_default();
        let name = message["params"]["name"].as_str().map(|name| format!("Mcp-Name: {name}\r\n"));
        let era = match (session, method) {
            (Some(id), _) => format!("Mcp-Session-Id: {id}\r\n"),
            (None, "initialize") => String::new(),
            (None, _) => format!(
                "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n{}",
                name.unwrap_or_default()
            ),
        };
        let body = message.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{era}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Listens on the stream of a session.
    async fn listen(&mut self, session: &str) {
        let request = format!(
            "GET /mcp HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n\
             Mcp-Session-Id: {session}\r\n\r\n",
            self.address
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads a stream until its last chunk.
    async fn end(&mut self) {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"0\r\n\r\n") {
            let read = timeout(PATIENCE, self.stream.read_buf(&mut bytes)).await;
            assert_ne!(read.expect("the stream ends").unwrap(), 0);
        }
    }

    async fn reply(&mut self) -> Reply {
        timeout(PATIENCE, self.read()).await.expect("an answer comes")
    }

    async fn read(&mut self) -> Reply {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            assert_ne!(self.stream.read_buf(&mut bytes).await.unwrap(), 0, "an answer has a head");
        };
        let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
        let mut reply =
            Reply { status: text[9..12].parse().unwrap(), head: text, body: Value::Null };
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        while bytes.len() < head + length {
            assert_ne!(self.stream.read_buf(&mut bytes).await.unwrap(), 0, "an answer has a body");
        }
        reply.body = serde_json::from_slice(&bytes[head..]).unwrap_or_default();
        reply
    }
}

fn call(id: u32, tool: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
        "name": tool,
        "arguments": {},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        },
    }})
}

fn in_session(id: u32, tool: &str) -> Value {
    let params = json!({"name": tool, "arguments": {}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": ProtocolVersion::V_2025_11_25,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }})
}

#[tokio::test]
async fn a_tool_that_hangs_or_panics_is_answered_and_written_down() {
    let limits = Limits { tool: Duration::from_millis(50), ..Limits::default() };
    let server = Running::with(limits).await;
    for (tool, code, retryable) in
        [("wait", "deadline_exceeded", true), ("panic", "internal", false)]
    {
        let reply = server.answer(call(1, tool), None).await;
        let error = reply.error();
        assert_eq!((reply.status, &reply.body["result"]["isError"]), (200, &json!(true)), "{tool}");
        assert_eq!((&error["code"], &error["retryable"]), (&json!(code), &json!(retryable)));
        assert_ne!(error["next"]["hint"], "", "{error}");
        assert_eq!(error["correlation_id"].as_str(), reply.header("x-request-id"), "{tool}");
        let counted = format!(r#"mcp_server_tool_calls_total{{tool="{tool}",result="{code}"}} 1"#);
        assert!(server.metrics.text().contains(&counted), "{counted}");
    }
    let page = audit::page(&*server.store, "acme", 0, 10).await.unwrap();
    let codes = page.lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let codes: Vec<Value> = codes.map(|line| line["result"]["code"].clone()).collect();
    assert_eq!(codes, ["deadline_exceeded", "internal"]);
}

#[tokio::test]
async fn a_request_for_which_there_is_no_room_is_told_when_to_come_again() {
    let server = Running::with(Limits { requests: 1, ..Limits::default() }).await;
    let mut first = server.send(call(1, "wait"), None).await;
    server.entered().await;
    let second = server.answer(call(2, "wait"), None).await;
    assert_eq!((second.status, second.header("retry-after")), (503, Some("1")));
    server.go.add_permits(2);
    assert_eq!(first.reply().await.status, 200);
    assert_eq!(server.answer(call(3, "wait"), None).await.status, 200);
}

#[tokio::test]
async fn a_connection_for_which_there_is_no_room_waits() {
    let server = Running::with(Limits { connections: 1, ..Limits::default() }).await;
    server.go.add_permits(4);
    let mut first = server.send(call(1, "wait"), None).await;
    assert_eq!(first.reply().await.status, 200);
    let mut second = server.send(call(2, "wait"), None).await;
    for id in 3..5 {
        first.send(&call(id, "wait"), None).await;
        assert_eq!(first.reply().await.status, 200);
    }
    let nothing = second.stream.try_read(&mut [0]).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    assert_eq!(second.reply().await.status, 200);
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let limits = Limits::default();
    let server = Running::with(limits).await;
    let begun = server.answer(initialize(), None).await;
    let id = begun.header("mcp-session-id").expect("a session").to_owned();
    let list = || json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for _ in 0..3 {
        // Each use keeps it for as long again.
        server.clock.turn(limits.session_idle - Duration::from_secs(1));
        assert_eq!(server.answer(list(), Some(&id)).await.status, 200);
    }
    server.clock.turn(limits.session_idle + Duration::from_secs(61));
    assert_eq!(server.answer(list(), Some(&id)).await.status, 404);
}

#[tokio::test]
async fn a_session_is_not_entered_by_beginning_it_again() {
    let server = Running::with(Limits::default()).await;
    let begun = server.answer(initialize(), None).await;
    let id = begun.header("mcp-session-id").expect("a session").to_owned();
    for session in [id.as_str(), "0123"] {
        let reply = server.answer(initialize(), Some(session)).await;
        assert_eq!((reply.status, &reply.body["error"]["code"]), (400, &json!(-32_600)));
    }
}

#[tokio::test]
async fn of_two_requests_with_one_id_the_second_is_refused() {
    let server = Running::with(Limits::default()).await;
    let begun = server.answer(initialize(), None).await;
    let id = begun.header("mcp-session-id").expect("a session").to_owned();
    let mut first = server.send(in_session(7, "wait"), Some(&id)).await;
    server.entered().await;
    let second = server.answer(in_session(7, "wait"), Some(&id)).await;
    assert_eq!((second.status, &second.body["id"]), (400, &json!(7)), "{}", second.body);
    server.go.add_permits(2);
    assert_eq!(first.reply().await.status, 200);
    // The first is a stream; once it has ended the id is free.
    first.end().await;
    assert_eq!(server.answer(in_session(7, "wait"), Some(&id)).await.status, 200);
}

#[tokio::test]
async fn a_user_cannot_begin_more_sessions_at_once_than_one_may_have() {
    let server = Running::with(Limits { sessions_per_user: 4, ..Limits::default() }).await;
    let begun = (0..20).map(|_| server.answer(initialize(), None));
    let statuses: Vec<u16> =
        futures_util::future::join_all(begun).await.iter().map(|reply| reply.status).collect();
    let granted = statuses.iter().filter(|status| **status == 200).count();
    assert!((1..=4).contains(&granted), "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn a_session_that_cannot_be_kept_is_not_promised() {
    let server = Running::with(Limits::default()).await;
    server.store.close().await;
    let reply = server.answer(initialize(), None).await;
    assert_eq!((reply.status, reply.header("mcp-session-id")), (503, None));
    // Under the id that the client waits for.
    assert_eq!(reply.body["id"], 0, "{}", reply.body);
}

#[tokio::test]
async fn sessions_that_ended_in_another_process_make_room() {
    let server = Running::with(Limits { sessions: 1, ..Limits::default() }).await;
    let begun = server.answer(initialize(), None).await;
    let id = begun.header("mcp-session-id").expect("a session").to_owned();
    let user = demo::identity("alice", &[]).unwrap();
    session::delete(&*server.store, &id, &user.tenant, &user.principal()).await.unwrap();
    // What the store lacks once may be about to begin; what it lacks twice has ended.
    for status in [503, 200] {
        server.clock.turn(Duration::from_secs(10));
        assert_eq!(server.answer(initialize(), None).await.status, status);
    }
}

#[tokio::test]
async fn a_user_listens_on_so_many_streams() {
    let server = Running::with(Limits { streams_per_user: 1, ..Limits::default() }).await;
    let begun = server.answer(initialize(), None).await;
    let id = begun.header("mcp-session-id").expect("a session").to_owned();
    let mut first = Connection::to(server.address).await;
    first.listen(&id).await;
    assert_eq!(first.reply().await.status, 200);
    let mut second = Connection::to(server.address).await;
    second.listen(&id).await;
    assert_eq!(second.reply().await.status, 429);
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_connection() {
    let limits = Limits { connections: 1, write: Duration::from_millis(50), ..Limits::default() };
    let server = Running::with(limits).await;
    let mut deaf = Connection::to(server.address).await;
    let requests = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20_000);
    // The server stops reading once nobody reads its answers, and closes the connection in the end.
    let _closed = timeout(PATIENCE, deaf.stream.write_all(requests.as_bytes())).await;
    server.go.add_permits(1);
    assert_eq!(server.answer(call(1, "wait"), None).await.status, 200, "there is room again");
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused_whatever_is_asked_for() {
    let server = Running::with(Limits::default()).await;
    for (target, hosts, status) in [
        ("/healthz", "Host: localhost", 200),
        ("/metrics", "Host: evil.example", 403),
        ("/healthz", "Host: localhost\r\nHost: evil.example", 403),
        ("http://evil.example/healthz", "Host: localhost", 403),
        ("/nothing", "Host: localhost", 404),
    ] {
        let mut connection = Connection::to(server.address).await;
        let request = format!("GET {target} HTTP/1.1\r\n{hosts}\r\n\r\n");
        connection.stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(connection.reply().await.status, status, "{request}");
    }
}

#[tokio::test]
async fn a_page_that_was_named_may_ask_and_read() {
    let server = Running::with(Limits::default()).await;
    for (origin, allowed) in [(PAGE, Some(PAGE)), ("https://evil.example", None)] {
        let mut connection = Connection::to(server.address).await;
        let request = format!(
            "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\
             Access-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: authorization,mcp-method\r\n\r\n"
        );
        connection.stream.write_all(request.as_bytes()).await.unwrap();
        let reply = connection.reply().await;
        assert_eq!(reply.header("access-control-allow-origin"), allowed, "{}", reply.head);
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn what_has_begun_is_answered_before_the_server_ends() {
    let server = Running::with(Limits::default()).await;
    let mut begun = server.send(call(1, "wait"), None).await;
    server.entered().await;
    server.stop.cancel();
    // Nobody comes in any more.
    let refused = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.expect("the server stops listening");
    server.go.add_permits(1);
    let reply = begun.reply().await;
    assert_eq!((reply.status, &reply.body["result"]["isError"]), (200, &json!(false)));
    timeout(PATIENCE, server.serving).await.expect("the server ends").unwrap();
}
