//! What a client sees of a bank, in one sequence of calls: a few words for each thing that can be wrong.

use std::{collections::BTreeMap, sync::Barrier, thread, time::Duration};

use serde_json::{Value, json};

use super::{
    super::{
        client::{Answer, Client, MODERN, meta},
        place::Place,
        sandbox::Sandbox,
    },
    upstream::{Does, Upstream},
};

/// What was seen, by what it is about.
pub(super) type Observed = BTreeMap<&'static str, String>;

/// A bank with some bugs, its store and its payment network.
pub(super) struct Bank {
    pub(super) place: Place,
    pub(super) upstream: Upstream,
    pub(super) server: Sandbox,
    bugs: Vec<String>,
}

impl Bank {
    pub(super) fn with(bugs: &[&str]) -> Self {
        Self::at(Place::sqlite(), bugs)
    }

    pub(super) fn at(place: Place, bugs: &[&str]) -> Self {
        let upstream = Upstream::new();
        let bugs: Vec<String> =
            bugs.iter().flat_map(|bug| ["--bug".to_owned(), (*bug).to_owned()]).collect();
        let server = start(&place, &upstream, &bugs);
        Self { place, upstream, server, bugs }
    }

    /// The same bank, after its process has died.
    pub(super) fn again(&mut self) {
        self.server = start(&self.place, &self.upstream, &self.bugs);
    }

    pub(super) fn client(&self) -> Client {
        self.server.client()
    }

    fn of(&self, user: &str) -> Client {
        let answer = self.server.control("/token", json!({"user": user}));
        Client::modern(self.server.address, answer["token"].as_str())
    }

    /// How many entries there are of a kind.
    pub(super) fn count(&self, kind: &str) -> usize {
        let found = self.client().call("list_entries", json!({"kind": kind, "limit": 100}));
        found.data()["entries"].as_array().unwrap().len()
    }

    /// Has a write die at a point, starts the bank again, and repeats the write until it is over.
    fn crash(&mut self, point: &str, (tool, arguments): (&str, &Value), kind: &str) -> String {
        let before = (self.count(kind), self.upstream.payments());
        self.server.control("/kill", json!({"point": point, "tool": tool}));
        let request = request(&self.client(), tool, arguments);
        assert!(super::super::client::try_send(self.server.address, &request).is_err(), "{point}");
        self.again();
        let mut answer = call(&self.client(), tool, arguments);
        if outcome(&answer) == "refused" {
            // Longer than any reservation.
            self.server.advance(120_000);
            answer = call(&self.client(), tool, arguments);
        }
        let paid = match tool {
            "deposit" => format!(", {} paid", self.upstream.payments() - before.1),
            _ => String::new(),
        };
        format!("{}, {} booked{paid}", outcome(&answer), self.count(kind) - before.0)
    }
}

fn start(place: &Place, upstream: &Upstream, bugs: &[String]) -> Sandbox {
    let url = upstream.url();
    let mut arguments = vec![
        "--store", &place.store, "--control", "127.0.0.1:0", "--upstream", &url, "--slow-by",
        "0.25", "--export-time", "30s",
    ];
    arguments.extend(bugs.iter().map(String::as_str));
    Sandbox::of("bank", place, &arguments)
}

/// What came of a write: made, made before, or refused, however that is said.
pub(super) fn outcome(answer: &Answer) -> &'static str {
    let result = &answer.message()["result"];
    match result["structuredContent"]["receipt_id"].is_string() {
        true if result["_meta"]["dev.mcp-kit/replayed"] == true => "again",
        true => "made",
        false => "refused",
    }
}

/// A key that is used for one thing.
pub(super) fn key(name: &str) -> String {
    format!("{name:-<20}").replace(' ', "-")
}

fn request(client: &Client, tool: &str, arguments: &Value) -> Vec<u8> {
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta()});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let headers =
        [("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", tool)];
    client.bytes("POST", &headers, message.to_string().as_bytes())
}

