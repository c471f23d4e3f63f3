//! The JSON Schemas that `mcp-kit schema` prints accept what the program writes and reads, and refuse
//! what it would refuse.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Program, example, repository};

fn schema(name: &str) -> Value {
    let finished = Program::new().run(&["schema", name]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    finished.json()
}

fn check(name: &str, instance: &Value, is_valid: bool) {
    let schema = schema(name);
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors.is_empty(), is_valid, "{name}: {errors:#?}\n{instance:#}");
}

/// The value of a TOML text, as an editor puts it before a schema.
fn toml(text: &str) -> Value {
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    of_item(document.as_item())
}

fn of_item(item: &toml_edit::Item) -> Value {
    if let Some(table) = item.as_table_like() {
        return table.iter().map(|(key, item)| (key.to_owned(), of_item(item))).collect();
    }
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|it| of_item(&toml_edit::Item::Table(it.clone()))).collect();
    }
    let value = item.as_value().unwrap();
    if let Some(array) = value.as_array() {
        return array.iter().map(|it| of_item(&toml_edit::Item::Value(it.clone()))).collect();
    }
    match value {
        toml_edit::Value::String(text) => json!(text.value()),
        toml_edit::Value::Integer(number) => json!(number.value()),
        toml_edit::Value::Boolean(flag) => json!(flag.value()),
        toml_edit::Value::Datetime(date) => json!(date.value().to_string()),
        other => panic!("no schema of ours speaks of {other}"),
    }
}

