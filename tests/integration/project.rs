//! `mcp-kit.toml`: where it is found, what wins, and what it does to a run of lint.

use std::fs;

use crate::program::{Finished, Program};

/// One error (`schema/required-unknown`) and one warning (`output/missing-schema`).
const SURFACE: &str = r#"{"tools": [{"name": "find_orders", "description": "Finds orders by status, newest first.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object", "properties": {}, "required": ["status"]}}]}"#;

const RULES: [&str; 2] = ["schema/required-unknown", "output/missing-schema"];

fn program(project: &str) -> Program {
    Program::new().file("surface.json", SURFACE).file("mcp-kit.toml", project)
}

/// Lints the surface with the two rules alone.
fn lint(program: &Program, flags: &[&str]) -> Finished {
    let select = RULES.join(",");
    let mut arguments = vec!["lint", "surface.json", "--format", "json"];
    if !flags.contains(&"--select") && !flags.contains(&"--ignore") {
        arguments.extend(["--select", &select]);
    }
    arguments.extend(flags);
    program.run(&arguments)
}

fn has(finished: &Finished, rule: &str) -> bool {
    finished.rules().iter().any(|found| found == rule)
}

#[test]
fn the_nearest_file_above_counts_up_to_the_root_of_the_repository() {
    let off = "[severity]\n\"output/missing-schema\" = \"off\"\n";
    let error = "[severity]\n\"output/missing-schema\" = \"error\"\n";
    let program = program(off).file("a/b/surface.json", SURFACE);
    let run = |folder: &str| {
        let mut command = program.command(&["lint", "surface.json", "--format", "json"]);
        let child = command.current_dir(program.path(folder)).spawn().unwrap();
        program.finish(child, &["lint"])
    };
    assert!(!has(&run("a/b"), "output/missing-schema"), "found two folders up");
    let program_with_two = |finished: Finished| finished.json()["findings"].clone();
    fs::write(program.path("a/mcp-kit.toml"), error).unwrap();
    let findings = program_with_two(run("a/b"));
    let finding =
        findings.as_array().unwrap().iter().find(|it| it["rule"] == "output/missing-schema");
    assert_eq!(finding.unwrap()["severity"], "error", "the nearest of two");
    fs::remove_file(program.path("a/mcp-kit.toml")).unwrap();
    // A linked work tree has a file where others have a folder.
    fs::write(program.path("a/.git"), "gitdir: elsewhere\n").unwrap();
    assert!(has(&run("a/b"), "output/missing-schema"), "another repository's file does not count");
}

#[test]
fn a_file_can_be_named_and_left_aside() {
    let off = "[severity]\n\"output/missing-schema\" = \"off\"\n";
    let program = program(off).file("other.toml", "");
    assert!(!has(&lint(&program, &[]), "output/missing-schema"));
    assert!(has(&lint(&program, &["--project", "other.toml"]), "output/missing-schema"));
    assert!(has(&lint(&program, &["--isolated"]), "output/missing-schema"));
    let missing = lint(&program, &["--project", "none.toml"]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("none.toml"), "{}", missing.stderr);
}

#[test]
fn flags_win_over_the_file() {
    let program = program(
        "[lint]\nprofile = \"spec\"\nselect = [\"output/missing-schema\"]\n\
         ignore = [\"schema\"]\nfail_on = \"info\"\n",
    );
    let plain = program.run(&["lint", "surface.json", "--format", "json"]);
    assert_eq!((plain.status, plain.json()["profile"].as_str()), (1, Some("spec")));
    assert!(has(&plain, "output/missing-schema") && !has(&plain, "schema/required-unknown"));
    let flags = ["--profile", "recommended", "--fail-on", "error"];
    let raised = program.run(&[&["lint", "surface.json", "--format", "json"], &flags[..]].concat());
    assert_eq!((raised.status, raised.json()["profile"].as_str()), (0, Some("recommended")));
    let selected = lint(&program, &["--select", "schema/required-unknown"]);
    assert!(has(&selected, "schema/required-unknown"), "more exact than the file's `schema`");
    let selected = lint(&program, &["--select", "schema"]);
    assert!(has(&selected, "schema/required-unknown"), "the same name as the file's");
    let ignored = lint(&program, &["--ignore", "output"]);
    assert!(
        !has(&ignored, "output/missing-schema"),
        "less exact than the file's `output/missing-schema`"
    );
}

#[test]
fn an_allowed_finding_fails_nothing_until_its_last_day_is_over() {
    let program = program(
        "[[allow]]\nrule = \"schema/required-unknown\"\nreason = \"next release\"\n\
         until = 2027-01-31\n",
    );
    let last = lint(&program, &["--today", "2027-01-31"]);
    assert_eq!(last.status, 0, "{}", last.stdout);
    let report = last.json();
    assert_eq!(report["summary"]["errors"], 0);
    assert_eq!(report["summary"]["allowed"], 1);
    let findings = report["findings"].as_array().unwrap();
    let allowed = findings.iter().find(|it| it["rule"] == "schema/required-unknown").unwrap();
    assert_eq!(allowed["allowed"]["reason"], "next release");
    let after = lint(&program, &["--today", "2027-02-01"]);
    assert_eq!(after.status, 1, "{}", after.stdout);
    assert!(has(&after, "allow/expired") && has(&after, "schema/required-unknown"));
}

