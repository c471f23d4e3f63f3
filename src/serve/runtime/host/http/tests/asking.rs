//! Users who are asked while a call is open, and how long and how often they can be.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{
    super::super::super::{
        audit,
        guidance::{Code, Failure, Next, Question},
        tool::{Answer, Call, Definition, Tool},
    },
    Connection, Done, Limits, Nothing, PATIENCE, Running, definition, in_session, initialize,
};

/// Wants the user to be asked.
pub(super) struct Ask;

impl Tool for Ask {
    type Arguments = Nothing;
    type Output = Done;

    const DEFINITION: Definition = definition("ask");

    async fn call(&self, _: &Call, _: Nothing) -> Result<Answer<Done>, Failure> {
        let mut failure = Failure::new(Code::ApprovalRequired, "ask", Next::ask_user("ask"));
        let (proposal, digest) = ("none".to_owned(), "none".to_owned());
        failure.question = Some(Question { proposal, digest, text: "Shall it be?".to_owned() });
        Err(failure)
    }
}

/// A session of a client that can ask its user.
async fn session(server: &Running) -> String {
    let mut message = initialize();
    message["params"]["capabilities"] = json!({"elicitation": {}});
    let begun = server.answer(message, None).await;
    let id = begun.header("mcp-session-id").expect("a session").to_owned();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.answer(ready, Some(&id)).await.status, 202);
    id
}

impl Connection {
    /// Reads a stream until a message comes of which this is true.
    async fn message(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
            let messages = events.filter_map(|data| serde_json::from_str::<Value>(data).ok());
            if let Some(message) = messages.into_iter().find(|message| is_it(message)) {
                return message;
            }
            let read = timeout(PATIENCE, self.stream.read_buf(&mut bytes)).await;
            assert_ne!(read.expect("a message comes").unwrap(), 0, "{text}");
        }
    }

    async fn question(&mut self) -> Value {
        self.message(|message| message["method"] == "elicitation/create").await["id"].clone()
    }

    /// The code of the error that a call is answered with.
    async fn code(&mut self) -> String {
        let message = self.message(|message| message["result"].is_object()).await;
        let code = &message["result"]["structuredContent"]["error"]["code"];
        code.as_str().unwrap().to_owned()
    }
}

fn declined(id: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": {"action": "decline"}})
}

#[tokio::test]
async fn a_user_who_says_nothing_is_not_waited_for_any_longer() {
    let limits = Limits { elicitation: Duration::from_millis(20), ..Limits::default() };
    let server = Running::with(limits).await;
    let id = session(&server).await;
    let mut asking = server.send(in_session(1, "ask"), Some(&id)).await;
    assert_eq!(asking.code().await, "approval_required");
}

#[tokio::test]
async fn a_user_is_asked_so_many_things_at_a_time() {
    let server = Running::with(Limits { questions_per_user: 1, ..Limits::default() }).await;
    let id = session(&server).await;
    let mut first = server.send(in_session(1, "ask"), Some(&id)).await;
    let question = first.question().await;
    let mut second = server.send(in_session(2, "ask"), Some(&id)).await;
    assert_eq!(second.code().await, "approval_required");
    assert_eq!(server.answer(declined(&question), Some(&id)).await.status, 202);
    // There is no such proposal, so that nothing can be decided about it.
    assert_eq!(first.code().await, "not_found");
}

#[tokio::test]
async fn an_answer_comes_in_where_there_is_no_room_for_anything_else() {
    let server = Running::with(Limits { requests: 1, ..Limits::default() }).await;
    let id = session(&server).await;
    let mut asking = server.send(in_session(1, "ask"), Some(&id)).await;
    let question = asking.question().await;
    for message in [in_session(2, "ask"), json!({"jsonrpc": "2.0", "method": "notifications/x"})] {
        assert_eq!(server.answer(message, Some(&id)).await.status, 503);
    }
    assert_eq!(server.answer(declined(&question), Some(&id)).await.status, 202);
    assert_eq!(asking.code().await, "not_found");
}

/// The SDK ends the stream of a call that is cancelled; what is said of it goes where the client listens.
#[tokio::test]
async fn a_call_that_is_cancelled_takes_its_question_back_and_does_nothing_more() {
    let server = Running::with(Limits::default()).await;
    let id = session(&server).await;
    let mut listening = Connection::to(server.address).await;
    let head = format!(
        "GET /mcp HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\nMcp-Session-Id: {id}\r\n\
         Mcp-Protocol-Version: 2025-11-25\r\n\r\n",
        server.address
    );
    listening.stream.write_all(head.as_bytes()).await.unwrap();
    let mut asking = server.send(in_session(1, "ask"), Some(&id)).await;
    let question = asking.question().await;
    let method = "notifications/cancelled";
    let cancelled = json!({"jsonrpc": "2.0", "method": method, "params": {"requestId": 1}});
    assert_eq!(server.answer(cancelled, Some(&id)).await.status, 202);
    let withdrawn = listening.message(|message| message["method"] == method).await;
    assert_eq!(withdrawn["params"]["requestId"], question);
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let yes = json!({"jsonrpc": "2.0", "id": question, "result": yes});
    assert_eq!(server.answer(yes, Some(&id)).await.status, 202);
    let mut next = server.send(in_session(2, "ask"), Some(&id)).await;
    next.question().await;
    // Nothing was decided, not even refused.
    let page = audit::page(&*server.store, "acme", 0, 100).await.unwrap();
    let records = page.lines.iter().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let phases: Vec<Value> = records.map(|record| record["phase"].clone()).collect();
    assert_eq!(phases, [json!("call"), json!("call")]);
}

/// The user had the same form before them six times.
#[tokio::test]
async fn a_user_is_asked_once_about_one_proposal() {
    let server = Running::with(Limits::default()).await;
    let id = session(&server).await;
    let mut first = server.send(in_session(1, "ask"), Some(&id)).await;
    let question = first.question().await;
    for number in 2..5 {
        let mut again = server.send(in_session(number, "ask"), Some(&id)).await;
        assert_eq!(again.code().await, "idempotency_in_flight");
    }
    assert_eq!(server.answer(declined(&question), Some(&id)).await.status, 202);
    assert_eq!(first.code().await, "not_found");
    // Afterwards it can be asked about again.
    server.send(in_session(5, "ask"), Some(&id)).await.question().await;
}
