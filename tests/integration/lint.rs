//! `mcp-kit lint` on files and on servers that play a script.

use std::fs;

use mcp_kit::engine::rule::{lint, page};

use crate::program::{Finished, Program, example};

/// Two tools with one thing wrong each, and one that is fine.
const ORDERS: &str = r#"{
  "serverInfo": {"name": "orders", "version": "1.4.2"},
  "protocolVersion": "2025-11-25",
  "tools": [
    {"name": "find_orders", "description": "Finds orders by status, newest first.",
     "annotations": {"readOnlyHint": true},
     "inputSchema": {"type": "object", "properties": {
       "status": {"type": "integer", "enum": ["open", "paid"], "description": "Only orders in it."},
       "limit": {"type": "integer", "minimum": 1, "maximum": 50, "description": "At most so many."}}},
     "outputSchema": {"type": "object", "properties": {"orders": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}}}},
    {"name": "cancel_order", "description": "Cancels an order that was not sent yet.",
     "annotations": {"readOnlyHint": false, "destructiveHint": true},
     "inputSchema": {"type": "object", "required": ["order_id"], "properties": {
       "order_id": {"type": "string", "description": "The order's id, from find_orders."}}},
     "outputSchema": {"type": "object", "properties": {"status": {"type": "string"}}}}
  ]
}
"#;

fn lint(surface: &str, flags: &[&str]) -> Finished {
    let program = Program::new().file("surface.json", surface);
    let mut arguments = vec!["lint", "surface.json"];
    arguments.extend(flags);
    program.run(&arguments)
}

#[test]
fn findings_are_grouped_by_tool_with_place_and_help() {
    let finished = lint(ORDERS, &[]);
    assert_eq!(finished.status, 1);
    insta::assert_snapshot!(finished.stdout, @r#"
    orders 1.4.2 (2025-11-25): 2 tools; 123 tokens before the model, 193 on the wire

    find_orders
      error[schema/type-enum-contradiction]: no value that `status` lists is of its type integer: the
          first is "open"
        --> surface.json:8:46
        = help: make `type` say what the listed values are, or list values of that type

    cancel_order
      warning[write/no-idempotency-key]: sounds safe to repeat, and no `idempotentHint: true` says so
        --> surface.json:11:5
        = help: say `idempotentHint: true` if calling it again with the same arguments changes nothing
                more; if it does, take an `idempotency_key`

    server
      info[surface/too-few-tools]: only two tools, which is hardly a domain
        --> surface.json:1:1
        = help: if it belongs to the domain of another server of yours, move it there; if it stands for
                a whole domain, fine: allow this with that reason

    1 error, 1 warning, 1 note (profile recommended); why: mcp-kit explain schema/type-enum-
      contradiction
    2 fixable with --fix --unsafe-fixes
    "#);
}

/// Two domains of four tools each.
fn shop() -> String {
    let tools = [
        "list_orders", "get_order", "place_order", "cancel_order", "list_shifts", "get_shift",
        "assign_shift", "swap_shift",
    ];
    let tools: Vec<_> = tools.iter().map(|name| serde_json::json!({"name": name})).collect();
    serde_json::json!({"serverInfo": {"name": "shop"}, "tools": tools}).to_string()
}

#[test]
fn a_long_list_is_shown_with_a_plan_and_the_plan_is_written() {
    let program = Program::new().file("shop.json", shop());
    let run =
        |flags: &[&str]| program.run(&[&["lint", "shop.json", "--plan", "p.json"], flags].concat());
    let finished = run(&["--select", "surface", "--ignore", "desc,schema,write,output"]);
    let shown = finished.stdout.split_once("split plan").unwrap().1;
    insta::assert_snapshot!(shown, @r"
    : 2 servers, cohesion 1.00
      shift (4 tools, 25 tokens): assign_shift, get_shift, list_shifts, swap_shift
      order (4 tools, 24 tokens): cancel_order, get_order, list_orders, place_order
      --plan split.json writes all of it

    1 warning (profile recommended); why: mcp-kit explain surface/too-many-tools
    ");
    let text = fs::read_to_string(program.path("p.json")).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plan["format"], "mcp-kit.split/1");
    assert_eq!(plan["verdict"], "split");
    assert_eq!(plan["servers"][1]["name"], "order");
    assert_eq!(plan["servers"][1]["tools"].as_array().unwrap().len(), 4);
    // Who ignores the rule wants no plan in the report, but the file all the same.
    fs::remove_file(program.path("p.json")).unwrap();
    assert!(!run(&["--ignore", "surface"]).stdout.contains("split plan"));
    assert_eq!(fs::read_to_string(program.path("p.json")).unwrap(), text);
}

#[test]
fn a_plan_that_cannot_be_written_is_said() {
    let program = Program::new().file("shop.json", shop());
    let finished = program.run(&["lint", "shop.json", "--plan", "no/such/folder/p.json"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("no/such/folder/p.json"), "{}", finished.stderr);
}

#[test]
fn the_json_report_has_what_programs_need() {
    let report = lint(ORDERS, &["--format", "json"]).json();
    assert_eq!(report["format"], "mcp-kit.lint/1");
    assert_eq!(report["server"]["name"], "orders");
    assert_eq!(report["summary"]["tools"], 2);
    let findings = report["findings"].as_array().unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding["rule"] == "schema/type-enum-contradiction")
        .unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["tool"], "find_orders");
    assert!(
        finding["pointer"].as_str().unwrap().starts_with("/tools/0/inputSchema"),
        "{finding:#}"
    );
    for member in ["message", "help", "fingerprint"] {
        assert!(!finding[member].as_str().unwrap().is_empty(), "{member}");
    }
    assert_eq!(finding["places"][0]["line"], 8);
}

