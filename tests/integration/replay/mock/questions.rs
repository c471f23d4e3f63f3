//! What the server has asked in the middle of a call, put to a client of either era.

use serde_json::{Value, json};

use super::{
    client::{Client, Era, WAYS},
    tape::{Tape, said},
};

const QUESTION: &str = "Pay 5?";

fn elicitation() -> Value {
    json!({"message": QUESTION, "requestedSchema": {"type": "object",
        "properties": {"note": {"type": "string"}}}})
}

/// A call in the middle of which the server has asked, as its era does, and was accepted.
fn tape(of: Era) -> Tape {
    let call = json!({"name": "pay", "arguments": {"amount": 5, "idempotency_key": "recorded"}});
    let accepted = json!({"action": "accept", "content": {"note": "recorded"}});
    match of {
        Era::Legacy => {
            let mut tape = Tape::legacy();
            tape.tools().ask("tools/call", call);
            tape.say(
                "server",
                10,
                json!({"jsonrpc": "2.0", "id": 0, "method": "elicitation/create",
                "params": elicitation()}),
            );
            tape.say("client", 10, json!({"jsonrpc": "2.0", "id": 0, "result": accepted}));
            tape.answer(10, said("paid"));
            tape
        }
        Era::Modern => {
            let mut tape = Tape::modern();
            let asked = json!({"result": {"resultType": "input_required", "requestState": "sealed",
                "inputRequests": {"q": {"method": "elicitation/create", "params": elicitation()}}}});
            tape.tools().exchange("tools/call", call.clone(), asked);
            let mut again = call;
            again["requestState"] = "sealed".into();
            again["inputResponses"] = json!({"q": accepted});
            tape.exchange("tools/call", again, said("paid"));
            tape
        }
    }
}

/// Makes the call, and answers the question with an action.
fn pay(client: &mut Client, action: &str) -> (usize, String, bool) {
    let arguments = json!({"amount": 5, "idempotency_key": format!("of-{action}")});
    let call = json!({"name": "pay", "arguments": arguments});
    let mut asked = 0;
    let given = json!({"action": action, "content": {"note": "mine"}});
    let request = client.request("tools/call", call.clone());
    let mut reply = client.put(&request, |question| {
        assert_eq!(question["method"], "elicitation/create");
        assert_eq!(question["params"], elicitation());
        asked += 1;
        Some(given.clone())
    });
    while reply.answer["result"]["resultType"] == "input_required" {
        let result = reply.answer["result"].clone();
        let questions = result["inputRequests"].as_object().unwrap();
        let mut again = call.clone();
        again["requestState"] = result["requestState"].clone();
        for (name, question) in questions {
            assert_eq!(question["params"], elicitation());
            asked += 1;
            again["inputResponses"][name] = given.clone();
        }
        reply = client.ask("tools/call", again);
    }
    (asked, reply.text().to_owned(), reply.is_error())
}

#[test]
fn a_client_is_asked_as_its_era_does() {
    for recorded in [Era::Legacy, Era::Modern] {
        for way in WAYS {
            for spoken in [Era::Legacy, Era::Modern] {
                let mut client = Client::start(&tape(recorded), &[], *way, spoken);
                client.capabilities = json!({"elicitation": {}});
                client.greet();
                let what = format!("{recorded:?} {way:?} {spoken:?}");
                assert_eq!(pay(&mut client, "accept"), (1, "paid".to_owned(), false), "{what}");
                // The same call again is asked again, as it was recorded once.
                assert_eq!(pay(&mut client, "accept"), (1, "paid".to_owned(), false), "{what}");
                let (asked, text, is_error) = pay(&mut client, "decline");
                assert!(asked == 1 && is_error, "{what}: {text}");
                assert!(text.contains("recorded") || text.contains("recording"), "{what}: {text}");
            }
        }
    }
}

#[test]
fn a_client_that_cannot_be_asked_is_told_why_it_is_not_answered() {
    for way in WAYS {
        for spoken in [Era::Legacy, Era::Modern] {
            let mut client = Client::start(&tape(Era::Legacy), &[], *way, spoken);
            client.greet();
            let (asked, text, is_error) = pay(&mut client, "accept");
            assert!(asked == 0 && is_error, "{text}");
            assert!(text.contains("the client has no capability `elicitation`"), "{text}");
        }
    }
}

#[test]
fn a_question_nobody_answers_does_not_keep_it_alive() {
    let mut client = Client::start(&tape(Era::Legacy), &[], super::client::Way::Stdio, Era::Legacy);
    client.capabilities = json!({"elicitation": {}});
    client.greet();
    let arguments = json!({"amount": 5, "idempotency_key": "k"});
    let call = client.request("tools/call", json!({"name": "pay", "arguments": arguments}));
    client.write(&call.to_string());
    assert_eq!(client.line().unwrap()["method"], "elicitation/create");
    assert_eq!(client.end().0, 0);
}