#[test]
fn a_project_file_is_as_its_schema_says() {
    let orders = fs::read_to_string(repository("fixtures/projects/orders/mcp-kit.toml")).unwrap();
    check("config", &toml(&orders), true);
    let misspelt =
        fs::read_to_string(repository("fixtures/projects/misspelt/mcp-kit.toml")).unwrap();
    check("config", &toml(&misspelt), false);
    let page = fs::read_to_string(repository("docs/formats.md")).unwrap();
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    check("config", &toml(example), true);
    // The example of the page is read by the program too, but for what it extends.
    let own: Vec<&str> = example.lines().filter(|line| !line.starts_with("extends")).collect();
    let program = Program::new().file("mcp-kit.toml", own.join("\n"));
    let shown = program.run(&["config", "show"]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
}

/// A key that the program knows and the schema does not, or the other way round, is underlined in an
/// editor for no reason.
#[test]
fn the_schema_of_the_project_file_has_the_keys_that_are_read() {
    let schema = schema("config");
    for (section, properties) in schema["properties"].as_object().unwrap() {
        let Some(properties) = properties.get("properties").and_then(Value::as_object) else {
            continue;
        };
        // What the program says of an unknown key lists the known ones, so many in words.
        let text = format!("[{section}]\nzzzzzzzz = 1\n");
        let refused = Program::new().file("mcp-kit.toml", text).run(&["config", "show"]);
        assert_eq!(refused.status, 2);
        let help = refused.stderr.split("there are ").nth(1).unwrap();
        let named = help.matches('`').count() / 2;
        let more: usize = help
            .split(" more")
            .next()
            .and_then(|before| before.rsplit(' ').next())
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        assert_eq!(named + more, properties.len(), "{section}: {help}");
        for key in properties.keys() {
            let text = format!("[{section}]\n{key} = 1979-05-27\n");
            let shown = Program::new().file("mcp-kit.toml", text).run(&["config", "show"]);
            assert!(!shown.stderr.contains("has no key"), "{section}.{key}: {}", shown.stderr);
        }
    }
}

#[test]
fn a_break_needs_a_last_day() {
    let entry = |rule: &str| json!({"allow": [{"rule": rule, "reason": "x"}]});
    check("config", &entry("breaking/tool-removed"), false);
    check("config", &entry("desc/missing"), true);
    check("config", &entry("desc/mising"), false);
}

#[test]
fn what_the_program_writes_is_as_its_schemas_say() {
    let surface = repository("fixtures/surfaces/orders.json").display().to_string();
    let project = repository("fixtures/projects/orders/mcp-kit.toml").display().to_string();
    let program = Program::new();
    check("lint", &program.run(&["lint", &surface, "--format", "json"]).json(), true);
    let flags = ["--project", &project, "--today", "2026-11-22", "--format", "json"];
    check("lint", &program.run(&[&["lint", &surface], &flags[..]].concat()).json(), true);
    let baseline = ["lint", &surface, "--write-baseline", "b.json", "--format", "json"];
    check("lint", &program.run(&baseline).json(), true);
    let read = |path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    check("baseline", &read(program.path("b.json")), true);
    check("baseline", &read(repository("fixtures/baselines/1.json")), true);
    for plan in ["clinic", "orders", "hosting"] {
        let tools = repository(&format!("fixtures/surfaces/{plan}.json")).display().to_string();
        program.run(&["lint", &tools, "--plan", "plan.json"]);
        check("split", &read(program.path("plan.json")), true);
    }
    check("split", &json!({"format": "mcp-kit.split/1"}), false);
    check("baseline", &read(repository("fixtures/baselines/newer.json")), false);
    check("contract", &read(repository("fixtures/contracts/1.json")), true);
    let set = repository("fixtures/configurations/set.json").display().to_string();
    let set = ["lint", "--all", &set, "--trust", "--no-live", "--format", "json"];
    let report = with_examples(program).run(&set).json();
    assert_eq!(report["servers"][2]["failure"]["code"], 4, "{report:#}");
    check("lint-set", &report, true);
    check("lint-set", &json!({"format": "mcp-kit.lint-set/1"}), false);
    let program = Program::new();
    let [old, new] = ["old", "new"]
        .map(|side| repository(&format!("fixtures/diff/{side}.json")).display().to_string());
    check("diff", &program.run(&["diff", &old, &new, "--format", "json"]).json(), true);
    check("diff", &json!({"format": "mcp-kit.diff/1"}), false);
    let cassette = repository("fixtures/cassettes/versions/mcp-kit.cassette-1.jsonl");
    let cassette = cassette.display().to_string();
    for (name, command) in [("cassette-show", "show"), ("cassette-check", "check")] {
        let report = program.run(&["cassette", command, &cassette, "--format", "json"]);
        check(name, &report.json(), true);
        check(name, &json!({"format": format!("mcp-kit.{name}/2")}), false);
    }
}

/// Puts the example programs where configurations find them by name.
fn with_examples(program: Program) -> Program {
    let examples = example("misbehave").parent().unwrap().display().to_string();
    program.env("PATH", &format!("{examples}:{}", std::env::var("PATH").unwrap_or_default()))
}

#[test]
fn the_list_names_what_there_is() {
    let list = Program::new().run(&["schema"]);
    assert_eq!(list.status, 0);
    for line in list.stdout.lines() {
        schema(line.split(' ').next().unwrap());
    }
    assert_eq!(Program::new().run(&["schema", "nothing"]).status, 2);
}

#[test]
fn a_file_of_faults_is_as_its_schema_says() {
    let page = fs::read_to_string(repository("docs/formats.md")).unwrap();
    let example = page.split("## `mcp-kit.faults/1`").nth(1).unwrap();
    let example = example.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    check("faults", &toml(example), true);
    let cassette =
        fs::read_to_string(repository("src/serve/connector/crm/recording.jsonl")).unwrap();
    let program = Program::new().file("a.jsonl", cassette).file("page.toml", example);
    let arguments = |file| ["replay", "--mock", "a.jsonl", "--faults", file];
    let taken = program.run(&arguments("page.toml"));
    assert_eq!(taken.status, 0, "{}", taken.stderr);
    // What the schema takes is taken by the program, and nothing else.
    for (fault, is_valid) in [
        ("tool = \"a\"\nkind = \"cut-stream\"", true),
        ("key = \"a\"\nmethod = \"tools/call\"\ntool = \"b\"\nkind = \"exit\"\ncode = 0", true),
        ("method = \"a\"\nkind = \"protocol-error\"\ncode = -32000\nmessage = \"m\"", true),
        ("kind = \"exit\"", false),
        ("tool = \"a\"\nkind = \"delay\"", false),
        ("tool = \"a\"\nkind = \"exit\"\ncode = 256", false),
        ("tool = \"a\"\nkind = \"exit\"\nmessage = \"m\"", false),
        ("tool = \"a\"\nkind = \"lose-answer\"\ncode = 1", false),
        ("tool = \"a\"\nkind = \"http-status\"", false),
        ("tool = \"a\"\nkind = \"http-status\"\nstatus = 200", false),
        ("tool = \"a\"\nkind = \"exit\"\nretry_after = 1", false),
        ("tool = \"a\"\nkind = \"exit\"\nnth = 0", false),
        ("tool = \"a\"\nmethod = \"tools/list\"\nkind = \"exit\"", false),
        ("tool = \"a\"\nkind = \"explode\"", false),
        ("tool = \"a\"\nkind = \"exit\"\nwhen = 1", false),
    ] {
        let text = format!("[[fault]]\n{fault}\n");
        check("faults", &toml(&text), is_valid);
        let run = Program::new()
            .file(
                "a.jsonl",
                fs::read(repository("src/serve/connector/crm/recording.jsonl")).unwrap(),
            )
            .file("f.toml", &text)
            .run(&arguments("f.toml"));
        assert_eq!(run.status, if is_valid { 0 } else { 2 }, "{fault}\n{}", run.stderr);
    }
}
