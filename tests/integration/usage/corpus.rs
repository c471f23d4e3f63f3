//! Recordings with planted cases among harmless calls, and what has to be found in them. The same
//! seed gives the same bytes.

use serde_json::{Map, Value, json};

/// The recordings of a server.
pub(super) struct Corpus {
    /// Its tools.
    pub(super) surface: Value,
    /// The names and texts of the files.
    pub(super) files: Vec<(String, String)>,
    /// By tool, members of its item in the report.
    pub(super) expected: Value,
    /// By tool, the note of its finding.
    pub(super) notes: Map<String, Value>,
    pub(super) calls: u64,
    pub(super) sessions: u64,
}

struct Random(u64);

impl Random {
    /// A number from one to another, both included.
    fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        least + (self.0 >> 33) % (most - least + 1)
    }
}

/// One recording being written.
pub(super) struct Tape {
    pub(super) text: String,
    n: u64,
}

impl Tape {
    pub(super) fn new(id: &str, tools: Option<&Value>) -> Self {
        let header =
            json!({"kind": "header", "format": "mcp-kit.cassette/1", "id": id, "program": "test"});
        let mut tape = Self { text: format!("{header}\n"), n: 0 };
        if let Some(tools) = tools {
            tape.line("client", 0, json!({"jsonrpc": "2.0", "id": "list", "method": "tools/list"}));
            let result = json!({ "tools": tools });
            tape.line("server", 0, json!({"jsonrpc": "2.0", "id": "list", "result": result}));
        }
        tape
    }

    fn line(&mut self, from: &str, session: u64, message: Value) {
        self.n += 1;
        let line = json!({"kind": "message", "n": self.n, "at_us": self.n * 900, "from": from,
            "session": session, "message": message});
        self.text.push_str(&format!("{line}\n"));
    }

    /// A call; the answer is a result, none where it is lost.
    pub(super) fn call(
        &mut self,
        session: u64,
        tool: &str,
        arguments: Value,
        answer: Option<Value>,
    ) {
        let id = self.n + 1;
        let params = json!({"name": tool, "arguments": arguments});
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        self.line("client", session, request);
        if let Some(result) = answer {
            self.line("server", session, json!({"jsonrpc": "2.0", "id": id, "result": result}));
        }
    }
}

pub(super) fn fine() -> Option<Value> {
    Some(
        json!({"content": [{"type": "text", "text": "{\"data\":{}}"}], "structuredContent": {"data": {}}}),
    )
}

fn error(code: &str) -> Option<Value> {
    let error = json!({"code": code, "message": "it went wrong", "retryable": true});
    Some(json!({"content": [], "isError": true, "structuredContent": {"error": error}}))
}

fn tools() -> Value {
    let tool = |name: &str, properties: Value| {
        json!({"name": name, "description": "A tool.",
            "inputSchema": {"type": "object", "properties": properties, "additionalProperties": false}})
    };
    let number = || json!({"number": {"type": "integer"}});
    let order = || json!({"item": {"type": "string"}, "idempotency_key": {"type": "string"}});
    json!([
        tool("search_orders", number()),
        tool("get_order", number()),
        tool("list_notes", number()),
        tool("get_invoice", number()),
        tool("find_document", number()),
        tool("book_visit", json!({"date": {"type": "string"}})),
        tool("create_order", order()),
        tool("create_payment", order()),
        tool("export_ledger", json!({})),
        tool("purge_cache", json!({})),
    ])
}

