//! `mcp-kit lint` on a running server: what it answers beyond its lists.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

use crate::program::{Finished, HttpServer, Program, example};

/// What one way of `tests/misbehave` does wrong, and the one rule that is for it.
const WRONGS: &[(&str, &[&str], &str)] = &[
    ("list-per-process", STDIO, "surface/unstable-list"),
    ("list-grows", BOTH, "surface/unstable-list"),
    ("list-death", STDIO, "surface/unstable-list"),
    ("list-shuffles", BOTH, "surface/list-not-deterministic"),
    ("unknown-method-result", BOTH, "spec/error-codes"),
    ("unknown-method-silence", STDIO, "spec/error-codes"),
    ("unknown-method-death", STDIO, "spec/error-codes"),
    ("unknown-tool-result", BOTH, "spec/error-codes"),
    ("revision-ignored", BOTH, "spec/error-codes"),
    ("revision-refused-vaguely", BOTH, "spec/error-codes"),
    ("revision-not-needed", BOTH, "spec/error-codes"),
    ("headers-ignored", HTTP, "spec/error-codes"),
    ("discover-other-versions", BOTH, "spec/discover"),
    ("undiscovered", BOTH, "spec/discover"),
    ("discover-no-cache-hints", BOTH, "spec/cache-hints"),
    ("call-no-result-type", BOTH, "spec/result-type"),
    ("unasked-log", STDIO, "wire/unrequested-notification"),
    ("talks-at-calls", STDIO, "wire/not-a-message"),
    ("result-off-schema", BOTH, "output/not-conforming"),
    ("result-not-structured", BOTH, "output/not-conforming"),
    ("result-content-text", BOTH, "spec/call-result"),
    ("result-no-content", BOTH, "spec/call-result"),
    ("result-block-without-type", BOTH, "spec/call-result"),
    ("result-array", BOTH, "spec/call-result"),
    ("result-null", BOTH, "spec/call-result"),
    ("result-error-as-text", BOTH, "spec/call-result"),
    ("result-json-as-text", BOTH, "output/unstructured"),
    ("result-not-mirrored", BOTH, "output/not-mirrored"),
    ("result-too-large", BOTH, "output/too-large"),
    ("error-vague", BOTH, "error/no-next-step"),
    ("error-with-trace", BOTH, "error/stack-trace"),
    ("error-of-protocol", BOTH, "error/protocol-error-for-input"),
    ("error-as-success", BOTH, "error/not-is-error"),
    ("wrong-arguments-accepted", BOTH, "error/not-is-error"),
    ("call-silence", STDIO, "latency/slow"),
    ("call-death", STDIO, "error/server-ends"),
];

const STDIO: &[&str] = &["stdio"];
const HTTP: &[&str] = &["http"];
const BOTH: &[&str] = &["stdio", "http"];

/// Lints a way and looks at everything but what is wrong with definitions.
fn lint(way: &str, transport: &str, flags: &[&str]) -> Finished {
    let misbehave = example("misbehave");
    let mut arguments = vec!["lint", "--format", "json"];
    arguments.extend(flags);
    let program = misbehave.display().to_string();
    let server;
    if transport == "http" {
        server = HttpServer::start(&misbehave, &["http", way]);
        arguments.push(&server.url);
        return Program::new().run(&arguments);
    }
    arguments.extend(["--", &program, "stdio", way]);
    Program::new().run(&arguments)
}

