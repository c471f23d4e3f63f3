//! Servers that others' code speaks for: the official Rust SDK, over both transports, in both eras.

use crate::program::{Finished, HttpServer, Program, example};

fn check(finished: &Finished, transport: &str, era: &str, revision: &str) {
    let report = finished.json();
    assert_eq!(finished.status, 0, "{}\n{}", finished.stdout, finished.stderr);
    assert_eq!(report["target"]["transport"], transport);
    assert_eq!(report["target"]["era"], era);
    assert_eq!(report["target"]["revision"], revision);
    assert_eq!(report["summary"]["tools"], 3, "{report:#}");
    let about_wire: Vec<String> =
        finished.rules().into_iter().filter(|rule| rule.starts_with("wire/")).collect();
    assert_eq!(about_wire, Vec::<String>::new());
}

#[test]
fn the_rust_sdk_is_read_on_stdio_in_both_eras() {
    let server = example("rmcp_server").display().to_string();
    for (era, revision) in [("modern", "2026-07-28"), ("legacy", "2025-11-25")] {
        let arguments = ["lint", "--format", "json", "--era", era, "--", &server, "stdio"];
        check(&Program::new().run(&arguments), "stdio", era, revision);
    }
}

#[test]
fn the_rust_sdk_is_read_over_http_in_both_eras() {
    let server = HttpServer::start(&example("rmcp_server"), &["http"]);
    for (era, revision) in [("modern", "2026-07-28"), ("legacy", "2025-11-25")] {
        let arguments = ["lint", "--format", "json", "--era", era, &server.url];
        check(&Program::new().run(&arguments), "http", era, revision);
    }
}

#[test]
fn a_server_that_speaks_both_eras_is_met_in_the_modern_one() {
    let server = HttpServer::start(&example("rmcp_server"), &["http"]);
    let finished = Program::new().run(&["lint", "--format", "json", &server.url]);
    check(&finished, "http", "modern", "2026-07-28");
}

#[test]
fn both_eras_are_compared_and_the_same_tools_differ_in_nothing() {
    let server = HttpServer::start(&example("rmcp_server"), &["http"]);
    let finished = Program::new().run(&["lint", "--format", "json", "--era", "both", &server.url]);
    check(&finished, "http", "modern", "2026-07-28");
    assert!(!finished.rules().contains(&"surface/eras-differ".to_owned()), "{}", finished.stdout);
}