#[test]
fn fingerprints_survive_reordering_and_edits_elsewhere() {
    let fingerprints = |surface: &serde_json::Value| -> Vec<String> {
        let report = lint(&surface.to_string(), &["--format", "json"]).json();
        let findings = report["findings"].as_array().unwrap();
        let mut all: Vec<String> = findings
            .iter()
            .map(|finding| format!("{} {}", finding["rule"], finding["fingerprint"]))
            .collect();
        all.sort();
        all
    };
    let surface: serde_json::Value = serde_json::from_str(ORDERS).unwrap();
    let mut edited = surface.clone();
    edited["tools"].as_array_mut().unwrap().reverse();
    edited["tools"][1]["title"] = "Find orders".into();
    let before = fingerprints(&surface);
    assert!(!before.is_empty());
    assert_eq!(before, fingerprints(&edited));
}

/// The fingerprints of all places in SARIF, sorted.
fn in_sarif(surface: &str, flags: &[&str]) -> Vec<String> {
    let sarif = lint(surface, &[&["--format", "sarif"], flags].concat()).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let mark = |result: &serde_json::Value| {
        let mark = result["partialFingerprints"]["mcpKitFinding/v1"].as_str().unwrap();
        format!("{} {mark}", result["ruleId"])
    };
    let mut marks: Vec<String> = results.iter().map(mark).collect();
    marks.sort();
    marks
}

#[test]
fn a_fingerprint_does_not_depend_on_how_the_json_is_written() {
    let plain = r#"{"tools": [{"name": "get_Xccount", "description": "Returns one accountY by its id.",
        "inputSchema": {"type": "object", "properties": {"a/b": {"type": "string", "default": 12}}}}]}"#;
    let plain = &plain.replace('X', "\u{430}").replace('Y', "\u{200b}");
    let escaped = r#"{"tools": [{"name": "get_\u0430ccount",
        "description": "Returns one account\u200b by\u0020its id.",
        "inputSchema": {"type": "object", "properties": {"a\/b": {"type": "string", "default": 1.2e1}}}}]}"#;
    let marks = in_sarif(plain, &[]);
    assert!(marks.len() > 4, "{marks:#?}");
    assert_eq!(marks, in_sarif(escaped, &[]));
}

