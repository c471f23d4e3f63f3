//! Cassettes of little sessions, written by hand.

use serde_json::{Value, json};

/// A cassette that is being written.
pub(super) struct Tape {
    lines: Vec<String>,
    n: u64,
    id: u64,
    at_us: u64,
    is_modern: bool,
}

impl Tape {
    /// Of a server of the older era, which was greeted.
    pub(super) fn legacy() -> Self {
        let mut tape = Self::without_greeting();
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "recorded", "version": "1"}});
        let result = json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
            "serverInfo": {"name": "till", "version": "3"}, "instructions": "pay once"});
        tape.exchange("initialize", params, json!({"result": result}));
        tape
    }

    /// Of a server of the newer era, which was greeted.
    pub(super) fn modern() -> Self {
        let mut tape = Self::without_greeting();
        tape.is_modern = true;
        let result = json!({"resultType": "complete", "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {}}, "ttlMs": 1000, "cacheScope": "public",
            "instructions": "pay once",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "till", "version": "3"}}});
        tape.exchange("server/discover", json!({}), json!({"result": result}));
        tape
    }

    pub(super) fn without_greeting() -> Self {
        let header = json!({"kind": "header", "format": "mcp-kit.cassette/1", "id": "0",
            "transport": "stdio", "server": "till"});
        Self { lines: vec![header.to_string()], n: 0, id: 0, at_us: 0, is_modern: false }
    }

    pub(super) fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }

    /// A line of a message, `after_us` later than the one before.
    pub(super) fn say(&mut self, from: &str, after_us: u64, message: Value) {
        self.n += 1;
        self.at_us += after_us;
        let line = json!({"kind": "message", "n": self.n, "at_us": self.at_us, "from": from,
            "message": message});
        self.lines.push(line.to_string());
    }

    /// A request of the client; its id.
    pub(super) fn ask(&mut self, method: &str, mut params: Value) -> u64 {
        self.id += 1;
        if self.is_modern {
            params["_meta"] = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {}, "progressToken": "recorded-token"});
        } else {
            params["_meta"] = json!({"progressToken": "recorded-token"});
        }
        let request = json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params});
        self.say("client", 10, request);
        self.id
    }

    /// The answer to the last request: `result` or `error`.
    pub(super) fn answer(&mut self, after_us: u64, outcome: Value) {
        let mut message = json!({"jsonrpc": "2.0", "id": self.id});
        message.as_object_mut().unwrap().extend(outcome.as_object().unwrap().clone());
        self.say("server", after_us, message);
    }

    pub(super) fn exchange(&mut self, method: &str, params: Value, outcome: Value) -> &mut Self {
        self.ask(method, params);
        self.answer(10, outcome);
        self
    }

    /// A call and the text of its result.
    pub(super) fn call(&mut self, tool: &str, arguments: Value, text: &str) -> &mut Self {
        self.exchange("tools/call", json!({"name": tool, "arguments": arguments}), said(text))
    }

    /// The tool list of a till: one tool that reads, and one that takes an idempotency key.
    pub(super) fn tools(&mut self) -> &mut Self {
        let text = json!({"type": "string"});
        let page = json!({"tools": [
            {"name": "balance", "annotations": {"readOnlyHint": true},
                "inputSchema": {"type": "object", "properties": {"account": text}}},
            {"name": "pay", "inputSchema": {"type": "object", "properties": {
                "amount": {"type": "integer"}, "idempotency_key": text}}},
        ]});
        self.exchange("tools/list", json!({}), json!({"result": page}))
    }
}

/// A result with this text.
pub(super) fn said(text: &str) -> Value {
    json!({"result": {"content": [{"type": "text", "text": text}]}})
}