/// A call whose client follows tasks, where it says so, and progress.
fn call_as(client: &Client, tool: &str, arguments: &Value, follows_tasks: bool) -> Answer {
    asked(client, "tools/call", json!({"name": tool, "arguments": arguments}), follows_tasks)
}

pub(super) fn asked(
    client: &Client,
    method: &str,
    mut params: Value,
    follows_tasks: bool,
) -> Answer {
    params["_meta"] = meta();
    if follows_tasks {
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
            json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    } else {
        params["_meta"]["progressToken"] = 7.into();
    }
    let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default().to_owned();
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    client.body(method, &name, message.to_string().as_bytes())
}

pub(super) fn call(client: &Client, tool: &str, arguments: &Value) -> Answer {
    client.call(tool, arguments.clone())
}

pub(super) fn opening(owner: &str, name: &str) -> Value {
    json!({"owner": owner, "idempotency_key": key(name)})
}

/// Opens an account and says which.
pub(super) fn opened(client: &Client, name: &str) -> String {
    let answer = call(client, "open_account", &opening(name, name)).data();
    answer["account"]["account_id"].as_str().unwrap().to_owned()
}

/// Does something and says how many entries of a kind it has left.
fn booked(bank: &Bank, kind: &str, act: impl FnOnce() -> String) -> String {
    let before = bank.count(kind);
    let said = act();
    format!("{said}, {} booked", bank.count(kind) - before)
}

/// A deposit, as a bank with these bugs takes it.
fn paying(account: &str, name: &str) -> Value {
    json!({"account_id": account, "amount_cents": 500, "idempotency_key": key(name)})
}

/// What two equal calls come to.
fn twice(client: &Client, tool: &str, arguments: &Value) -> String {
    let [first, second] = [(); 2].map(|()| call(client, tool, arguments));
    let content = |answer: &Answer| answer.message()["result"]["structuredContent"].take();
    let said = format!("{} and {}", outcome(&first), outcome(&second));
    match content(&first) == content(&second) {
        true if outcome(&first) == "made" => format!("{said}, the same"),
        _ => said,
    }
}

/// All that there is to see.
pub(super) fn observe(bugs: &[&str]) -> Observed {
    let mut bank = Bank::with(bugs);
    let mut seen = Observed::new();
    surface(&bank, &mut seen);
    repeated(&bank, &mut seen);
    mistaken(&bank, &mut seen);
    scoped(&bank, &mut seen);
    super::errors::observe(&bank, &mut seen);
    slow(&bank, &mut seen);
    died(&mut bank, &mut seen);
    // Last, because it turns the clock.
    kept(&bank, &mut seen);
    seen
}

fn surface(bank: &Bank, seen: &mut Observed) {
    let listed = asked(&bank.client(), "tools/list", json!({}), false).message();
    let tools = listed["result"]["tools"].as_array().unwrap().clone();
    let mut keys = Vec::new();
    for tool in &tools {
        let key = &tool["inputSchema"]["properties"]["idempotency_key"];
        let advice = match key["description"].as_str() {
            Some(text) if text.starts_with("Repeat the same key") => "repeat",
            Some(_) => "renew",
            None => "none",
        };
        let hint = tool["annotations"]["idempotentHint"] == true;
        if tool["annotations"]["readOnlyHint"] != true {
            keys.push(format!(
                "{}: {advice}{}",
                tool["name"].as_str().unwrap(),
                if hint { "" } else { ", no hint" }
            ));
        }
    }
    seen.insert("keys in the list", keys.join("; "));
}

