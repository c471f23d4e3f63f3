//! Ways to answer what a client asks beyond the lists: wrong requests, and calls of tools.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::Outcome::{Clean, Findings};
use super::{At, BOTH, Era, GOOD, HTTP, MODERN, STDIO, Way};
use crate::answer::{Answer, refusal};
use crate::life;
use crate::message::{Ask, HOLE, fill_hole};
use crate::tools;

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "list-per-process",
        on: STDIO,
        outcome: Findings,
        what: "has the number of its process in a description",
        lists: |_, list| {
            let title = format!("Find books ({})", std::process::id());
            list["tools"][0]["title"] = json!(title);
        },
        ..GOOD
    },
    Way {
        name: "list-grows",
        on: BOTH,
        outcome: Findings,
        what: "lists one tool more whenever it is asked for its tools again",
        lists: |ask, list| {
            for index in 1..ask.nth {
                let spare = tools::spare_tool(&format!("get_spare_{index}"));
                list["tools"]
                    .as_array_mut()
                    .into_iter()
                    .for_each(|tools| tools.push(spare.clone()));
            }
        },
        ..GOOD
    },
    Way {
        name: "list-shuffles",
        on: BOTH,
        outcome: Findings,
        what: "begins its list with another tool each time it is asked for it",
        lists: |ask, list| {
            if let Some(tools) = list["tools"].as_array_mut() {
                let first = ask.nth as usize % tools.len();
                tools.rotate_left(first);
            }
        },
        ..GOOD
    },
    Way {
        name: "list-death",
        on: STDIO,
        outcome: Findings,
        what: "exits with code 3 when it is asked for its tools after one of them was called",
        sends: |ask, bytes, stdio| {
            static WAS_CALLED: AtomicBool = AtomicBool::new(false);
            if ask.params["name"] == "get_book" {
                WAS_CALLED.store(true, Ordering::Relaxed);
            }
            if ask.method == "tools/list" && WAS_CALLED.load(Ordering::Relaxed) {
                life::leave(3);
            }
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "list-silence",
        on: STDIO,
        outcome: Clean,
        what: "does not answer when it is asked for its tools after one of them was called",
        sends: |ask, bytes, stdio| {
            static WAS_CALLED: AtomicBool = AtomicBool::new(false);
            if ask.params["name"] == "get_book" {
                WAS_CALLED.store(true, Ordering::Relaxed);
            }
            if ask.method != "tools/list" || !WAS_CALLED.load(Ordering::Relaxed) {
                stdio.line(bytes);
            }
        },
        ..GOOD
    },
    Way {
        name: "unknown-method-result",
        on: BOTH,
        outcome: Findings,
        what: "answers a method nobody has with an empty result",
        says: |ask, answer| match ask.method.starts_with("mcp-kit/") {
            true => Ok(json!({})),
            false => answer,
        },
        ..GOOD
    },
    Way {
        name: "unknown-method-silence",
        on: STDIO,
        outcome: Findings,
        what: "does not answer a method that nobody has",
        sends: |ask, bytes, stdio| {
            if !ask.method.starts_with("mcp-kit/") {
                stdio.line(bytes);
            }
        },
        ..GOOD
    },
    Way {
        name: "unknown-method-death",
        on: STDIO,
        outcome: Findings,
        what: "exits with code 1 when it is asked for a method that nobody has",
        sends: |ask, bytes, stdio| {
            if ask.method.starts_with("mcp-kit/") {
                life::leave(1);
            }
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "unknown-tool-result",
        on: BOTH,
        outcome: Findings,
        what: "answers the call of a tool it does not have with a result that has isError",
        says: |ask, answer| match ask.method == "tools/call" && is_code(&answer, -32602) {
            true => Ok(error_result("there is no such tool; see tools/list")),
            false => answer,
        },
        ..GOOD
    },
    Way {
        name: "revision-ignored",
        on: BOTH,
        outcome: Findings,
        what: "a 2026-07-28 server that answers requests of any revision",
        says: |_, answer| match is_code(&answer, -32022) {
            true => Ok(list()),
            false => answer,
        },
        ..MODERN
    },
    Way {
        name: "revision-refused-vaguely",
        on: BOTH,
        outcome: Findings,
        what: "a 2026-07-28 server that refuses a revision without saying which it has",
        says: |_, answer| match is_code(&answer, -32022) {
            true => refusal(-32022, "unsupported"),
            false => answer,
        },
        ..MODERN
    },
    Way {
        name: "revision-not-needed",
        on: BOTH,
        outcome: Findings,
        what: "a 2026-07-28 server that answers requests without a revision",
        says: |ask, answer| match ask.meta_version() {
            None if ask.method == "tools/list" => Ok(list()),
            _ => answer,
        },
        ..MODERN
    },
    Way {
        name: "headers-ignored",
        on: HTTP,
        outcome: Findings,
        what: "a 2026-07-28 server that does not compare headers with the message",
        says: |_, answer| match is_code(&answer, -32020) {
            true => Ok(list()),
            false => answer,
        },
        ..MODERN
    },
    Way {
        name: "discover-other-versions",
        on: BOTH,
        outcome: Findings,
        what: "a 2026-07-28 server that offers 2025-11-25 in server/discover and nowhere else",
        greets: |greeting| greeting["supportedVersions"] = json!(["2026-07-28", "2025-11-25"]),
        ..MODERN
    },
    Way {
        name: "undiscovered",
        on: BOTH,
        outcome: Findings,
        what: "speaks both eras, and refuses server/discover",
        era: Era::Both,
        sessions: false,
        at: At::Greeting,
        says: |ask, answer| match ask.method.as_str() {
            "server/discover" => refusal(-32601, "method not found: server/discover"),
            _ => answer,
        },
        ..GOOD
    },
    Way {
        name: "discover-no-cache-hints",
        on: BOTH,
        outcome: Findings,
        what: "a 2026-07-28 server that answers server/discover without ttlMs",
        greets: |greeting| {
            greeting
                .as_object_mut()
                .into_iter()
                .for_each(|greeting| drop(greeting.remove("ttlMs")));
        },
        ..MODERN
    },
    Way {
        name: "call-no-result-type",
        on: BOTH,
        outcome: Findings,
        what: "a 2026-07-28 server whose results of calls have no resultType",
        says: |ask, answer| called(ask, answer, |result| remove(result, "resultType")),
        ..MODERN
    },
    Way {
        name: "unasked-log",
        on: STDIO,
        outcome: Findings,
        what: "a 2026-07-28 server that sends a log notification with each call",
        sends: |ask, bytes, stdio| {
            if ask.method == "tools/call" {
                let params = r#"{"level":"info","data":"called"}"#;
                let method = "notifications/message";
                let log = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
                stdio.line(log.as_bytes());
            }
            stdio.line(bytes);
        },
        ..MODERN
    },
    Way {
        name: "talks-at-calls",
        on: STDIO,
        outcome: Findings,
        what: "prints a line on standard output whenever a tool is called",
        sends: |ask, bytes, stdio| {
            if ask.method == "tools/call" {
                stdio.line(b"looking up the catalogue");
            }
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "result-off-schema",
        on: BOTH,
        outcome: Findings,
        what: "returns the number of copies as a word, against its output schema",
        says: |ask, answer| {
            succeeded(ask, answer, |result| {
                if ask.params["name"] == "get_book" {
                    result["structuredContent"]["free_copies"] = json!("two");
                    mirror(result);
                }
            })
        },
        ..GOOD
    },
    Way {
        name: "result-not-structured",
        on: BOTH,
        outcome: Findings,
        what: "declares output schemas and returns text only",
        says: |ask, answer| succeeded(ask, answer, |result| remove(result, "structuredContent")),
        ..GOOD
    },
    Way {
        name: "result-content-text",
        on: BOTH,
        outcome: Findings,
        what: "returns a text where its content should be an array",
        says: |ask, answer| {
            succeeded(ask, answer, |result| result["content"] = json!("two copies"))
        },
        ..GOOD
    },
    Way {
        name: "result-no-content",
        on: BOTH,
        outcome: Findings,
        what: "returns results without content",
        says: |ask, answer| succeeded(ask, answer, |result| remove(result, "content")),
        ..GOOD
    },
    Way {
        name: "result-block-without-type",
        on: BOTH,
        outcome: Findings,
        what: "returns a block of content that has no type",
        says: |ask, answer| {
            succeeded(ask, answer, |result| remove(&mut result["content"][0], "type"))
        },
        ..GOOD
    },
    Way {
        name: "result-array",
        on: BOTH,
        outcome: Findings,
        what: "returns an array in the place of a result",
        says: |ask, answer| succeeded(ask, answer, |result| *result = json!([1])),
        ..GOOD
    },
    Way {
        name: "result-null",
        on: BOTH,
        outcome: Findings,
        what: "returns null in the place of a result",
        says: |ask, answer| succeeded(ask, answer, |result| *result = Value::Null),
        ..GOOD
    },
    Way {
        name: "result-error-as-text",
        on: BOTH,
        outcome: Findings,
        what: "says `isError: \"false\"`, a text",
        says: |ask, answer| succeeded(ask, answer, |result| result["isError"] = json!("false")),
        ..GOOD
    },
    Way {
        name: "result-json-as-text",
        on: BOTH,
        outcome: Findings,
        what: "declares no output schema and returns JSON as text",
        lists: |_, list| {
            let tools = list["tools"].as_array_mut();
            tools.into_iter().flatten().for_each(|tool| remove(tool, "outputSchema"));
        },
        says: |ask, answer| succeeded(ask, answer, |result| remove(result, "structuredContent")),
        ..GOOD
    },
    Way {
        name: "result-not-mirrored",
        on: BOTH,
        outcome: Findings,
        what: "returns structured content and no text",
        says: |ask, answer| succeeded(ask, answer, |result| result["content"] = json!([])),
        ..GOOD
    },
    Way {
        name: "result-too-large",
        on: BOTH,
        outcome: Findings,
        what: "returns three thousand books at once",
        says: |ask, answer| {
            succeeded(ask, answer, |result| {
                if ask.params["name"] == "find_books" {
                    let book = result["structuredContent"]["books"][0].clone();
                    result["structuredContent"]["books"] = json!(vec![book; 3_000]);
                    mirror(result);
                }
            })
        },
        ..GOOD
    },
    Way {
        name: "error-vague",
        on: BOTH,
        outcome: Findings,
        what: "answers wrong arguments with an internal error and nothing more",
        says: |ask, answer| failed(ask, answer, |_| Ok(error_result("Internal error"))),
        ..GOOD
    },
    Way {
        name: "error-with-trace",
        on: BOTH,
        outcome: Findings,
        what: "answers wrong arguments with a stack trace",
        says: |ask, answer| {
            failed(ask, answer, |_| {
                Ok(error_result(
                    "Traceback (most recent call last):\n  File \"/srv/library.py\", line 7, in \
                     find\nKeyError: a required argument",
                ))
            })
        },
        ..GOOD
    },
    Way {
        name: "error-of-protocol",
        on: BOTH,
        outcome: Findings,
        what: "answers wrong arguments with the JSON-RPC error -32602",
        says: |ask, answer| {
            failed(ask, answer, |_| refusal(-32602, "a required argument is not a string"))
        },
        ..GOOD
    },
    Way {
        name: "error-as-success",
        on: BOTH,
        outcome: Findings,
        what: "answers wrong arguments with an error in a text, and without isError",
        says: |ask, answer| {
            failed(ask, answer, |_| {
                let text = "Error: a required argument is not a string";
                Ok(json!({"content": [{"type": "text", "text": text}]}))
            })
        },
        ..GOOD
    },
    Way {
        name: "wrong-arguments-accepted",
        on: BOTH,
        outcome: Findings,
        what: "answers calls without their required argument as if it were there",
        says: |ask, answer| {
            failed(ask, answer, |_| {
                let found = json!({"books": []});
                let content = json!([{"type": "text", "text": found.to_string()}]);
                Ok(json!({"content": content, "structuredContent": found}))
            })
        },
        ..GOOD
    },
    Way {
        name: "call-silence",
        on: STDIO,
        outcome: Findings,
        what: "does not answer calls of one of its tools",
        sends: |ask, bytes, stdio| {
            if ask.params["name"] != "get_book" {
                stdio.line(bytes);
            }
        },
        ..GOOD
    },
    Way {
        name: "call-death",
        on: STDIO,
        outcome: Findings,
        what: "exits with code 1 when one of its tools is called without its argument",
        sends: |ask, bytes, stdio| {
            if ask.params["name"] == "get_book" && ask.params["arguments"] == json!({}) {
                life::leave(1);
            }
            stdio.line(bytes);
        },
        ..GOOD
    },
    Way {
        name: "call-endless",
        on: STDIO,
        outcome: Clean,
        what: "answers calls of one of its tools with a line that never ends",
        sends: |ask, bytes, stdio| {
            if ask.params["name"] != "get_book" {
                return stdio.line(bytes);
            }
            loop {
                stdio.bytes(&[b'x'; 65_536]);
            }
        },
        ..GOOD
    },
    Way {
        name: "call-deep",
        on: BOTH,
        outcome: Findings,
        what: "returns structured content nested a hundred thousand times",
        at: At::Always,
        says: |ask, answer| {
            succeeded(ask, answer, |result| result["structuredContent"] = json!(HOLE))
        },
        writes: |_, message| {
            fill_hole(
                &message,
                format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes(),
            )
        },
        ..GOOD
    },
];

fn is_code(answer: &Answer, code: i64) -> bool {
    answer.as_ref().is_err_and(|error| error["code"] == code)
}

/// What a fine 2026-07-28 server answers to `tools/list`.
fn list() -> Value {
    json!({
        "resultType": "complete", "ttlMs": 60_000, "cacheScope": "private",
        "tools": tools::tools()
    })
}

fn error_result(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}], "isError": true})
}

fn remove(value: &mut Value, member: &str) {
    if let Some(members) = value.as_object_mut() {
        members.remove(member);
    }
}

/// Repeats the structured content as text.
fn mirror(result: &mut Value) {
    let text = result["structuredContent"].to_string();
    result["content"] = json!([{"type": "text", "text": text}]);
}

/// Changes the result of a call.
fn called(ask: &Ask, answer: Answer, change: impl Fn(&mut Value)) -> Answer {
    let mut result = answer?;
    if ask.method == "tools/call" {
        change(&mut result);
    }
    Ok(result)
}

/// Changes the result of a call that succeeded.
fn succeeded(ask: &Ask, answer: Answer, change: impl Fn(&mut Value)) -> Answer {
    called(ask, answer, |result| {
        if result["isError"] == false {
            change(result);
        }
    })
}

/// Puts something else in the place of the result of a call that failed.
fn failed(ask: &Ask, answer: Answer, instead: impl Fn(&Ask) -> Answer) -> Answer {
    match &answer {
        Ok(result) if ask.method == "tools/call" && result["isError"] == true => instead(ask),
        _ => answer,
    }
}
