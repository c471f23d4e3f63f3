//! The exit codes, one row each.

use crate::program::{HttpServer, Program, example, repository};

#[test]
fn every_way_to_end_has_its_code() {
    let misbehave = example("misbehave").display().to_string();
    let good = repository("fixtures/surfaces/tickets.json").display().to_string();
    let bad = repository("fixtures/surfaces/orders.json").display().to_string();
    let locked = HttpServer::start(&example("misbehave"), &["http", "auth-401"]);
    let rows: [(i32, &[&str]); 16] = [
        (0, &["lint", &good]),
        (0, &["--help"]),
        (0, &["--version"]),
        (0, &["lint", "--ignore", "schema,compat", &bad]),
        (1, &["lint", &bad]),
        (1, &["lint", "--fail-on", "warning", "--ignore", "schema,compat", &bad]),
        (0, &["diff", &good, &good]),
        (1, &["diff", &good, &bad]),
        (2, &["diff", &good]),
        (2, &["lint", "--profile", "lenient", &bad]),
        (2, &["lint", "no-such-file.json"]),
        (3, &["lint", &locked.url]),
        (4, &["lint", "--", "/no/such/server"]),
        (4, &["lint", "--", &misbehave, "stdio", "dies-after-initialize"]),
        (5, &["diff", &good, "--", &misbehave, "stdio", "second-page-refused"]),
        (5, &["lint", "--connect-timeout", "4s", "--", &misbehave, "stdio", "wrong-id"]),
    ];
    for (code, arguments) in rows {
        let finished = Program::new().run(arguments);
        assert_eq!(finished.status, code, "{arguments:?}\n{}", finished.stderr);
    }
}
