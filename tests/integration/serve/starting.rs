//! How a server begins, or says why it does not, and how it ends.

use serde_json::json;

use super::{client::Client, place::Place, server::Server};
use crate::program::Program;

/// Who serves in the foreground ends it with Ctrl-C: that is how it is meant to end.
#[test]
fn it_ends_well_when_it_is_interrupted() {
    let place = Place::sqlite();
    for signal in ["-INT", "-TERM"] {
        let (status, log) = Server::demo(&place, &[]).stop_with(signal);
        assert_eq!(status.code(), Some(0), "{signal}: {log}");
    }
}

/// Every address of this machine is as good as 127.0.0.1.
#[cfg(target_os = "linux")]
#[test]
fn another_address_of_this_machine_can_be_used() {
    let place = Place::sqlite();
    let options = ["--demo", "--store", &place.store];
    let server = Server::start_at("127.0.0.2:0", place.home(), &options, &[]);
    for client in Client::both(server.address, None) {
        client.call("search_customers", json!({"limit": 1})).data();
    }
}

#[test]
fn a_store_of_the_environment_does_not_hinder_a_throwaway_one() {
    let program = Program::new().env("MCP_KIT_STORE", "named");
    let finished = program.run(&["serve", "crm", "--stdio", "--throwaway"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert!(!program.path("named").exists());
    let finished = program.run(&["serve", "crm", "--stdio", "--throwaway", "--store", "data"]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
}

#[test]
fn a_fault_of_several_lines_is_printed_in_lines() {
    let program = Program::new()
        .file("me.toml", "tenant = \"acme\"\nsubject = [1\n")
        .file("one/a.cedar", "permit (principal, action, resource")
        .file(
            "two/a.cedar",
            "@id(\"a\") permit (principal, action, resource) when { principal.a };\n\
             @id(\"b\") permit (principal, action, resource) when { principal.b };\n",
        );
    let finished = program.run(&["serve", "crm", "--stdio", "--identity", "me.toml"]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    assert!(finished.stderr.contains("\n       2 | subject = [1\n"), "{}", finished.stderr);
    for (folder, places) in
        [("one", &["a.cedar:1: "][..]), ("two", &["a.cedar:1: ", "a.cedar:2: "])]
    {
        let finished = program.run(&["serve", "crm", "--stdio", "--policy", folder]);
        assert_eq!(finished.status, 2, "{}", finished.stderr);
        assert!(!finished.stderr.contains("\\n"), "{}", finished.stderr);
        assert_eq!(finished.stderr.matches("help: ").count(), 1, "{}", finished.stderr);
        for place in places {
            let lines = finished.stderr.lines().filter(|line| line.contains(place)).count();
            assert_eq!(lines, 1, "{place}: {}", finished.stderr);
        }
    }
}

/// Nothing was said for 82 seconds.
#[test]
fn a_store_that_another_program_keeps_locked_is_named_and_not_waited_for() {
    let place = Place::sqlite();
    drop(Server::demo(&place, &["--allow-writes"]));
    let location = place.store.as_str();
    place.with(|store| async move {
        let held = store.begin().await.unwrap();
        for words in [
            &["serve", "crm", "--demo", "--http", "127.0.0.1:0", "--store", location][..],
            &["approve", "list", "--demo", "--as", "carol", "--store", location],
        ] {
            let finished = Program::new().run(words);
            assert_eq!(finished.status, 4, "{words:?}: {}", finished.stderr);
            assert!(finished.stderr.contains("store.sqlite is locked"), "{}", finished.stderr);
        }
        held.rollback().await.unwrap();
    });
}
