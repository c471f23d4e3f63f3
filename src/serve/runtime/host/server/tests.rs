//! A toolbox over stdio, where nothing has looked at a request before the server does.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        super::{
            clock::Clock,
            guidance::{Code, Failure, Next, Question},
            identity::{Identity, demo},
            store::{Statement, Store, trial::Trial},
            tool::{Answer, Call, Definition, Effect, Services, Tool, Toolbox},
        },
        Limits, Metrics, stdio,
    },
    About, Server,
};

/// Long enough for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

struct Count;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    to: u32,
}

#[derive(Serialize, JsonSchema)]
struct Counted {
    to: u32,
}

impl Tool for Count {
    type Arguments = Arguments;
    type Output = Counted;

    const DEFINITION: Definition = Definition {
        name: "count",
        title: "Count",
        description: "Counts.",
        effect: Effect::Reads,
        scopes: &["trial.count"],
    };

    async fn call(&self, _: &Call, arguments: Arguments) -> Result<Answer<Counted>, Failure> {
        Ok(Answer::of(Counted { to: arguments.to }))
    }
}

/// Wants the user to be asked about what nobody has proposed.
struct Ask;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Tool for Ask {
    type Arguments = Nothing;
    type Output = Counted;

    const DEFINITION: Definition =
        Definition { name: "ask", title: "Ask", description: "Asks.", ..Count::DEFINITION };

    async fn call(&self, _: &Call, _: Nothing) -> Result<Answer<Counted>, Failure> {
        let mut failure = Failure::new(Code::ApprovalRequired, "ask", Next::ask_user("ask"));
        let (proposal, digest) = ("none".to_owned(), "none".to_owned());
        failure.question = Some(Question { proposal, digest, text: "Shall it be?".to_owned() });
        Err(failure)
    }
}

const SCHEMA: &str =
    r#"action "count", "ask" appliesTo { principal: User, resource: [Tenant], context: Call };"#;
const POLICIES: &str = r#"
@id("count") permit (principal, action, resource) when { context.scopes.contains("trial.count") };
"#;
const ABOUT: About = About { name: "trial", title: "Trial", version: "1", instructions: "Try it." };

/// A client of a server over stdio.
struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writing: WriteHalf<DuplexStream>,
    is_modern: bool,
    store: Arc<dyn Store>,
    _place: Trial,
}

impl Client {
    async fn of(identity: Identity, is_modern: bool) -> Self {
        let place = Trial::sqlite();
        let store = place.ready().await;
        let services =
            Services::on_trial(&store, &Clock::standing_at(1_700_000_000_000), SCHEMA, POLICIES);
        let metrics = Arc::new(Metrics::default());
        let (toolbox, limits) = (Toolbox::of("trial").with(Count).with(Ask), Limits::default());
        let server = Server::new(&ABOUT, toolbox, services, Arc::clone(&metrics), limits);
        let server = server.for_user(Arc::new(identity));
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (input, output) = tokio::io::split(theirs);
        let stop = CancellationToken::new();
        tokio::spawn(stdio::serve(server, input, output, limits, metrics, stop));
        let (reading, writing) = tokio::io::split(ours);
        let lines = BufReader::new(reading).lines();
        let mut client = Self { lines, writing, is_modern, store, _place: place };
        if !is_modern {
            let capabilities = json!({"elicitation": {}});
            let info = json!({"name": "test", "version": "1"});
            let params = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": info});
            client.request("initialize", params).await;
            client.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        }
        client
    }

    async fn send(&mut self, message: Value) {
        self.writing.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn request(&mut self, method: &str, mut params: Value) -> Value {
        if self.is_modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            });
        }
        self.send(json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})).await;
        self.next().await
    }

    /// What the server sends next.
    async fn next(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("an answer comes");
        serde_json::from_str(&line.unwrap().expect("an answer")).unwrap()
    }

    /// The error of the envelope that a call is answered with.
    async fn error(&mut self, params: Value) -> Value {
        let answer = self.request("tools/call", params).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert_eq!(answer["result"]["resultType"].is_string(), self.is_modern, "{answer}");
        answer["result"]["structuredContent"]["error"].clone()
    }

    /// What the trail says, record by record: the tool, the decision and what came of it.
    async fn kept(&self) -> Vec<[String; 3]> {
        let rows = self.store.query(Statement::new("SELECT record FROM audit_record ORDER BY seq"));
        let record = |text: &str| {
            let record: Value = serde_json::from_str(text).unwrap();
            [&record["tool"], &record["decision"], &record["result"]["code"]]
                .map(|value| value.as_str().unwrap().to_owned())
        };
        rows.await.unwrap().iter().map(|row| record(row.text("record").unwrap())).collect()
    }
}

