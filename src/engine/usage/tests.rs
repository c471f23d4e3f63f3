//! Recordings of a few calls, counted.

use serde_json::{Value, json};

use super::{Counter, MAX_CODES, MAX_TOOLS, ToolUsage, ToolsKnownFrom, Usage};
use crate::engine::{
    cassette::{FORMAT, Reader},
    protocol::json::Limits,
    surface,
};

/// What a call is answered with.
enum Said {
    Ok,
    Error(&'static str),
    Protocol(i64, &'static str),
    Envelope(Value),
    Nothing,
}

/// The text of a recording in the making.
struct Tape {
    text: String,
    n: u64,
}

impl Tape {
    fn new(id: &str) -> Self {
        let header = json!({"kind": "header", "format": FORMAT, "id": id});
        Self { text: format!("{header}\n"), n: 0 }
    }

    fn message(&mut self, from: &str, session: u64, message: &Value) {
        self.n += 1;
        let line = json!({"kind": "message", "n": self.n, "at_us": self.n * 1_000, "from": from,
            "session": session, "message": message});
        self.text.push_str(&format!("{line}\n"));
    }

    fn ask(&mut self, session: u64, id: u64, tool: &str, arguments: &Value) {
        let params = json!({"name": tool, "arguments": arguments});
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        self.message("client", session, &request);
    }

    fn answer(&mut self, session: u64, id: u64, said: &Said) {
        let result = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result});
        let text = |text: &str| json!([{"type": "text", "text": text}]);
        let answer = match said {
            Said::Ok => result(json!({"content": text("fine")})),
            Said::Error(words) => result(json!({"content": text(words), "isError": true})),
            Said::Envelope(envelope) => result(
                json!({"content": [], "isError": true, "structuredContent": {"error": envelope}}),
            ),
            Said::Protocol(code, message) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
            }
            Said::Nothing => return,
        };
        self.message("server", session, &answer);
    }

    fn call(&mut self, session: u64, tool: &str, arguments: Value, said: Said) {
        let id = self.n + 1;
        self.ask(session, id, tool, &arguments);
        self.answer(session, id, &said);
    }

    fn list(&mut self, tools: &Value) {
        let request = json!({"jsonrpc": "2.0", "id": 0, "method": "tools/list"});
        self.message("client", 0, &request);
        let answer = json!({"jsonrpc": "2.0", "id": 0, "result": {"tools": tools}});
        self.message("server", 0, &answer);
    }
}

fn count_into(counter: &mut Counter, text: &str) {
    let mut reader = Reader::open(text.as_bytes()).unwrap();
    counter.begin(reader.header());
    while let Some(line) = reader.next_line().unwrap() {
        counter.take(&line.unwrap());
    }
}

fn count(tape: &Tape) -> Usage {
    let mut counter = Counter::new();
    count_into(&mut counter, &tape.text);
    counter.finish()
}

fn tool<'a>(usage: &'a Usage, name: &str) -> &'a ToolUsage {
    usage.tool(name).unwrap_or_else(|| panic!("no {name} in {usage:#?}"))
}

