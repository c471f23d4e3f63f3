//! What was recorded of a real server is what the mock is.

#[cfg(feature = "http")]
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command},
};

use super::client::{Client, Era};
#[cfg(feature = "http")]
use crate::program::HttpServer;
use crate::program::{Program, example};

/// A `mcp-kit` that prints an address on standard error.
#[cfg(feature = "http")]
struct Listening {
    child: Child,
    url: String,
}

#[cfg(feature = "http")]
impl Listening {
    fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut child = program.command(arguments).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.map(Result::unwrap).find(|line| line.starts_with("http://")).unwrap();
        Self { child, url }
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// Puts two contracts side by side: in the same era they are the same bytes, in the other one the same
/// server with the same tools.
fn check(before: &str, played: &str, is_same_era: bool) {
    if is_same_era {
        assert!(before == played, "the bytes differ");
    }
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (before, played) = (parsed(before), parsed(played));
    assert_eq!(before["server"], played["server"]);
    for name in ["tools", "instructions", "capabilities"] {
        assert!(before["surface"][name] == played["surface"][name], "`{name}` differs");
    }
}

fn snapshot(program: &Program, target: &[&str]) -> String {
    let run = program.run(&[&["snapshot"], target].concat());
    assert_eq!(run.status, 0, "{target:?}\n{}", run.stderr);
    run.stdout
}

#[test]
fn on_stdio_the_surface_of_the_mock_is_that_of_the_server() {
    let kit = env!("CARGO_BIN_EXE_mcp-kit");
    let server = example("rmcp_server").display().to_string();
    for era in ["modern", "legacy"] {
        let program = Program::new();
        let recorded =
            ["--era", era, "--", kit, "record", "-o", "a.jsonl", "--", server.as_str(), "stdio"];
        let before = snapshot(&program, &recorded);
        let played = ["--", kit, "replay", "--mock", "a.jsonl"];
        for spoken in ["modern", "legacy"] {
            let target = [&["--era", spoken], &played[..]].concat();
            check(&before, &snapshot(&program, &target), era == spoken);
        }
    }
}

#[test]
#[cfg(feature = "http")]
fn over_http_the_surface_of_the_mock_is_that_of_the_server() {
    let server = HttpServer::start(&example("rmcp_server"), &["http"]);
    for era in ["modern", "legacy"] {
        let program = Program::new();
        let arguments = ["record", "-o", "a.jsonl", "--upstream", server.url.as_str()];
        let recorder = Listening::start(&program, &arguments);
        let before = snapshot(&program, &["--era", era, &recorder.url]);
        recorder.stop();
        let arguments = ["replay", "--mock", "a.jsonl", "--listen", "127.0.0.1:0"];
        let mock = Listening::start(&program, &arguments);
        for spoken in ["modern", "legacy"] {
            let played = snapshot(&program, &["--era", spoken, &mock.url]);
            check(&before, &played, era == spoken);
        }
        mock.stop();
    }
}

#[test]
fn a_recorded_session_is_made_again_call_by_call() {
    let cassette =
        std::fs::read(crate::program::repository("src/serve/connector/crm/recording.jsonl"))
            .unwrap();
    for way in super::client::WAYS {
        let program = Program::new().file("a.jsonl", &cassette);
        let mut client = Client::start_in(program, &["--strict"], *way, Era::Legacy);
        client.greet();
        let mut answered = 0;
        let lines: Vec<serde_json::Value> = cassette
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        for line in &lines {
            let message = &line["message"];
            if message["method"] != "tools/call" {
                continue;
            }
            let recorded = lines.iter().map(|line| &line["message"]);
            let recorded =
                recorded.clone().find(|it| it["id"] == message["id"] && it.get("result").is_some());
            let reply = client.ask("tools/call", message["params"].clone());
            assert_eq!(reply.answer["result"], recorded.unwrap()["result"]);
            answered += 1;
        }
        assert_eq!(answered, 7);
        let (status, stderr) = client.end();
        assert_eq!(status, 0, "{stderr}");
    }
}
