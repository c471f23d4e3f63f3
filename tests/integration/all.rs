//! `mcp-kit lint --all`: every configured server in one run.

use std::fs;

use serde_json::{Map, Value, json};

use crate::program::{Finished, HttpServer, Program, example};

/// Servers of `tests/misbehave` in a project's file: the name of each, and how it misbehaves.
fn servers(of: &[(&str, &str)]) -> Program {
    let misbehave = example("misbehave").display().to_string();
    let entry = |way: &str| json!({"command": misbehave, "args": ["stdio", way]});
    let servers: Map<String, Value> =
        of.iter().map(|(name, way)| ((*name).to_owned(), entry(way))).collect();
    configured(Value::Object(servers))
}

fn configured(servers: Value) -> Program {
    Program::new().file(".mcp.json", json!({"mcpServers": servers}).to_string())
}

fn lint(program: &Program, flags: &[&str]) -> Finished {
    program.run(&[&["lint", "--all", "--trust"], flags].concat())
}

/// The server of a JSON report.
fn server<'a>(report: &'a Value, name: &str) -> &'a Value {
    let servers = report["servers"].as_array().unwrap();
    servers.iter().find(|server| server["name"] == name).unwrap_or_else(|| panic!("{report:#}"))
}

/// The rules that found something in a server.
fn rules(report: &Value, name: &str) -> Vec<String> {
    let findings = server(report, name)["report"]["findings"].as_array().cloned();
    let findings = findings.unwrap_or_default().into_iter();
    findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_server_that_cannot_be_read_is_a_line_and_the_others_go_on() {
    let program = servers(&[
        ("good", "good"),
        ("wrong", "result-off-schema"),
        ("dead", "dies-at-start"),
        ("mute", "silence"),
        ("garbled", "wrong-id"),
    ]);
    let finished = lint(&program, &["--format", "json", "--connect-timeout", "4s"]);
    // What the user can put right first: 4 before 5, and neither is lost behind findings.
    assert_eq!(finished.status, 4, "{}", finished.stderr);
    let report = finished.json();
    let code = |name| server(&report, name)["failure"]["code"].as_u64();
    assert_eq!([code("good"), code("dead"), code("garbled")], [None, Some(4), Some(5)]);
    assert_eq!(code("mute"), Some(4));
    let stderr = &server(&report, "dead")["failure"]["stderr"];
    assert!(stderr.to_string().contains("LIBRARY_DATABASE"), "{stderr}");
    assert!(rules(&report, "wrong").contains(&"output/not-conforming".to_owned()));
    let summary = &report["summary"];
    assert_eq!((&summary["servers"], &summary["failed"]), (&json!(5), &json!(3)));
    assert_eq!((&summary["tools"], &summary["fails"]), (&json!(6), &json!(true)));
}

#[test]
fn findings_decide_where_every_server_was_read() {
    let same = ("other", "modern-good");
    let program = servers(&[("good", "good"), same]);
    assert_eq!(lint(&program, &[]).status, 0);
    assert_eq!(lint(&program, &["--fail-on", "warning"]).status, 1);
    assert_eq!(lint(&servers(&[("wrong", "result-off-schema"), same]), &[]).status, 1);
}

#[test]
fn nothing_is_started_before_it_is_trusted() {
    let start = json!({"command": "sh", "args": ["-c", "echo x >> started; exit 1"]});
    let program = configured(json!({"a": start, "b": start}));
    let refused = program.run(&["lint", "--all", "--format", "json"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    let report = refused.json();
    assert_eq!(server(&report, "b")["failure"]["message"], "not trusted yet");
    let help = server(&report, "b")["failure"]["help"].as_str().unwrap().to_owned();
    assert!(help.contains("--trust") && help.contains("echo x >> started"), "{help}");
    assert!(!program.path("started").exists());
    assert_eq!(lint(&program, &[]).status, 4);
    assert!(program.path("started").exists());
}

#[test]
fn a_server_under_two_names_is_started_once() {
    let misbehave = example("misbehave").display().to_string();
    let script = format!("echo x >> started; exec '{misbehave}' stdio good");
    let start = json!({"command": "sh", "args": ["-c", script]});
    let program = configured(json!({"north": start, "south": start}));
    let finished = lint(&program, &["--no-live", "--format", "json"]);
    assert_eq!(fs::read_to_string(program.path("started")).unwrap(), "x\n");
    let report = finished.json();
    assert_eq!(server(&report, "south")["same_as"], "north");
    assert_eq!(server(&report, "south")["report"]["target"]["name"], "south");
    assert_eq!(rules(&report, "south"), ["surface/tool-name-collision"]);
    // A client loads it twice all the same.
    assert_eq!(report["summary"]["tools"], 6);
}

#[test]
fn what_is_switched_off_or_shadowed_is_left_out_and_what_is_broken_is_not() {
    let misbehave = example("misbehave").display().to_string();
    let good = json!({"command": misbehave, "args": ["stdio", "good"]});
    let off = json!({"command": misbehave, "args": ["stdio", "good"], "disabled": true});
    let dead = json!({"command": misbehave, "args": ["stdio", "dies-at-start"]});
    let program = configured(json!({"library": good, "attic": off, "odd": {"command": 7}}))
        .file(".vscode/mcp.json", json!({"servers": {"library": dead}}).to_string())
        .file(".cursor/mcp.json", "{\"mcpServers\": ");
    let finished = lint(&program, &["--format", "json"]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    let report = finished.json();
    let names: Vec<_> =
        report["servers"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["library", "odd", ".cursor/mcp.json"]);
    assert_eq!(server(&report, "library")["failure"], Value::Null);
}

#[test]
fn an_oddity_of_a_file_that_hides_nothing_is_a_remark() {
    let entry = json!({"command": example("misbehave"), "args": ["stdio", "good"]});
    let text = format!("{{\"mcpServers\": {{\"a\": {entry}, \"a\": {entry}}}}}");
    let finished = lint(&Program::new().file(".mcp.json", text), &["--format", "json"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(finished.json()["summary"]["servers"], 1);
    assert!(finished.stderr.contains("server `a` stands here twice"), "{}", finished.stderr);
}

#[test]
fn servers_behind_addresses_are_examined_too() {
    let [fine, locked] =
        ["good", "auth-401"].map(|way| HttpServer::start(&example("misbehave"), &["http", way]));
    let servers = json!({"fine": {"url": fine.url}, "locked": {"url": locked.url}});
    let finished = lint(&configured(servers), &["--format", "json"]);
    assert_eq!(finished.status, 3, "{}", finished.stderr);
    let report = finished.json();
    assert_eq!(server(&report, "fine")["report"]["target"]["transport"], "http");
    let help = server(&report, "locked")["failure"]["help"].to_string();
    assert!(help.contains("under `headers` in its entry"), "{help}");
}

#[test]
fn a_missing_variable_is_for_its_server_alone() {
    let misbehave = example("misbehave").display().to_string();
    let good = json!({"command": misbehave, "args": ["stdio", "good"]});
    let mut wanting = good.clone();
    wanting["env"] = json!({"TOKEN": "${LIBRARY_TOKEN}"});
    let report =
        lint(&configured(json!({"a": wanting.clone(), "b": good})), &["--format", "json"]).json();
    let failure = &server(&report, "a")["failure"];
    assert_eq!(failure["message"], "environment variable `LIBRARY_TOKEN` is not set");
    assert_eq!(
        failure["place"].as_str().map(|place| place.starts_with(".mcp.json:1:")),
        Some(true)
    );
    assert_eq!(server(&report, "b")["failure"], Value::Null);
    // Nobody is asked about what cannot be started anyway.
    let untrusted = configured(json!({"a": wanting})).run(&["lint", "--all", "--format", "json"]);
    let failure = server(&untrusted.json(), "a")["failure"].clone();
    assert_eq!(failure["message"], "environment variable `LIBRARY_TOKEN` is not set");
}

#[test]
fn the_report_does_not_depend_on_how_many_are_read_at_a_time() {
    let ways = ["good", "modern-good", "result-off-schema", "dies-at-start", "hidden-characters"];
    let program = servers(&ways.map(|way| (way, way)));
    for format in ["text", "json", "sarif", "junit", "github", "markdown"] {
        let flags = |jobs| ["--format", format, "--max-lines", "0", "--jobs", jobs];
        let (one, many) = (lint(&program, &flags("1")), lint(&program, &flags("9")));
        assert_eq!(one.stdout, many.stdout, "{format}");
        assert!(one.stdout.contains("hidden-characters"), "{format}: {}", one.stdout);
        assert_eq!((one.status, many.status), (4, 4), "{format}");
    }
}

#[test]
fn a_crowd_is_counted_against_the_limits_of_clients() {
    let program = servers(&[("a", "good"), ("thousand\u{1b}[31m", "thousand-tools")]);
    let finished = lint(&program, &["--no-live", "--target", "cursor"]);
    assert!(!finished.stdout.contains('\u{1b}'), "{}", finished.stdout);
    assert!(finished.stdout.contains("\ncursor takes 80 tools in a request, and these are 1,003"));
    let program = servers(&[("a", "good"), ("thousand", "thousand-tools")]);
    let report = lint(&program, &["--no-live", "--target", "cursor", "--format", "json"]).json();
    assert!(rules(&report, "thousand").contains(&"compat/cursor-tool-count".to_owned()));
    assert!(rules(&report, "thousand").contains(&"surface/set-token-budget".to_owned()));
    let limits = report["limits"].as_array().unwrap();
    let cursor = limits.iter().find(|limit| limit["client"] == "cursor").unwrap();
    assert_eq!((&cursor["total"], &cursor["is_exceeded"]), (&json!(1003), &json!(true)));
}

#[test]
fn an_allow_list_is_for_the_set() {
    let program = servers(&[("archive", "result-off-schema"), ("branch", "modern-good")]).file(
        "mcp-kit.toml",
        "[[allow]]\nrule = \"output/not-conforming\"\nreason = \"known\"\n\
         [[allow]]\nrule = \"desc/missing\"\nreason = \"matches nothing\"\n",
    );
    let report = lint(&program, &["--format", "json"]).json();
    assert_eq!(report["summary"]["allowed"], 1);
    let stale = rules(&report, "archive").iter().filter(|rule| *rule == "allow/stale").count();
    assert_eq!((stale, rules(&report, "branch").contains(&"allow/stale".to_owned())), (1, false));
}

#[test]
fn where_there_is_nothing_to_examine_the_run_says_so() {
    let none = Program::new().run(&["lint", "--all"]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("no server is configured"), "{}", none.stderr);
    assert!(none.stderr.contains("to [servers] in mcp-kit.toml"), "{}", none.stderr);
    assert!(!none.stderr.contains("-- COMMAND"), "{}", none.stderr);
    let gone = Program::new().run(&["lint", "--all", "gone.json"]);
    assert!(gone.stderr.contains("there is no file `gone.json`"), "{}", gone.stderr);
    let off = configured(json!({"a": {"command": "a", "disabled": true}})).run(&["lint", "--all"]);
    assert_eq!(off.status, 2);
    assert!(off.stderr.contains("are switched off"), "{}", off.stderr);
}

#[test]
fn a_file_that_is_all_there_is_and_cannot_be_read_is_a_line_too() {
    let broken = Program::new().file(".mcp.json", "{\"mcpServers\": ");
    let finished = lint(&broken, &["--format", "json"]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    let failure = server(&finished.json(), ".mcp.json")["failure"].clone();
    assert_eq!((&failure["code"], failure["message"].is_string()), (&json!(2), true));
    let odd = lint(&configured(json!({"odd": {"command": 7}})), &[]);
    assert!(odd.stdout.contains("\nodd: not read: `command`"), "{}", odd.stdout);
}

#[test]
fn the_servers_of_the_projects_own_file_are_examined() {
    let command = serde_json::to_string(&example("misbehave")).unwrap();
    let text = format!("[servers.library]\ncommand = {command}\nargs = [\"stdio\", \"good\"]\n");
    let program = Program::new().file("mcp-kit.toml", text);
    for flags in [&["--format", "json"][..], &["mcp-kit.toml", "--format", "json"]] {
        let finished = lint(&program, flags);
        assert_eq!(finished.status, 0, "{}", finished.stderr);
        assert_eq!(server(&finished.json(), "library")["configured_at"], "mcp-kit.toml:1:10");
    }
}

#[test]
fn what_is_wrong_with_the_call_is_said_before_anything_is_started() {
    let start = json!({"command": "sh", "args": ["-c", "echo x >> started; exit 1"]});
    let program = configured(json!({"a": start}));
    let wrong: [(&[&str], &str); 4] = [
        (&["--format", "json", "-o", "gone/report.json"], "cannot write gone/report.json"),
        (&["--format", "json", "-o", "."], "cannot write ."),
        (&["--format", "json", "-o", ".mcp.json/report.json"], "cannot write .mcp.json/"),
        (&["--dry-run", "--format", "sarif"], "`--dry-run` has no form as sarif"),
    ];
    for (flags, expected) in wrong {
        let finished = lint(&program, flags);
        assert_eq!(finished.status, 2, "{flags:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(expected), "{flags:?}: {}", finished.stderr);
        assert!(!program.path("started").exists(), "{flags:?}");
    }
    assert_eq!(lint(&program, &["--format", "json", "-o", "report.json"]).status, 4);
    assert!(program.path("started").exists() && program.path("report.json").exists());
}

#[test]
fn advice_about_one_of_many_servers_can_be_followed() {
    let none = json!({"command": "/no/such/program"});
    let off = json!({"command": "a", "disabled": true});
    let finished = lint(&configured(json!({"": none, "attic": off})), &[]);
    let text = &finished.stdout;
    assert!(text.contains("`command` in its entry") && !text.contains("after `--`"), "{text}");
    assert!(text.contains("\n(no name)"), "{text}");
    assert!(finished.stderr.contains("switched off and left out: attic"), "{}", finished.stderr);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_every_server() {
    use std::{
        fs::File,
        io::{BufRead, BufReader},
        process::Command,
    };
    // Each server says that it has started and then stays silent for ever.
    let script = "echo $$ > ready; exec cat > /dev/null";
    let start = |mark: &str| json!({"command": "sh", "args": ["-c", script, mark]});
    let program = configured(json!({"a": start("a"), "b": start("b"), "c": start("c")}));
    let ready = program.path("ready");
    assert!(Command::new("mkfifo").arg(&ready).status().unwrap().success());
    let arguments = ["lint", "--all", "--trust"];
    // Held open for both, or a reader would see an end after each writer.
    let both = File::options().read(true).write(true).open(&ready).unwrap();
    let child = program.command(&arguments).spawn().unwrap();
    let lines = BufReader::new(both).lines().take(3);
    let started: Vec<String> = lines.map(Result::unwrap).collect();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let finished = program.finish(child, &arguments);
    assert_eq!(finished.status, 130, "{}", finished.stderr);
    for server in started {
        assert!(crate::targets::is_gone(&server), "{server} is still running");
    }
}