/// The rules about answers that found something, each once.
fn rules(finished: &Finished) -> Vec<String> {
    const OF_DEFINITIONS: [&str; 1] = ["output/missing-schema"];
    let mut rules = finished.rules();
    rules.retain(|rule| !OF_DEFINITIONS.contains(&rule.as_str()));
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn not_run(finished: &Finished) -> Vec<Value> {
    finished.json()["live"]["not_run"].as_array().cloned().unwrap_or_default()
}

#[test]
fn each_wrong_answer_is_found_by_the_rule_for_it_and_by_no_other() {
    let cases: Vec<_> = WRONGS
        .iter()
        .flat_map(|(way, on, rule)| on.iter().map(move |transport| (*way, *transport, *rule)))
        .collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    // Some of the time is spent waiting for answers that do not come.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((way, transport, rule)) =
                    cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let finished = lint(way, transport, &[]);
                    let found = rules(&finished);
                    if found != [*rule] {
                        let failure = format!(
                            "{way} over {transport}: {rule} was expected, found {found:?}\n{}{}",
                            finished.stdout, finished.stderr
                        );
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_good_server_gives_nothing_to_find_and_nothing_that_was_not_run() {
    for way in ["good", "modern-good", "good-both-eras", "good-paged", "modern-good-paged"] {
        for transport in BOTH {
            for era in ["auto", "legacy", "modern"] {
                let is_spoken = match era {
                    "legacy" => !way.starts_with("modern"),
                    "modern" => way.starts_with("modern") || way == "good-both-eras",
                    _ => true,
                };
                if !is_spoken {
                    continue;
                }
                let finished = lint(way, transport, &["--era", era]);
                let what = format!("{way} {transport} {era}\n{}", finished.stdout);
                assert_eq!(rules(&finished), Vec::<String>::new(), "{what}");
                assert_eq!(not_run(&finished), Vec::<Value>::new(), "{what}");
                // Three tools: a right call of each and two wrong ones.
                assert_eq!(finished.json()["live"]["called"], 9, "{what}");
            }
        }
    }
}

#[test]
fn what_was_not_asked_is_not_run_and_not_passed() {
    let finished = lint("result-off-schema", "stdio", &["--no-live"]);
    assert_eq!(rules(&finished), Vec::<String>::new());
    let left_out = not_run(&finished);
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(left_out[0]["reason"], "--no-live was given");
    let names = left_out[0]["rules"].as_array().unwrap();
    assert!(names.contains(&"output/not-conforming".into()), "{names:?}");
    assert_eq!(finished.json()["live"]["asked"], 0);
    // A file is asked nothing, and nothing is missed.
    let program = Program::new().file("tools.json", r#"{"tools": []}"#);
    let finished = program.run(&["lint", "--format", "json", "tools.json"]);
    assert_eq!(finished.json()["live"], Value::Null);
}

#[test]
fn a_tool_that_is_not_answered_is_left_alone() {
    let finished = lint("call-silence", "stdio", &[]);
    let of_book = |left_out: &&Value| left_out["tool"] == "get_book";
    let left_out = not_run(&finished);
    let reason = left_out.iter().find(of_book).unwrap()["reason"].as_str().unwrap();
    assert_eq!(reason, "a call of it was not answered within 10 s");
    assert_eq!(finished.json()["live"]["called"], 7, "{}", finished.stdout);
}

#[test]
fn a_list_that_does_not_come_again_is_not_waited_for_long() {
    let start = std::time::Instant::now();
    let finished = lint("list-silence", "stdio", &[]);
    assert_eq!(rules(&finished), Vec::<String>::new(), "{}", finished.stdout);
    let left_out = not_run(&finished);
    assert_eq!(left_out[0]["reason"], "no second list came within 10 s", "{left_out:#?}");
    assert_eq!(left_out[0]["rules"][0], "surface/unstable-list");
    // The limit for everything is a minute.
    assert!(start.elapsed().as_secs() < 50);
}

#[test]
fn of_two_eras_the_one_that_is_not_asked_is_said() {
    let finished = lint("good-both-eras", "stdio", &["--era", "both"]);
    assert_eq!(rules(&finished), Vec::<String>::new(), "{}", finished.stdout);
    let left_out = not_run(&finished);
    assert_eq!(left_out.len(), 1, "{left_out:#?}");
    assert_eq!(left_out[0]["rules"], serde_json::json!(["spec/error-codes"]));
    let reason = "the legacy era was read and not asked; --era legacy asks it";
    assert_eq!(left_out[0]["reason"], reason);
}

#[test]
fn an_answer_without_end_is_given_up_and_said_to_be() {
    let finished = lint("call-endless", "stdio", &["--max-bytes", "1MiB"]);
    assert_eq!(rules(&finished), Vec::<String>::new(), "{}", finished.stdout);
    let left_out = not_run(&finished);
    let of_book = left_out.iter().find(|left_out| left_out["tool"] == "get_book").unwrap();
    let reason = of_book["reason"].as_str().unwrap();
    assert!(reason.contains("a message of more than 1048576 bytes"), "{reason}");
}

#[test]
fn rules_that_are_not_in_force_are_neither_asked_for_nor_missed() {
    let flags = ["--ignore", "output,error,latency,spec/call-result"];
    let finished = lint("error-with-trace", "stdio", &flags);
    assert_eq!(finished.json()["live"]["called"], 0, "{}", finished.stdout);
    assert_eq!(not_run(&finished), Vec::<Value>::new());
}

/// One tool that reads, one that writes and one that says it reads and is named like a write; each
/// call leaves a line in a file.
const SHOP: &str = r#"
import json, sys
def tool(name, description, **hints):
    return {"name": name, "description": description, "annotations": hints, "inputSchema": {
        "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}
TOOLS = [tool("get_order", "Gets an order.", readOnlyHint=True),
         tool("cancel_order", "Cancels an order."),
         tool("delete_order", "Deletes an order.", readOnlyHint=True)]
for line in sys.stdin:
    ask = json.loads(line)
    if "id" not in ask: continue
    method, params, answer = ask["method"], ask.get("params", {}), {}
    if method == "initialize":
        answer["result"] = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                            "serverInfo": {"name": "shop", "version": "1"}}
    elif method == "tools/list":
        answer["result"] = {"tools": TOOLS}
    elif method == "tools/call" and params["name"] in [tool["name"] for tool in TOOLS]:
        open(sys.argv[1], "a").write(params["name"] + "\n")
        is_right = isinstance(params["arguments"].get("id"), str)
        text = "ok" if is_right else "id must be a string"
        answer["result"] = {"content": [{"type": "text", "text": text}], "isError": not is_right}
    else:
        answer["error"] = {"code": -32602 if method == "tools/call" else -32601, "message": "no"}
    print(json.dumps({"jsonrpc": "2.0", "id": ask["id"], **answer}), flush=True)
"#;

/// Runs the shop and returns which tools were called, each once.
fn shop(flags: &[&str]) -> (Finished, Vec<String>) {
    let program = Program::new().file("shop.py", SHOP).file("calls", "");
    let mut arguments = vec!["lint"];
    arguments.extend(flags);
    arguments.extend(["--", "python3", "shop.py", "calls"]);
    let finished = program.run(&arguments);
    let calls = std::fs::read_to_string(program.path("calls")).unwrap();
    let mut calls: Vec<String> = calls.lines().map(str::to_owned).collect();
    calls.dedup();
    (finished, calls)
}

#[test]
fn only_what_reads_is_called_unless_writing_is_allowed() {
    let (finished, calls) = shop(&[]);
    assert_eq!(calls, ["get_order"], "{}", finished.stdout);
    assert!(finished.stdout.contains("\nnot run\n"), "{}", finished.stdout);
    assert!(finished.stdout.contains("--allow-writes calls it"), "{}", finished.stdout);
    let (_, calls) = shop(&["--allow-writes"]);
    assert_eq!(calls, ["get_order", "cancel_order", "delete_order"]);
    let (finished, calls) =
        shop(&["--no-live", "--select", "spec/error-codes", "--ignore", "surface"]);
    assert_eq!(calls, Vec::<String>::new());
    let not_run = finished.stdout.split("\nnot run\n").nth(1).unwrap();
    assert!(not_run.starts_with("  server: --no-live was given (spec/error-codes"), "{not_run}");
}

#[test]
fn a_dry_run_prints_what_would_be_called_and_calls_nothing() {
    let (finished, calls) = shop(&["--dry-run"]);
    assert_eq!(calls, Vec::<String>::new());
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    insta::assert_snapshot!(finished.stdout, @r#"
    to be asked, on a connection of its own
      tools/list, twice
      a method that does not exist
      a call of a tool that does not exist
      server/discover, and tools/list as 2026-07-28 has it

    to be called
      get_order {"id":"example"}
      get_order {}   (without `id`)
      get_order {"id":{"unexpected":true}}   (`id` of a wrong type)

    not to be called
      cancel_order: it does not say `readOnlyHint: true`; --allow-writes calls it
      delete_order: it says `readOnlyHint: true`, and other words of it sound like a write; --allow-writes calls it
    "#);
    let (finished, calls) = shop(&["--dry-run", "--format", "json"]);
    assert_eq!((finished.status, calls.len()), (0, 0), "{}", finished.stderr);
    let plan = finished.json();
    assert_eq!(
        (&plan["format"], &plan["servers"][0]["asked"][0]),
        (&"mcp-kit.dry-run/1".into(), &"tools/list, twice".into())
    );
    assert_eq!(plan["servers"][0]["calls"][1]["without"], "id");
    assert_eq!(plan["servers"][0]["not_called"][0]["tool"], "cancel_order");
    let (finished, _) = shop(&["--dry-run", "--format", "sarif"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("`--dry-run` has no form as sarif"), "{}", finished.stderr);
    let program = Program::new().file("tools.json", r#"{"tools": []}"#);
    let finished = program.run(&["lint", "--dry-run", "tools.json"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("`--dry-run` is for a running server"), "{}", finished.stderr);
}