#[test]
fn an_entry_that_matches_nothing_is_found_unless_its_rule_was_not_asked() {
    let program =
        program("[[allow]]\nrule = \"schema/required-unknown\"\ntool = \"gone\"\nreason = \"x\"\n");
    let stale = lint(&program, &["--fail-on", "warning"]);
    assert_eq!(stale.status, 1);
    assert!(has(&stale, "allow/stale"), "{}", stale.stdout);
    let place = stale.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["rule"] == "allow/stale")
        .map(|it| it["places"][0].clone())
        .unwrap();
    assert_eq!((place["kind"].as_str(), place["line"].as_u64()), (Some("project"), Some(1)));
    assert!(!has(&lint(&program, &["--ignore", "schema"]), "allow/stale"));
    assert!(!has(&lint(&program, &["--ignore", "allow"]), "allow/stale"));
}

#[test]
fn a_broken_file_is_an_error_of_usage_with_a_place() {
    let finished = lint(&program("[lint]\nprofil = \"spec\"\n"), &[]);
    assert_eq!(finished.status, 2);
    let error: serde_json::Value = serde_json::from_str(&finished.stderr).unwrap();
    assert_eq!(error["error"]["place"], "mcp-kit.toml:2:1");
    assert!(error["error"]["help"].as_str().unwrap().contains("did you mean `profile`?"));
}

#[test]
fn today_is_a_day() {
    let finished = lint(&program(""), &["--today", "2026-02-30"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("2026-02-30"), "{}", finished.stderr);
}

#[test]
fn a_file_takes_what_it_does_not_say_from_the_one_that_it_extends() {
    let program = program("[lint]\nextends = \"shared/base.toml\"\nignore = [\"desc\"]\n")
        .file(
            "shared/base.toml",
            "[lint]\nextends = \"../most.toml\"\nprofile = \"spec\"\nignore = [\"name\"]\n",
        )
        .file("most.toml", "[lint]\nprofile = \"strict\"\nfail_on = \"info\"\n");
    let run = program.run(&["lint", "surface.json", "--format", "json"]);
    assert_eq!((run.status, run.json()["profile"].as_str()), (1, Some("spec")), "{}", run.stderr);

    let shown = program.run(&["config", "show", "--select", "name", "--format", "json"]).json();
    let of = |key: &str| {
        let values = shown["values"].as_array().unwrap();
        let value = values.iter().find(|value| value["key"] == key).unwrap();
        let origin = |origin: &serde_json::Value| match origin["kind"].as_str().unwrap() {
            "default" => "default".to_owned(),
            "flag" => origin["flag"].as_str().unwrap().to_owned(),
            _ => format!("{}:{}", origin["file"].as_str().unwrap(), origin["line"]),
        };
        let origins: Vec<String> =
            value["origins"].as_array().unwrap().iter().map(origin).collect();
        format!("{} from {}", value["value"], origins.join(", "))
    };
    assert_eq!(of("lint.profile"), "\"spec\" from shared/base.toml:3");
    assert_eq!(of("lint.fail_on"), "\"info\" from shared/../most.toml:3");
    assert_eq!(of("lint.ignore"), "[\"desc\"] from mcp-kit.toml:3, shared/base.toml:4");
    assert_eq!(of("lint.select"), "[\"name\"] from --select");
    assert_eq!(of("lint.max_tools"), "7 from default");
    assert_eq!(shown["files"].as_array().unwrap().len(), 3);
}

#[test]
fn a_circle_of_files_and_one_that_is_not_there_are_errors_with_a_place() {
    let circle = program("[lint]\nextends = \"other.toml\"\n")
        .file("other.toml", "[lint]\nprofile = \"spec\"\nextends = \"mcp-kit.toml\"\n");
    let refused = lint(&circle, &[]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("other.toml:3:11"), "{}", refused.stderr);
    assert!(refused.stderr.contains("which extends it"), "{}", refused.stderr);
    let missing = lint(&program("[lint]\nextends = \"gone.toml\"\n"), &[]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("mcp-kit.toml:2:11"), "{}", missing.stderr);
    assert!(missing.stderr.contains("gone.toml"), "{}", missing.stderr);
    let broken = program("[lint]\nextends = \"b.toml\"\n").file("b.toml", "[lint]\nprofil = 1\n");
    assert!(lint(&broken, &[]).stderr.contains("b.toml:2:1"));
}

#[test]
fn a_tool_may_be_held_to_less_and_to_more() {
    let ignored = program("[tools.find_orders]\nignore = [\"schema\"]\n");
    assert!(!has(&lint(&ignored, &[]), "schema/required-unknown"));
    assert!(has(&lint(&ignored, &[]), "output/missing-schema"));
    let raised =
        program("[tools.find_orders]\nseverity = { \"output/missing-schema\" = \"error\" }\n");
    assert_eq!(lint(&raised, &[]).json()["summary"]["errors"], 2);
    let other = program("[tools.find_order]\nignore = [\"schema\"]\n");
    let run = lint(&other, &[]);
    assert!(has(&run, "schema/required-unknown"));
    assert!(run.stderr.contains("did you mean `find_orders`?"), "{}", run.stderr);
}

#[test]
fn budgets_and_words_of_the_project_count() {
    let program = program(
        "[lint]\nmax_tools = 0\nmax_tokens = 10\nmax_tool_tokens = 10\nvendors = [\"orders\"]\n",
    );
    let select = "surface,name/vendor";
    let rules = lint(&program, &["--select", select]).rules();
    for rule in [
        "surface/too-many-tools",
        "surface/token-budget",
        "surface/tool-token-budget",
        "name/vendor",
    ] {
        assert!(rules.iter().any(|found| found == rule), "{rule}: {rules:?}");
    }
}
