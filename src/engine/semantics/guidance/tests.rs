use serde_json::{Value, json};

use super::{Asked, Gate, Point, Told, normalized, score};
use crate::engine::{
    protocol::json::Limits,
    surface::{self, Surface},
};

fn surface() -> Surface {
    let tool = |name: &str, required: &str| {
        json!({"name": name, "inputSchema": {"type": "object", "required": [required],
            "properties": {required: {"type": "string"}, "amount": {"type": "integer"}}}})
    };
    let text = json!({"tools": [tool("deposit", "account_id"), tool("get_account", "account_id")]});
    surface::read(text.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// The points missed by an error about a wrong `amount`, their sum, and the gate.
fn check(told: &Told) -> (Vec<Point>, u32, Option<Gate>) {
    let surface = surface();
    let arguments = json!({"account_id": "a-1", "amount": "lots"});
    let injected = ["amount".to_owned(), "lots".to_owned()];
    let asked = Asked {
        tool: surface.tool("deposit").unwrap(),
        arguments: &arguments,
        surface: &surface,
        injected: &injected,
        argument: Some("amount"),
        is_well_formed: false,
        is_write: true,
        is_limited: false,
        succeeds_later: Some(false),
        has_effect: Some(false),
    };
    let score = score(told, &asked);
    let missed = score.marks.iter().filter(|mark| mark.missed.is_some()).map(|mark| mark.point);
    (missed.collect(), score.points(), score.gate)
}

fn envelope() -> Value {
    json!({"code": "invalid_argument", "message": "amount is no number", "argument": "/amount",
        "expected": "an integer", "got": "lots", "retryable": false, "effect": "none",
        "next": {"action": "fix_arguments", "hint": "give a whole number"}})
}

fn structured(structure: Value) -> Told {
    let text = structure["message"].as_str().unwrap_or_default().to_owned();
    Told { is_of_protocol: false, structure: Some(structure), text }
}

fn prose(text: &str) -> Told {
    Told { is_of_protocol: false, structure: None, text: text.to_owned() }
}

#[test]
fn a_good_envelope_has_all_points() {
    assert_eq!(check(&structured(envelope())), (vec![], 100, None));
}

#[test]
fn each_member_that_is_wrong_costs_its_point() {
    let with = |name: &str, value: Value| {
        let mut envelope = envelope();
        envelope[name] = value;
        check(&structured(envelope)).0
    };
    assert_eq!(with("code", json!("Something went wrong!")), [Point::Code]);
    assert_eq!(with("argument", json!("/account_id")), [Point::Argument]);
    assert_eq!(with("argument", json!("/sum")), [Point::Argument]);
    assert_eq!(with("got", Value::Null), [Point::Expected]);
    assert_eq!(with("retryable", json!(true)), [Point::Retryable], "it was tried");
    assert_eq!(with("effect", json!("applied")), [Point::Effect]);
    assert_eq!(with("effect", json!("some")), [Point::Effect]);
    assert_eq!(with("next", Value::Null), [Point::Next]);
    let call = |tool: &str, arguments: Value| {
        with("next", json!({"action": "call_tool", "tool": tool, "arguments": arguments}))
    };
    assert_eq!(call("get_account", json!({"account_id": "a-1"})), []);
    assert_eq!(call("get_account", json!({"account": "a-1"})), [Point::Next]);
    assert_eq!(call("find_account", json!({})), [Point::Next]);
    let mut silent = envelope();
    silent["message"] = json!("wrong");
    silent["argument"] = json!("");
    silent["got"] = json!("?");
    silent["expected"] = json!("another");
    assert_eq!(check(&structured(silent)).0, [Point::Named, Point::Argument]);
    let protocol = Told { is_of_protocol: true, ..structured(envelope()) };
    assert_eq!(check(&protocol).0, [Point::Delivered]);
}

#[test]
fn prose_is_judged_by_its_words_and_capped() {
    let good = "`amount` must be an integer, not \"lots\". Use get_account to see the currency; do \
                not retry";
    let (missed, points, gate) = check(&prose(good));
    assert_eq!((missed, points, gate), (vec![Point::Code, Point::Effect], 60, None));
    let (missed, points, _) = check(&prose("Error executing tool deposit: the time is right"));
    assert!(missed.contains(&Point::Named) && missed.contains(&Point::Next), "{missed:?}");
    assert!(points < 30, "{points}");
    // A word of English is no argument, and the tool's own name is no advice.
    let (missed, ..) = check(&prose("Error executing tool deposit: the amount is too much"));
    assert!(missed.contains(&Point::Argument), "{missed:?}");
}

#[test]
fn what_shows_the_inside_has_no_points() {
    for (text, gate) in [
        ("", Gate::Empty),
        (" \n", Gate::Empty),
        ("Traceback (most recent call last):\n  File", Gate::Leak("a stack trace".to_owned())),
        ("near \"x\": SELECT id FROM account", Gate::Leak("a statement of SQL".to_owned())),
        ("401 for postgres://app:hunter2@db/x", Gate::Leak("a secret".to_owned())),
        ("Bearer abcdefghijklmnopqrstuvwxyz", Gate::Leak("a secret".to_owned())),
    ] {
        let (_, points, found) = check(&prose(text));
        assert_eq!((points, found), (0, Some(gate)), "{text}");
    }
    let long = "word ".repeat(500);
    assert_eq!(check(&prose(&long)).2, Some(Gate::TooLong(2_500)));
    for fine in ["select an account from the list", "see https://docs.example/accounts@v2"] {
        assert_eq!(check(&prose(fine)).2, None, "{fine}");
    }
}

#[test]
fn errors_are_compared_without_what_always_differs() {
    let one = "no account a-17 (request 0f8e2c4b-aaaa-4bbb-8ccc-1234567890ab)";
    let two = "no account a-18 (request 1f8e2c4b-aaaa-4bbb-8ccc-1234567890ab)";
    assert_eq!(normalized(one), normalized(two));
    assert_ne!(normalized(one), normalized("no amount a-17"));
}
