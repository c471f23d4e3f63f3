//! A server that remembers: entries in a file, under names that are others in each run. For tests that
//! make recorded calls again; what it does wrong is named on its command line.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::answer::{Answer, refusal};
use crate::life;
use crate::message::{Ask, Message, encode};
use crate::stdio::{LIMIT, Stdio};

/// Serves the entries of a file. `bug` is empty, or one of: `renames` (a member has another name),
/// `shouts` (a value is another one), `lies` (the output is not what its schema says), `dies` (the process
/// ends when an entry is read), `forgets` (a tool is gone).
pub(crate) fn serve(file: &str, bug: &str) {
    life::limit(LIMIT);
    let mut stdio = Stdio::new();
    while let Some(message) = stdio.hear() {
        let Message::Request(ask) = message else { continue };
        let message = match answer(file, bug, &ask) {
            Ok(result) => json!({"jsonrpc": "2.0", "id": ask.id, "result": result}),
            Err(error) => json!({"jsonrpc": "2.0", "id": ask.id, "error": error}),
        };
        stdio.line(&encode(&message));
    }
}

fn answer(file: &str, bug: &str, ask: &Ask) -> Answer {
    match ask.method.as_str() {
        "initialize" => Ok(json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
            "serverInfo": {"name": "diary", "version": "1.0.0"}})),
        "tools/list" => Ok(json!({"tools": tools(bug)})),
        "tools/call" => call(file, bug, &ask.params),
        _ => refusal(-32601, "no such method"),
    }
}

fn tools(bug: &str) -> Vec<Value> {
    let text = json!({"type": "string"});
    let tool = |name: &str, reads: bool, properties: Value, required: Value, output: Value| {
        let output = json!({"type": "object", "properties": output});
        let input = json!({"type": "object", "properties": properties, "required": required});
        json!({"name": name, "description": name, "inputSchema": input, "outputSchema": output,
            "annotations": {"readOnlyHint": reads}})
    };
    let mut tools = vec![
        tool(
            "add_entry",
            false,
            json!({"text": text, "password": text, "idempotency_key": text}),
            json!(["text"]),
            json!({"id": text}),
        ),
        tool(
            "get_entry",
            true,
            json!({"entry_id": text}),
            json!(["entry_id"]),
            json!({"text": text}),
        ),
        tool("list_entries", true, json!({}), json!([]), json!({"entries": {"type": "array"}})),
    ];
    if bug == "forgets" {
        tools.remove(1);
    }
    tools
}

fn call(file: &str, bug: &str, params: &Value) -> Answer {
    let arguments = &params["arguments"];
    let entries = || -> Vec<Value> {
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let content = match params["name"].as_str().unwrap_or_default() {
        "add_entry" => {
            let password = arguments["password"].as_str().unwrap_or("none");
            let entry = json!({"id": stamp("entry"), "text": arguments["text"], "password": password,
                "key": arguments["idempotency_key"]});
            let mut file = match OpenOptions::new().append(true).create(true).open(file) {
                Ok(file) => file,
                Err(error) => return refusal(-32603, &error.to_string()),
            };
            let _ = writeln!(file, "{entry}");
            json!({"id": entry["id"], "text": entry["text"]})
        }
        "get_entry" if bug == "dies" => life::leave(3),
        "get_entry" => {
            let found = entries().into_iter().find(|entry| entry["id"] == arguments["entry_id"]);
            let Some(found) = found else {
                return Ok(json!({"content": [{"type": "text", "text": "there is no such entry"}],
                    "isError": true}));
            };
            match bug {
                "renames" => json!({"id": found["id"], "body": found["text"]}),
                "shouts" => {
                    let text = found["text"].as_str().unwrap_or_default().to_uppercase();
                    json!({"id": found["id"], "text": text})
                }
                "lies" => json!({"id": found["id"], "text": [found["text"]]}),
                _ => json!({"id": found["id"], "text": found["text"]}),
            }
        }
        "list_entries" => {
            let texts: Vec<Value> =
                entries().iter().map(|entry| json!({"text": entry["text"]})).collect();
            json!({"entries": texts, "answer": stamp("answer")})
        }
        other => return refusal(-32602, &format!("no tool is called {other}")),
    };
    let text = json!({"type": "text", "text": content.to_string()});
    Ok(json!({"content": [text], "structuredContent": content}))
}

/// A name that nothing has had before.
fn stamp(of: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{of}-{:x}-{}", now.as_nanos(), std::process::id())
}
