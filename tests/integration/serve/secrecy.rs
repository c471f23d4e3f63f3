//! A token is looked for wherever it could have stayed.

use std::fs;

use mcp_kit::serve::runtime::{audit, clock::Clock};
use serde_json::json;

use super::{
    approve::Browser,
    client::{Answer, Client, get, send},
    hostile::NOBODY,
    place::Place,
    server::{Server, token, token_with},
};

#[test]
fn no_token_stays_anywhere() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--require-token", "--allow-writes"]);
        let good = token(&place, "alice", &server.resource());
        let bad = token(&place, "alice", "https://crm.example.com/mcp");
        let mut answers: Vec<Answer> = Vec::new();
        for client in Client::both(server.address, Some(&good)) {
            answers.push(client.request("tools/list", json!({})));
            let found = client.call("search_customers", json!({"limit": 1}));
            let id = found.data()["data"]["customers"][0]["id"].as_str().unwrap().to_owned();
            answers.push(found);
            for arguments in
                [json!({"customer_id": id}), json!({"customer_id": NOBODY}), json!({"x": 1})]
            {
                answers.push(client.call("get_customer", arguments.clone()));
                answers.push(client.call("list_activity", arguments));
            }
            answers.push(client.call("never_was", json!({})));
            answers.push(client.request("never/was", json!({})));
            answers.push(client.body("tools/call", "x", b"{"));
            answers.push(client.body("tools/call", "x", b"{\"a\":1,\"A\":2}"));
            answers.push(
                client.with("origin", "https://evil.example").call("get_customer", json!({})),
            );
            answers.push(client.with("host", "evil.example").call("get_customer", json!({})));
            answers.push(
                client.with("mcp-protocol-version", "1999-01-01").call("get_customer", json!({})),
            );
        }
        let refused = Client::modern(server.address, Some(&bad));
        answers.push(refused.call("search_customers", json!({})));
        answers.push(refused.initialize());
        let twice = Client::modern(server.address, Some(&good));
        answers
            .push(twice.with("x-more", &format!("1\r\nauthorization: Bearer {bad}")).initialize());
        let approver = approver(&place, &server, &bad, &mut answers);
        for path in ["/metrics", "/readyz", "/.well-known/oauth-protected-resource"] {
            answers.push(get(server.address, path));
        }
        let (status, log) = server.stop();
        assert!(status.success(), "{log}");
        let mut places = vec![("log", log), ("store", place.dump())];
        places.extend(answers.iter().map(|answer| ("answer", format!("{answer:?}"))));
        places.push(("trail", trail(&place)));
        for file in files(&place.folder()) {
            places.push(("file", String::from_utf8_lossy(&file).into_owned()));
        }
        assert!(
            places.iter().any(|(_, text)| text.contains("alice")),
            "the places are the right ones"
        );
        // What a visitor holds is with them alone: in the answer that gives it, and nowhere else.
        for (what, text) in places.iter().filter(|(_, text)| !text.contains("set-cookie")) {
            assert!(!text.contains(&approver.secret), "{what} has the secret of a visit:\n{text}");
        }
        for token in [&good, &bad, &approver.token] {
            for piece in pieces(token) {
                for (what, text) in &places {
                    assert!(!text.contains(piece), "{what} has {piece}:\n{text}");
                }
            }
        }
    }
}

/// Somebody who has approved, and what they hold.
struct Approver {
    token: String,
    secret: String,
}

/// A second person comes in by every way, with a token that is good and with one that is not.
fn approver(place: &Place, server: &Server, bad: &str, answers: &mut Vec<Answer>) -> Approver {
    let scopes = ["crm.approve"];
    let token = token_with(place, "carol", &server.resource(), &scopes, Clock::system());
    let mut browser = Browser::new(server.address);
    answers.push(browser.post("/approvals/sign-in", &[("token", bad)]));
    answers.push(browser.post("/approvals/sign-in", &[("token", &token), ("token", bad)]));
    answers.push(browser.post("/approvals/sign-in", &[("change", &token)]));
    answers.push(browser.get("/approvals"));
    let welcome = browser.post("/approvals/sign-in", &[("token", &token)]);
    let secret = welcome.header("set-cookie").unwrap().split(';').next().unwrap();
    let secret = secret.split_once('=').unwrap().1.to_owned();
    answers.push(welcome);
    for path in ["/approvals", "/approvals/changes/x"] {
        answers.push(browser.get(path));
    }
    answers.push(browser.post("/approvals/changes/x", &[("form", &secret), ("digest", "y")]));
    for token in [&token, bad] {
        let words = ["authorization: Bearer ", token].concat();
        for path in ["/approvals/api/v1/changes", "/approvals/api/v1/changes/x"] {
            let request = format!(
                "GET {path} HTTP/1.1\r\nhost: {}\r\n{words}\r\nconnection: close\r\n\r\n",
                server.address
            );
            answers.push(send(server.address, request.as_bytes()));
        }
    }
    Approver { token, secret }
}

/// The parts of a token that are of this one alone, cut small: a page of a file may end within one.
fn pieces(token: &str) -> Vec<&str> {
    let parts: Vec<&str> = token.split('.').collect();
    let signature = parts[2];
    // The claims end with what changes from token to token.
    let claims = &parts[1][parts[1].len() - 48..];
    vec![&signature[..24], &signature[24..48], &claims[..24], &claims[24..]]
}

fn trail(place: &Place) -> String {
    place.with(|store| async move {
        let mut text = String::new();
        for tenant in audit::tenants(&*store).await.unwrap() {
            text.push_str(
                &audit::page(&*store, &tenant, 0, 10_000).await.unwrap().lines.join("\n"),
            );
        }
        assert!(text.contains("\"sub\":\"alice\""), "{text}");
        text
    })
}

fn files(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}