fn repeated(bank: &Bank, seen: &mut Observed) {
    let client = &bank.client();
    let account = opened(client, "of repeated");
    let open = opening("Repeated", "open twice");
    let said = booked(bank, "opening", || twice(client, "open_account", &open));
    seen.insert("open twice", said);
    let pay = paying(&account, "pay twice");
    let before = bank.upstream.payments();
    let said = booked(bank, "deposit", || twice(client, "deposit", &pay));
    seen.insert("pay twice", format!("{said}, {} paid", bank.upstream.payments() - before));
    let export = json!({"account_id": account, "idempotency_key": key("export twice")});
    let said = booked(bank, "statement", || twice(client, "export_statement", &export));
    seen.insert("export twice", said);
    let close = json!({"account_id": account, "idempotency_key": key("close twice")});
    let said = booked(bank, "closing", || twice(client, "close_account", &close));
    seen.insert("close twice", said);
    let other = opened(client, "of close without key");
    let close = json!({"account_id": other});
    let said = booked(bank, "closing", || twice(client, "close_account", &close));
    seen.insert("close twice without key", said);
    let together = opening("Together", "open together");
    let said = booked(bank, "opening", || {
        let barrier = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    barrier.wait();
                    call(client, "open_account", &together)
                });
            }
        });
        "four at once".to_owned()
    });
    seen.insert("open together", said);
}

fn mistaken(bank: &Bank, seen: &mut Observed) {
    let client = &bank.client();
    let outcomes = |calls: &[(&str, Value)]| -> String {
        let said: Vec<_> =
            calls.iter().map(|(tool, arguments)| outcome(&call(client, tool, arguments))).collect();
        said.join(" and ")
    };
    let opens = |calls: &[Value]| {
        let calls: Vec<_> = calls.iter().map(|it| ("open_account", it.clone())).collect();
        booked(bank, "opening", || outcomes(&calls))
    };
    seen.insert(
        "other arguments",
        opens(&[opening("One", "other arguments"), opening("Two", "other arguments")]),
    );
    let one = key("other order");
    let order = [
        json!({"owner": "Order", "idempotency_key": one}),
        json!({"idempotency_key": one, "currency": "EUR", "owner": "Order"}),
    ];
    seen.insert("other order", opens(&order));
    seen.insert("other key", opens(&[opening("Same", "key one"), opening("Same", "key two")]));
    let one = key("corrected");
    let wrong = json!({"owner": "Wrong", "currency": "XXX", "idempotency_key": one});
    let right = json!({"owner": "Wrong", "currency": "USD", "idempotency_key": one});
    seen.insert("corrected", opens(&[wrong, right]));
    let empty = json!({"owner": "Empty", "idempotency_key": ""});
    seen.insert("empty key", opens(&[empty.clone(), empty]));
    let long = json!({"owner": "Long", "idempotency_key": "k".repeat(300)});
    seen.insert("long key", opens(&[long.clone(), long]));
    let missing = json!({"owner": "Missing"});
    seen.insert("no key", opens(&[missing.clone(), missing]));
    let one = key("tools");
    let open = json!({"owner": "Tools", "idempotency_key": one});
    let account = opened(client, "of tools");
    let export = json!({"account_id": account, "idempotency_key": one});
    let said = booked(bank, "statement", || {
        outcomes(&[("open_account", open), ("export_statement", export)])
    });
    seen.insert("other tool", said);
    let open = opening("Closed", "of closed");
    let said = booked(bank, "opening", || {
        let first = call(client, "open_account", &open);
        let id = first.data()["account"]["account_id"].clone();
        let close = json!({"account_id": id, "idempotency_key": key("close it")});
        // One that takes no key refuses one.
        if outcome(&call(client, "close_account", &close)) == "refused" {
            let close = json!({"account_id": id});
            assert_eq!(outcome(&call(client, "close_account", &close)), "made");
        }
        outcome(&call(client, "open_account", &open)).to_owned()
    });
    seen.insert("open what was closed", said);
}

