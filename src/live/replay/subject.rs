//! The server under test: called, ended, started again.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json, value::RawValue};

use super::{
    answer::{Answer, What},
    upstream::Upstream,
};
use crate::{
    engine::protocol::revision::Era,
    live::{
        session::{
            Address, Budget, EraChoice, SessionError,
            client::{Client, Lost, Responder},
        },
        transport::TransportError,
    },
};

/// How many times a server may ask for something before one call is done.
const MOST_ROUNDS: usize = 5;

/// A server under test and who calls it.
pub struct Subject {
    address: Address,
    era: EraChoice,
    budget: Budget,
    wait: Duration,
    respond: Responder,
    client: Option<Client>,
    /// The way to the same server as another user.
    other: Option<Address>,
    /// What stands in for what the server stands on.
    pub upstream: Option<Upstream>,
    /// How often it was started or reached.
    pub starts: usize,
    /// Whether a process that has ended by itself is started again.
    restarts: bool,
    /// What was called last.
    called: String,
    /// How often it has ended by itself, and what was called then.
    pub deaths: Vec<String>,
}

impl Subject {
    /// A server at an address. `wait` bounds one call.
    pub fn new(address: Address, era: EraChoice, budget: Budget, wait: Duration) -> Self {
        let respond: Responder = Arc::new(respond);
        Self {
            address,
            era,
            budget,
            wait,
            respond,
            client: None,
            other: None,
            upstream: None,
            starts: 0,
            restarts: true,
            called: String::new(),
            deaths: Vec::new(),
        }
    }

    /// The same with another user, whose requests go to an address of their own.
    #[must_use]
    pub fn with_other(self, other: Option<Address>) -> Self {
        Self { other, ..self }
    }

    /// The same, started again or not where it has ended by itself.
    #[must_use]
    pub fn that_restarts(self, restarts: bool) -> Self {
        Self { restarts, ..self }
    }

    /// Whether there is another user.
    pub fn has_other(&self) -> bool {
        self.other.is_some()
    }

    /// A connection of the other user; of this one where there is no other.
    ///
    /// # Errors
    /// When the server cannot be started or reached.
    pub async fn other_client(&mut self) -> Result<Client, SessionError> {
        self.open(self.other.clone().unwrap_or_else(|| self.address.clone())).await
    }

    /// How long one call is waited for.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// A connection to it: the one that there is, or a new one.
    ///
    /// # Errors
    /// When it cannot be started or reached.
    pub async fn client(&mut self) -> Result<Client, SessionError> {
        match &self.client {
            Some(client) if client.is_open() => return Ok(client.clone()),
            // We have not ended it.
            Some(_) if !self.restarts => {
                let status = format!("by itself, while `{}` was called", self.called);
                return Err(TransportError::Exited { status, stderr: Vec::new() }.into());
            }
            Some(_) => self.deaths.push(self.called.clone()),
            None => {}
        }
        let client = self.another_client().await?;
        self.client = Some(client.clone());
        Ok(client)
    }

    /// A connection beside the others. Of a server on stdio, a process beside the others.
    ///
    /// # Errors
    /// When it cannot be started or reached.
    pub async fn another_client(&mut self) -> Result<Client, SessionError> {
        self.open(self.address.clone()).await
    }

    /// A connection of a client that follows tasks (the extension `io.modelcontextprotocol/tasks`). A
    /// server of ours is one process at a time for it, which is the one whose control endpoint is known.
    ///
    /// # Errors
    /// When it cannot be started or reached.
    pub async fn client_of_tasks(&mut self) -> Result<Client, SessionError> {
        if self.is_ours() {
            self.close().await;
        }
        let extensions = json!({"io.modelcontextprotocol/tasks": {}});
        let capabilities = json!({"elicitation": {}, "extensions": extensions});
        self.open_as(self.address.clone(), capabilities).await
    }

    async fn open(&mut self, address: Address) -> Result<Client, SessionError> {
        self.open_as(address, json!({"elicitation": {}})).await
    }

    async fn open_as(
        &mut self,
        address: Address,
        capabilities: Value,
    ) -> Result<Client, SessionError> {
        self.starts += 1;
        let respond = Arc::clone(&self.respond);
        Client::open(&address, self.era, &self.budget, capabilities, respond).await
    }

