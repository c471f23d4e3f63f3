//! `mcp-kit diff`: what can be compared with what, and what comes out of it.

use std::fs;

use crate::program::{Finished, HttpServer, Program, example, git};

const OLD: &str = r#"{"name": "get_order", "description": "Get one order by its number.",
    "inputSchema": {"type": "object", "properties": {"number": {"type": "integer"}}}}"#;

fn tools(tools: &[&str]) -> String {
    format!(r#"{{"tools": [{}]}}"#, tools.join(","))
}

/// Turns the folder into a repository with everything in it committed on `main`.
fn commit(program: &Program) {
    let _ = fs::remove_dir(program.path(".git"));
    let folder = program.path("");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "all"]);
}

fn check(finished: &Finished, status: i32, expected: &str) {
    let shown = format!("{}{}", finished.stdout, finished.stderr);
    assert_eq!(finished.status, status, "{shown}");
    // Help is wrapped.
    let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(expected), "{expected}\n{shown}");
}

/// A folder that has the same tool in every form a file can have.
fn every_form() -> Program {
    let list = tools(&[OLD]);
    let envelope = format!(r#"{{"jsonrpc": "2.0", "id": 1, "result": {list}}}"#);
    let line = envelope.replace('\n', " ");
    let empty = r#"{"jsonrpc": "2.0", "id": 1, "result": {"tools": [], "nextCursor": "2"}}"#;
    Program::new()
        .file("result.json", &list)
        .file("bare.json", format!("[{OLD}]"))
        .file("envelope.json", &envelope)
        .file("tool.json", OLD)
        .file("pages.json", format!("[{empty}, {envelope}]"))
        .file("results.json", format!(r#"[{{"tools": []}}, {list}]"#))
        .file("lines.jsonl", format!("{empty}\n{line}\n"))
        .file("contract.json", format!(r#"{{"format": "mcp-kit.contract/1", "surface": {list}}}"#))
        .file("snapshots/get_order.snap", OLD)
        .file("nested/answers/a.json", &envelope)
}

#[test]
fn every_form_is_the_same_surface_as_every_other() {
    let program = every_form();
    commit(&program);
    let forms = [
        "result.json",
        "bare.json",
        "envelope.json",
        "tool.json",
        "pages.json",
        "results.json",
        "lines.jsonl",
        "contract.json",
        "snapshots/",
        "./snapshots",
        "nested/answers",
        "git:main:lines.jsonl",
        "git:HEAD:contract.json",
        "git:HEAD:snapshots",
        "git:main:nested/answers/",
    ];
    for pair in forms.windows(2).chain([["tool.json", "git:HEAD:snapshots"].as_slice()]) {
        let finished = program.run(&[&["diff", "--fail-on", "any"], pair].concat());
        assert_eq!(finished.status, 0, "{pair:?}\n{}{}", finished.stdout, finished.stderr);
        assert_eq!(finished.stderr, "", "{pair:?}");
    }
    for arguments in [["-", "tool.json"], ["snapshots/", "-"]] {
        let finished = program.run_with_input(
            &[&["diff", "--fail-on", "any"][..], &arguments].concat(),
            OLD.as_bytes(),
        );
        assert_eq!(finished.status, 0, "{arguments:?}\n{}", finished.stderr);
    }
}

#[test]
fn servers_are_targets_on_both_sides() {
    let misbehave = example("misbehave").display().to_string();
    let program = Program::new().file(
        ".mcp.json",
        format!(r#"{{"mcpServers": {{"shop": {{"command": "{misbehave}", "args": ["stdio", "good"]}}}}}}"#),
    );
    let written =
        program.run(&["snapshot", "-o", "contract.json", "--", &misbehave, "stdio", "good"]);
    assert_eq!(written.status, 0, "{}", written.stderr);
    let server = ["--", &misbehave, "stdio", "good-paged"];
    let rows: [&[&str]; 6] = [
        &["contract.json", "--", &misbehave, "stdio", "good"],
        &["--trust", "shop", "--", &misbehave, "stdio", "good-paged"],
        &["--trust", "shop", "contract.json"],
        &["--trust", ".mcp.json#shop", "shop"],
        &["--trust", "contract.json", ".mcp.json"],
        &server,
    ];
    for row in rows {
        let finished = program.run(&[&["diff", "--fail-on", "any"], row].concat());
        assert_eq!(finished.status, 0, "{row:?}\n{}{}", finished.stdout, finished.stderr);
    }
    let http = HttpServer::start(&example("misbehave"), &["http", "good"]);
    if cfg!(feature = "http") {
        let row = ["diff", "--fail-on", "any", &http.url, "--", &misbehave, "stdio", "good"];
        let finished = program.run(&row);
        assert_eq!(finished.status, 0, "{}{}", finished.stdout, finished.stderr);
    }
}

#[test]
fn what_lies_beside_the_tools_of_a_folder_is_remarked_on() {
    let program = every_form()
        .file("snapshots/README.md", "what these are")
        .file("snapshots/.gitkeep", "")
        .file("snapshots/old/get_order.json", OLD);
    commit(&program);
    for folder in ["snapshots/", "git:HEAD:snapshots"] {
        let finished = program.run(&["diff", "--fail-on", "any", folder, "tool.json"]);
        let remark = format!(
            "note: skipped in {folder}: README.md, old; only .json and .snap files are read\n"
        );
        assert_eq!((finished.status, finished.stderr), (0, remark));
    }
}

#[test]
fn bad_input_is_never_a_pass() {
    let misbehave = example("misbehave").display().to_string();
    let page = tools(&[OLD]).replace("]}", r#"], "nextCursor": "2"}"#);
    let error = r#"{"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no"}}"#;
    let program = every_form()
        .file("page.json", page)
        .file("error.json", error)
        .file("broken/a.json", OLD)
        .file("broken/b.json", "{")
        .file("mixed/a.json", OLD)
        .file("mixed/package.json", r#"{"name": "app", "version": "1.0.0"}"#)
        .file("empty/README.md", "nothing here");
    commit(&program);
    let rows: [(i32, &[&str], &str); 19] = [
        (2, &[], "no target given = help: give what is new, to compare it with the committed"),
        (2, &["-", "-"], "standard input is given as both targets"),
        (2, &["a.json", "b.json", "--", "server"], "three targets given: `a.json`, `b.json`"),
        (2, &["missing.json", "tool.json"], "cannot read missing.json"),
        (2, &["tool.json", "missing/"], "cannot read missing/"),
        (2, &["tool.json", "git:main:missing.json"], "cannot read main:missing.json from git"),
        (2, &["git:nowhere:contract.json", "tool.json"], "git fetch origin BRANCH"),
        (2, &["tool.json", "git:main:empty"], "no .json or .snap file lies in git:main:empty"),
        (2, &["tool.json", "empty/"], "no .json or .snap file lies in empty/"),
        (2, &["tool.json", "snapshots"], "write snapshots/"),
        (2, &["tool.json", "broken/"], "--> broken/b.json"),
        (2, &["git:main:mixed", "tool.json"], "--> git:main:mixed/package.json"),
        (2, &["tool.json", "error.json"], "found the JSON-RPC error `no`"),
        (2, &["tool.json", "page.json"], "`tools` goes on after the last page there is"),
        (2, &["tool.json", "contract.json", "-e", "A=b"], "--env means nothing for a file"),
        (2, &["contract.json"], "contract.json would be compared with itself"),
        (4, &["tool.json", "--", "/no/such/server"], "did not start"),
        (5, &["--", &misbehave, "stdio", "second-page-refused"], "the surface is incomplete"),
        (5, &["--connect-timeout", "4s", "--", &misbehave, "stdio", "wrong-id"], "error:"),
    ];
    for (status, arguments, expected) in rows {
        check(&program.run(&[&["diff"], arguments].concat()), status, expected);
    }
    let partial = program.run(&["diff", "--fail-on", "any", "--partial", "tool.json", "page.json"]);
    assert_eq!(partial.status, 0, "{}", partial.stderr);
}

/// What fits one of the sides is not refused for the other.
#[test]
fn a_flag_has_to_fit_one_side() {
    let misbehave = example("misbehave").display().to_string();
    let program = every_form();
    let server = ["--", &misbehave, "stdio", "good"];
    let run = |flags: &[&str]| program.run(&[&["diff", "tool.json"], flags, &server].concat());
    assert_ne!(run(&["-e", "A=b"]).status, 2);
    check(
        &run(&["-H", "A: b"]),
        2,
        "--header means nothing for a file or a command that is started",
    );
}

#[test]
fn one_log_for_two_servers_is_refused() {
    let program = Program::new()
        .file(".mcp.json", r#"{"mcpServers": {"a": {"command": "a"}, "b": {"command": "b"}}}"#);
    let finished = program.run(&["diff", "--trust", "--server-log", "log", "a", "b"]);
    check(&finished, 2, "--server-log names one file for two servers");
}

#[test]
fn a_target_alone_is_compared_with_the_committed_contract() {
    let program = Program::new().file("surface.json", tools(&[OLD]));
    let missing = program.run(&["diff", "surface.json"]);
    check(&missing, 2, "there is no contract.json to compare with");
    let first = program.run(&["diff", "--write", "surface.json"]);
    assert_eq!((first.status, first.stderr.as_str()), (0, "contract.json: written\n"));
    assert_eq!(program.run(&["diff", "--fail-on", "any", "surface.json"]).status, 0);
    let again = program.run(&["diff", "--write", "surface.json"]);
    assert_eq!((again.status, again.stderr.as_str()), (0, "contract.json: is up to date\n"));
    let snapshot = program.run(&["snapshot", "surface.json"]).stdout;
    assert_eq!(fs::read_to_string(program.path("contract.json")).unwrap(), snapshot);
}

#[test]
fn write_refuses_what_it_cannot_update() {
    let misbehave = example("misbehave").display().to_string();
    let program = every_form();
    let before = fs::read_to_string(program.path("contract.json")).unwrap();
    let list = program.run(&["diff", "--write", "bare.json", "tool.json"]);
    check(&list, 2, "bare.json is not a contract that --write could update");
    let incomplete =
        program.run(&["diff", "--write", "--", &misbehave, "stdio", "second-page-refused"]);
    check(&incomplete, 5, "the surface is incomplete");
    assert_eq!(fs::read_to_string(program.path("contract.json")).unwrap(), before);
}

/// Where the lists vary by authorization there is a contract for each.
#[test]
fn the_project_says_where_its_contracts_lie() {
    let program = Program::new()
        .file(
            "api/mcp-kit.toml",
            "[contract]\npath = \"committed/all.json\"\n\n\
             [[contract.audience]]\nname = \"staff\"\npath = \"committed/staff.json\"\n",
        )
        .file("api/committed/.gitkeep", "")
        .file("api/src/surface.json", tools(&[OLD]));
    let run = |arguments: &[&str]| {
        let mut command = program.command(arguments);
        let child = command.current_dir(program.path("api/src")).spawn().unwrap();
        program.finish(child, arguments)
    };
    let missing = run(&["diff", "surface.json"]);
    check(&missing, 2, "there is no ../committed/all.json to compare with");
    for (flags, path) in
        [(&[][..], "../committed/all.json"), (&["--audience", "staff"], "../committed/staff.json")]
    {
        let written = run(&[&["diff", "--write"], flags, &["surface.json"]].concat());
        check(&written, 0, &format!("{path}: written"));
        assert!(program.path("api/src").join(path).is_file());
        assert_eq!(
            run(&[&["diff", "--fail-on", "any"], flags, &["surface.json"]].concat()).status,
            0
        );
    }
    let unknown = run(&["diff", "--audience", "guests", "surface.json"]);
    check(&unknown, 2, "no contract is kept for an audience `guests` --> ../mcp-kit.toml");
    assert!(unknown.stderr.contains("has: staff"), "{}", unknown.stderr);
}

#[test]
fn a_finding_in_a_folder_names_the_file() {
    let bad = OLD.replace("\"object\"", "\"string\"");
    let program = Program::new().file("snapshots/get_order.json", bad);
    let finished = program.run(&["lint", "snapshots/"]);
    check(&finished, 1, "--> snapshots/get_order.json:2:20");
    let report = program.run(&["lint", "--format", "json", "snapshots/"]).json();
    let place = &report["findings"][0]["places"][0];
    assert_eq!((&place["file"], &place["line"]), (&"get_order.json".into(), &2.into()));
}

#[test]
fn an_experimental_tool_passes_under_any_and_an_unknown_one_is_remarked_on() {
    let program = Program::new().file("old.json", tools(&[OLD])).file("new.json", tools(&[])).file(
        "mcp-kit.toml",
        "[tools.get_order]\nstability = \"experimental\"\n[tools.get_ordr]\n",
    );
    let run = |flags: &[&str]| {
        program.run(&[&["diff", "old.json", "new.json", "--fail-on", "any"], flags].concat())
    };
    let finished = run(&[]);
    check(&finished, 0, "the tool is gone (experimental)");
    check(
        &finished,
        0,
        "there is no tool `get_ordr`, as [tools] names it; did you mean `get_order`?",
    );
    check(&run(&["--isolated"]), 1, "the tool is gone");
}