fn user(scopes: &[&str]) -> Identity {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect::<BTreeSet<_>>();
    Identity { scopes, ..demo::identity("alice", &[]).unwrap() }
}

#[tokio::test]
async fn a_call_that_lacks_a_scope_says_so() {
    for is_modern in [true, false] {
        let mut client = Client::of(user(&[]), is_modern).await;
        let tools = client.request("tools/list", json!({})).await["result"]["tools"].take();
        assert_eq!(tools[1]["name"], "count", "a tool that one can get is listed");
        let error = client.error(json!({"name": "count", "arguments": {"to": 3}})).await;
        assert_eq!(error["code"], "not_permitted");
        assert_eq!(error["message"], "this user lacks the scope `trial.count`");
        assert_eq!(error["next"]["action"], "ask_user");
        assert_eq!(client.kept().await, [["count", "deny", "not_permitted"]]);
    }
}

#[tokio::test]
async fn a_call_that_is_badly_written_is_told_how_to_write_it() {
    for is_modern in [true, false] {
        let mut client = Client::of(user(&["trial.count"]), is_modern).await;
        let good = json!({"name": "count", "arguments": {"to": 3.0}});
        let answer = client.request("tools/call", good).await;
        assert_eq!(answer["result"]["structuredContent"]["data"], json!({"to": 3}), "{answer}");
        let error = client.error(json!({"name": "count", "arguments": "{\"to\": 3}"})).await;
        assert_eq!(error["code"], "invalid_argument");
        let hint = "pass the arguments as an object, not as a string that holds one";
        assert_eq!(error["next"]["hint"], hint);
        // The type takes less than the schema says, and says where.
        let error = client.error(json!({"name": "count", "arguments": {"to": 1e15}})).await;
        assert_eq!(error["argument"], "/to", "{error}");
        for (method, params, code) in [
            ("tools/call", json!({"name": 5, "arguments": {}}), -32_602),
            ("tools/call", json!({"name": "never_was", "arguments": []}), -32_602),
            ("tools/list", json!({"cursor": "x"}), -32_602),
            ("tools/never", json!({}), -32_601),
        ] {
            let answer = client.request(method, params).await;
            assert_eq!(answer["error"]["code"], code, "{method}: {answer}");
        }
        assert_eq!(
            client.kept().await,
            [
                ["count", "allow", "ok"],
                ["count", "allow", "invalid_argument"],
                ["count", "allow", "invalid_argument"],
                ["", "deny", "invalid_argument"],
                ["never_was", "deny", "not_found"],
            ]
        );
    }
}

/// A question stayed with the user after the call was cancelled, and a yes to it made the change.
#[tokio::test]
async fn a_call_that_is_cancelled_takes_its_question_back_and_does_nothing_more() {
    let mut client = Client::of(user(&["trial.count"]), false).await;
    let question = client.request("tools/call", json!({"name": "ask", "arguments": {}})).await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let cancelled = json!({"requestId": 1, "reason": "the user has pressed stop"});
    let notification = "notifications/cancelled";
    client.send(json!({"jsonrpc": "2.0", "method": notification, "params": cancelled})).await;
    let withdrawn = client.next().await;
    assert_eq!(withdrawn["method"], notification, "{withdrawn}");
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    client.send(json!({"jsonrpc": "2.0", "id": question["id"], "result": yes})).await;
    // The call has no answer: the next one is that of another call.
    let counted = client.request("tools/call", json!({"name": "count", "arguments": {"to": 3}}));
    assert_eq!(counted.await["result"]["structuredContent"]["data"]["to"], 3);
    // Nothing was decided, not even refused.
    let kept = [["ask", "allow", "approval_required"], ["count", "allow", "ok"]];
    assert_eq!(client.kept().await, kept);
}
