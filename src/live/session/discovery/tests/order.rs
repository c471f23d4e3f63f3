//! Which file wins, and what a name means.

use super::*;

fn server(command: &str) -> String {
    format!(r#"{{"mcpServers": {{"crm": {{"command": "{command}"}}}}}}"#)
}

/// A world in which every known file has a server `crm`.
fn everywhere() -> World {
    let mut world = World::new();
    for file in [
        "project/.mcp.json",
        "project/mcp.json",
        "project/.vscode/mcp.json",
        "project/.cursor/mcp.json",
        "project/.gemini/settings.json",
        "project/sub/mcp.json",
        ".mcp.json",
        ".config/Claude/claude_desktop_config.json",
        ".claude.json",
        ".cursor/mcp.json",
        ".config/Code/User/mcp.json",
        ".config/Code/User/profiles/b/mcp.json",
        ".config/Code/User/profiles/a/mcp.json",
        ".gemini/settings.json",
        ".codeium/windsurf/mcp_config.json",
        ".mcp-inspector/mcp.json",
        "given.json",
    ] {
        world = world.with(file, &server("x"));
    }
    let toml = "[mcp_servers.crm]\ncommand = \"x\"\n";
    world = world.with("project/mcp-kit.toml", "[servers.crm]\ncommand = \"x\"\n");
    world = world.with("project/.codex/config.toml", toml).with(".codex/config.toml", toml);
    world.with(".config/goose/config.yaml", "extensions: {crm: {type: stdio, cmd: x}}\n")
}

#[test]
fn files_in_order_of_precedence() {
    let mut world = everywhere();
    world.surroundings.directory = world.path("project/sub");
    world.surroundings.config_file = Some("../../given.json".into());
    let discovery = world.discover();
    assert_eq!(discovery.problems, []);
    let expected = [
        "~/project/sub/../../given.json",
        "~/project/sub/mcp.json",
        "~/project/mcp-kit.toml",
        "~/project/.mcp.json",
        "~/project/mcp.json",
        "~/project/.vscode/mcp.json",
        "~/project/.cursor/mcp.json",
        "~/project/.gemini/settings.json",
        "~/project/.codex/config.toml",
        "~/.config/Claude/claude_desktop_config.json",
        "~/.claude.json",
        "~/.cursor/mcp.json",
        "~/.config/Code/User/mcp.json",
        "~/.config/Code/User/profiles/a/mcp.json",
        "~/.config/Code/User/profiles/b/mcp.json",
        "~/.gemini/settings.json",
        "~/.codex/config.toml",
        "~/.config/goose/config.yaml",
        "~/.codeium/windsurf/mcp_config.json",
        "~/.mcp-inspector/mcp.json",
    ];
    let paths = |sources: &mut dyn Iterator<Item = &Source>| -> Vec<String> {
        sources.map(|source| world.shorten(source.path.to_str().unwrap())).collect()
    };
    assert_eq!(paths(&mut discovery.entries.iter().map(|entry| &entry.source)), expected);
    let winner = discovery.find(Some("crm")).unwrap();
    assert_eq!(paths(&mut winner.shadows.iter()), expected[1..]);
    assert_eq!(discovery.entries[5].shadowed_by.as_ref(), Some(&winner.source));
    let scopes = discovery.entries.iter().map(|entry| entry.source.scope);
    assert_eq!(scopes.filter(|scope| *scope == Scope::Project).count(), 9);
}

#[test]
fn outside_a_repository_only_the_current_folder_is_the_project() {
    let mut world = everywhere();
    std::fs::remove_dir(world.path("project/.git")).unwrap();
    world.surroundings.directory = world.path("project/sub");
    let discovery = world.discover();
    let projects: Vec<_> =
        discovery.entries.iter().filter(|entry| entry.source.scope == Scope::Project).collect();
    assert_eq!(projects.len(), 1);
    assert_eq!(projects[0].source.path, world.path("project/sub/mcp.json"));
}

#[test]
fn the_users_own_files_are_no_project_even_at_home() {
    let mut world = World::new().with(".cursor/mcp.json", &server("x"));
    world.surroundings.directory = world.path("");
    assert_eq!(world.entry().source.scope, Scope::User);
    let own = discover_in(Path::new(".cursor/mcp.json"), &world.surroundings);
    assert_eq!(own.entries[0].source.scope, Scope::User);
}

#[test]
fn variables_move_the_users_files() {
    let world = World::new()
        .with("elsewhere/config.toml", "[mcp_servers.a]\ncommand = \"x\"\n")
        .with("elsewhere/.claude.json", &server("x"));
    let elsewhere = world.path("elsewhere").to_str().unwrap().to_owned();
    let world = world
        .with_variable("CODEX_HOME", &elsewhere)
        .with_variable("CLAUDE_CONFIG_DIR", &elsewhere);
    let clients =
        world.discover().entries.iter().map(|entry| entry.source.client).collect::<Vec<_>>();
    assert_eq!(clients, [Client::ClaudeCode, Client::Codex]);
}

#[test]
fn one_file_asked_for() {
    let world = everywhere();
    let file = world.path("given.json");
    let discovery = discover_in(&file, &world.surroundings);
    assert_eq!(discovery.files, [file]);
    let entry = discovery.find(None).unwrap();
    assert_eq!((entry.source.client, entry.needs_trust()), (Client::Any, true));
    assert_eq!(entry.source.folder, world.path("").join(""));
    let vs_code = discover_in(Path::new(".vscode/mcp.json"), &world.surroundings);
    assert_eq!(vs_code.entries[0].source.client, Client::VsCode);
    assert_eq!(vs_code.entries[0].source.folder, world.path("project"));

    let world = world.with("project/empty.json", "{}");
    let empty = discover_in(Path::new("empty.json"), &world.surroundings).find(None).unwrap_err();
    let message = "no server is configured in ~/project/empty.json";
    assert_eq!(world.shorten(&empty.to_string()), message);

    let missing = discover_in(Path::new("none.json"), &world.surroundings);
    let error = missing.find(None).unwrap_err();
    assert_eq!(error.to_string(), "no server is configured");
    let help = "a file could not be read: ~/project/none.json: no such file";
    assert_eq!(world.shorten(&error.help()), help);
}

#[test]
fn names_that_are_not_there() {
    let text =
        r#"{"mcpServers": {"github": {"command": "x"}, "crm": {"command": "x"}, "bad": {}}}"#;
    let world = World::new().with("project/.mcp.json", text);
    let discovery = world.discover();
    for (name, message, help) in [
        (Some("GitHup"), "no server named `GitHup` is configured", "did you mean `github`?"),
        (Some("jira"), "no server named `jira` is configured", "name one of: github, crm"),
        (
            Some("node a.js"),
            "no server named `node a.js` is configured",
            "to start a program write `-- node a.js`",
        ),
        (
            Some("bad"),
            "server `bad` is configured, but cannot be used: ~/project/.mcp.json:1:77: \
             server `bad`: neither `command` nor `url` is given",
            "correct the entry in its file",
        ),
        (None, "2 servers are configured and no name is given", "name one of: github, crm"),
    ] {
        let error = discovery.find(name).unwrap_err();
        assert_eq!(world.shorten(&error.to_string()), message);
        assert_eq!(error.help(), help);
    }
    let nothing = World::new().discover().find(None).unwrap_err();
    assert!(nothing.help().starts_with("write `-- COMMAND`"), "{nothing:?}");
}

#[test]
fn without_a_name_the_only_enabled_server_is_meant() {
    let text =
        r#"{"mcpServers": {"a": {"command": "x", "disabled": true}, "b": {"command": "y"}}}"#;
    assert_eq!(World::new().with("project/.mcp.json", text).entry().name, "b");
    let text = r#"{"mcpServers": {"a": {"command": "x", "disabled": true}}}"#;
    assert_eq!(World::new().with("project/.mcp.json", text).entry().name, "a");
}

#[test]
fn configurations_are_told_from_other_files() {
    let is = |path: &str, text: &str| is_configuration(Path::new(path), text.as_bytes());
    assert!(is(".mcp.json", r#"{"mcpServers": {}}"#));
    assert!(!is("mcp.json", r#"{"servers": {"a": 1}, // x"#));
    assert!(is("mcp.json", "{\"servers\": {}, // x\n}"));
    assert!(is("config.toml", "[mcp_servers.a]\n"));
    assert!(is("config.yaml", "extensions: {a: {}}"));
    for text in [r#"{"tools": []}"#, r#"{"servers": []}"#, r#"{"mcpServers": 1}"#, "[]", "", "x"] {
        assert!(!is("a.json", text), "{text}");
    }
}
