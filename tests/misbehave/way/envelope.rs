//! Ways to get JSON-RPC wrong: ids, members of the envelope, text that is hardly JSON.

use serde_json::{Map, Value, json};

use super::Outcome::{Findings, Protocol};
use super::{At, BOTH, GOOD, STDIO, Way};
use crate::answer::refusal;
use crate::message::{HOLE, encode, fill_hole, splice};

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "wrong-id",
        on: BOTH,
        outcome: Protocol,
        what: "answers every request under an id that nobody used",
        writes: |_, mut message| {
            message["id"] = json!("another-id");
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "string-id",
        on: STDIO,
        outcome: Findings,
        what: "answers under the id in quotes: \"1\" for 1",
        writes: |ask, mut message| {
            message["id"] = json!(ask.id.as_str().map_or(ask.id.to_string(), str::to_string));
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "float-id",
        on: STDIO,
        outcome: Findings,
        what: "answers under the id as a float: 1.0 for 1",
        writes: |ask, mut message| {
            message["id"] = ask.id.as_f64().map_or(ask.id.clone(), Value::from);
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "error-null-id",
        on: STDIO,
        outcome: Findings,
        what: "refuses tools/list with an error whose id is null",
        at: At::List,
        says: |_, _| refusal(-32600, "invalid request"),
        writes: |_, mut message| {
            message["id"] = Value::Null;
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "no-jsonrpc",
        on: STDIO,
        outcome: Findings,
        what: "leaves the member jsonrpc out of every answer",
        writes: |_, message| splice(&message, r#""jsonrpc":"2.0","#, b""),
        ..GOOD
    },
    Way {
        name: "jsonrpc-one",
        on: STDIO,
        outcome: Findings,
        what: "answers with jsonrpc 1.0 and, as that version has it, a null error beside results",
        writes: |_, mut message| {
            message["jsonrpc"] = json!("1.0");
            with_absent_members_null(&mut message);
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "null-everywhere",
        on: STDIO,
        outcome: Findings,
        what: "writes null for every optional member that it does not use",
        greets: |greeting| {
            for member in ["instructions", "_meta"] {
                greeting[member] = Value::Null;
            }
            greeting["serverInfo"]["title"] = Value::Null;
            for member in ["logging", "completions", "experimental", "prompts", "resources"] {
                greeting["capabilities"][member] = Value::Null;
            }
        },
        lists: |_, list| {
            list["nextCursor"] = Value::Null;
            list["_meta"] = Value::Null;
            for tool in list["tools"].as_array_mut().into_iter().flatten() {
                for member in ["title", "description", "annotations", "outputSchema", "_meta"] {
                    tool[member] = Value::Null;
                }
            }
        },
        writes: |_, mut message| {
            with_absent_members_null(&mut message);
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "duplicate-envelope-keys",
        on: BOTH,
        outcome: Findings,
        what: "writes result twice in its answer to tools/list, an empty list first",
        at: At::List,
        writes: |_, message| {
            splice(&message, r#""result":"#, br#""result":{"tools":[]},"result":"#)
        },
        ..GOOD
    },
    Way {
        name: "result-and-error",
        on: STDIO,
        outcome: Findings,
        what: "answers tools/list with the list and an error in one message",
        at: At::List,
        writes: |_, mut message| {
            message["error"] = json!({"code": -32603, "message": "partial failure"});
            encode(&message)
        },
        ..GOOD
    },
    Way {
        name: "neither-result-nor-error",
        on: STDIO,
        outcome: Findings,
        what: "answers tools/list with an envelope that has neither result nor error",
        at: At::List,
        writes: |ask, _| encode(&json!({"jsonrpc": "2.0", "id": ask.id})),
        ..GOOD
    },
    Way {
        name: "bare-result",
        on: STDIO,
        outcome: Protocol,
        what: "answers with results that have no envelope around them",
        writes: |_, message| encode(message.get("result").unwrap_or(&message["error"])),
        ..GOOD
    },
    Way {
        name: "batch",
        on: STDIO,
        outcome: Findings,
        what: "puts every answer into an array of one",
        writes: |_, message| encode(&json!([message])),
        ..GOOD
    },
    Way {
        name: "error-without-message",
        on: STDIO,
        outcome: Findings,
        what: "refuses tools/list with an error that has a code and no message",
        at: At::List,
        says: |_, _| Err(json!({"code": -32603})),
        ..GOOD
    },
    Way {
        name: "error-string",
        on: STDIO,
        outcome: Findings,
        what: "refuses tools/list with an error that is a string",
        at: At::List,
        says: |_, _| Err(json!("database is locked")),
        ..GOOD
    },
    Way {
        name: "error-code-string",
        on: STDIO,
        outcome: Findings,
        what: "refuses tools/list with an error whose code is a word",
        at: At::List,
        says: |_, _| Err(json!({"code": "SQLITE_BUSY", "message": "database is locked"})),
        ..GOOD
    },
    Way {
        name: "result-string",
        on: STDIO,
        outcome: Findings,
        what: "answers tools/list with the list as JSON text in a string",
        at: At::List,
        says: |_, answer| answer.map(|list| json!(list.to_string())),
        ..GOOD
    },
    Way {
        name: "nan",
        on: STDIO,
        outcome: Protocol,
        what: "writes NaN as the default of an argument, as Python's json module does",
        lists: hole_in_default,
        writes: |_, message| fill_hole(&message, b"NaN"),
        ..GOOD
    },
    Way {
        name: "trailing-comma",
        on: STDIO,
        outcome: Protocol,
        what: "leaves a comma behind the last tool",
        lists: |_, list| {
            if let Some(tools) = list["tools"].as_array_mut() {
                tools.push(json!(HOLE));
            }
        },
        writes: |_, message| fill_hole(&message, b""),
        ..GOOD
    },
    Way {
        name: "huge-numbers",
        on: STDIO,
        outcome: Findings,
        what: "uses 1e400 and an integer of 40 digits as upper bounds in a schema",
        lists: |_, list| {
            let limit = &mut list["tools"][0]["inputSchema"]["properties"]["limit"];
            limit["maximum"] = json!(HOLE);
        },
        writes: |_, message| {
            fill_hole(
                &message,
                b"1e400,\"exclusiveMaximum\":1234567890123456789012345678901234567890",
            )
        },
        ..GOOD
    },
];

fn hole_in_default(_: &crate::message::Ask, list: &mut Value) {
    list["tools"][0]["inputSchema"]["properties"]["limit"]["default"] = json!(HOLE);
}

/// Puts a null where an envelope has a result or an error only.
fn with_absent_members_null(message: &mut Value) {
    let members: Option<&mut Map<String, Value>> = message.as_object_mut();
    if let Some(members) = members {
        for member in ["result", "error"] {
            members.entry(member).or_insert(Value::Null);
        }
    }
}
