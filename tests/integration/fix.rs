//! `--fix`: what is edited, what is refused, and what is said about it.

use std::fs;

use crate::program::{Finished, Program, example, git};

const BEFORE: &str = "{\"tools\": [\r\n  {\"name\": \"get_berth\", \"description\": \"Gets one berth\u{200b} by its number.\",\r\n   \"execution\": {\"taskSupport\": \"optional\"},\r\n   \"inputSchema\": {\"properties\": {}, \"n\": 1.50e0}}\r\n]}\r\n";
const AFTER: &str = "{\"tools\": [\r\n  {\"name\": \"get_berth\", \"description\": \"Gets one berth by its number.\",\r\n   \"inputSchema\": {\"type\": \"object\", \"properties\": {}, \"n\": 1.50e0}}\r\n]}\r\n";

fn program() -> Program {
    Program::new().file("tools.json", BEFORE)
}

fn lint(program: &Program, flags: &[&str]) -> Finished {
    program.run(&[&["lint", "tools.json"], flags].concat())
}

fn text(program: &Program) -> String {
    fs::read_to_string(program.path("tools.json")).unwrap()
}

#[test]
fn a_file_is_put_right_once_and_the_rest_is_reported() {
    let program = program();
    let before = lint(&program, &[]);
    assert_eq!(before.status, 1);
    assert!(before.stdout.contains("error[security/hidden-unicode] [*]: "), "{}", before.stdout);
    assert!(before.stdout.ends_with("\n[*] 3 fixable with --fix\n"), "{}", before.stdout);

    let fixed = lint(&program, &["--fix"]);
    assert_eq!((fixed.status, text(&program)), (0, AFTER.to_owned()), "{}", fixed.stderr);
    assert!(!fixed.stdout.contains("[*]"), "{}", fixed.stdout);
    assert!(fixed.stdout.ends_with("\nfixed 3 findings in tools.json\n"), "{}", fixed.stdout);

    let again = lint(&program, &["--fix", "--format", "json"]);
    let report = again.json();
    assert_eq!(text(&program), AFTER);
    assert_eq!(report["fixed"], serde_json::json!({"file": "tools.json", "findings": []}));
    let left = fs::read_dir(program.path("")).unwrap().count();
    assert_eq!(left, 2, "the file and .git");
}