fn scoped(bank: &Bank, seen: &mut Observed) {
    let (alice, dave) = (bank.client(), bank.of("dave"));
    let open = opening("Scoped", "of two users");
    let [ours, theirs] =
        [&alice, &dave].map(|client| call(client, "open_account", &open).message());
    let id =
        |answer: &Value| answer["result"]["structuredContent"]["account"]["account_id"].clone();
    let said = if id(&ours) == id(&theirs) { "the same account" } else { "an account each" };
    seen.insert("key of another user", said.to_owned());
    let account = id(&ours);
    let found = call(&dave, "get_account", &json!({"account_id": account})).message();
    let is_seen = found["result"]["structuredContent"]["account"].is_object();
    seen.insert("account of another tenant", if is_seen { "seen" } else { "not seen" }.to_owned());
}

fn slow(bank: &Bank, seen: &mut Observed) {
    let client = &bank.client();
    let sample = json!({"account_id": "acct-00000000000000a1"});
    let notices = |answer: &Answer| match answer.body.contains("notifications/progress") {
        true => "with progress",
        false => "silent",
    };
    let read = call_as(client, "get_account", &sample, false);
    seen.insert("read an account", notices(&read).to_owned());
    let account = opened(client, "of slow");
    bank.upstream.does(Does::Delays(Duration::from_secs(3)));
    // Of what refuses keys, the deposit has none.
    let mut pay = paying(&account, "slow payment");
    if seen["keys in the list"].contains("deposit: none") {
        pay.as_object_mut().unwrap().remove("idempotency_key");
    }
    let answer = call_as(client, "deposit", &pay, false);
    seen.insert("slow payment", format!("{}, {}", outcome(&answer), notices(&answer)));
    bank.upstream.does(Does::Pays);

    let begin = |name: &str, follows: bool| {
        let account = opened(client, &format!("of {name}"));
        let export = json!({"account_id": account, "idempotency_key": key(name)});
        call_as(client, "export_statement", &export, follows).message()["result"].take()
    };
    let begun = begin("to poll", false)["structuredContent"]["export"]["export_id"].take();
    let task = begin("to follow", true)["taskId"].take();
    let given_up = begin("to give up", true)["taskId"].take();
    let polled = || {
        let found = call(client, "get_export", &json!({"export_id": begun})).message();
        let export = &found["result"]["structuredContent"]["export"];
        export["status"].as_str().unwrap_or("not there").to_owned()
    };
    let followed = |task: &Value| {
        let found = asked(client, "tasks/get", json!({"taskId": task}), true).message();
        found["result"]["status"].as_str().unwrap_or("not there").to_owned()
    };
    let (first, first_task) = (polled(), followed(&task));
    asked(client, "tasks/cancel", json!({"taskId": given_up}), true);
    bank.server.advance(60_000);
    seen.insert("poll an export", format!("{first}, {}", polled()));
    seen.insert("follow a task", format!("{first_task}, {}", followed(&task)));
    seen.insert("give up a task", followed(&given_up));
}

fn died(bank: &mut Bank, seen: &mut Observed) {
    let before = opening("Before", "dies before");
    let said = bank.crash("before_commit", ("open_account", &before), "opening");
    seen.insert("die before commit", said);
    let after = opening("After", "dies after");
    let said = bank.crash("after_commit", ("open_account", &after), "opening");
    seen.insert("die after commit", said);
    let account = opened(&bank.client(), "of died");
    let mut pay = paying(&account, "dies with payment");
    if seen["keys in the list"].contains("deposit: none") {
        pay.as_object_mut().unwrap().remove("idempotency_key");
    }
    let said = bank.crash("before_commit", ("deposit", &pay), "deposit");
    seen.insert("die with payment", said);
}

fn kept(bank: &Bank, seen: &mut Observed) {
    const HOUR: u64 = 60 * 60 * 1_000;
    let client = &bank.client();
    let open = opening("Kept", "kept a while");
    let mut said = vec![outcome(&call(client, "open_account", &open))];
    for hours in [25, 28 * 24, 48] {
        bank.server.advance(hours * HOUR);
        said.push(outcome(&call(client, "open_account", &open)));
    }
    seen.insert("after a day, a month, more", said.join(", "));
}