#[test]
fn no_two_findings_of_a_report_share_a_fingerprint() {
    let tool = |name: &str| {
        format!(
            r#"{{"name": "{name}", "description": "Sends.", "inputSchema": {{"type": "object",
                "properties": {{"to": {{"type": "object", "properties": {{"name": {{}}}}}}}}}}}}"#
        )
    };
    let of = |tools: &[&str]| {
        let tools: Vec<String> = tools.iter().map(|name| tool(name)).collect();
        in_sarif(&format!(r#"{{"tools": [{}]}}"#, tools.join(",")), &["--target", "openai-strict"])
    };
    let marks = of(&["send_email", "send_email"]);
    let mut unique = marks.clone();
    unique.dedup();
    assert_eq!(marks, unique);
    assert!(marks.iter().any(|mark| mark.ends_with("-2")), "{marks:#?}");
    // Among themselves they keep their places, wherever the others stand.
    let moved = of(&["find_email", "send_email", "send_email"]);
    let missing: Vec<&String> =
        marks.iter().filter(|mark| !mark.contains("surface/") && !moved.contains(mark)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_says_the_same_of_many_tools_is_one_finding() {
    let tools: Vec<String> = (0..5)
        .map(|index| format!(r#"{{"name": "update_{index}", "description": "Sets the price of article {index}.", "annotations": {{"readOnlyHint": false, "destructiveHint": false}}, "inputSchema": {{"type": "object"}}}}"#))
        .collect();
    let surface = format!(r#"{{"tools": [{}]}}"#, tools.join(","));
    let flags = ["--format", "json", "--select", "write/no-idempotency-key", "--profile", "spec"];
    let report = lint(&surface, &flags).json();
    let findings: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "write/no-idempotency-key")
        .collect();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["tools"].as_array().unwrap().len(), 5);
    assert_eq!(findings[0]["tool"], serde_json::Value::Null);
}

#[test]
fn rules_are_chosen_by_profile_name_and_group() {
    let rules = |flags: &[&str]| {
        let mut all = vec!["--format", "json"];
        all.extend(flags);
        lint(ORDERS, &all).rules()
    };
    let of_spec = rules(&["--profile", "spec"]);
    let of_all = rules(&["--profile", "strict"]);
    assert!(of_spec.iter().all(|rule| of_all.contains(rule)), "{of_spec:?} {of_all:?}");
    assert!(of_spec.len() < of_all.len(), "{of_spec:?} {of_all:?}");
    assert!(rules(&["--ignore", "schema"]).iter().all(|rule| !rule.starts_with("schema/")));
    let kept = rules(&["--ignore", "schema", "--select", "schema/type-enum-contradiction"]);
    assert!(kept.contains(&"schema/type-enum-contradiction".to_owned()), "{kept:?}");
    let unknown = lint(ORDERS, &["--select", "schema/type-enum"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("did you mean `schema/type-enum-contradiction`?"));
}

#[test]
fn a_target_adds_what_its_client_refuses() {
    let surface = ORDERS.replace("\"find_orders\"", "\"orders.find\"");
    let refused = |finished: &Finished| finished.stdout.contains("compat/openai-name");
    for (flags, is_refused) in [
        (&[][..], false),
        (&["--profile", "strict"], false),
        (&["--target", "gemini"], false),
        (&["--target", "openai"], true),
        (&["--target", "cursor,openai-strict"], true),
        (&["--target", "openai", "--ignore", "compat"], false),
    ] {
        assert_eq!(refused(&lint(&surface, flags)), is_refused, "{flags:?}");
    }

    let program = Program::new()
        .file("surface.json", &surface)
        .file("mcp-kit.toml", "[lint]\ntargets = [\"openai\"]\n");
    assert!(refused(&program.run(&["lint", "surface.json"])));
    assert!(!refused(&program.run(&["lint", "surface.json", "--target", "vscode"])));

    let finished = lint(&surface, &["--target", "notepad"]);
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("openai-strict"), "{}", finished.stderr);
}

#[test]
fn the_limits_of_clients_are_printed_with_source_and_date() {
    let finished = Program::new().run(&["lint", "--targets"]);
    assert_eq!(finished.status, 0);
    let cursor = finished.stdout.split("\n\n").find(|block| block.starts_with("cursor"));
    insta::assert_snapshot!(cursor.unwrap(), @"
    cursor
      server and tool name together: at most 60; beyond it, the tool is left out
          compat/cursor-name; awslabs/mcp#1283, ComposioHQ/composio#2788 (2026-11)
      tools in a request: at most 80; beyond it, the rest is left out; 40 in earlier versions
          compat/cursor-tool-count; Snowflake-Labs/mcp#77 (2026-11)
    ");
}

#[test]
fn the_strict_profile_takes_some_warnings_for_errors() {
    let severity = |profile: &str| {
        let report = lint(ORDERS, &["--format", "json", "--profile", profile]).json();
        let findings = report["findings"].as_array().unwrap().clone();
        let finding = findings
            .iter()
            .find(|finding| finding["rule"] == "write/no-idempotency-key")
            .unwrap_or_else(|| panic!("{report:#}"));
        finding["severity"].as_str().unwrap().to_owned()
    };
    assert_eq!(severity("recommended"), "warning");
    assert_eq!(severity("strict"), "error");
}

#[test]
fn the_exit_code_follows_the_threshold() {
    let warned = ["--ignore", "schema/type-enum-contradiction"];
    for (threshold, status) in [("error", 0), ("warning", 1), ("info", 1)] {
        let mut flags = warned.to_vec();
        flags.extend(["--fail-on", threshold]);
        let finished = lint(ORDERS, &flags);
        assert_eq!(finished.status, status, "{threshold}\n{}", finished.stdout);
    }
}

#[test]
fn several_reports_come_out_of_one_run() {
    let program = Program::new().file("surface.json", ORDERS);
    let finished = program.run(&[
        "lint", "surface.json", "--format", "json", "-o", "report.json", "--format", "text", "-o",
        "report.txt",
    ]);
    assert_eq!((finished.status, finished.stdout.as_str()), (1, ""), "{}", finished.stderr);
    let json = fs::read_to_string(program.path("report.json")).unwrap();
    assert!(json.contains("\"mcp-kit.lint/1\""));
    let text = fs::read_to_string(program.path("report.txt")).unwrap();
    assert!(text.contains("error[schema/type-enum-contradiction]"), "{text}");
    assert!(!text.contains('\u{1b}'), "files hold no colors");
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    let surface = r#"{"tools": [{"name": "evil\u001b[2J\u202e", "inputSchema": {"type": "\u001b]0;owned\u0007"}}]}"#;
    let finished = lint(surface, &["--color", "never"]);
    assert!(finished.stdout.contains("evil\\u{1b}[2J\\u{202e}"), "{}", finished.stdout);
    assert!(!finished.stdout.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{:?}", finished.stdout);
    let json = lint("{\"tools\": [{\"name\": \"a\u{9b}2J\u{202e}\"}]}", &["--format", "json"]);
    assert!(!json.stdout.contains(['\u{9b}', '\u{202e}']), "{:?}", json.stdout);
    assert_eq!(json.json()["findings"][0]["tool"], "a\u{9b}2J\u{202e}");
}

#[test]
fn a_tool_that_cannot_be_read_does_not_hide_the_others() {
    let surface =
        r#"{"tools": ["nonsense", {"inputSchema": {}}, {"name": "find", "inputSchema": []}]}"#;
    let rules = lint(surface, &["--format", "json"]).rules();
    assert!(rules.contains(&"surface/unreadable-item".to_owned()), "{rules:?}");
    assert!(rules.contains(&"schema/root-not-object".to_owned()), "{rules:?}");
}

#[test]
fn a_long_report_is_cut_and_says_so() {
    let tools: Vec<String> = (0..30)
        .map(|index| format!(r#"{{"name": "t{index}", "inputSchema": {{"type": "x{index}"}}}}"#))
        .collect();
    let surface = format!(r#"{{"tools": [{}]}}"#, tools.join(","));
    let cut = lint(&surface, &[]).stdout;
    assert!(cut.lines().count() <= 48, "{cut}");
    assert!(cut.contains("more findings; --max-lines 0 shows all"), "{cut}");
    let whole = lint(&surface, &["--max-lines", "0"]).stdout;
    assert!(whole.contains("t29") && !whole.contains("more findings"), "{whole}");
}

#[test]
fn errors_are_json_where_the_report_would_be() {
    let finished = Program::new().run(&["lint", "--format", "json", "--", "/no/such/server"]);
    assert_eq!(finished.status, 4);
    let error: serde_json::Value = serde_json::from_str(&finished.stderr).unwrap();
    assert_eq!(error["error"]["code"], 4);
    assert!(error["error"]["help"].as_str().unwrap().contains("after `--`"));
}

/// The pages of rules on the wire show what a server writes; here it writes it.
#[test]
fn every_example_that_is_a_conversation_does_what_its_page_says() {
    let misbehave = example("misbehave").display().to_string();
    let mut played = 0;
    for rule in lint::rules() {
        let examples = page::examples(rule.documentation);
        for example in examples.iter().filter(|example| example.language == "stdout") {
            let program = Program::new().file("script", example.code);
            let script = program.path("script").display().to_string();
            let finished = program.run(&[
                "lint", "--no-live", "--format", "json", "--profile", "strict",
                "--connect-timeout", "3s", "--timeout", "5s", "--", &misbehave, "play", &script,
            ]);
            let found = matches!(finished.status, 0 | 1)
                && finished.rules().iter().any(|found| found == rule.id);
            assert_eq!(
                found, example.is_bad,
                "{}\n{}\n{}\n{}",
                rule.id, example.code, finished.stdout, finished.stderr
            );
            played += 1;
        }
    }
    assert!(played > 10, "only {played} conversations were played");
}

/// Our own example of a surface done right.
#[test]
fn the_model_surface_has_no_findings_in_any_profile() {
    let path = crate::program::repository("fixtures/surfaces/tickets.json").display().to_string();
    let flags = ["lint", "--profile", "strict", "--fail-on", "info", &path];
    let finished = Program::new().run(&flags);
    assert_eq!(finished.status, 0, "{}", finished.stdout);
}

#[test]
fn what_is_read_is_not_written_over_and_no_file_is_written_twice() {
    let program = Program::new()
        .file("tools.json", ORDERS)
        .file("other.json", ORDERS)
        .file("mcp-kit.toml", "")
        .file(".mcp.json", "{\"mcpServers\": {}}")
        .file("folder/x", "");
    let refused = |arguments: &[&str]| {
        let finished = program.run(arguments);
        assert_eq!(finished.status, 2, "{arguments:?}: {}", finished.stderr);
        finished.stderr.lines().next().unwrap_or_default().to_owned()
    };
    let shown = [
        refused(&["lint", "tools.json", "--format", "html", "-o", "tools.json"]),
        refused(&["lint", "tools.json", "--format", "html", "-o", "folder/../tools.json"]),
        refused(&["lint", "tools.json", "--plan", "./tools.json"]),
        refused(&["lint", "tools.json", "-o", "mcp-kit.toml"]),
        refused(&["lint", "tools.json", "--plan", "new.json", "-o", "folder/../new.json"]),
        refused(&["lint", "tools.json", "--write-baseline", "new.json", "-o", "./new.json"]),
        refused(&["diff", "tools.json", "other.json", "-o", "./other.json"]),
        refused(&["lint", "--all", "-o", ".mcp.json"]),
        refused(&["diff", "tools.json", "other.json", "-o", ".mcp.json"]),
    ];
    insta::assert_snapshot!(shown.join("\n"), @"
    error: `-o tools.json` would write over the target
    error: `-o folder/../tools.json` would write over the target
    error: `--plan` would write over the target
    error: `-o mcp-kit.toml` would write over the project's file
    error: `--plan` and `-o folder/../new.json` are one file
    error: `--write-baseline` and `-o ./new.json` are one file
    error: `-o ./other.json` would write over the target
    error: `-o .mcp.json` would write over a configuration of servers
    error: `-o .mcp.json` would write over a configuration of servers
    ");
    assert_eq!(std::fs::read_to_string(program.path("tools.json")).unwrap(), ORDERS);
    let twice = ["lint", "tools.json", "-o", "/dev/null", "--plan", "/dev/null"];
    assert_ne!(program.run(&twice).status, 2);
}

/// What a run needs besides its target is kept as well, and so are the files in which projects and
/// servers are looked up, whether or not this run does.
#[test]
fn nothing_that_a_run_needs_is_written_over() {
    let configured = r#"{"mcpServers": {"a": {"command": "./none", "envFile": "a.env"}}}"#;
    let program = Program::new()
        .file("mcp-kit.toml", "[lint]\nextends = \"base.toml\"\n")
        .file("base.toml", "")
        .file(".mcp.json", configured)
        .file("a.env", "")
        .file("elsewhere.json", configured.replace("a.env", "b.env"))
        .file("b.env", "")
        .file("e.env", "A=1\n")
        .file("headers", "X-Tenant: north\n")
        .file("contract.json", ORDERS)
        .file("tools/orders.json", ORDERS)
        .file("tools/notes.txt", "");
    let refused = |arguments: &[&str]| {
        let finished = program.run(arguments);
        assert_eq!(finished.status, 2, "{arguments:?}: {}", finished.stderr);
        finished.stderr.lines().next().unwrap_or_default().to_owned()
    };
    let server = ["lint", "a", "--trust", "--no-live"];
    let url = ["lint", "http://127.0.0.1:1/mcp", "--no-live", "-H", "@headers"];
    let of = |start: &[&'static str], flags: &[&'static str]| refused(&[start, flags].concat());
    let shown = [
        of(&server, &["--env-file", "e.env", "-o", "e.env"]),
        of(&server, &["--env-file", "e.env", "--server-log", "./e.env"]),
        of(&server, &["--server-log", ".mcp.json"]),
        of(&server, &["--server-log", "log", "-o", "./log"]),
        of(&server, &["-o", "a.env"]),
        of(&["snapshot", "elsewhere.json#a", "--trust"], &["-o", "b.env"]),
        of(&server, &["--isolated", "--server-log", "base.toml"]),
        of(&url, &["--plan", "headers"]),
        of(&["lint", "--targets"], &["-o", "mcp-kit.toml"]),
        of(&["lint", "tools/"], &["-o", "tools/orders.json"]),
        of(&["lint", "tools/"], &["--format", "html", "-o", "tools/report.json"]),
        of(&["diff", "contract.json", "tools/"], &["-o", "tools/report.json"]),
        of(&["diff", "a", "--trust"], &["--server-log", "contract.json"]),
        of(&["snapshot", "a", "--trust"], &["-o", ".mcp.json"]),
        of(&["snapshot", "tools/"], &["-o", "mcp-kit.toml"]),
        of(&["snapshot", "contract.json"], &["--format", "html", "-o", "contract.json"]),
    ];
    insta::assert_snapshot!(shown.join("\n"), @r##"
    error: `-o e.env` would write over the file of --env-file
    error: `--server-log` would write over the file of --env-file
    error: `--server-log` would write over a configuration of servers
    error: `--server-log` and `-o ./log` are one file
    error: `-o a.env` would write over the variables of a configured server
    error: `-o b.env` would write over the variables of a configured server
    error: `--server-log` would write over the project's file
    error: `--plan` would write over a file of headers
    error: `-o mcp-kit.toml` would write over the project's file
    error: `-o tools/orders.json` would write into the target [FOLDER]/tools
    error: `-o tools/report.json` would write into the target [FOLDER]/tools
    error: `-o tools/report.json` would write into the target [FOLDER]/tools
    error: `--server-log` would write over the contract
    error: `-o .mcp.json` would write over a configuration of servers
    error: `-o mcp-kit.toml` would write over the project's file
    error: `-o contract.json` would write over the target
    "##);
    for (file, text) in [(".mcp.json", configured), ("e.env", "A=1\n"), ("base.toml", "")] {
        assert_eq!(std::fs::read_to_string(program.path(file)).unwrap(), text, "{file}");
    }
    // What no run reads there may be written there.
    assert_eq!(program.run(&["snapshot", "tools/", "-o", "tools/contract.txt"]).status, 0);
}

#[test]
fn a_dash_is_standard_output_and_no_file() {
    let program = Program::new().file("tools.json", ORDERS);
    let lint = ["lint", "tools.json", "--format", "json"];
    let plain = program.run(&lint);
    let dashed = program.run(&[&lint[..], &["-o", "-"]].concat());
    assert_eq!((dashed.status, &dashed.stdout), (plain.status, &plain.stdout));
    let twice = program.run(&[&lint[..], &["-o", "-", "--format", "text"]].concat());
    assert!(twice.stderr.contains("two formats for standard output"), "{}", twice.stderr);
    let contract = program.run(&["snapshot", "tools.json", "-o", "-"]);
    assert_eq!(contract.json()["format"], "mcp-kit.contract/1");
    for flag in ["--plan", "--write-baseline"] {
        let refused = program.run(&["lint", "tools.json", flag, "-"]);
        assert_eq!(refused.status, 2, "{flag}: {}", refused.stderr);
        assert!(refused.stderr.contains("standard output is for the report"), "{}", refused.stderr);
    }
    assert!(!program.path("-").exists());
}

#[test]
fn the_table_of_targets_stands_alone() {
    let program = Program::new().file("tools.json", ORDERS);
    for flags in [&["tools.json"][..], &["--target", "openai"], &["--fix"], &["--", "server"]] {
        let refused = program.run(&[&["lint", "--targets"], flags].concat());
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{flags:?}");
        assert!(refused.stderr.contains("so `"), "{flags:?}: {}", refused.stderr);
    }
    assert_eq!(program.run(&["lint", "--targets", "-q", "--color", "never"]).status, 0);
}

#[test]
fn the_table_of_targets_is_json_where_that_was_asked_for() {
    let table = Program::new().run(&["lint", "--targets", "--format", "json"]).json();
    assert_eq!(table["format"], "mcp-kit.targets/1");
    let targets = table["targets"].as_array().unwrap();
    let code = targets.iter().find(|it| it["name"] == "claude-code").unwrap();
    assert_eq!(code["on_top_of"], "anthropic");
    let limits = code["limits"].as_array().unwrap();
    assert!(limits.iter().any(|it| it["rule"] == "output/too-large"), "{limits:#?}");
    let refused = Program::new().run(&["lint", "--targets", "--format", "html"]);
    assert_eq!(refused.status, 2, "{}", refused.stdout);
}