impl Corpus {
    /// Three recordings with as many planted cases of each kind as the seed says.
    pub(super) fn generate(seed: u64) -> Self {
        let mut random = Random(seed);
        let tools = tools();
        let mut calls = Map::new();
        let mut count = |tool: &str, number: u64| {
            let before = calls.get(tool).and_then(Value::as_u64).unwrap_or(0);
            calls.insert(tool.to_owned(), (before + number).into());
        };
        let (mut files, mut sessions, mut unique) = (Vec::new(), 0, 0_u64);
        let (mut improvised, mut wrong, mut lost, mut repaired) = (0, 0, 0, 0);
        for recording in 0..3 {
            let mut tape = Tape::new(&format!("{recording:032}"), Some(&tools));
            for session in 1..=random.between(4, 9) {
                sessions += 1;
                let mut harmless = |tape: &mut Tape, random: &mut Random, most: u64| {
                    for _ in 0..random.between(2, most) {
                        unique += 1;
                        let tool = ["search_orders", "get_order", "list_notes"]
                            [random.between(0, 2) as usize];
                        tape.call(session, tool, json!({"number": 1_000 + unique}), fine());
                        count(tool, 1);
                    }
                };
                harmless(&mut tape, &mut random, 12);
                // Two other tools, of which the second helps. At least once in each recording.
                if session == 1 || random.between(0, 1) == 1 {
                    tape.call(session, "get_invoice", json!({"number": 17}), error("internal"));
                    tape.call(session, "find_document", json!({"number": 18}), error("internal"));
                    tape.call(session, "list_notes", json!({"number": 19}), fine());
                    improvised += 1;
                }
                harmless(&mut tape, &mut random, 6);
                // A date that the schema refuses; the next call succeeds.
                if session == 1 || random.between(0, 2) == 0 {
                    let arguments = json!({"date": 20_261_123, "seat": 4});
                    tape.call(session, "book_visit", arguments, error("invalid_argument"));
                    wrong += 1;
                }
                harmless(&mut tape, &mut random, 6);
                // A lost reply, and the same again: with another key, or as it should be.
                let order = |key: &str| json!({"item": "lamp", "idempotency_key": key});
                if session == 2 || random.between(0, 2) == 0 {
                    tape.call(session, "create_order", order("key-1"), None);
                    tape.call(session, "create_order", order("key-2"), fine());
                    lost += 1;
                }
                if session == 3 || random.between(0, 2) == 0 {
                    tape.call(session, "create_payment", order("key-3"), error("outcome_unknown"));
                    tape.call(session, "create_payment", order("key-3"), fine());
                    repaired += 1;
                }
            }
            files.push((format!("{recording}.jsonl"), tape.text));
        }
        for (tool, number) in [
            ("get_invoice", improvised + 1),
            ("find_document", improvised + 1),
            ("list_notes", improvised),
            ("book_visit", wrong),
            ("create_order", 2 * lost),
            ("create_payment", 2 * repaired),
            ("export_ledger", 0),
            ("purge_cache", 0),
        ] {
            count(tool, number);
        }
        // So that they were called with success as well.
        let last = &mut files[2].1;
        let mut tape = Tape { text: std::mem::take(last), n: 1_000_000 };
        tape.call(1, "find_document", json!({"number": 20}), fine());
        tape.call(1, "get_invoice", json!({"number": 21}), fine());
        *last = tape.text;
        let all: u64 = calls.values().filter_map(Value::as_u64).sum();
        let mut expected = Map::new();
        for (tool, number) in calls {
            expected.insert(tool, json!({"calls": number}));
        }
        let errors = |code: &str, count: u64, others: usize| {
            let mut other_tools = [0; 9];
            other_tools[others] = count;
            json!([{"code": code, "count": count, "followed": count, "ended_in_success": count,
                "other_tools": other_tools}])
        };
        let retries = |all: u64, same_key: u64, new_key: u64| {
            json!({"all": all, "identical": same_key, "same_key": same_key, "new_key": new_key,
                "without_key": 0, "at_risk": new_key})
        };
        let mut expect = |tool: &str, member: &str, value: Value| {
            expected[tool][member] = value;
        };
        expect("get_invoice", "failed", improvised.into());
        expect("get_invoice", "errors", errors("internal", improvised, 2));
        expect("find_document", "errors", errors("internal", improvised, 1));
        expect("book_visit", "failed", wrong.into());
        let invalid = json!({"calls": wrong, "said_by_server": wrong, "refused_by_schema": wrong});
        expect("book_visit", "invalid_arguments", invalid);
        expect("create_order", "unanswered", lost.into());
        expect("create_order", "retries", retries(lost, 0, lost));
        expect("create_payment", "retries", retries(repaired, repaired, 0));
        expect("search_orders", "failed", 0.into());
        expect("search_orders", "retries", retries(0, 0, 0));
        let plural = if lost == 1 { "retry" } else { "retries" };
        let notes = json!({
            "book_visit": format!("{wrong} calls, {wrong} with wrong arguments"),
            "create_order": format!("{lost} of {lost} {plural}"),
            "get_invoice": format!(
                "internal: 2.0 other tools on average after {improvised} errors, {improvised} end in success"
            ),
        });
        let Value::Object(notes) = notes else { unreachable!() };
        Self {
            surface: json!({"tools": tools}),
            files,
            expected: expected.into(),
            notes,
            calls: all,
            sessions,
        }
    }
}
