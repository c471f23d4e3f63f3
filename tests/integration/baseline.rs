//! The baseline: what is known passes, what is new fails, and the file only shrinks.

use std::fs;

use crate::program::{Finished, Program, example, repository};

/// A tool with one error (`schema/required-unknown`).
fn tool(name: &str) -> String {
    format!(
        r#"{{"name": "{name}", "description": "Finds orders by status, newest first.",
            "inputSchema": {{"type": "object", "properties": {{}}, "required": ["status"]}}}}"#
    )
}

fn surface(names: &[&str]) -> String {
    let tools: Vec<String> = names.iter().map(|name| tool(name)).collect();
    format!(r#"{{"tools": [{}]}}"#, tools.join(","))
}

fn program(names: &[&str]) -> Program {
    Program::new().file("surface.json", surface(names))
}

fn lint(program: &Program, flags: &[&str]) -> Finished {
    let only = ["--profile", "spec", "--ignore", "output,write,name,desc", "--format", "json"];
    program.run(&[&["lint", "surface.json"], &only[..], flags].concat())
}

fn set(program: &Program, names: &[&str]) {
    fs::write(program.path("surface.json"), surface(names)).unwrap();
}

fn baseline(program: &Program) -> String {
    fs::read_to_string(program.path("b.json")).unwrap()
}

#[test]
fn what_is_known_passes_and_stays_visible_and_what_is_new_fails() {
    let program = program(&["find_orders"]);
    let written = lint(&program, &["--write-baseline", "b.json"]);
    assert_eq!(written.status, 0, "{}", written.stderr);
    assert!(written.stderr.contains("b.json: written, places known: 1"), "{}", written.stderr);

    let known = lint(&program, &["--baseline", "b.json"]);
    let report = known.json();
    assert_eq!((known.status, &report["summary"]["errors"]), (0, &0.into()));
    assert_eq!(
        (&report["summary"]["allowed"], &report["summary"]["known"]),
        (&1.into(), &1.into())
    );
    assert_eq!(report["findings"][0]["rule"], "schema/required-unknown");
    assert_eq!(report["findings"][0]["allowed"]["is_known"], true);
    assert_eq!(report["findings"][0]["allowed"]["reason"], "known, in b.json");

    set(&program, &["list_orders", "find_orders"]);
    let new = lint(&program, &["--baseline", "b.json"]);
    let report = new.json();
    assert_eq!((new.status, &report["summary"]["errors"]), (1, &1.into()));
    assert_eq!(report["findings"][0]["tools"], serde_json::json!(["list_orders"]));
}

#[test]
fn what_is_gone_is_found_and_taken_out_and_nothing_is_taken_in() {
    let program = program(&["find_orders", "list_orders"]);
    lint(&program, &["--write-baseline", "b.json"]);
    set(&program, &["find_orders", "show_order"]);
    let stale = lint(&program, &["--baseline", "b.json"]).json();
    let findings = stale["findings"].as_array().unwrap();
    let found = findings.iter().find(|it| it["rule"] == "allow/baseline-stale").unwrap();
    assert_eq!(found["severity"], "info");
    let place = &found["places"][0];
    assert_eq!((&place["kind"], &place["line"]), (&"baseline".into(), &8.into()));
    assert_eq!(place["note"], "`schema/required-unknown` at tool `list_orders`");

    let shrunk = lint(&program, &["--write-baseline", "b.json"]);
    assert_eq!(shrunk.status, 1, "what is new fails the run that shrinks");
    assert!(shrunk.stderr.contains("places known: 1, before: 2"), "{}", shrunk.stderr);
    assert!(shrunk.stderr.contains("insist with --force"), "{}", shrunk.stderr);
    assert!(baseline(&program).contains("find_orders"));
    assert!(
        !baseline(&program).contains("list_orders") && !baseline(&program).contains("show_order")
    );

    let forced = lint(&program, &["--write-baseline", "b.json", "--force"]);
    assert_eq!(forced.status, 0, "{}", forced.stderr);
    assert!(baseline(&program).contains("show_order"));
    let before = baseline(&program);
    let again = lint(&program, &["--write-baseline", "b.json"]);
    assert!(again.stderr.contains("b.json: is up to date, places known: 2"), "{}", again.stderr);
    assert_eq!(baseline(&program), before);
}

#[test]
fn rules_that_were_not_asked_keep_their_entries() {
    let program = program(&["find_orders"]);
    lint(&program, &["--write-baseline", "b.json"]);
    let before = baseline(&program);
    let other = lint(&program, &["--write-baseline", "b.json", "--ignore", "schema"]);
    assert_eq!((other.status, baseline(&program)), (0, before));
    let asked = lint(&program, &["--baseline", "b.json", "--ignore", "schema"]);
    assert!(!asked.rules().contains(&"allow/baseline-stale".to_owned()), "{}", asked.stdout);
}

#[test]
fn what_the_allow_list_has_is_not_written() {
    let program = program(&["find_orders"]).file(
        "mcp-kit.toml",
        "[[allow]]\nrule = \"schema/required-unknown\"\nreason = \"next release\"\n",
    );
    lint(&program, &["--write-baseline", "b.json"]);
    assert!(baseline(&program).contains("\"findings\": []"), "{}", baseline(&program));
}

#[test]
fn the_project_can_name_its_baseline() {
    let program = program(&["find_orders"]).file("mcp-kit.toml", "[lint]\nbaseline = \"b.json\"\n");
    let missing = lint(&program, &[]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("mcp-kit.toml"), "{}", missing.stderr);
    assert!(missing.stderr.contains("--write-baseline b.json"), "{}", missing.stderr);
    assert_eq!(lint(&program, &["--write-baseline", "b.json"]).status, 0);
    assert_eq!(lint(&program, &[]).status, 0);
    assert_eq!(lint(&program, &["--isolated"]).status, 1);
}

#[test]
fn a_file_that_is_no_baseline_of_this_version_is_refused_and_left_alone() {
    let newer = "{\"format\": \"mcp-kit.baseline/2\", \"findings\": []}";
    let program = program(&["find_orders"]).file("b.json", newer);
    for flags in [&["--baseline", "b.json"][..], &["--write-baseline", "b.json", "--force"]] {
        let refused = lint(&program, flags);
        assert_eq!(refused.status, 2, "{flags:?}");
        assert!(refused.stderr.contains("mcp-kit.baseline/2"), "{}", refused.stderr);
        assert!(refused.stderr.contains("b.json:1:12"), "{}", refused.stderr);
    }
    assert_eq!(baseline(&program), newer);
    let other = lint(&program, &["--write-baseline", "surface.json", "--force"]);
    assert_eq!(other.status, 2, "a file of another kind is not overwritten");
    assert!(fs::read_to_string(program.path("surface.json")).unwrap().contains("find_orders"));
}

#[test]
fn an_unfinished_list_is_not_written_down() {
    let program = Program::new();
    let misbehave = example("misbehave").display().to_string();
    let server = ["--", &misbehave, "stdio", "second-page-refused"];
    let refused = program.run(&[&["lint", "--write-baseline", "b.json"], &server[..]].concat());
    assert_eq!(refused.status, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("the surface is incomplete"), "{}", refused.stderr);
    assert!(!program.path("b.json").exists());
}

/// The sample of the first version of the format is read for ever.
#[test]
fn the_sample_of_the_format_is_read() {
    let sample = repository("fixtures/baselines/1.json").display().to_string();
    let surface = repository("fixtures/surfaces/orders.json").display().to_string();
    let flags = ["--baseline", &sample, "--select", "schema", "--format", "json"];
    let finished = Program::new().run(&[&["lint", &surface], &flags[..]].concat());
    assert!(finished.json()["summary"]["known"].as_u64() >= Some(4), "{}", finished.stdout);
}

/// The rules in a baseline.
fn rules(program: &Program) -> Vec<String> {
    let file: serde_json::Value = serde_json::from_str(&baseline(program)).unwrap();
    file["rules"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn what_is_not_asked_is_neither_gone_nor_forgotten() {
    let misbehave = example("misbehave").display().to_string();
    // Errors without a hint, at the tools; and a wrong code, at the server.
    for (way, rule) in
        [("error-vague", "error/no-next-step"), ("unknown-method-result", "spec/error-codes")]
    {
        let allow = format!("[[allow]]\nrule = \"{rule}\"\nreason = \"until the next release\"\n");
        let program = Program::new().file("allow.toml", &allow);
        let server = ["--", &misbehave, "stdio", way];
        let lint = |flags: &[&str], target: &[&str]| {
            program
                .run(&[&["lint", "--profile", "spec", "--format", "json"], flags, target].concat())
        };
        lint(&["--select", "error", "--write-baseline", "b.json"], &server);
        assert!(rules(&program).contains(&rule.to_owned()), "{way}: {}", baseline(&program));
        let written = baseline(&program);
        let snapshot = ["snapshot", "--quiet", "-o", "contract.json"];
        assert_eq!(program.run(&[&snapshot[..], &server].concat()).status, 0);

        for (no_live, target) in [(&["--no-live"][..], &server[..]), (&[], &["contract.json"])] {
            let flags = |more: &[&'static str]| [no_live, &["--select", "error"], more].concat();
            let finished = lint(&flags(&["--baseline", "b.json"]), target);
            assert_eq!(finished.rules(), Vec::<String>::new(), "{way} {target:?}");
            let finished = lint(&flags(&["--project", "allow.toml"]), target);
            assert_eq!(finished.rules(), Vec::<String>::new(), "{way} {target:?}");
            let finished = lint(&flags(&["--write-baseline", "b.json"]), target);
            assert_eq!(finished.status, 0, "{}", finished.stderr);
            assert_eq!(baseline(&program), written, "{way} {target:?}");
        }
    }
}

#[test]
fn findings_at_one_place_are_known_together_however_they_are_told_apart() {
    let program = program(&["find_orders", "find_orders"]);
    lint(&program, &["--write-baseline", "b.json"]);
    let known = lint(&program, &["--baseline", "b.json"]).json();
    assert_eq!(known["summary"]["errors"], 0, "{known:#}");
    set(&program, &["find_orders", "find_orders", "find_orders"]);
    let new = lint(&program, &["--baseline", "b.json"]).json();
    let places = &new["findings"][0]["places"];
    assert!(places[0]["fingerprint"].as_str().unwrap().ends_with("-3"), "{new:#}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_a_file_of_the_project_is_refused_at_once() {
    let program = program(&["find_orders"]);
    let made = std::process::Command::new("mkfifo").arg(program.path("fifo")).status();
    assert!(made.unwrap().success());
    let flags: [&[&str]; 6] = [
        &["--project", "/dev/zero"],
        &["--baseline", "/dev/zero"],
        &["--baseline", "fifo"],
        &["--write-baseline", "fifo"],
        &["--env-file", "/dev/zero", "--", "true"],
        &["-H", "@/dev/zero", "http://127.0.0.1:9/"],
    ];
    for flags in flags {
        let target: &[&str] = if flags.len() == 2 { &["surface.json"] } else { &[] };
        let target = if flags[0] == "-H" { &[] } else { target };
        let finished = program.run(&[&["lint"], flags, target].concat());
        assert_eq!(finished.status, 2, "{flags:?}: {}", finished.stderr);
        assert!(finished.stderr.contains("it is no regular file"), "{}", finished.stderr);
        assert!(finished.stderr.contains("help: "), "{}", finished.stderr);
    }
}

#[test]
fn a_budget_is_known_only_up_to_what_it_was() {
    let names =
        |count: usize| -> Vec<String> { (0..count).map(|it| format!("get_{it}")).collect() };
    let program = program(&[]);
    let lint = |count: usize, flags: &[&str]| {
        let names = names(count);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        set(&program, &names);
        let only =
            ["lint", "surface.json", "--format", "json", "--select", "surface/too-many-tools"];
        let rest = ["--ignore", "schema,name,desc,output,write,security,compat,surface,spec"];
        program.run(&[&only[..], &rest, flags].concat())
    };
    let is_new = |count| lint(count, &["--baseline", "b.json"]).status == 1;
    assert_eq!(lint(40, &["--write-baseline", "b.json"]).status, 0);
    assert!(baseline(&program).contains("\"figure\": 40"), "{}", baseline(&program));
    assert_eq!([40, 44, 45, 127].map(is_new), [false, false, true, true]);
    // What is within the margin does not move it; what is less does.
    lint(44, &["--write-baseline", "b.json"]);
    assert!(baseline(&program).contains("\"figure\": 40"), "{}", baseline(&program));
    lint(30, &["--write-baseline", "b.json"]);
    assert!(baseline(&program).contains("\"figure\": 30"), "{}", baseline(&program));
    // An entry without a figure, as it was written before, knows any.
    let old = baseline(&program).replace(", \"figure\": 30", "");
    fs::write(program.path("b.json"), old).unwrap();
    assert!(!is_new(127));
}
