//! `mcp-kit snapshot`: the same surface gives the same bytes.

use crate::program::{HttpServer, Program, example};

#[test]
fn neither_transport_nor_page_size_shows_in_a_contract() {
    let misbehave = example("misbehave").display().to_string();
    let over_stdio =
        |way: &str| Program::new().run(&["snapshot", "--", &misbehave, "stdio", way]).stdout;
    let over_http = |way: &str| {
        let server = HttpServer::start(&example("misbehave"), &["http", way]);
        Program::new().run(&["snapshot", &server.url]).stdout
    };
    let contract = over_stdio("good");
    assert!(contract.contains("\"format\": \"mcp-kit.contract/1\""), "{contract}");
    assert_eq!(contract, over_stdio("good-paged"));
    assert_eq!(contract, over_http("good"));
    assert_eq!(contract, over_http("sse-good"));
}

#[test]
fn a_contract_of_a_contract_is_the_same_contract() {
    let misbehave = example("misbehave").display().to_string();
    let program = Program::new();
    let written =
        program.run(&["snapshot", "-o", "contract.json", "--", &misbehave, "stdio", "good"]);
    assert_eq!((written.status, written.stdout.as_str()), (0, ""), "{}", written.stderr);
    let text = std::fs::read_to_string(program.path("contract.json")).unwrap();
    assert_eq!(program.run(&["snapshot", "contract.json"]).stdout, text);
}

#[test]
fn unknown_members_stay_and_order_does_not_matter() {
    let one = r#"{"tools": [
        {"name": "b", "x-owner": {"z": 1, "a": 1.0}, "inputSchema": {"type": "object"}},
        {"inputSchema": {"type": "object"}, "name": "a"}]}"#;
    let other = r#"{"nextCursor": null, "tools": [
        {"name": "a", "inputSchema": {"type": "object"}},
        {"inputSchema": {"type": "object"}, "x-owner": {"a": 1, "z": 1}, "name": "b"}]}"#;
    let snapshot = |text: &str| {
        Program::new().file("surface.json", text).run(&["snapshot", "surface.json"]).stdout
    };
    assert_eq!(snapshot(one), snapshot(other));
    insta::assert_snapshot!(snapshot(one), @r#"
    {
      "digest": "sha256:3c79a45a8844004835d3e45e52eee0b9aa1365259b5d260ea9260436c1c98fda",
      "format": "mcp-kit.contract/1",
      "surface": {
        "tools": [
          {
            "inputSchema": {
              "type": "object"
            },
            "name": "a"
          },
          {
            "inputSchema": {
              "type": "object"
            },
            "name": "b",
            "x-owner": {
              "a": 1,
              "z": 1
            }
          }
        ]
      }
    }
    "#);
}

#[test]
fn a_tool_on_its_own_is_a_list_of_one() {
    let tool = r#"{"name": "a", "inputSchema": {"type": "object"}}"#;
    let snapshot = |text: &str| {
        Program::new().file("surface.json", text).run(&["snapshot", "surface.json"]).stdout
    };
    assert_eq!(snapshot(tool), snapshot(&format!("[{tool}]")));
}

#[test]
fn the_digest_is_of_what_is_advertised_alone() {
    let digest = |version: &str, description: &str| {
        let text = format!(
            r#"{{"serverInfo": {{"name": "s", "version": "{version}"}},
                "tools": [{{"name": "a", "description": "{description}"}}]}}"#
        );
        let finished = Program::new().file("surface.json", text).run(&["snapshot", "surface.json"]);
        finished.json()["digest"].as_str().unwrap().to_owned()
    };
    assert_eq!(digest("1.0.0", "Gets."), digest("1.0.1", "Gets."));
    assert_ne!(digest("1.0.0", "Gets."), digest("1.0.0", "Sets."));
}

/// Once written, a format is read for ever.
#[test]
fn every_version_of_the_contract_format_is_read() {
    let samples = std::fs::read_dir(crate::program::repository("fixtures/contracts")).unwrap();
    for sample in samples.map(Result::unwrap) {
        let path = sample.path().display().to_string();
        let report = Program::new().run(&["lint", "--format", "json", &path]).json();
        assert_eq!(report["server"]["name"], "tickets", "{path}");
        assert_eq!(report["summary"]["tools"], 6, "{path}");
        assert_eq!(report["target"]["revision"], "2026-07-28", "{path}");
    }
}

#[test]
fn the_sample_of_the_current_format_is_what_is_written_today() {
    let surface = crate::program::repository("fixtures/surfaces/tickets.json");
    let written = Program::new().run(&["snapshot", &surface.display().to_string()]).stdout;
    let sample = std::fs::read_to_string(crate::program::repository("fixtures/contracts/1.json"));
    assert_eq!(written, sample.unwrap());
}

/// A contract that lacks half of the tools would pass for the whole.
#[test]
fn an_incomplete_surface_is_not_written_down_unless_asked() {
    let misbehave = example("misbehave").display().to_string();
    for way in ["list-fails", "repeated-cursor", "second-page-refused"] {
        let program = Program::new().file("contract.json", "kept");
        let mut arguments = vec!["snapshot", "-o", "contract.json", "--", &misbehave, "stdio", way];
        let refused = program.run(&arguments);
        assert_eq!(refused.status, 5, "{way}\n{}", refused.stderr);
        assert!(refused.stderr.contains("the surface is incomplete"), "{}", refused.stderr);
        let kept = std::fs::read_to_string(program.path("contract.json")).unwrap();
        assert_eq!(kept, "kept");
        arguments.insert(1, "--partial");
        assert_eq!(program.run(&arguments).status, 0, "{way}");
    }
}