    /// Calls a tool, and starts the server again first where it has ended.
    ///
    /// # Errors
    /// When it cannot be started or reached.
    pub async fn call(&mut self, tool: &str, arguments: &Value) -> Result<Answer, SessionError> {
        let client = self.client().await?;
        tool.clone_into(&mut self.called);
        let answer = call(&client, tool, arguments, self.wait).await;
        if !matches!(answer.what, What::Lost(Lost::Forgotten(_))) {
            return Ok(answer);
        }
        self.client = None;
        let client = self.client().await?;
        Ok(call(&client, tool, arguments, self.wait).await)
    }

    /// Whether a process of ours can be killed and started again.
    pub fn is_ours(&self) -> bool {
        matches!(self.address, Address::Command(_))
    }

    /// Ends the server in the middle of what it does.
    pub async fn kill(&mut self) {
        if let Some(client) = self.client.take() {
            client.kill().await;
        }
    }

    /// Ends the connection, so that the next call makes a new one.
    pub async fn close(&mut self) {
        if let Some(client) = self.client.take() {
            client.close().await;
        }
    }
}

/// Calls a tool, and gives the server what it asks for in between.
pub async fn call(client: &Client, tool: &str, arguments: &Value, wait: Duration) -> Answer {
    let mut params = json!({"name": tool, "arguments": arguments});
    let mut spent = Duration::ZERO;
    for _ in 0..MOST_ROUNDS {
        let left = wait.saturating_sub(spent);
        let id = client.number();
        params["_meta"] = json!({"progressToken": id});
        let answered = client.request_as(id, "tools/call", params.clone(), left).await;
        let mut answer = Answer::of(answered, left);
        spent += answer.time;
        answer.time = spent;
        let What::Asked(result) = &answer.what else { return answer };
        let Some(responses) = responses(result) else { return answer };
        params["inputResponses"] = responses;
        if let Some(state) = result.get("requestState") {
            params["requestState"] = state.clone();
        }
    }
    let why = format!("the server has asked for something {MOST_ROUNDS} times");
    Answer { what: What::Lost(Lost::Refused(why)), time: spent, progress: 0 }
}

/// Calls a tool with arguments that are written in a certain way.
pub async fn call_text(client: &Client, tool: &str, arguments: &str, wait: Duration) -> Answer {
    match RawValue::from_string(arguments.to_owned()) {
        Ok(raw) => Answer::of(client.call_raw(tool, &raw, wait).await, wait),
        Err(error) => {
            let what = What::Lost(Lost::Refused(error.to_string()));
            Answer { what, time: Duration::ZERO, progress: 0 }
        }
    }
}

/// What we say to all that a server asks for; none where there is something that we have nothing for.
fn responses(result: &Value) -> Option<Value> {
    let requests = result.get("inputRequests")?.as_object()?;
    let mut responses = serde_json::Map::new();
    for (key, request) in requests {
        let method = request.get("method")?.as_str()?;
        let params = request.get("params").cloned().unwrap_or_default();
        responses.insert(key.clone(), respond(method, &params)?);
    }
    Some(Value::Object(responses))
}

/// The user of a run says yes: what is tested is what the server does then.
fn respond(method: &str, params: &Value) -> Option<Value> {
    if method != "elicitation/create" {
        return None;
    }
    let schema = params.get("requestedSchema");
    let properties = schema.and_then(|schema| schema.get("properties")?.as_object());
    let mut content = serde_json::Map::new();
    for (name, property) in properties.into_iter().flatten() {
        content.insert(name.clone(), agreeing(property));
    }
    Some(json!({"action": "accept", "content": content}))
}

fn agreeing(property: &Value) -> Value {
    let given = ["const", "default"].iter().find_map(|name| property.get(name));
    let listed = || property.get("enum")?.as_array()?.first();
    if let Some(value) = listed().or(given).filter(|_| property["type"] != "boolean") {
        return value.clone();
    }
    match property.get("type").and_then(Value::as_str) {
        Some("boolean") => json!(true),
        Some("integer" | "number") => property.get("minimum").cloned().unwrap_or(json!(1)),
        _ => json!("yes"),
    }
}

/// How an era is named on the command line.
pub fn name_of(era: Era) -> &'static str {
    match era {
        Era::Modern => "modern",
        Era::Legacy => "legacy",
    }
}