fn tools() -> Value {
    json!([
        {"name": "search", "inputSchema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}},
        {"name": "create_order", "inputSchema": {"type": "object", "properties": {
            "item": {"type": "string"}, "idempotency_key": {"type": "string"}}}},
        {"name": "never", "inputSchema": {"type": "object"}},
    ])
}

#[test]
fn calls_are_counted_by_what_became_of_them() {
    let mut tape = Tape::new("a");
    tape.list(&tools());
    tape.call(0, "search", json!({"query": "x"}), Said::Ok);
    tape.call(0, "search", json!({}), Said::Ok);
    tape.call(0, "search", json!({"query": 1}), Said::Protocol(-32602, "expected a string"));
    tape.call(0, "search", json!({"query": "y"}), Said::Error("Input validation error: q"));
    tape.call(0, "search", json!({"query": "z"}), Said::Error("no luck"));
    tape.call(0, "search", json!({"query": "w"}), Said::Nothing);
    tape.call(0, "unlisted", json!({}), Said::Protocol(-32602, "Unknown tool: unlisted"));
    let usage = count(&tape);
    assert_eq!(usage.known_from, ToolsKnownFrom::Recordings);
    assert_eq!((usage.calls, usage.sessions, usage.recordings), (7, 1, 1));
    let search = tool(&usage, "search");
    assert_eq!((search.calls, search.succeeded, search.failed, search.unanswered), (6, 2, 3, 1));
    assert_eq!(search.invalid.said_by_server, 2);
    assert_eq!(search.invalid.refused_by_schema, 2, "without the query, and with a number");
    assert_eq!(search.invalid.calls, 3, "what both say is one call");
    let codes: Vec<_> = search.errors.iter().map(|it| (it.code.as_str(), it.count)).collect();
    assert_eq!(codes, [("uncoded", 2), ("-32602", 1)]);
    assert_eq!(search.time_us.count(), 5);
    assert_eq!(search.time_us.percentile(50), Some(1_000), "each took a line of the tape");
    assert!(search.returned.is_exact() && search.returned.tokens() > 0);
    let unlisted = tool(&usage, "unlisted");
    assert_eq!(unlisted.is_listed, Some(false));
    assert_eq!(unlisted.invalid.calls, 0, "a tool that is not there has no arguments");
    let names = |tools: Vec<&ToolUsage>| -> Vec<String> {
        tools.iter().map(|tool| tool.name.clone()).collect()
    };
    assert_eq!(names(usage.never_called().collect()), ["create_order", "never"]);
    assert_eq!(names(usage.never_correct().collect()), ["unlisted"]);
}

#[test]
fn the_tools_of_a_surface_go_before_those_in_the_recording() {
    let text = json!({"tools": [{"name": "other", "inputSchema": {"type": "object"}}]}).to_string();
    let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
    let mut counter = Counter::over(&surface);
    let mut tape = Tape::new("a");
    tape.list(&tools());
    tape.call(0, "search", json!({}), Said::Ok);
    count_into(&mut counter, &tape.text);
    let usage = counter.finish();
    assert_eq!(usage.known_from, ToolsKnownFrom::Surface);
    assert_eq!(tool(&usage, "search").is_listed, Some(false));
    assert_eq!(tool(&usage, "search").invalid.refused_by_schema, 0);
    assert!(usage.tool("never").is_none());
    assert_eq!(usage.never_called().count(), 1);
}

#[test]
fn a_retry_is_told_from_a_new_call_by_its_arguments_and_by_its_key() {
    let order = |key: &str| json!({"item": "lamp", "idempotency_key": key});
    let mut tape = Tape::new("a");
    tape.list(&tools());
    tape.call(0, "create_order", order("k-1"), Said::Error("upstream timed out"));
    tape.call(0, "create_order", order("k-1"), Said::Error("upstream timed out"));
    tape.call(0, "create_order", order("k-2"), Said::Error("upstream timed out"));
    tape.call(0, "create_order", json!({"item": "lamp"}), Said::Ok);
    // The same again after it has succeeded is a new order, as is one in another session.
    tape.call(0, "create_order", order("k-3"), Said::Ok);
    tape.call(0, "create_order", json!({"item": "desk"}), Said::Error("upstream timed out"));
    tape.call(1, "create_order", json!({"item": "desk"}), Said::Ok);
    let retries = tool(&count(&tape), "create_order").retries;
    assert_eq!((retries.all, retries.identical), (3, 1));
    assert_eq!((retries.same_key, retries.new_key, retries.without_key), (1, 1, 1));
    assert_eq!(retries.at_risk, 2);
}

#[test]
fn a_retry_is_no_risk_where_nothing_was_done() {
    let nothing_done = json!({"code": "version_conflict", "message": "m", "effect": "none"});
    let nobody_knows = json!({"code": "outcome_unknown", "message": "m", "effect": "unknown"});
    for (said, at_risk) in [
        (Said::Envelope(nothing_done), 0),
        (Said::Envelope(nobody_knows), 1),
        (Said::Protocol(-32602, "missing field `item`"), 0),
        (Said::Protocol(-32603, "internal error"), 1),
    ] {
        let mut tape = Tape::new("a");
        tape.list(&tools());
        tape.call(0, "create_order", json!({"item": "lamp"}), said);
        tape.call(0, "create_order", json!({"item": "lamp"}), Said::Ok);
        let retries = tool(&count(&tape), "create_order").retries;
        assert_eq!((retries.all, retries.at_risk), (1, at_risk));
    }
}

#[test]
fn what_is_asked_again_while_nothing_comes_is_a_retry_and_beside_an_answer_it_is_none() {
    let lamp = json!({"item": "lamp"});
    for (said, retries) in [(Said::Nothing, 1), (Said::Ok, 0)] {
        let mut tape = Tape::new("a");
        tape.list(&tools());
        tape.ask(0, 100, "create_order", &lamp);
        tape.ask(0, 101, "create_order", &lamp);
        tape.answer(0, 101, &Said::Ok);
        tape.answer(0, 100, &said);
        let found = tool(&count(&tape), "create_order").retries;
        assert_eq!((found.all, found.at_risk), (retries, retries));
    }
}

#[test]
fn after_an_error_other_tools_are_counted_until_something_succeeds() {
    let mut tape = Tape::new("a");
    let broken = || Said::Envelope(json!({"code": "upstream_unavailable", "message": "m"}));
    // Three others until one of them succeeds; the second error of the same kind is the same trouble.
    tape.call(1, "fetch", json!({"id": "a"}), broken());
    tape.call(1, "fetch", json!({"id": "b"}), broken());
    tape.call(1, "look", json!({}), broken());
    tape.call(1, "guess", json!({}), broken());
    tape.call(1, "look", json!({}), broken());
    tape.call(1, "find", json!({}), Said::Ok);
    // At once again, with success.
    tape.call(2, "fetch", json!({"id": "a"}), broken());
    tape.call(2, "fetch", json!({"id": "a"}), Said::Ok);
    // One other, and the end.
    tape.call(3, "fetch", json!({"id": "a"}), broken());
    tape.call(3, "guess", json!({}), broken());
    // What the error advises is no improvisation.
    let advised = json!({"code": "upstream_unavailable", "message": "m",
        "next": {"action": "call_tool", "tool": "find"}});
    tape.call(4, "fetch", json!({"id": "a"}), Said::Envelope(advised));
    tape.call(4, "find", json!({}), Said::Ok);
    let usage = count(&tape);
    let fetch = &tool(&usage, "fetch").errors[0];
    assert_eq!((fetch.code.as_str(), fetch.count), ("upstream_unavailable", 5));
    assert_eq!((fetch.followed, fetch.ended_in_success), (4, 3));
    assert_eq!(fetch.other_tools, [2, 1, 0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(fetch.mean_other_tools_in_tenths(), 10);
    assert_eq!(fetch.with_other_tools(2), 1);
    let guess = &tool(&usage, "guess").errors[0];
    assert_eq!((guess.followed, guess.ended_in_success), (2, 1));
    assert_eq!(guess.other_tools[..3], [1, 0, 1]);
}

#[test]
fn a_call_that_was_asked_before_an_error_came_is_no_reaction_to_it() {
    let mut tape = Tape::new("a");
    tape.ask(0, 1, "fetch", &json!({}));
    tape.ask(0, 2, "look", &json!({}));
    tape.answer(0, 1, &Said::Error("broken"));
    tape.answer(0, 2, &Said::Ok);
    let usage = count(&tape);
    let fetch = &tool(&usage, "fetch").errors[0];
    assert_eq!((fetch.followed, fetch.ended_in_success, fetch.other_tools[0]), (1, 0, 1));
}

#[test]
fn tools_that_are_taken_for_each_other_are_named() {
    let mut tape = Tape::new("a");
    let customer = || json!({"id": "C-1047"});
    tape.call(1, "get_lead", customer(), Said::Error("lead not found"));
    tape.call(1, "get_customer", json!({"customer": "C-1047"}), Said::Ok);
    tape.call(2, "get_lead", customer(), Said::Ok);
    tape.call(2, "get_customer", customer(), Said::Ok);
    // Other values, or an error that has nothing to do with the choice of the tool.
    tape.call(3, "get_lead", customer(), Said::Error("lead not found"));
    tape.call(3, "get_customer", json!({"customer": "C-2000"}), Said::Ok);
    tape.call(4, "get_lead", customer(), Said::Error("the upstream is down"));
    tape.call(4, "get_customer", customer(), Said::Ok);
    let usage = count(&tape);
    assert_eq!(usage.pairs.len(), 1, "{:?}", usage.pairs);
    let pair = &usage.pairs[0];
    assert_eq!((pair.first.as_str(), pair.then.as_str()), ("get_lead", "get_customer"));
    assert_eq!((pair.after_failure, pair.same_values), (1, 1));
}

#[test]
fn the_parts_of_a_recording_are_one_and_its_answers_are_found_across_them() {
    let mut tape = Tape::new("a");
    tape.ask(0, 1, "search", &json!({"query": "x"}));
    let mut counter = Counter::new();
    count_into(&mut counter, &tape.text);
    let mut second = Tape { n: tape.n, ..Tape::new("a") };
    second.answer(0, 1, &Said::Ok);
    count_into(&mut counter, &second.text);
    // The same id in another recording is another call.
    let mut other = Tape::new("b");
    other.answer(0, 1, &Said::Ok);
    count_into(&mut counter, &other.text);
    let usage = counter.finish();
    assert_eq!((usage.recordings, usage.calls), (2, 1));
    assert_eq!(tool(&usage, "search").succeeded, 1);
}

#[test]
fn tools_and_codes_beyond_the_bounds_are_counted_together() {
    let mut tape = Tape::new("a");
    for number in 0..MAX_TOOLS + 50 {
        tape.call(0, &format!("tool_{number}"), json!({}), Said::Ok);
    }
    tape.call(0, &"x".repeat(1_000), json!({}), Said::Ok);
    let usage = count(&tape);
    assert_eq!((usage.tools.len(), usage.beyond.calls), (MAX_TOOLS, 51));
    let mut tape = Tape::new("a");
    for number in 0..100 {
        tape.call(0, "fetch", json!({}), Said::Protocol(number, "no"));
    }
    let usage = count(&tape);
    let errors = &tool(&usage, "fetch").errors;
    assert_eq!(errors.len(), MAX_CODES);
    assert_eq!(errors.iter().map(|it| it.count).sum::<u64>(), 100);
    assert_eq!(errors[0].code, "other");
}

#[test]
fn tokens_of_many_answers_are_estimated_by_their_length() {
    let mut tape = Tape::new("a");
    for number in 0..9_000 {
        tape.call(0, "search", json!({"query": number}), Said::Error("a few words to be counted"));
    }
    let returned = tool(&count(&tape), "search").returned;
    assert!(!returned.is_exact() && returned.counted < 4_500, "{returned:?}");
    assert_eq!(returned.tokens(), 9_000 * 6, "{returned:?}");
}