#[test]
fn a_report_for_programs_has_the_fix_and_what_was_fixed() {
    let program = program();
    let report = lint(&program, &["--format", "json"]).json();
    assert_eq!(report["fixed"], serde_json::Value::Null);
    let findings = report["findings"].as_array().unwrap();
    let removed = findings.iter().find(|it| it["rule"] == "spec/removed-field").unwrap();
    assert_eq!(removed["fixable"], "safe");
    assert_eq!(
        removed["places"][0]["fix"],
        serde_json::json!({"applicability": "safe", "title": "take out `execution`",
            "patch": [{"op": "remove", "path": "/tools/0/execution"}]})
    );
    let sarif: serde_json::Value =
        serde_json::from_str(&lint(&program, &["--format", "sarif"]).stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let removed = results.iter().find(|it| it["ruleId"] == "spec/removed-field").unwrap();
    let change = &removed["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "tools.json");
    assert_eq!(
        change["replacements"],
        serde_json::json!([{
            "deletedRegion": {"startLine": 3, "startColumn": 4, "endLine": 4, "endColumn": 4},
            "insertedContent": {"text": ""}
        }])
    );
    let report = lint(&program, &["--fix", "--format", "json"]).json();
    let fixed = report["fixed"]["findings"].as_array().unwrap();
    assert_eq!(fixed.len(), 3);
    assert_eq!(fixed[1]["rule"], "security/hidden-unicode");
    assert_eq!(fixed[1]["title"], "take out 1 hidden character");
}

#[test]
fn a_preview_is_a_patch_and_changes_nothing() {
    let program = program();
    let shown = lint(&program, &["--diff"]);
    assert_eq!((shown.status, text(&program)), (1, BEFORE.to_owned()));
    assert!(shown.stdout.starts_with("--- tools.json\n+++ tools.json\n@@ "), "{}", shown.stdout);
    assert!(shown.stdout.contains("\n-   \"execution\""), "{}", shown.stdout);
    assert_eq!(shown.stderr, "would fix 3 findings in tools.json\n");
    lint(&program, &["--fix"]);
    let nothing = lint(&program, &["--diff"]);
    assert_eq!((nothing.status, nothing.stdout.as_str()), (0, ""));
    assert_eq!(nothing.stderr, "nothing to fix in tools.json\n");
}

#[test]
fn standard_input_goes_to_standard_output_and_the_report_beside_it() {
    let finished = Program::new().run_with_input(&["lint", "-", "--fix"], BEFORE.as_bytes());
    assert_eq!((finished.status, finished.stdout.as_str()), (0, AFTER));
    assert!(finished.stderr.contains("fixed 3 findings in standard input"), "{}", finished.stderr);
    let nothing = Program::new().run_with_input(&["lint", "-", "--fix"], AFTER.as_bytes());
    assert_eq!(nothing.stdout, AFTER);
}

#[test]
fn what_is_allowed_known_or_ignored_stays() {
    let allow = "[[allow]]\nrule = \"security/hidden-unicode\"\nreason = \"it is the point\"\n";
    let program = program().file("mcp-kit.toml", allow);
    let known = lint(&program, &["--select", "spec", "--write-baseline", "b.json"]);
    assert_eq!(known.status, 0, "{}", known.stderr);
    for flags in [&["--fix", "--baseline", "b.json"][..], &["--diff", "--ignore", "spec,schema"]] {
        lint(&program, flags);
        assert_eq!(text(&program), BEFORE, "{flags:?}");
    }
    lint(&program, &["--fix", "--ignore", "spec"]);
    let half = BEFORE.replace("{\"properties\"", "{\"type\": \"object\", \"properties\"");
    assert_eq!(text(&program), half);
}

#[test]
fn unsafe_fixes_are_made_only_where_they_are_asked_for() {
    let before = r#"[{"name": "create berth", "description": "Creates a berth in the harbour.", "inputSchema": {"type": "object"}}]"#;
    let program = Program::new().file("tools.json", before);
    let safe = lint(&program, &["--fix"]);
    assert!(
        safe.stdout.contains("nothing to fix in tools.json (3 more with --unsafe-fixes)"),
        "{}",
        safe.stdout
    );
    assert_eq!(text(&program), before);
    lint(&program, &["--fix", "--unsafe-fixes"]);
    assert!(text(&program).contains("\"create_berth\""), "{}", text(&program));
    assert!(text(&program).contains("\"readOnlyHint\": false"), "{}", text(&program));
}

#[test]
fn what_cannot_be_changed_is_refused_with_advice() {
    let program = program();
    let refused = |flags: &[&str], what: &str| {
        let finished = program.run(&[&["lint", "--fix"], flags].concat());
        assert_eq!(finished.status, 2, "{flags:?} {}", finished.stdout);
        assert!(finished.stderr.contains(what), "{}", finished.stderr);
        assert!(finished.stderr.contains("= help: "), "{}", finished.stderr);
    };
    fs::create_dir(program.path("folder")).unwrap();
    fs::copy(program.path("tools.json"), program.path("folder/tools.json")).unwrap();
    refused(&["folder/"], "cannot fix a folder");
    fs::write(program.path("latin.json"), b"[{\"name\": \"caf\xe9\"}]").unwrap();
    refused(&["latin.json"], "cannot fix a text that is not UTF-8");
    let folder = program.path("repository");
    fs::create_dir(&folder).unwrap();
    fs::copy(program.path("tools.json"), folder.join("tools.json")).unwrap();
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "tools"]);
    let mut command = program.command(&["lint", "--fix", "git:HEAD:tools.json"]);
    let output = command.current_dir(&folder).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("cannot fix what lies in a revision"), "{stderr}");
    let mut permissions = fs::metadata(program.path("tools.json")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(program.path("tools.json"), permissions).unwrap();
    refused(&["tools.json"], "it is read-only");
    assert_eq!(text(&program), BEFORE);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_file_keeps_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let program = program();
    let mode = fs::Permissions::from_mode(0o640);
    fs::set_permissions(program.path("tools.json"), mode).unwrap();
    symlink("tools.json", program.path("link.json")).unwrap();
    program.run(&["lint", "--fix", "link.json"]);
    assert_eq!(text(&program), AFTER);
    assert!(fs::symlink_metadata(program.path("link.json")).unwrap().is_symlink());
    let mode = fs::metadata(program.path("tools.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn for_a_server_there_is_a_list_of_what_to_write() {
    let served =
        BEFORE.replacen('{', "{\"serverInfo\": {\"name\": \"harbour\", \"version\": \"1\"}, ", 1);
    let program = Program::new().file("tools.json", &served);
    let server = example("file_server").display().to_string();
    let run = |flags: &[&str]| {
        let words =
            [&["lint", "--no-live", "--fix"], flags, &["--", &server, "tools.json"]].concat();
        program.run(&words)
    };
    let all = run(&[]);
    assert!(all.stdout.contains("\nwhat to write\n"), "{}", all.stdout);
    let list = all.stdout.split("\nwhat to write\n").nth(1).unwrap();
    // The server is built on rmcp, and its command tells.
    assert!(list.contains("#[tool(description = \"Gets one berth by its number.\")]"), "{list}");
    assert!(!list.contains("@mcp.tool"), "{list}");
    let chosen = run(&["--sdk", "python"]);
    assert!(chosen.stdout.contains("@mcp.tool(description=\"Gets one"), "{}", chosen.stdout);
    assert_eq!(text(&program), served);
}

/// With `type` at its root the schema would accept nothing, so the fix is taken back.
const TAKEN_BACK: &str = r#"{"tools":[{"name":"get_berth","description":"Gets one berth of the harbour.\u200b","inputSchema":{"properties":{"a":{"type":"string"}},"enum":["x"]}}]}"#;

#[test]
fn only_what_is_fixed_in_the_end_is_announced() {
    let program = Program::new().file("tools.json", TAKEN_BACK);
    let before = lint(&program, &[]);
    assert!(before.stdout.contains("[*] 1 fixable with --fix"), "{}", before.stdout);
    let report = lint(&program, &["--format", "json"]).json();
    let findings = report["findings"].as_array().unwrap();
    let root = findings.iter().find(|it| it["rule"] == "schema/root-not-object").unwrap();
    assert_eq!(root["fixable"], serde_json::Value::Null, "{root}");
    assert_eq!(root["places"][0]["fix"], serde_json::Value::Null, "{root}");
    let fixed = lint(&program, &["--fix"]);
    assert!(fixed.stdout.contains("fixed 1 finding in tools.json"), "{}", fixed.stdout);
    assert!(!fixed.stdout.contains("[*]"), "{}", fixed.stdout);
}

#[test]
fn what_unsafe_fixes_are_said_to_do_is_what_they_do() {
    let text = r#"[{"name": "create berth\u200b", "description": "Creates a berth.", "inputSchema": {"type": "object"}}]"#;
    let program = Program::new().file("tools.json", text);
    let count = |text: &str, after: &str| -> usize {
        let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("{after}: {text}"));
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    let some = lint(&program, &["--diff"]).stderr;
    let more = count(&some, " (");
    let all = count(&lint(&program, &["--diff", "--unsafe-fixes"]).stderr, "would fix ");
    let safe = if some.starts_with("nothing") { 0 } else { count(&some, "would fix ") };
    assert_eq!(safe + more, all, "{some}");
    let fixed = lint(&program, &["--fix", "--unsafe-fixes"]).stdout;
    assert_eq!(count(&fixed, "\nfixed "), all, "{fixed}");
}

#[test]
fn the_list_for_a_server_is_never_in_a_report_for_programs() {
    let served =
        BEFORE.replacen('{', "{\"serverInfo\": {\"name\": \"harbour\", \"version\": \"1\"}, ", 1);
    let program = Program::new().file("tools.json", &served);
    let server = example("file_server").display().to_string();
    let run = |flags: &[&str]| {
        let words =
            [&["lint", "--no-live", "--fix"], flags, &["--", &server, "tools.json"]].concat();
        program.run(&words)
    };
    for format in ["json", "jsonl", "sarif", "junit", "html", "github", "markdown"] {
        let finished = run(&["--format", format]);
        assert!(!finished.stdout.contains("what to write"), "{format}: {}", finished.stdout);
        assert!(finished.stderr.contains("#[tool(description"), "{format}: {}", finished.stderr);
    }
    run(&["--format", "json"]).json();
    let both = run(&["--format", "text", "--format", "json", "-o", "report.json"]);
    assert!(both.stdout.contains("what to write"), "{}", both.stdout);
}

/// A safe fix and an unsafe one.
const BOTH: &str = r#"{"serverInfo": {"name": "harbour", "version": "1"}, "tools": [{"name": "get_berth", "description": "Gets one berth\u200b by its number.", "annotations": {"readOnlyHint": true}, "inputSchema": {"type": "object", "properties": {"limit": {"type": "integer", "description": "How many", "default": "20"}}}}]}"#;

fn lint_served(program: &Program, flags: &[&str]) -> Finished {
    let server = example("file_server").display().to_string();
    let words = [&["lint", "--no-live"], flags, &["--", &server, "tools.json"]].concat();
    program.run(&words)
}

#[test]
fn a_preview_of_a_server_fails_where_there_is_something() {
    let program = Program::new().file("tools.json", BOTH);
    let ignored = ["--ignore", "schema,surface,desc,output"];
    let run = |flags: &[&str]| lint_served(&program, &[flags, &ignored].concat());
    let known = run(&["--write-baseline", "known.json"]);
    assert_eq!(known.status, 0, "{}", known.stderr);
    assert_eq!(run(&["--diff", "--baseline", "known.json"]).status, 0);
    let lenient = ["--select", "security", "--ignore", "spec"];
    fs::write(program.path("mcp-kit.toml"), "[severity]\n\"security/hidden-unicode\" = \"info\"\n")
        .unwrap();
    let run = |flags: &[&str]| run(&[flags, &lenient[..]].concat());
    assert_eq!(run(&[]).status, 0, "{}", run(&[]).stdout);
    assert_eq!(run(&["--fix"]).status, 0);
    let shown = run(&["--diff"]);
    assert_eq!(shown.status, 1, "{}", shown.stdout);
    assert!(shown.stdout.contains("what to write"), "{}", shown.stdout);
}

#[test]
fn what_is_said_of_a_server_fits_the_lines_below() {
    let program = Program::new().file("tools.json", BOTH);
    let sentence = |flags: &[&str]| {
        let shown = lint_served(&program, flags).stdout;
        let is_about_lines = |line: &&str| line.contains("to write") || line.starts_with("nothing");
        shown.lines().filter(is_about_lines).map(str::to_owned).collect::<Vec<_>>().join("; ")
    };
    let no_safe = ["--fix", "--ignore", "security"];
    let shown = [
        sentence(&[]),
        sentence(&["--fix"]),
        sentence(&["--fix", "--unsafe-fixes"]),
        sentence(&no_safe),
        sentence(&["--fix", "--ignore", "security,schema"]),
    ];
    insta::assert_snapshot!(shown.join("\n"), @r##"
    [*] 1 with lines to write, from --fix, 1 more with --unsafe-fixes
    [*] lines to write for 1 finding (1 more with --unsafe-fixes); what to write
    [*] lines to write for 2 findings; what to write
    nothing safe to write (1 more with --unsafe-fixes); nothing that can be put right safely
    nothing that a rule knows how to put right
    "##);
}

#[test]
fn nothing_but_the_exit_code_is_no_patch_either() {
    let shown = lint(&program(), &["--diff", "-qq"]);
    assert_eq!((shown.status, shown.stdout.as_str(), shown.stderr.as_str()), (1, "", ""));
}

#[test]
fn what_cannot_be_fixed_here_is_not_announced() {
    let program = program();
    let folder = program.path("");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "tools"]);
    let committed = program.run(&["lint", "git:HEAD:tools.json"]);
    assert!(committed.stdout.contains("security/hidden-unicode"), "{}", committed.stdout);
    assert!(!committed.stdout.contains("--fix"), "{}", committed.stdout);
}

#[test]
fn advice_about_fixes_of_many_servers_can_be_followed() {
    for flags in [&["--sdk", "rust"][..], &["--unsafe-fixes"]] {
        let refused = Program::new().run(&[&["lint", "--all"], flags].concat());
        assert_eq!(refused.status, 2);
        assert!(refused.stderr.contains("cannot be used with"), "{}", refused.stderr);
        assert!(!refused.stderr.contains("<--fix|--diff>"), "{}", refused.stderr);
    }
}

#[test]
fn a_patch_applies_whatever_the_file_is_called_and_however_its_lines_end() {
    let program = Program::new().file("sp ace.json", BEFORE);
    let shown = program.run(&["lint", "--diff", "sp ace.json"]).stdout;
    assert!(shown.starts_with("--- sp ace.json\t\n+++ sp ace.json\t\n@@ "), "{shown}");
    let old_mac = BEFORE.replace("\r\n", "\r");
    let program = Program::new().file("tools.json", &old_mac);
    let shown = lint(&program, &["--diff"]).stdout;
    let fixed = AFTER.replace("\r\n", "\r");
    assert_eq!(
        shown,
        format!(
            "--- tools.json\n+++ tools.json\n@@ -1 +1 @@\n-{old_mac}\n\\ No newline at end of file\n\
             +{fixed}\n\\ No newline at end of file\n"
        )
    );
}

#[test]
fn flags_that_would_do_nothing_are_refused() {
    let program = program();
    for flags in [
        &["--diff", "--format", "json"][..],
        &["--diff", "-o", "report.txt"],
        &["--fix", "--sdk", "python"],
        &["--unsafe-fixes"],
        &["--sdk", "rust"],
    ] {
        let finished = lint(&program, flags);
        assert_eq!((finished.status, finished.stdout.as_str()), (2, ""), "{flags:?}");
        assert_eq!(text(&program), BEFORE, "{flags:?}");
    }
    assert_eq!(program.run(&["lint", "--all", "--unsafe-fixes"]).status, 2);
    let refused = lint(&program, &["--diff", "-o", "report.txt"]).stderr;
    assert!(refused.contains("`--diff` shows a patch and no report"), "{refused}");
    assert!(refused.contains("= help: "), "{refused}");
}

#[test]
fn nothing_is_changed_where_the_report_could_not_be_written() {
    let program = program();
    for path in ["none/report.json", "."] {
        let finished = lint(&program, &["--fix", "--format", "json", "-o", path]);
        assert_eq!((finished.status, text(&program)), (2, BEFORE.to_owned()), "{path}");
        assert!(finished.stderr.contains("nothing was done"), "{}", finished.stderr);
    }
    lint(&program, &["--fix", "-o", "report.txt"]);
    assert_eq!(text(&program), AFTER);
    let report = fs::read_to_string(program.path("report.txt")).unwrap();
    assert!(report.ends_with("fixed 3 findings in tools.json\n"), "{report}");
}

#[cfg(unix)]
#[test]
fn a_file_with_another_name_is_refused_and_not_written_over() {
    let program = program();
    fs::hard_link(program.path("tools.json"), program.path("other.json")).unwrap();
    let finished = lint(&program, &["--fix"]);
    assert_eq!((finished.status, text(&program)), (2, BEFORE.to_owned()));
    assert!(finished.stderr.contains("2 names lead to it"), "{}", finished.stderr);
    let finished = lint(&program, &["--format", "json", "-o", "other.json"]);
    assert_eq!((finished.status, text(&program)), (2, BEFORE.to_owned()), "{}", finished.stderr);
    assert!(finished.stderr.contains("would write over the target"), "{}", finished.stderr);
}
