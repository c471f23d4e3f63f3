//! `mcp-kit dev token`: the command that a server names gives tokens that it takes.

use serde_json::json;

use super::{client::Client, place::Place, server::Server};
use crate::program::Program;

/// Types the command of the banner, and calls a tool with the token.
fn try_out(server: &Server, program: &Program) {
    let said = server.said("Another user:");
    let command = said.split("   (").next().unwrap();
    let words = shlex::split(command).unwrap();
    assert_eq!(words[..4], ["mcp-kit", "dev", "token", "bob"], "{said}");
    let finished = program.run(&words[1..]);
    assert_eq!(finished.status, 0, "{command}: {}", finished.stderr);
    let call = |token: Option<&str>| {
        Client::modern(server.address, token).call("search_customers", json!({"limit": 1}))
    };
    assert_eq!(call(None).status, 401);
    let answer = call(Some(finished.stdout.trim()));
    assert_eq!(answer.status, 200, "{command}: {answer:?}\n{}", server.log());
}

#[test]
fn the_command_of_the_banner_works() {
    let home = || Program::new();
    for options in [&[][..], &["--throwaway"], &["--demo", "--store", "its own"]] {
        let program = home();
        let options = [options, &["--require-token"]].concat();
        try_out(&Server::start(&program.path(""), &options), &program);
    }
    let program = home();
    let variable = [("MCP_KIT_STORE", "named")];
    let options = ["--demo", "--require-token"];
    let server = Server::start_at("127.0.0.1:0", &program.path(""), &options, &variable);
    try_out(&server, &program);
    let place = Place::postgres();
    let program = home();
    let options = ["--demo", "--store", &place.store, "--require-token"];
    let server = Server::start(&program.path(""), &options);
    try_out(&server, &program);
    // Which database it is does not matter, and none becomes a folder.
    let before = std::fs::read_dir(program.path("")).unwrap().count();
    let words = ["dev", "token", "bob", "--store", "postgres://crm@db.test/crm", "--resource"];
    let finished = program.run(&[&words[..], &[&server.resource()]].concat());
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let client = Client::modern(server.address, Some(finished.stdout.trim()));
    assert_eq!(client.call("search_customers", json!({})).status, 200);
    assert_eq!(std::fs::read_dir(program.path("")).unwrap().count(), before);
}

/// The banner named a user who may change nothing, with a token that only reads.
#[test]
fn the_token_that_a_writing_server_names_can_write() {
    let program = Program::new();
    let options = ["--demo", "--store", "its own", "--allow-writes", "--require-token"];
    let server = Server::start(&program.path(""), &options);
    let said = server.said("Another user:");
    let words = shlex::split(said.split("   (").next().unwrap()).unwrap();
    let finished = program.run(&words[1..]);
    assert_eq!(finished.status, 0, "{said}: {}", finished.stderr);
    let client = Client::modern(server.address, Some(finished.stdout.trim()));
    let found = client.call("search_customers", json!({"limit": 1})).data();
    let proposed = client.call(
        "propose_change",
        json!({
            "operation": "add_note", "customer_id": found["data"]["customers"][0]["id"],
            "note": "Called", "reason": "to see", "idempotency_key": "key-0123456789abcdef",
        }),
    );
    assert_eq!(proposed.data()["data"]["change"]["state"], "proposed");
}

#[test]
fn the_environment_names_the_store_for_tokens_too() {
    let program = Program::new().env("MCP_KIT_STORE", "named");
    let variable = [("MCP_KIT_STORE", "named")];
    let options = ["--demo", "--require-token"];
    let server = Server::start_at("127.0.0.1:0", &program.path(""), &options, &variable);
    let finished = program.run(&["dev", "token", "carol", "--resource", &server.resource()]);
    let client = Client::modern(server.address, Some(finished.stdout.trim()));
    assert_eq!(client.call("search_customers", json!({})).status, 200, "{}", finished.stderr);
}

#[test]
fn a_folder_that_no_server_has_gets_no_key() {
    let program = Program::new();
    let finished = program.run(&["dev", "token", "bob", "--store", "misspelt"]);
    assert_eq!(finished.status, 2, "{}", finished.stdout);
    assert!(finished.stderr.contains("there is no folder misspelt"), "{}", finished.stderr);
    assert!(!program.path("misspelt").exists());
}
