//! A pull request, end to end: a repository with a committed contract, a real server, and what
//! `mcp-kit diff` makes of each kind of change.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Finished, Program, example};

struct Project {
    program: Program,
    server: String,
}

impl Project {
    /// A repository whose `main` has the contract of version 1.0.0.
    fn new() -> Self {
        let program = Program::new();
        let project = Self { program, server: example("file_server").display().to_string() };
        project.serve(&at_start());
        project.write("mcp-kit.toml", "");
        let server = ["--", &project.server, "server.json"];
        let written = project.run(&[&["snapshot", "-o", "contract.json"][..], &server].concat());
        assert_eq!(written.status, 0, "{}", written.stderr);
        fs::remove_dir(project.program.path(".git")).unwrap();
        project.git(&["init", "-q", "-b", "main"]);
        project.commit("Start");
        project.git(&["switch", "-q", "-c", "change"]);
        project
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.program.path(path), text).unwrap();
    }

    /// What the server advertises from now on.
    fn serve(&self, surface: &Value) {
        self.write("server.json", &surface.to_string());
    }

    fn git(&self, arguments: &[&str]) {
        crate::program::git(&self.program.path(""), arguments);
    }

    fn commit(&self, title: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", title]);
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        self.program.run(arguments)
    }

    /// What the gate of a pull request says about the server, on a certain day.
    fn gate(&self, day: &str, flags: &[&str]) -> Finished {
        let start = ["diff", "--format", "json", "--today", day, "git:main:contract.json"];
        self.run(&[&start[..], flags, &["--", &self.server, "server.json"]].concat())
    }
}

fn at_start() -> Value {
    json!({
        "serverInfo": {"name": "shop", "version": "1.0.0"},
        "tools": [{
            "name": "find_orders",
            "description": "Finds orders by status, newest first, fifty at most.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "status": {"type": "string", "enum": ["open", "paid", "sent"]},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 50},
                },
            },
        }],
    })
}

/// What can be called is more: an optional argument and a tool.
fn additive() -> Value {
    let mut surface = at_start();
    surface["serverInfo"]["version"] = json!("1.1.0");
    let tools = surface["tools"].as_array_mut().unwrap();
    tools[0]["inputSchema"]["properties"]["customer"] = json!({"type": "string"});
    tools.push(json!({"name": "get_order", "inputSchema": {"type": "object"}}));
    surface
}

/// A call that was right is refused.
fn breaking() -> Value {
    let mut surface = additive();
    surface["serverInfo"]["version"] = json!("2.0.0");
    surface["tools"][0]["inputSchema"]["properties"]["status"]["enum"] = json!(["open", "paid"]);
    surface
}

/// The findings that fail a run.
fn errors(finished: &Finished) -> Vec<Value> {
    let findings = finished.json()["findings"].as_array().cloned().unwrap_or_default();
    findings.into_iter().filter(|finding| finding["severity"] == "error").collect()
}

const TODAY: &str = "2026-11-22";

#[test]
fn a_change_that_breaks_nobody_passes() {
    let project = Project::new();
    let clean = project.gate(TODAY, &["--fail-on", "any"]);
    assert_eq!(clean.status, 0, "{}{}", clean.stdout, clean.stderr);
    project.serve(&additive());
    let passed = project.gate(TODAY, &[]);
    assert_eq!(passed.status, 0, "{}{}", passed.stdout, passed.stderr);
    assert_eq!(errors(&passed), Vec::<Value>::new());
    assert_eq!(project.gate(TODAY, &["--fail-on", "any"]).status, 1);
}

#[test]
fn a_break_fails_with_the_call_that_proves_it() {
    let project = Project::new();
    project.serve(&breaking());
    let failed = project.gate(TODAY, &[]);
    assert_eq!(failed.status, 1, "{}{}", failed.stdout, failed.stderr);
    let errors = errors(&failed);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0]["rule"], "breaking/input-narrowed");
    assert_eq!(errors[0]["tool"], "find_orders");
    let call = &errors[0]["witness"]["message"];
    assert_eq!(call["method"], "tools/call");
    assert_eq!(call["params"]["arguments"], json!({"status": "sent"}));
}

#[test]
fn a_break_that_is_accepted_passes_until_its_day() {
    let project = Project::new();
    project.serve(&breaking());
    let fingerprint = errors(&project.gate(TODAY, &[]))[0]["fingerprint"].clone();
    let fingerprint = fingerprint.as_str().unwrap();
    project.write(
        "mcp-kit.toml",
        &format!(
            "[[allow]]\nrule = \"breaking/input-narrowed\"\ntool = \"find_orders\"\n\
             fingerprint = \"{fingerprint}\"\nreason = \"nobody asks for sent orders\"\n\
             until = \"2026-12-31\"\n"
        ),
    );
    let accepted = project.gate(TODAY, &[]);
    assert_eq!(accepted.status, 0, "{}{}", accepted.stdout, accepted.stderr);
    let expired = project.gate("2027-01-01", &[]);
    assert_eq!(expired.status, 1, "{}{}", expired.stdout, expired.stderr);
    let rules = expired.rules();
    assert!(rules.contains(&"breaking/input-narrowed".to_owned()), "{rules:?}");
    assert!(rules.contains(&"allow/expired".to_owned()), "{rules:?}");
}

/// Accepting with `--write` is a change of the committed file, which a reviewer sees.
#[test]
fn a_break_that_is_written_down_is_the_new_contract() {
    let project = Project::new();
    project.serve(&breaking());
    let written = project.gate(TODAY, &["--write"]);
    assert_eq!(written.status, 0, "{}{}", written.stdout, written.stderr);
    assert_eq!(errors(&written).len(), 1);
    assert!(written.stderr.contains("contract.json: written"), "{}", written.stderr);
    // The gate compares with the branch it goes into; the author with what is in the folder.
    assert_eq!(project.gate(TODAY, &[]).status, 1);
    let alone = project.run(&["diff", "--fail-on", "any", "--", &project.server, "server.json"]);
    assert_eq!(alone.status, 0, "{}{}", alone.stdout, alone.stderr);
    project.commit("Drop the status sent");
    project.git(&["switch", "-q", "main"]);
    project.git(&["merge", "-q", "change"]);
    assert_eq!(project.gate(TODAY, &["--fail-on", "any"]).status, 0);
}

/// What a branch says is not in the author's hands, and the contract need not have a folder yet.
#[test]
fn accepting_is_proposed_where_it_helps() {
    let project = Project::new();
    project.serve(&breaking());
    let advice = "accept on purpose";
    let gate = project.run(&["diff", "git:main:contract.json", "server.json"]);
    assert!(gate.stdout.contains("1 breaking") && !gate.stdout.contains(advice), "{}", gate.stdout);
    let alone = project.run(&["diff", "--partial", "server.json"]);
    let command = "accept on purpose: mcp-kit diff --write --partial server.json";
    assert!(alone.stdout.contains(command), "{}", alone.stdout);
    project.write("mcp-kit.toml", "[contract]\npath = \"contracts/shop/v1.json\"\n");
    let first = project.run(&["diff", "--write", "server.json"]);
    assert_eq!(first.status, 0, "{}{}", first.stdout, first.stderr);
    assert_eq!(project.run(&["diff", "--fail-on", "any", "server.json"]).status, 0);
}
